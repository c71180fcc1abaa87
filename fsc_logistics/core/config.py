"""Settings: an option beats an FSC_* variable beats the TOML file."""

import getpass
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fsc_logistics.core.config_table import filled
from fsc_logistics.domain.errors import Misconfigured
from fsc_logistics.domain.people import holds_cpr

LANGUAGES = ("da", "en")
LOGS = ("text", "json")
DATABASE = "fsc.db"
"""Where nobody named another: in the folder one happens to be in."""
HOUR_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """The service centre, as it is named on paper."""

    name: str = "Service centre"
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """What a plan assumes where nothing else is said."""

    open_from_s: int = 8 * HOUR_S
    """When a visit may begin, seconds from local midnight."""
    open_to_s: int = 16 * HOUR_S
    road_factor: float = 1.3
    """Distance by road over distance as the crow flies."""
    travel: str = "estimate"
    """Who says how long it takes: estimate, a file, osrm:, valhalla: or roads:."""
    travel_cache: str = ""
    """Where matrices that were asked for are kept for a week; nowhere if empty."""
    country: str = "DK"
    """Whose public holidays nobody works on (ISO 3166)."""
    closed_days: tuple[str, ...] = ()
    """Days of our own that nobody works on, ISO 8601."""
    time_limit_s: int = 20
    per_hour: int = 300
    """What an hour of driving costs, and a kilometre: in whole kroner."""
    per_km: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What the ledger takes for granted."""

    owners: tuple[str, ...] = ()
    """Whose devices the centre works with; one of another in our hands is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """How the scanner service shows how it fares, and what room it takes."""

    listen: str = "127.0.0.1:0"
    """Where on this machine its pages are; port 0 is any that is free."""
    log: str = "text"
    """How its log is written: text, or json, one object a line."""
    spool_mb_max: int = 1000
    """The spool is at most so large; what was recorded long ago makes room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSettings:
    """One port and what is on it; None is what fits the protocol."""

    url: str
    protocol: str = "line"
    feedback: str | None = None
    read_point: str
    baud: int | None = None
    framing: str = "8N1"
    gap_s: float = 0.5
    name: str = ""
    """Unique and lasting; the read point where none is given."""
    hold: bool | None = None
    """Whether a wrong scan stops the operator until he says OK."""
    speaker: bool = False
    """Whether the loudspeaker of the PC sounds too."""
    follows: str = ""
    """The name of the port whose mode, place and person count here too."""
    presence_s: float | None = None
    """RFID: a tag that was not read for so long has left."""
    reads_min: int | None = None
    """RFID: so many reads make a tag present."""
    rssi_min_dbm: float | None = None
    """RFID: weaker reads count for nothing."""
    portal_antennas: tuple[int, ...] | None = None
    """RFID: the antennas of a portal, that inside first."""
    portal_apart_s: float | None = None
    """RFID: so far apart they must have seen a tag to tell which way it went."""
    inside: str = ""
    """The place that what came in through a portal is at."""
    outside: str = ""
    """The place that what went out is at."""

    @property
    def called(self) -> str:
        """What it is called: its name, or the read point where it has none."""
        return self.name or self.read_point


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that differs from one installation to the next."""

    database: str = DATABASE
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Copenhagen"))
    language: str = "da"
    station: str = field(default_factory=lambda: _fit(socket.gethostname()))
    """Where events typed on this machine are captured."""
    actor: str = field(default_factory=lambda: _fit(_user()))
    """Who is at the keyboard."""
    key_file: str = "fsc.key"
    """The key that personal numbers are encrypted with; never in the database."""
    spool: str = "scanner-spool.db"
    idle_s: int = 600
    """After so long without a scan a station falls back to LOOK."""
    centre: Centre = field(default_factory=Centre)
    planning: Planning = field(default_factory=Planning)
    ledger: Ledger = field(default_factory=Ledger)
    scanner: Scanner = field(default_factory=Scanner)
    ports: tuple[PortSettings, ...] = ()
    source: Path | None = None
    """The file they were read from."""

    @property
    def is_database_guessed(self) -> bool:
        """Whether neither a file nor the caller said which database is meant."""
        return self.source is None and self.database == DATABASE


APART = {"ports": "port", "source": ""}
"""What is not read with the other settings, and as what it is in the file."""


def load_settings(
    config: str | None, database: str | None, variables: Mapping[str, str]
) -> Settings:
    """Return the settings of this call.

    The file is `config`, else FSC_CONFIG, else ./fsc.toml, else the one in the user's
    configuration folder; none at all means the defaults.

    Raises:
        Misconfigured: the file is missing, no TOML, or says something unknown; a
            variable is no text.
    """
    _check_text(variables)
    path = _find_file(config or variables.get("FSC_CONFIG"))
    settings = Settings() if path is None else _read_file(path)
    changes: dict[str, Any] = {}
    for name in ("station", "actor", "language", "key_file", "spool"):
        value = variables.get(f"FSC_{name.upper()}")
        if value:
            changes[name] = value
    if chosen := database or variables.get("FSC_DATABASE"):
        changes["database"] = chosen
    if zone := variables.get("FSC_TIMEZONE"):
        changes["timezone"] = _zone(zone)
    settings = replace(settings, **changes)
    # As all codes: `horsens` and HORSENS are one station, and one chain of events.
    settings = replace(settings, station=settings.station.strip().upper())
    for name in ("station", "actor"):
        _check_no_cpr(name, getattr(settings, name))
    if settings.language not in LANGUAGES:
        raise Misconfigured(
            f"'{settings.language}' is not a language of this program; use"
            f" {' or '.join(LANGUAGES)}."
        )
    return settings


def _check_text(variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        try:
            if name.startswith("FSC_"):
                value.encode()
        except UnicodeEncodeError:
            raise Misconfigured(f"The variable {name} is not text in UTF-8.") from None


def _find_file(named: str | None) -> Path | None:
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise Misconfigured(f"There is no settings file {path}.")
        return path
    import platformdirs

    standard = Path(platformdirs.user_config_dir("fsc")) / "fsc.toml"
    return next((p for p in (Path("fsc.toml"), standard) if p.is_file()), None)


def _read_file(path: Path) -> Settings:
    try:
        with path.open("rb") as file:
            read = tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} cannot be read: {error}") from None
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}") from None
    if "timezone" in read:
        read["timezone"] = _zone(read["timezone"])
    if isinstance(read.get("planning"), dict):
        days = read["planning"].get("closed_days", [])
        if not isinstance(days, list):
            raise Misconfigured(
                f"{path}: closed_days = {days!r} is not a list of days. Write them as"
                ' closed_days = ["2026-12-24"].'
            )
        read["planning"]["closed_days"] = tuple(str(day) for day in days)
    if isinstance(read.get("ledger"), dict):
        owners = read["ledger"].get("owners", [])
        if not isinstance(owners, list):
            raise Misconfigured(
                f"{path}: owners = {owners!r} is not a list of parties. Write them as"
                ' owners = ["REGION-MIDT"].'
            )
        read["ledger"]["owners"] = tuple(str(owner) for owner in owners)
    said = read.pop("port", [])
    if not (isinstance(said, list) and all(isinstance(port, dict) for port in said)):
        raise Misconfigured(
            f"{path}: a port is a table of its own. Write [[port]], with two brackets,"
            " above its url and read_point."
        )
    ports = tuple(_port(port, path) for port in said)
    centre = filled(Centre, read.pop("centre", {}), path)
    planning = filled(Planning, read.pop("planning", {}), path)
    ledger = filled(Ledger, read.pop("ledger", {}), path)
    scanner = filled(Scanner, read.pop("scanner", {}), path)
    if scanner.log not in LOGS:
        raise Misconfigured(
            f"{path}: log = '{scanner.log}' is not a log; use {' or '.join(LOGS)}."
        )
    if planning.open_from_s >= planning.open_to_s:
        raise Misconfigured(f"{path}: open_from_s must be less than open_to_s.")
    rest = filled(Settings, read, path, apart=APART)
    folder = path.resolve().parent
    return replace(
        rest,
        database=_beside(folder, rest.database),
        key_file=_beside(folder, rest.key_file),
        spool=_beside(folder, rest.spool),
        centre=centre,
        planning=replace(
            planning,
            travel=_travel_beside(folder, planning.travel),
            travel_cache=planning.travel_cache
            and _beside(folder, planning.travel_cache),
        ),
        ledger=ledger,
        scanner=scanner,
        ports=ports,
        source=path,
    )


def _check_no_cpr(name: str, said: str) -> None:
    if holds_cpr(said):
        raise Misconfigured(
            f"The {name} must not hold a CPR number: every event in the ledger carries"
            f" it. Set another {name} in fsc.toml."
        )


def _port(read: dict[str, Any], path: Path) -> PortSettings:
    port = filled(PortSettings, read, path)
    _check_no_cpr("read_point", port.read_point)
    said = [bool(it) for it in (port.portal_antennas, port.inside, port.outside)]
    if any(said) and not all(said):
        raise Misconfigured(
            f"{path}: the portal at {port.read_point} is half set. It needs"
            " portal_antennas, and the places inside and outside."
        )
    if port.inside and port.inside.upper() == port.outside.upper():
        raise Misconfigured(
            f"{path}: the portal at {port.read_point} has the place {port.inside}"
            " inside and outside. Name two places."
        )
    return port


def _beside(folder: Path, name: str) -> str:
    """Return a relative path as seen from the settings file."""
    return name if "://" in name else str(folder / Path(name).expanduser())


def _travel_beside(folder: Path, travel: str) -> str:
    """Return a source of travel times, its file or folder seen from the settings."""
    if travel == "estimate" or travel.startswith(("osrm:", "valhalla:")):
        return travel
    if travel.startswith("roads:"):
        return f"roads:{_beside(folder, travel.removeprefix('roads:'))}"
    return _beside(folder, travel)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Misconfigured(
            f"'{name}' is not a time zone. Try Europe/Copenhagen."
        ) from None


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        # A container may run under a number that has no name.
        return "UNKNOWN"


def _fit(name: str) -> str:
    return name.split(".")[0].upper()[:40] or "OFFICE"
