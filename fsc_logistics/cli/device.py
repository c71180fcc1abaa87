"""Devices: add, list, show, link codes, import, export, print labels."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.fields import faults_told
from fsc_logistics.cli.labels import labels
from fsc_logistics.cli.output import (
    OUT_FILE,
    Form,
    counted,
    echo,
    echo_one,
    output_option,
    shown,
    write_whole,
)
from fsc_logistics.cli.params import Time

if TYPE_CHECKING:
    from fsc_logistics.core.devices import DeviceShown


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
    from fsc_logistics.core.commissioning import NewDevice, add_device

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
    from fsc_logistics.core.devices import DeviceListed, list_devices

    with desk.sessions.read() as session:
        rows = list(
            list_devices(
                session, at_location=at_location, custodian=custodian, model=model
            )
        )
    echo(rows, form, of=DeviceListed)


@device.command()
@click.argument("device")
@output_option
@pass_desk
def show(desk: Desk, device: str, form: Form) -> None:
    """Show all that is known of DEVICE: its tag, serial, or any code linked to it."""
    from fsc_logistics.core.devices import show_device

    with desk.sessions.read() as session:
        found = show_device(session, device)
    echo_one(found, form, "\n".join(_lines(found)))


@device.command()
@click.argument("device")
@click.argument("code")
@pass_desk
def link(desk: Desk, device: str, code: str) -> None:
    """Let the foreign CODE mean DEVICE too."""
    from fsc_logistics.core.device_codes import link_code

    with desk.sessions.begin() as session:
        tag = link_code(session, device, code)
    click.echo(f"'{code}' means {tag}.")


@device.command()
@click.argument("device")
@click.argument("code")
@pass_desk
def unlink(desk: Desk, device: str, code: str) -> None:
    """Let the foreign CODE mean DEVICE no longer."""
    from fsc_logistics.core.device_codes import unlink_code

    with desk.sessions.begin() as session:
        tag = unlink_code(session, device, code)
    click.echo(f"'{code}' no longer means {tag}.")


@device.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--at", type=Time(), help="Since when they are there.  [default: now]")
@click.option("--dry-run", is_flag=True, help="Check everything, register nothing.")
@output_option
@pass_desk
def import_(
    desk: Desk, file: IO[bytes], at: datetime | None, dry_run: bool, form: Form
) -> None:
    """Register the devices in the CSV file FILE; - is standard input.

    Columns: device, model, owner, location (needed); serial; codes, with | between
    them.  UTF-8, commas or semicolons.  All of them are registered, or none.
    """
    from fsc_logistics.core.importing import import_devices

    by = desk.sign()
    with faults_told(), desk.sessions.begin() as session:
        done = import_devices(
            session, file.read(), by, at=at or by.record_time, dry_run=dry_run
        )
    if form is not Form.TEXT:
        echo(done, form)
        return
    for event in done:
        what = f"{event.devices} at {event.location}."
        click.echo(what if dry_run else f"{what} Event {event.event}")
    total = sum(event.devices for event in done)
    verb = "would be" if dry_run else "is" if total == 1 else "are"
    click.echo(f"{counted(total, 'device')} {verb} registered.")


@device.command()
@click.argument("file", type=OUT_FILE)
@pass_desk
def export(desk: Desk, file: Path) -> None:
    """Write every device to FILE as CSV, as import reads it; - is stdout."""
    from fsc_logistics.core.importing import export_devices

    with desk.sessions.read() as session:
        exported = export_devices(session)
    write_whole(file, exported)


def _lines(found: "DeviceShown") -> Iterator[str]:
    serial = f", serial {found.serial}" if found.serial else ""
    yield f"{found.device}: {found.maker} {found.name} ({found.model}){serial}."
    yield (
        f"{found.custodian} has it at {found.location} since {shown(found.since)},"
        f" {found.disposition}. It belongs to {found.owner}."
    )
    if found.codes:
        yield f"It also answers to {', '.join(found.codes)}."
