"""Conditions: how far a device is from being lent again."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import (
    Form,
    as_json,
    echo,
    echo_json,
    json_option,
    output_option,
)
from fsc_logistics.cli.params import KNOWN_AT, Time
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.uids import new_uid

if TYPE_CHECKING:
    from fsc_logistics.core.ledger.recorded import Recorded

CONDITIONS = click.Choice([condition.value for condition in Condition])
WHY = click.option("--why", metavar="TEXT", help="Why, in a line; no personal data.")
AT = click.option("--at", type=Time(), help="When it happened.  [default: now]")
DRY_RUN = click.option(
    "--dry-run", is_flag=True, help="Check and show; record nothing."
)
TOLD_MAX = 20
"""More devices than these are told by the first, the last and their number."""


@click.group()
def condition() -> None:
    """Say and see which devices are ready, and what keeps others from it."""


@condition.command("set")
@click.argument("condition", type=CONDITIONS)
@click.argument("devices", nargs=-1, required=True, metavar="DEVICE...")
@WHY
@AT
@click.option(
    "--parts",
    is_flag=True,
    help="Of kits, the parts with them that are in their condition.",
)
@DRY_RUN
@json_option
@pass_desk
def set_(
    desk: Desk,
    condition: str,
    devices: tuple[str, ...],
    why: str | None,
    at: datetime | None,
    parts: bool,
    dry_run: bool,
    form: Form,
) -> None:
    """Record that each DEVICE is in a condition from now on, wherever it is.

    quarantine, repair and scrapped need --why, and so does what was scrapped.
    """
    from fsc_logistics.core.care.conditions import record_condition

    by = desk.sign()
    with desk.sessions.begin() as session:
        done = record_condition(
            session,
            devices,
            Condition(condition),
            uid=new_uid(by.record_time),
            at=at or by.record_time,
            by=by,
            reason=why,
            with_parts=parts,
        )
        if dry_run:
            session.rollback()
    echo_recorded([done], dry_run, form)


@condition.command("list")
@click.option("--condition", type=CONDITIONS, help="Only those in this condition.")
@click.option("--location", help="Only those at this place or inside it.")
@click.option("--at", type=Time(), help="As of this time.  [default: now]")
@KNOWN_AT
@output_option
@pass_desk
def list_(
    desk: Desk,
    condition: str | None,
    location: str | None,
    at: datetime | None,
    known_at: datetime | None,
    form: Form,
) -> None:
    """List devices and their condition, since when, who said so and why."""
    from fsc_logistics.core.care.answers import InCondition, list_conditions

    with desk.sessions.read() as session:
        found = list_conditions(
            session,
            at=at or desk.now(),
            known_at=known_at,
            condition=Condition(condition) if condition else None,
            location=location,
        )
    columns = ["device", "condition", "since", "by", "why", "custodian", "location"]
    echo(found, form, columns=columns, of=InCondition)


@condition.command()
@click.argument("device")
@KNOWN_AT
@output_option
@pass_desk
def history(desk: Desk, device: str, known_at: datetime | None, form: Form) -> None:
    """Show the conditions DEVICE has been in, oldest first."""
    from fsc_logistics.core.care.answers import ConditionPeriod, condition_history
    from fsc_logistics.core.devices.finding import find_device

    with desk.sessions.read() as session:
        asked = find_device(session, device)
        found = condition_history(session, asked, known_at=known_at)
    columns = ["condition", "since", "until", "by", "why"]
    echo(found, form, columns=columns, of=ConditionPeriod)


def echo_recorded(done: "list[Recorded]", dry_run: bool, form: Form) -> None:
    """Print what became of the events of one act, one after the other."""
    from fsc_logistics.core.ledger.recorded import told

    if form is Form.JSON:
        rows = [as_json(told(one)) | {"dry_run": dry_run} for one in done]
        echo_json(rows if len(rows) > 1 else rows[0])
        return
    for one in done:
        named = " ".join(one.devices)
        if len(one.devices) > TOLD_MAX:
            named = f"{one.devices[0]} … {one.devices[-1]} ({len(one.devices)} devices)"
        if not one.added:
            click.echo(f"{one.uid}  already so")
        elif dry_run:
            click.echo(f"would be about {named}")
        else:
            click.echo(f"{one.uid}  {named}")
