"""The scanner service, and what helps to set it up."""

from dataclasses import replace
from pathlib import Path

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.exceptions import ALL, RESOLVED, echo_matters, resolve_matters
from fsc_logistics.cli.output import (
    Form,
    as_json,
    echo,
    echo_json,
    output_option,
)
from fsc_logistics.cli.scanner.cards import cards
from fsc_logistics.cli.scanner.counts import counts
from fsc_logistics.cli.scanner.doctor import doctor
from fsc_logistics.cli.scanner.install import install
from fsc_logistics.cli.scanner.ports import ports
from fsc_logistics.cli.scanner.run import run
from fsc_logistics.cli.scanner.simulate import simulate
from fsc_logistics.cli.scanner.sounds import sounds
from fsc_logistics.cli.scanner.watch import watch
from fsc_logistics.domain.errors import FscError


@click.group()
def scanner() -> None:
    """Serve barcode scanners on serial ports."""


scanner.add_command(cards)
scanner.add_command(counts)
scanner.add_command(run)
scanner.add_command(install)
scanner.add_command(ports)
scanner.add_command(doctor)
scanner.add_command(simulate)
scanner.add_command(sounds)
scanner.add_command(watch)


@scanner.command()
@output_option
@pass_desk
def status(desk: Desk, form: Form) -> None:
    """Show how the service on this machine fares: ports, waiting scans."""
    from scanner.journal.spool import SpoolUnusable
    from scanner.journal.status import PortStatus, read_status

    try:
        found = read_status(Path(desk.settings.spool))
    except SpoolUnusable as error:
        raise FscError(str(error)) from error
    if found is None:
        raise FscError(
            f"No scanner service has run here yet ({desk.settings.spool}). Start it:"
            " fsc scanner run"
        )
    if found.running:
        # Those that are served no more are history; without a service, all is.
        named = {port.called for port in desk.settings.ports}
        served = tuple(p for p in found.ports if p.is_open or p.port in named)
        found = replace(found, ports=served)
    if form is Form.JSON:
        echo_json(as_json(found))
        return
    if form is Form.TEXT:
        running = "running" if found.running else "not running"
        noun = "scan" if found.waiting_count == 1 else "scans"
        click.echo(
            f"{running}, {found.waiting_count} {noun} waiting,"
            f" {found.failed_count} failed"
        )
        # Why it was away is over; JSON and CSV still have it.
        shown = [replace(p, error="") if p.is_open else p for p in found.ports]
        echo(shown, form)
    else:
        echo(found.ports, form, of=PortStatus)


@scanner.command()
@click.option("--resolve", multiple=True, metavar="ID", help="It is dealt with.")
@click.option("--how", default="dealt with", show_default=True, help="How, in a line.")
@RESOLVED
@ALL
@output_option
@pass_desk
def exceptions(
    desk: Desk,
    resolve: tuple[str, ...],
    how: str,
    resolved: bool,
    everything: bool,
    form: Form,
) -> None:
    """Show what waits for somebody; the same list as fsc exceptions."""
    if resolve:
        resolve_matters(desk, resolve, how)
    echo_matters(desk, resolved, everything, form)
