"""Devices: add, list, show, link codes, import, export, print labels."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.files import (
    Given,
    exporting,
    import_options,
    importing,
)
from fsc_logistics.cli.labels import labels
from fsc_logistics.cli.output import (
    OUT_FILE,
    Form,
    echo,
    echo_one,
    echo_rows,
    output_option,
    shown,
)
from fsc_logistics.cli.params import KNOWN_AT, Time

if TYPE_CHECKING:
    from fsc_logistics.core.devices.showing import DeviceShown


@click.group()
def device() -> None:
    """Devices: what the centre hands out, each under its own tag."""


device.add_command(labels)


@device.command()
@click.argument("tag")
@click.option("--model", required=True, help="Code of its model.")
@click.option("--serial", help="The maker's serial number.")
@click.option("--owner", required=True, help="Code of the organisation it belongs to.")
@click.option("--at-location", required=True, help="Where it is.")
@click.option("--code", "codes", multiple=True, help="A foreign code that means it.")
@click.option("--at", type=Time(), help="Since when it is there.  [default: now]")
@output_option
@pass_desk
def add(
    desk: Desk,
    tag: str,
    model: str,
    serial: str | None,
    owner: str,
    at_location: str,
    codes: tuple[str, ...],
    at: datetime | None,
    form: Form,
) -> None:
    """Register a device under our own TAG, and record where it is."""
    from fsc_logistics.core.devices.commissioning import NewDevice, add_device

    new = NewDevice(
        device=tag,
        model=model,
        serial=serial,
        owner=owner,
        location=at_location,
        codes=codes,
    )
    by = desk.sign()
    with desk.sessions.begin() as session:
        done = add_device(session, new, by, at=at or by.record_time)
    line = f"{tag.strip().upper()} is at {done.location}. Event {done.event}"
    echo_one(done, form, line)


@device.command("list")
@click.option("--at-location", help="Only what is there, or anywhere inside.")
@click.option("--custodian", help="Only what this party has.")
@click.option("--model", help="Only devices of this model.")
@output_option
@pass_desk
def list_(
    desk: Desk,
    at_location: str | None,
    custodian: str | None,
    model: str | None,
    form: Form,
) -> None:
    """List devices by tag, with who has them where."""
    from fsc_logistics.core.devices.finding import DeviceListed, list_devices

    with desk.sessions.read() as session:
        rows = list(
            list_devices(
                session, at_location=at_location, custodian=custodian, model=model
            )
        )
    echo(rows, form, of=DeviceListed)


@device.command()
@click.argument("device")
@click.option("--at", type=Time(), help="As of this time.  [default: now]")
@KNOWN_AT
@output_option
@pass_desk
def show(
    desk: Desk, device: str, at: datetime | None, known_at: datetime | None, form: Form
) -> None:
    """Show all that is known of DEVICE: its tag, serial, or any code linked to it."""
    from fsc_logistics.core.devices.showing import show_device

    with desk.sessions.read() as session:
        found = show_device(session, device, at=at or desk.now(), known_at=known_at)
    echo_one(found, form, "\n".join(_lines(found)))


@device.command()
@click.argument("device")
@click.argument("code")
@pass_desk
def link(desk: Desk, device: str, code: str) -> None:
    """Let the foreign CODE mean DEVICE too."""
    from fsc_logistics.core.devices.codes import link_code

    with desk.sessions.begin() as session:
        tag = link_code(session, device, code)
    click.echo(f"'{code}' means {tag}.")


@device.command()
@click.argument("device")
@click.argument("code")
@pass_desk
def unlink(desk: Desk, device: str, code: str) -> None:
    """Let the foreign CODE mean DEVICE no longer."""
    from fsc_logistics.core.devices.codes import unlink_code

    with desk.sessions.begin() as session:
        tag = unlink_code(session, device, code)
    click.echo(f"'{code}' no longer means {tag}.")


@device.command("import")
@import_options
@click.option("--at", type=Time(), help="Since when they are there.  [default: now]")
@output_option
@pass_desk
def import_(desk: Desk, given: Given, at: datetime | None, form: Form) -> None:
    """Register the devices in the CSV file FILE; - is standard input.

    Columns: device, model, owner, location (needed); serial; codes, with | between
    them.  UTF-8; commas, semicolons or tabs.  All of them are registered, or none; what
    was interrupted goes on where it stopped when the same file is imported again.
    """
    from fsc_logistics.core.devices.commissioning import Commissioned
    from fsc_logistics.core.exchange.devices import import_devices

    with importing(desk, given) as (source, faults, manner):
        events = import_devices(
            desk.sessions, source, desk.sign(), faults=faults, manner=manner, at=at
        )
        if form is not Form.TEXT:
            echo_rows(events, form, of=Commissioned)
            return
        total = 0
        for event in events:
            total += event.devices
            what = f"{event.devices} at {event.location}."
            click.echo(what if given.dry_run else f"{what} Event {event.event}")
        click.echo(given.sentence(total, "device"))


@device.command()
@click.argument("file", type=OUT_FILE)
@pass_desk
def export(desk: Desk, file: Path) -> None:
    """Write every device to FILE as CSV, as import reads it; - is stdout."""
    from fsc_logistics.core.exchange.devices import export_devices

    exporting(desk, file, export_devices)


def _lines(found: "DeviceShown") -> Iterator[str]:
    serial = f", serial {found.serial}" if found.serial else ""
    yield f"{found.device}: {found.maker} {found.name} ({found.model}){serial}."
    yield (
        f"{found.custodian} has it at {found.location} since {shown(found.since)},"
        f" {found.disposition}. It belongs to {found.owner}."
    )
    if found.codes:
        yield f"It also answers to {', '.join(found.codes)}."
