"""Mistakes: an event, some devices of it, or all of a station in a period."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import (
    Form,
    as_json,
    echo,
    echo_json,
    json_option,
)
from fsc_logistics.cli.params import Shift, Time
from fsc_logistics.domain.custody import BizStep, WrongBecause
from fsc_logistics.domain.numbers import counted
from fsc_logistics.domain.uids import new_uid

if TYPE_CHECKING:
    from fsc_logistics.core.corrections.replacements import Right
    from fsc_logistics.core.corrections.told import Period
    from fsc_logistics.core.ledger.acts import Other

STEPS = click.Choice([step.value for step in BizStep])
SHOWN_DEVICES_MAX = 3
"""More tags than these are not shown in a table."""
SHOWN_EVENTS_MAX = 3
"""More events of an act than these are counted, and not each told."""


def _what(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an event, its devices, or a period of a station."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Check and show; record nothing."),
        click.option("--until", type=Time(), help="The end of the period, exclusive."),
        click.option("--from", "since", type=Time(), help="When the period began."),
        click.option("--station", help="All that this station recorded in a period."),
        click.option(
            "--device",
            "devices",
            multiple=True,
            metavar="TAG",
            help="Only this device of EVENT; may be repeated.",
        ),
        click.argument("event", required=False),
    ):
        command = option(command)
    return command


@click.command()
@_what
@json_option
@pass_desk
def undo(
    desk: Desk,
    event: str | None,
    devices: tuple[str, ...],
    station: str | None,
    since: datetime | None,
    until: datetime | None,
    dry_run: bool,
    form: Form,
) -> None:
    """Declare that EVENT did not occur; nothing is deleted.

    Or that what it says of each --device did not, or that nothing did of what --station
    recorded as happening --from … --until.
    """
    period = _period(event, devices, station, since, until)
    if period is not None:
        _declare_period(desk, period, None, form, dry_run=dry_run)
        return
    assert event is not None
    because = WrongBecause.DID_NOT_OCCUR
    _declare(desk, event, devices, because, None, form, dry_run=dry_run)


@click.command()
@_what
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in WrongBecause]),
    help="EVENT did not occur, or what it says is incorrect.",
)
@click.option("--to", "location", help="The place that is right.")
@click.option("--custodian", help="Who really had them.")
@click.option("--step", type=STEPS, help="The business step that is right.")
@click.option("--at", type=Time(), help="When it really happened.")
@click.option(
    "--shift", type=Shift(), help="How much later all of the period was, as -1h."
)
@click.option(
    "--again", is_flag=True, help="Also what was moved in time before, once more."
)
@json_option
@pass_desk
def correct(
    desk: Desk,
    event: str | None,
    devices: tuple[str, ...],
    station: str | None,
    since: datetime | None,
    until: datetime | None,
    dry_run: bool,
    reason: str | None,
    location: str | None,
    custodian: str | None,
    step: str | None,
    at: datetime | None,
    shift: timedelta | None,
    again: bool,
    form: Form,
) -> None:
    """Declare EVENT wrong and, with incorrect_data, say what is right instead.

    What you do not give stays as the event has it; a new place brings its own keeper.

    Or move in time all that --station recorded as happening --from … --until: with
    --shift -1h where its clock was an hour ahead.  What was moved before stays.
    """
    from fsc_logistics.core.corrections.replacements import Right

    right = Right(
        location=location,
        custodian=custodian,
        biz_step=BizStep(step) if step else None,
        event_time=at,
    )
    period = _period(event, devices, station, since, until)
    if period is not None:
        if shift is None or reason is not None or right != Right():
            raise click.UsageError(
                "A period is moved in time with --shift, and with nothing else."
            )
        _declare_period(desk, period, shift, form, dry_run=dry_run, again=again)
        return
    assert event is not None
    if again:
        raise click.UsageError("--again is for a period.")
    because = _because(reason, shift, given=right != Right())
    instead = right if because is WrongBecause.INCORRECT_DATA else None
    _declare(desk, event, devices, because, instead, form, dry_run=dry_run)


def _because(
    reason: str | None, shift: timedelta | None, *, given: bool
) -> WrongBecause:
    """Return why an event is wrong; `given`: what is right was said."""
    if shift is not None:
        raise click.UsageError("--shift is for a period. When was EVENT? Give --at.")
    if reason is None:
        raise click.UsageError(
            "Say why: --reason did_not_occur or --reason incorrect_data."
        )
    because = WrongBecause(reason)
    if because is WrongBecause.INCORRECT_DATA and not given:
        raise click.UsageError("Say what is right: --to, --custodian, --step or --at.")
    if because is WrongBecause.DID_NOT_OCCUR and given:
        raise click.UsageError(
            "What did not occur has no other place or time; use incorrect_data."
        )
    return because


def _period(
    event: str | None,
    devices: tuple[str, ...],
    station: str | None,
    since: datetime | None,
    until: datetime | None,
) -> "Period | None":
    """Return the period that is meant, or `None` where it is an event."""
    from fsc_logistics.core.corrections.told import Period

    given = [x is not None for x in (station, since, until)]
    if event is not None:
        if any(given):
            raise click.UsageError("Give EVENT or a period of a --station, not both.")
        return None
    if station is None or since is None or until is None:
        raise click.UsageError(
            "A period needs --station, --from and --until."
            if any(given)
            else "Say what is wrong: EVENT, or a period of a --station."
        )
    if devices:
        raise click.UsageError("--device is for one EVENT.")
    if until <= since:
        raise click.UsageError("--until must be later than --from.")
    return Period(station=station, since=since, until=until)


def _declare(
    desk: Desk,
    event: str,
    devices: tuple[str, ...],
    reason: WrongBecause,
    right: "Right | None",
    form: Form,
    *,
    dry_run: bool,
) -> None:
    from fsc_logistics.core.corrections.declaring import declare_wrong
    from fsc_logistics.core.ledger.acts import others_standing

    by = desk.sign()
    with desk.sessions.begin() as session:
        done = declare_wrong(
            session,
            event,
            by,
            reason=reason,
            declaration_uid=new_uid(by.record_time),
            right=right,
            replacement_uid=new_uid(by.record_time),
            devices=devices,
            owners=desk.settings.ledger.owners,
        )
        others: list[Other] = []
        if reason is WrongBecause.DID_NOT_OCCUR:
            tags = done.devices if devices else ()
            others = others_standing(session, done.wrong, tags)
        if dry_run:
            session.rollback()
    _tell_others(others)
    if form is Form.JSON:
        echo_json(as_json(done))
        return
    about = f" for {' '.join(done.devices)}" if devices or dry_run else ""
    if dry_run:
        click.echo(f"would declare {done.wrong} wrong{about}")
        return
    instead = f", replaced by {done.replacement}" if done.replacement else ""
    click.echo(f"{done.uid}  declares {done.wrong} wrong{about}{instead}")


def _tell_others(others: "Sequence[Other]") -> None:
    """Say what else the same act recorded, and how to undo that too."""
    for other in others[:SHOWN_EVENTS_MAX]:
        only = "".join(f" --device {tag}" for tag in other.devices)
        click.echo(
            f"{other.uid} is of the same act and still stands. To undo it too:"
            f" fsc undo {other.uid}{only}",
            err=True,
        )
    more = len(others) - SHOWN_EVENTS_MAX
    if more > 0:
        click.echo(
            f"So {'does' if more == 1 else 'do'} {counted(more, 'more event')} of it,"
            f" up to {others[-1].uid}.",
            err=True,
        )


def _declare_period(
    desk: Desk,
    period: "Period",
    shift: timedelta | None,
    form: Form,
    *,
    dry_run: bool,
    again: bool = False,
) -> None:
    from fsc_logistics.core.corrections.periods import correct_period

    by = desk.sign()
    uid = new_uid(by.record_time)
    with desk.sessions.begin() as session:
        done = correct_period(
            session,
            period,
            by,
            uid=uid,
            shift=shift,
            again=again,
            owners=desk.settings.ledger.owners,
        )
        if dry_run:
            session.rollback()
    if form is Form.JSON:
        echo(done.events, form)
        return
    rows = [replace(row, devices=_few(row.devices)) for row in done.events]
    columns = ["event", "was", "is_now", "devices", "uid"]
    echo(rows, form, columns=columns[: -1 if dry_run else None])
    verb = "would be" if dry_run else "are"
    wrong = counted(len(rows), "event")
    click.echo(
        f"{wrong} {verb} declared wrong; {done.left_alone} left alone.", err=True
    )


def _few(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first tags, and how many more there are."""
    more = len(tags) - SHOWN_DEVICES_MAX
    if more <= 0:
        return tags
    return (*tags[:SHOWN_DEVICES_MAX], f"and {more} more")
