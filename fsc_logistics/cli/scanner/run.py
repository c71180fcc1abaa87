"""`fsc scanner run`: the scanner service, with the house behind it."""

import gc
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.scanner.lines import Lines
from fsc_logistics.cli.scanner.live import (
    LiveSettings,
    bulk_ports,
    followed_ports,
    port_settings,
    portals_of,
)
from fsc_logistics.cli.scanner.log import scan_line, start_log
from fsc_logistics.core.config import Settings
from fsc_logistics.domain.errors import FscError, Misconfigured, TryLater

if TYPE_CHECKING:
    from scanner.scan import Scan, Verdict

log = logging.getLogger(__name__)

MB = 1_000_000
SWITCH_S = 0.0005
"""How long a thread may keep the others from running, while they wait to.

Python's own 5 ms is what a scan would wait for a reading thread that is busy.
"""
_NEEDED_SOON = (
    "fsc_logistics.core.scanning.recording",
    "biip.gs1_digital_link_uris",
    "biip.gs1_messages",
    "epcpy.utils.parsers",
)
"""Loaded at the start, and not when the first operator waits for it."""


@click.command()
@click.option("--quiet", is_flag=True, help="Do not print a line for each scan.")
@pass_desk
def run(desk: Desk, quiet: bool) -> None:
    """Serve the ports of fsc.toml until SIGINT or SIGTERM, then finish what is held."""
    from fsc_logistics.domain.station import advance, hold
    from scanner.journal.spool import Spool, SpoolBusy, SpoolUnusable
    from scanner.serving.service import CannotListen, ServiceFailed, serve
    from scanner.sound.speaker import Speaker

    settings = desk.settings
    ports = port_settings(settings)
    _check_listen(settings)
    told = Lines(sys.stdout)
    start_log(settings.scanner.log, settings.station, settings.timezone)
    _greet(desk)
    for name in _NEEDED_SOON:
        import_module(name)
    live = LiveSettings(desk, on_change=partial(_warn_soon, desk))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if hasattr(signal, "SIGHUP"):  # Windows has none.
        signal.signal(signal.SIGHUP, lambda *_: live.read_again())
    sys.setswitchinterval(SWITCH_S)
    idle = timedelta(seconds=settings.idle_s)
    tell = partial(_tell, told, settings.scanner.log, settings.timezone)
    try:
        with (
            Spool(
                Path(settings.spool),
                station=settings.station,
                bytes_max=settings.scanner.spool_mb_max * MB,
            ) as spool,
            Speaker() as speaker,
            _checkpoints(desk),
        ):
            _keep_what_is_loaded()
            serve(
                ports,
                spool,
                partial(_record, desk, live, idle),
                partial(advance, idle=idle),
                stop,
                hold=hold,
                on_scan=None if quiet else tell,
                play=speaker.play,
                reload=live.changed_ports,
                listen=settings.scanner.listen,
            )
    except (SpoolBusy, SpoolUnusable, ServiceFailed) as error:
        raise FscError(str(error)) from error
    except CannotListen as error:
        raise Misconfigured(
            f"{settings.source}: {error} Set listen in [scanner], or leave it out."
        ) from error
    except ValueError as error:
        raise Misconfigured(
            f"{settings.source}: {str(error).rstrip('.')}. Check its url, baud and"
            " framing."
        ) from error
    finally:
        told.close()


def _check_listen(settings: Settings) -> None:
    from scanner.telling.pages import loopback_address

    try:
        loopback_address(settings.scanner.listen)
    except ValueError as error:
        raise Misconfigured(f"{settings.source}: {error}") from None


def _greet(desk: Desk) -> None:
    """Refuse a wrong database before anybody scans; one that is away may come back."""
    from fsc_logistics.core.database import shown

    try:
        click.echo(f"Scans go to {shown(desk.sessions.engine)}.", err=True)
        _warn_of_portals(desk, desk.settings)
    except TryLater as error:
        click.echo(f"{error} Scans are kept here until then.", err=True)


def _warn_soon(desk: Desk, settings: Settings) -> None:
    """Tell of portals in settings that were changed, without waiting for an answer.

    Whoever reads the settings anew also sees to it that scans are answered while the
    database is away.
    """

    def warn() -> None:
        # Away, or of another version: what goes through a portal is told of then.
        with suppress(TryLater, Misconfigured):
            _warn_of_portals(desk, settings)

    if portals_of(settings):
        threading.Thread(target=warn, name="portals", daemon=True).start()


def _warn_of_portals(desk: Desk, settings: Settings) -> None:
    """Tell of a portal that leads to no place.

    The service goes on, for its other ports are none the worse for it.

    Raises:
        TryLater, Misconfigured: the database cannot be asked.
    """
    from fsc_logistics.core.scanning.portals import unknown_places

    with desk.sessions.read() as session:
        for port, place in unknown_places(session, portals_of(settings)):
            log.warning(
                "the portal %s leads to %s, and there is no such place: what goes"
                " through it waits. Mend inside or outside of its [[port]]",
                port,
                place,
                extra={"event": "portal_place", "port": port},
            )


def _keep_what_is_loaded() -> None:
    """Have the collector of cycles pass over what stays as long as the service does.

    That is a hundred thousand objects: to look through them takes it a tenth of a
    second, in which no scan is answered, and it therefore comes so seldom that what a
    day of scans leaves behind would pile up.
    """
    gc.collect()
    gc.freeze()


def _checkpoints(desk: Desk) -> AbstractContextManager[None]:
    """Have no scan wait for SQLite to shorten its log."""
    from fsc_logistics.core.database_checkpoint import checkpoints_beside

    try:
        return checkpoints_beside(desk.sessions.engine)
    except TryLater:  # Away at the start; then scans wait for more than that.
        return nullcontext()


def _record(
    desk: Desk, live: LiveSettings, idle: timedelta, scans: "Sequence[Scan]"
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
            portals=portals_of(live.current),
            bulk=bulk_ports(live.current),
            followed=followed_ports(live.current),
        )
    except (TryLater, Misconfigured) as error:
        raise Unavailable(str(error)) from error


def _tell(
    told: Lines, kind: str, zone: ZoneInfo, scan: "Scan", verdict: "Verdict"
) -> None:
    told.put(scan_line(kind, scan, verdict, zone))
