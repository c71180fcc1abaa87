"""What the screen shows of a state at a moment: values only, nothing drawn."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fsc_logistics.cli.watch.device import ARROW
from fsc_logistics.cli.watch.picture import Look, picture_of
from fsc_logistics.cli.watch.poster import NO_BREAK, Item, fits_large
from fsc_logistics.cli.watch.state import PortState, ServiceState
from fsc_logistics.cli.watch.words import COUNTED, Word, word
from fsc_logistics.domain.cards import Mode
from fsc_logistics.domain.sayings import word as in_words
from fsc_logistics.domain.scenarios import Scene, hint, scene_of
from fsc_logistics.domain.station import Station, awake
from scanner.scan import Outcome

CLOCK = "%H:%M"
NARROW = 78
"""What can be drawn on in a terminal of 80 columns."""
UNKNOWN_MAX = 5
"""So many unknown codes are told by when they were scanned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """One scanner, and whether it is there."""

    text: str
    is_open: bool
    is_watched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything that is on the screen."""

    title: str = ""
    """Which read point, of which station."""
    mode: tuple[Item, ...] = ()
    look: Look
    picture: tuple[Item, ...]
    """What became of the last scan, or why there can be none."""
    hint: str = ""
    alerts: tuple[str, ...] = ()
    """What is wrong and must be seen whatever is scanned."""
    count: str = ""
    """How many were recorded since something was set."""
    tally: tuple[str, ...] = ()
    lights: tuple[Light, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What the screen is set to."""

    language: str
    timezone: ZoneInfo
    idle: timedelta
    """After so long without a scan a port falls back to LOOK."""
    port: str | None = None
    """The one to show; None is that which was scanned at last."""


def view_of(state: ServiceState | None, now: datetime, habits: Habits) -> View:
    """Return what to show of `state`; None is a service that does not answer."""
    language = habits.language
    if state is None:
        return _nothing(
            word(Word.NOT_RUNNING, language), word(Word.NOT_RUNNING_HOW, language)
        )
    port = _watched(state, now, habits)
    if port is None and habits.port is not None:
        names = ", ".join(one.name for one in state.ports)
        return _nothing(
            word(Word.NO_SUCH_PORT, language, port=habits.port),
            word(Word.PORTS_ARE, language, ports=names) if names else "",
        )
    if port is None:
        return _nothing(word(Word.NO_PORTS, language), "")
    station = awake(port.set, now, habits.idle)
    look, picture = picture_of(
        state, port, station, now, language=language, idle=habits.idle
    )
    return View(
        title=f"{port.read_point} · {state.station}",
        mode=_mode(station, now, habits),
        look=look,
        picture=picture,
        hint=hint(station, language),
        alerts=_alerts(state, port, now, habits),
        count=str(_recorded_count(port)),
        tally=_tally(port, state.waiting_count, habits),
        lights=tuple(_light(one, port, language) for one in state.ports),
    )


def _nothing(said: str, how: str) -> View:
    return View(look=Look.AWAY, picture=(Item(said, 1), Item(how, 2, 0)))


def _watched(state: ServiceState, now: datetime, habits: Habits) -> PortState | None:
    """Return the port to show, or None if there is none.

    Of several, one where somebody must say OK comes first, then that of the newest
    scan: one screen serves a small station whole.
    """
    if habits.port is not None:
        return next((one for one in state.ports if one.name == habits.port), None)
    return max(
        state.ports,
        key=lambda port: (
            _is_stopped(port, now, habits),
            port.last[0].moment.timestamp() if port.last else 0,
        ),
        default=None,
    )


def _is_stopped(port: PortState, now: datetime, habits: Habits) -> bool:
    return scene_of(awake(port.set, now, habits.idle)) is Scene.STOPPED


def _mode(station: Station, now: datetime, habits: Habits) -> tuple[Item, ...]:
    """Return the mode and where it goes to, who scans, and how long it lasts."""
    language = habits.language
    to = station.kit or station.order or station.party or station.place
    if station.condition is not None:
        to = in_words("condition", station.condition.value, language).upper()
    mode = in_words("mode", station.mode.value, language)
    first = f"{mode} {ARROW}{NO_BREAK}{to}" if to else mode
    # Where a narrow terminal cannot have the whole large, it has the mode large, and
    # no line to spare for who scans.
    is_long = not fits_large(first, NARROW)
    who = station.operator or word(Word.NO_OPERATOR, language)
    details = [who] if is_long or station.operator is None else []
    if station.party and station.place:
        details.append(f"@ {station.place}")
    if station.reason is not None:
        details.append(in_words("reason", station.reason, language))
    if station.mode is not Mode.LOOK and station.used_at is not None:
        left_s = max(0, int((station.used_at + habits.idle - now).total_seconds()))
        minutes, seconds = divmod(left_s, 60)
        details.append(
            word(Word.FALLS_BACK, language, minutes=minutes, seconds=seconds)
        )
    return (
        Item(first, 1, short=mode),
        Item("" if who in details else who, 2, is_bold=True),
        Item("  ·  ".join(details), 3, 0),
    )


def _alerts(
    state: ServiceState, shown: PortState, now: datetime, habits: Habits
) -> tuple[str, ...]:
    language = habits.language
    # Readers that follow a scanner stop with it: that is told once, and of the scanner.
    stopped = {
        port.set_at: word(Word.STOPPED_AT, language, read_point=port.read_point)
        for port in sorted(state.ports, key=lambda port: port.name == port.set_at)
        if port.set_at != shown.set_at and _is_stopped(port, now, habits)
    }
    alerts = list(stopped.values())
    if state.house_away:
        alerts.append(word(Word.HOUSE_AWAY, language, count=state.waiting_count))
    if state.failed_count:
        alerts.append(word(Word.FAILED, language, count=state.failed_count))
    return tuple(alerts)


def _recorded_count(port: PortState) -> int:
    """Return how many were recorded since something was set.

    While the database is away nothing is recorded in what was set meanwhile, and what
    is counted still is of before.
    """
    since = port.set.since
    if since is not None and (port.counts_since is None or port.counts_since < since):
        return 0
    return port.counts.get(Outcome.OK, 0)


def _tally(port: PortState, waiting_count: int, habits: Habits) -> tuple[str, ...]:
    """Return what is counted since something was set, and when codes were unknown.

    A scan waits for a moment even while all is well, so that waiting is no alert.
    """
    language, zone = habits.language, habits.timezone
    since = port.counts_since
    if since is None:
        return (COUNTED[language][Outcome.OK],)
    began = word(Word.SINCE, language, time=since.astimezone(zone).strftime(CLOCK))
    others = [
        f"{port.counts[outcome]} {text}"
        for outcome, text in COUNTED[language].items()
        if outcome is not Outcome.OK and port.counts.get(outcome)
    ]
    if waiting_count:
        others.append(word(Word.WAITING, language, count=waiting_count))
    times = [
        scan.moment.astimezone(zone).strftime(CLOCK)
        for scan in port.last
        if scan.outcome is Outcome.UNKNOWN and scan.moment >= since
    ]
    more = "…" if len(times) > UNKNOWN_MAX else ""
    unknown = word(
        Word.UNKNOWN_CODES, language, times=", ".join(times[:UNKNOWN_MAX]) + more
    )
    return (
        f"{COUNTED[language][Outcome.OK]} {began}",
        ", ".join(others),
        unknown if times else "",
    )


def _light(port: PortState, shown: PortState, language: str) -> Light:
    text = port.name if port.is_open else f"{port.name} {word(Word.AWAY, language)}"
    return Light(text=text, is_open=port.is_open, is_watched=port is shown)
