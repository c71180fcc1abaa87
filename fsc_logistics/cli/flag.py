"""Flags: what hangs on devices until it is lowered, whatever their condition."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from fsc_logistics.cli.condition import AT, DRY_RUN, WHY, echo_recorded
from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import Form, echo, json_option, output_option
from fsc_logistics.cli.params import KNOWN_AT, Time
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.uids import new_uid

FLAGS = click.Choice([flag.value for flag in Flag])
MODEL = click.option("--model", help="All devices of this model instead.")


@click.group()
def flag() -> None:
    """Raise and lower flags: a recall by the maker, a device that is missing."""


def _whom_and_why(command: Callable[..., None]) -> Callable[..., None]:
    """Ask which flag, of which devices, why and when."""
    for ask in (
        pass_desk,
        json_option,
        DRY_RUN,
        AT,
        WHY,
        MODEL,
        click.argument("devices", nargs=-1, metavar="[DEVICE]..."),
        click.argument("flag", type=FLAGS),
    ):
        command = ask(command)
    return command


@flag.command("raise")
@_whom_and_why
def raise_(desk: Desk, **said: Any) -> None:
    """Raise FLAG on each DEVICE, or on all of a --model; say --why.

    What is recalled is not handed out; where what is missing turns up is told.
    """
    _record(desk, raised=True, **said)


@flag.command()
@_whom_and_why
def lower(desk: Desk, **said: Any) -> None:
    """Lower FLAG from each DEVICE, or wherever it hangs on a --model; say --why."""
    _record(desk, raised=False, **said)


@flag.command("list")
@click.option("--flag", type=FLAGS, help="Only this flag.")
@click.option("--location", help="Only those at this place or inside it.")
@click.option("--at", type=Time(), help="As of this time.  [default: now]")
@KNOWN_AT
@output_option
@pass_desk
def list_(
    desk: Desk,
    flag: str | None,
    location: str | None,
    at: datetime | None,
    known_at: datetime | None,
    form: Form,
) -> None:
    """List the devices that flags hang on, since when, who said so and why."""
    from fsc_logistics.core.care.answers import Flagged, list_flags

    with desk.sessions.read() as session:
        found = list_flags(
            session,
            at=at or desk.now(),
            known_at=known_at,
            flag=Flag(flag) if flag else None,
            location=location,
        )
    columns = ["device", "flag", "since", "by", "why", "custodian", "location"]
    echo(found, form, columns=columns, of=Flagged)


def _record(
    desk: Desk,
    *,
    flag: str,
    devices: tuple[str, ...],
    model: str | None,
    why: str | None,
    at: datetime | None,
    dry_run: bool,
    form: Form,
    raised: bool,
) -> None:
    from fsc_logistics.core.care.conditions import record_campaign, record_flag

    if (model is None) == (not devices):
        raise click.UsageError("Name devices or a --model, one of the two.")
    by = desk.sign()
    uid, moment = new_uid(by.record_time), at or by.record_time
    with desk.sessions.begin() as session:
        if model is not None:
            done = record_campaign(
                session,
                model,
                Flag(flag),
                raised=raised,
                uid=uid,
                at=moment,
                by=by,
                reason=why,
            )
        else:
            one = record_flag(
                session,
                devices,
                Flag(flag),
                raised=raised,
                uid=uid,
                at=moment,
                by=by,
                reason=why,
            )
            done = [one]
        if dry_run:
            session.rollback()
    echo_recorded(done, dry_run, form)
