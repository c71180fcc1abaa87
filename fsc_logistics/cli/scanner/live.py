"""Settings that change while the scanner service runs: its ports change with them.

The file is looked at every second, and read anew when it has changed or at SIGHUP.
What cannot change in a running service is told.
"""

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING

from fsc_logistics.cli.desk import Desk
from fsc_logistics.core.config import PortSettings as PortSaid
from fsc_logistics.core.config import Settings, load_settings
from fsc_logistics.domain.errors import Misconfigured

if TYPE_CHECKING:
    from scanner.settings import PortSettings

log = logging.getLogger(__name__)

NEXT_START = (
    "database",
    "station",
    "spool",
    "idle_s",
    "timezone",
    "ledger",
    "scanner",
)
"""What the service takes from the settings once, when it starts."""


class LiveSettings:
    """The settings of a running service, as the file has them now."""

    def __init__(
        self, desk: Desk, *, on_change: Callable[[Settings], None] | None = None
    ) -> None:
        """`on_change` is told of the settings that count from now on."""
        self._desk = desk
        self._on_change = on_change
        self._started_with = desk.settings
        self._looks = self._look()
        self._again = threading.Event()
        self.current = desk.settings
        """Replaced, never changed: any thread may read it."""

    def read_again(self) -> None:
        """Read the file at the next look, changed or not."""
        self._again.set()

    def changed_ports(self) -> "list[PortSettings] | None":
        """Return the ports as they are set, if the file has changed since, else None.

        A file that cannot be used is told once, and changes nothing.
        """
        from scanner.serving.served import check_ports

        looks = self._look()
        if looks == self._looks and not self._again.is_set():
            return None
        self._looks = looks
        self._again.clear()
        try:
            settings = load_settings(
                str(self.current.source), self._desk.database, os.environ
            )
            ports = port_settings(settings)
            # Here, or the house would go by settings that the service refuses.
            check_ports(ports)
        except (Misconfigured, ValueError) as error:
            log.error(
                "the settings stay as they were: %s",
                error,
                extra={"event": "not_reloaded"},
            )
            return None
        self._tell_of_others(settings)
        self.current = settings
        if self._on_change is not None:
            self._on_change(settings)
        return ports

    def _look(self) -> tuple[int, ...] | None:
        source = self._started_with.source
        try:
            found = os.stat(source) if source is not None else None
        except OSError:
            return None
        if found is None:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _tell_of_others(self, settings: Settings) -> None:
        names = [
            name
            for name in NEXT_START
            if getattr(settings, name) != getattr(self._started_with, name)
        ]
        if names:
            log.warning(
                "%s: changed, and used from the next start of the service on: %s",
                settings.source,
                ", ".join(names),
                extra={"event": "restart_needed"},
            )


def port_settings(settings: Settings) -> "list[PortSettings]":
    """Return the ports as the service takes them.

    Raises:
        Misconfigured: there are none, two have one name, or one cannot be.
    """
    from scanner.settings import check_apart, check_follows

    if not settings.ports:
        where = settings.source or "fsc.toml"
        raise Misconfigured(
            f"{where} names no port to serve. Add a [[port]] with url, read_point and"
            " feedback; fsc scanner ports lists what is plugged in."
        )
    names = [port.called for port in settings.ports]
    if twice := {name for name in names if names.count(name) > 1}:
        raise Misconfigured(
            f"{settings.source}: more than one [[port]] is called {min(twice)}. Give"
            " each a name of its own; without one it is called as its read_point."
        )
    ports = [
        _port_setting(settings, name, port)
        for name, port in zip(names, settings.ports, strict=True)
    ]
    try:
        check_apart(ports)
        check_follows(ports)
    except ValueError as error:
        raise Misconfigured(f"{settings.source}: {error}") from None
    return ports


def _port_setting(settings: Settings, name: str, port: PortSaid) -> "PortSettings":
    from scanner.settings import PortSettings

    told = {
        field.name: value
        for field in fields(PortSettings)
        if field.name != "name"
        if (value := getattr(port, field.name)) is not None
    }
    try:
        return PortSettings(name=name, **told)
    except ValueError as error:
        # Of several ports, whoever reads it must know which one to mend.
        raise Misconfigured(
            f"{settings.source}: the [[port]] {name} cannot be as it is set: {error}"
        ) from None


def portals_of(settings: Settings) -> dict[str, tuple[str, str]]:
    """Return the places inside and outside of each portal, by the name of its port."""
    return {
        port.called: (port.inside, port.outside)
        for port in settings.ports
        if port.inside and port.outside
    }


def bulk_ports(settings: Settings) -> set[str]:
    """Return the names of the ports that read many things at once."""
    from scanner.protocols import FAMILIES

    return {port.called for port in settings.ports if FAMILIES[port.protocol].is_rfid}


def followed_ports(settings: Settings) -> dict[str, str]:
    """Return the names of the ports that others follow, by the names of those."""
    return {port.called: port.follows for port in settings.ports if port.follows}
