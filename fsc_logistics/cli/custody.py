"""Who has what: ask the ledger, and tell it."""

from datetime import datetime

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import (
    Form,
    as_json,
    echo,
    echo_json,
    echo_one,
    json_option,
    output_option,
    shown,
)
from fsc_logistics.cli.params import KNOWN_AT, Time
from fsc_logistics.domain.custody import BizStep, Custody, Entry, Transfer
from fsc_logistics.domain.errors import NotFound
from fsc_logistics.domain.uids import new_uid

STEPS = click.Choice([step.value for step in BizStep])


@click.command()
@click.argument("device")
@click.option("--at", type=Time(), help="As of this time.  [default: now]")
@KNOWN_AT
@output_option
@pass_desk
def who(
    desk: Desk, device: str, at: datetime | None, known_at: datetime | None, form: Form
) -> None:
    """Show who has DEVICE, where, since when.

    DEVICE is its tag, its serial, or any code linked to it.
    """
    from fsc_logistics.core.ledger import answers

    at = at or desk.now()
    with desk.sessions.read() as session:
        tag, held = answers.who(session, device, at=at, known_at=known_at)
    if held is None:
        known = f", as known at {shown(known_at)}" if known_at is not None else ""
        raise NotFound(
            f"Nobody had {tag} yet at {shown(at)}{known}. See: fsc history {tag}"
        )
    echo_one(held, form, _line(held))


@click.command()
@click.argument("device")
@KNOWN_AT
@output_option
@pass_desk
def history(desk: Desk, device: str, known_at: datetime | None, form: Form) -> None:
    """Show everything that happened to DEVICE, oldest first, and who recorded it.

    What was declared wrong stays, with who declared it and when.
    """
    from fsc_logistics.core.devices.finding import find_device
    from fsc_logistics.core.ledger.answers import history as history_of

    with desk.sessions.read() as session:
        found = find_device(session, device)
        entries = history_of(session, found, known_at=known_at)
    echo(entries, form, of=Entry)


@click.command()
@click.argument("code")
@click.option("--at", type=Time(), help="As of this time.  [default: now]")
@KNOWN_AT
@click.option("--within", is_flag=True, help="With the places inside it.")
@output_option
@pass_desk
def holdings(
    desk: Desk,
    code: str,
    at: datetime | None,
    known_at: datetime | None,
    within: bool,
    form: Form,
) -> None:
    """Show what the party CODE has, or what the place CODE holds."""
    from fsc_logistics.core.ledger.answers import holdings as holdings_of

    at = at or desk.now()
    with desk.sessions.read() as session:
        held = holdings_of(session, code, at=at, within=within, known_at=known_at)
    columns = ["device", "model", "custodian", "location", "since", "disposition"]
    echo(held, form, columns=columns, of=Custody)


@click.command()
@click.argument("devices", nargs=-1, required=True, metavar="DEVICE...")
@click.option("--to", "location", required=True, help="The place they are at now.")
@click.option("--custodian", help="Who has them.  [default: the keeper of the place]")
@click.option("--step", type=STEPS, help="The business step this was part of.")
@click.option("--at", type=Time(), help="When it happened.  [default: now]")
@click.option("--dry-run", is_flag=True, help="Check and show; record nothing.")
@json_option
@pass_desk
def move(
    desk: Desk,
    devices: tuple[str, ...],
    location: str,
    custodian: str | None,
    step: str | None,
    at: datetime | None,
    dry_run: bool,
    form: Form,
) -> None:
    """Record that each DEVICE is at another place, or that somebody else has it.

    One event for all of them; a kit takes its parts along, and what is missing from it
    or what it lacks is said.
    """
    from fsc_logistics.core.kits.state import incomplete_among
    from fsc_logistics.core.ledger.custody import record_transfer
    from fsc_logistics.core.ledger.recorded import told

    by = desk.sign()
    transfer = Transfer(
        uid=new_uid(by.record_time),
        devices=devices,
        location=location,
        custodian=custodian,
        biz_step=BizStep(step) if step else None,
        event_time=at or by.record_time,
    )
    with desk.sessions.begin() as session:
        done = record_transfer(session, transfer, by)
        kits = incomplete_among(session, done.devices, at=at or desk.now())
        if dry_run:
            session.rollback()
    if form is Form.JSON:
        said = {"incomplete": as_json(kits), "dry_run": dry_run}
        said |= {"also": list(done.also)}
        echo_json(as_json(told(done)) | said)
        return
    if not done.added:
        click.echo(f"{done.uid}  already so")
    elif dry_run:
        click.echo(f"would move {' '.join(done.devices)} to {location.upper()}")
    else:
        click.echo(f"{done.uid}  {' '.join(done.devices)}")
        for uid in done.also:
            click.echo(f"{uid}  says which of them are returned")
    for kit in kits:
        click.echo(f"{kit.kit}: {kit.wants()}")


def _line(held: Custody) -> str:
    state = ", ".join((held.disposition, *held.flags))
    until = f" until {shown(held.until)}" if held.until else ""
    return (
        f"{held.device}  {held.custodian} @ {held.location}"
        f"  since {shown(held.since)}{until}  {state}  ({held.model})"
    )
