"""The scanner service, and what helps to set it up."""

import logging
import signal
import threading
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from zoneinfo import ZoneInfo

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.exceptions import ALL, RESOLVED, echo_matters, resolve_matters
from fsc_logistics.cli.output import (
    Form,
    as_json,
    echo,
    echo_json,
    json_option,
    output_option,
)
from fsc_logistics.domain.errors import BadInput, FscError, Misconfigured, TryLater

if TYPE_CHECKING:
    from scanner.scan import Scan, Verdict
    from scanner.settings import PortSettings
    from scanner.simulate import Heard

CLOCK = "%H:%M:%S"
"""How a scan and a line of the log say when."""
Row = dict[str, str | int | None]
"""A scan of the simulator, and what was heard."""


@click.group()
def scanner() -> None:
    """Serve barcode scanners on serial ports."""


@scanner.command()
@click.option("--quiet", is_flag=True, help="Do not print a line for each scan.")
@pass_desk
def run(desk: Desk, quiet: bool) -> None:
    """Serve the ports of fsc.toml until SIGINT or SIGTERM, then finish what is held."""
    from fsc_logistics.domain.station import advance
    from scanner.service import ServiceFailed, serve
    from scanner.spool import Spool, SpoolBusy, SpoolUnusable

    settings = desk.settings
    ports = _ports(desk)
    handler = logging.StreamHandler()
    handler.setFormatter(_log_format(settings.timezone))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    _greet(desk)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    idle = timedelta(seconds=settings.idle_s)
    try:
        with Spool(Path(settings.spool), station=settings.station) as spool:
            serve(
                ports,
                spool,
                partial(_record, desk, idle),
                partial(advance, idle=idle),
                stop,
                on_scan=None if quiet else partial(_tell, desk),
            )
    except (SpoolBusy, SpoolUnusable, ServiceFailed) as error:
        raise FscError(str(error)) from error
    except ValueError as error:
        raise Misconfigured(
            f"{settings.source}: a [[port]] cannot be as it is set:"
            f" {str(error).rstrip('.')}. Check its url, baud and framing."
        ) from error


@scanner.command()
@output_option
@pass_desk
def ports(desk: Desk, form: Form) -> None:
    """List the serial ports of this machine, with names that last."""
    from scanner.plugged import PluggedIn, plugged_in

    found = plugged_in()
    if not found and form is Form.TEXT:
        click.echo("No serial port is plugged in.", err=True)
        return
    echo(found, form, of=PluggedIn)


@scanner.command()
@output_option
@pass_desk
def status(desk: Desk, form: Form) -> None:
    """Show how the service on this machine fares: ports, waiting scans."""
    from scanner.spool import SpoolUnusable
    from scanner.status import PortStatus, read_status

    try:
        found = read_status(Path(desk.settings.spool))
    except SpoolUnusable as error:
        raise FscError(str(error)) from error
    if found is None:
        raise FscError(
            f"No scanner service has run here yet ({desk.settings.spool}). Start it:"
            " fsc scanner run"
        )
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


@scanner.command()
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@click.option("--link", type=click.Path(path_type=Path), help="Its name as a port.")
@click.option(
    "--feedback",
    type=click.Choice(["none", "bel", "honeywell"]),
    default="bel",
    show_default=True,
    help="How it is answered; as in fsc.toml.",
)
@click.option("--ack", is_flag=True, help="Send again what is not answered.")
@click.option(
    "--timeout",
    type=float,
    default=10,
    show_default=True,
    help="Seconds to wait for the service, and for each answer.",
)
@json_option
def simulate(
    file: TextIO,
    link: Path | None,
    feedback: str,
    ack: bool,
    timeout: float,
    form: Form,
) -> None:
    """Play a scanner on a pseudo-terminal: each line of FILE, or typed, is a scan.

    Lines that begin with # are passed over.
    """
    from scanner.simulate import SimulatedScanner

    if link is not None and link.exists() and not _is_left_over(link):
        raise BadInput(f"{link} is there already. Give --link a new name.")
    rows: list[Row] = []
    try:
        device = SimulatedScanner(
            link,
            feedback=feedback,
            answer_timeout_s=timeout,
            sends_max=10 if ack else 1,
        )
        with device as pretended:
            click.echo(f"A scanner is plugged in at {pretended.device}", err=True)
            for line in file:
                text = line.rstrip("\r\n")
                if text and not text.startswith("#"):
                    pretended.wait_for_listener(timeout_s=timeout)
                    rows.append(_row(text, pretended.send(text)))
                    if form is Form.TEXT:
                        click.echo(f"{text}  {rows[-1]['heard'] or 'no answer'}")
    except TimeoutError:
        raise FscError(
            "Nobody listens at the simulated scanner. Is it a [[port]] of fsc.toml, and"
            " does the service run (fsc scanner run)?"
        ) from None
    except UnicodeDecodeError:
        raise BadInput(f"{file.name} is not text in UTF-8.") from None
    finally:
        if form is Form.JSON:
            echo_json(rows)


@scanner.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("cards.pdf"),
    show_default=True,
    help="The PDF to write.",
)
@click.option("--place", multiple=True, metavar="CODE", help="A card for a place.")
@click.option("--party", multiple=True, metavar="CODE", help="A card for somebody.")
@click.option("--language", help="da or en.  [default: the settings']")
@pass_desk
def cards(
    desk: Desk,
    output: Path,
    place: tuple[str, ...],
    party: tuple[str, ...],
    language: str | None,
) -> None:
    """Print the command cards, and cards for places and people, as a PDF."""
    from fsc_logistics.core.catalogue.labels import party_card, place_card
    from fsc_logistics.core.printing import Card, cards_pdf, command_cards

    spoken = language or desk.settings.language
    named: list[Card] = []
    if place or party:
        with desk.sessions.read() as session:
            named += [place_card(session, code) for code in place]
            named += [party_card(session, code) for code in party]
    output.write_bytes(cards_pdf([*command_cards(spoken), *named], spoken))
    click.echo(str(output))


def _ports(desk: Desk) -> "list[PortSettings]":
    from scanner.settings import PortSettings

    settings = desk.settings
    if not settings.ports:
        where = settings.source or "fsc.toml"
        raise Misconfigured(
            f"{where} names no port to serve. Add a [[port]] with url, read_point and"
            " feedback; fsc scanner ports lists what is plugged in."
        )
    names = [port.name or port.read_point for port in settings.ports]
    if twice := {name for name in names if names.count(name) > 1}:
        raise Misconfigured(
            f"{settings.source}: more than one [[port]] is called {min(twice)}. Give"
            " each a name of its own; without one it is called as its read_point."
        )
    try:
        return [
            PortSettings(
                name=name,
                **{
                    field.name: value
                    for field in fields(PortSettings)
                    if field.name != "name"
                    if (value := getattr(port, field.name)) is not None
                },
            )
            for name, port in zip(names, settings.ports, strict=True)
        ]
    except ValueError as error:
        raise Misconfigured(f"{settings.source}: {error}") from None


def _greet(desk: Desk) -> None:
    """Refuse a wrong database before anybody scans; one that is away may come back."""
    from fsc_logistics.core.database import shown

    try:
        click.echo(f"Scans go to {shown(desk.sessions.engine)}.", err=True)
    except TryLater as error:
        click.echo(f"{error} Scans are kept here until then.", err=True)


def _record(
    desk: Desk, idle: timedelta, scans: "Sequence[Scan]"
) -> "Sequence[Verdict]":
    from fsc_logistics.core.scanning.recording import record_scans
    from scanner.scan import Unavailable

    try:
        return record_scans(
            desk.sessions,
            scans,
            now=desk.now(),
            idle=idle,
            owners=desk.settings.ledger.owners,
        )
    except (TryLater, Misconfigured) as error:
        raise Unavailable(str(error)) from error


def _log_format(zone: ZoneInfo) -> logging.Formatter:
    """Return a format whose times are those of the scans, whatever the system's are."""
    form = logging.Formatter("%(asctime)s %(levelname)s %(message)s", datefmt=CLOCK)
    form.converter = lambda at_s: datetime.fromtimestamp(at_s or 0, zone).timetuple()
    return form


def _tell(desk: Desk, scan: "Scan", verdict: "Verdict") -> None:
    local = scan.scanned_at.astimezone(desk.settings.timezone)
    print(
        f"{local:{CLOCK}} {scan.read_point} {verdict.outcome.value.upper():9}"
        f" {verdict.message}",
        flush=True,
    )


def _is_left_over(link: Path) -> bool:
    """Return whether `link` is one that a simulated scanner left behind."""
    terminals = ("/dev/pts/", "/dev/ttys")  # Linux, macOS
    return link.is_symlink() and str(link.resolve()).startswith(terminals)


def _row(text: str, heard: "Heard") -> Row:
    outcome = heard.outcome.value if heard.outcome is not None else None
    return {"scan": text, "heard": outcome, "sends_count": heard.sends_count}
