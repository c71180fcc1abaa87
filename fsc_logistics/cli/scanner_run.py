"""`fsc scanner run`: the scanner service, with the house behind it."""

import logging
import signal
import threading
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.core.config import Settings
from fsc_logistics.domain.errors import FscError, Misconfigured, TryLater

if TYPE_CHECKING:
    from scanner.scan import Scan, Verdict
    from scanner.settings import PortSettings

CLOCK = "%H:%M:%S"
"""How a scan and a line of the log say when."""


@click.command()
@click.option("--quiet", is_flag=True, help="Do not print a line for each scan.")
@pass_desk
def run(desk: Desk, quiet: bool) -> None:
    """Serve the ports of fsc.toml until SIGINT or SIGTERM, then finish what is held."""
    from fsc_logistics.domain.station import advance, hold
    from scanner.pages import ANY_PORT
    from scanner.service import CannotListen, ServiceFailed, serve
    from scanner.speaker import Speaker
    from scanner.spool import Spool, SpoolBusy, SpoolUnusable

    settings = desk.settings
    ports = port_settings(desk.settings)
    handler = logging.StreamHandler()
    handler.setFormatter(_log_format(settings.timezone))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    _greet(desk)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    idle = timedelta(seconds=settings.idle_s)
    try:
        with (
            Spool(Path(settings.spool), station=settings.station) as spool,
            Speaker() as speaker,
        ):
            serve(
                ports,
                spool,
                partial(_record, desk, idle),
                partial(advance, idle=idle),
                stop,
                hold=hold,
                listen=ANY_PORT,
                on_scan=None if quiet else partial(_tell, desk),
                play=speaker.play,
            )
    except (SpoolBusy, SpoolUnusable, ServiceFailed, CannotListen) as error:
        raise FscError(str(error)) from error
    except ValueError as error:
        raise Misconfigured(
            f"{settings.source}: a [[port]] cannot be as it is set:"
            f" {str(error).rstrip('.')}. Check its url, baud and framing."
        ) from error


def port_settings(settings: Settings) -> "list[PortSettings]":
    """Return the ports as the service takes them.

    Raises:
        Misconfigured: there are none, two have one name, or one cannot be.
    """
    from scanner.settings import PortSettings

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


def portals_of(settings: Settings) -> dict[str, tuple[str, str]]:
    """Return the places inside and outside of each portal, by the name of its port."""
    return {
        port.name or port.read_point: (port.inside, port.outside)
        for port in settings.ports
        if port.inside and port.outside
    }


def bulk_ports(settings: Settings) -> set[str]:
    """Return the names of the ports that read many things at once."""
    from scanner.protocols import FAMILIES

    return {
        port.name or port.read_point
        for port in settings.ports
        if FAMILIES[port.protocol].is_rfid
    }


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
            portals=portals_of(desk.settings),
            bulk=bulk_ports(desk.settings),
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
