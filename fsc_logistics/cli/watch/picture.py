"""What became of the last scan, as a picture: its colour, and what is said large."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from fsc_logistics.cli.watch.poster import NO_BREAK, Item
from fsc_logistics.cli.watch.state import LastScan, PortState, ServiceState
from fsc_logistics.cli.watch.words import OUTCOMES, WRONG, Word, word
from fsc_logistics.domain.sayings import Say, say
from fsc_logistics.domain.sayings import word as in_words
from fsc_logistics.domain.scenarios import Scene, scene_of
from fsc_logistics.domain.station import Station
from scanner.scan import Outcome

ARROW = "→"
HELD_AT = " @ "
"""Between who has a device and where."""
SYMBOLS = {
    Outcome.OK: "✓",
    Outcome.ALREADY: "=",
    Outcome.REFUSED: "✗",
}
"""Before a device, for those who do not tell the colours apart."""


class Look(StrEnum):
    """The colours of a picture; what each is like, the style sheet says."""

    OK = "ok"
    ALREADY = "already"
    SET = "set"
    LOOKED = "looked"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    STORED = "stored"
    NOT_SAVED = "not-saved"
    READY = "ready"
    AWAY = "away"


_SETS: Mapping[str, str] = {
    Say.CHOSEN: "target",
    Say.CARE_SET: "condition",
    Say.REASON_SET: "reason",
    Say.BADGE_SET: "operator",
}
_COUNTED = {
    Say.COUNTED,
    Say.COUNTED_ALREADY,
    Say.COUNTED_STRAY,
    Say.COUNT_WHOLE,
    Say.COUNT_MISSES,
}
_WHY_IN_MESSAGE = {Say.REFUSED, Say.NOT_KNOWN}
Picture = tuple[Look, tuple[Item, ...]]


def picture_of(
    state: ServiceState,
    port: PortState,
    station: Station,
    now: datetime,
    *,
    language: str,
    idle: timedelta,
) -> Picture:
    """Return what to show of the last scan at `port`.

    What stops all work comes first, then who was told to stop and has not said OK.  A
    scan before the last break says nothing to whoever comes back.
    """
    if not state.is_saving:
        return _not_saved(word(Word.NOT_SAVED_HOW, language), language)
    if scene_of(station) is Scene.STOPPED:
        return Look.REFUSED, _stop(port, language)
    if not port.is_open:
        return Look.AWAY, (
            Item(word(Word.PORT_AWAY, language), 1),
            Item(word(Word.PORT_AWAY_HOW, language, port=port.name), 2, 0),
        )
    newest = port.last[0] if port.last else None
    if newest is None or now - newest.moment > idle:
        return Look.READY, (Item(word(Word.READY, language), 1),)
    match newest.outcome:
        case Outcome.NOT_SAVED:
            return _not_saved(word(Word.SCAN_AGAIN, language), language)
        case Outcome.STORED:
            return Look.STORED, (
                Item(f"{OUTCOMES[language][Outcome.STORED]} {state.waiting_count}", 1),
                Item(word(Word.STORED_HOW, language), 2, 0),
            )
        case Outcome.SET:
            return Look.SET, (
                Item(_what_is_set(newest, station, language), 1),
                Item(said(newest, language), 2, 0),
            )
        case Outcome.UNKNOWN:
            return Look.UNKNOWN, (
                Item(f"?{NO_BREAK}{OUTCOMES[language][Outcome.UNKNOWN]}", 1),
                Item(said(newest, language), 2, 0),
            )
    return Look(newest.outcome.value), _device(newest, language)


def said(scan: LastScan, language: str) -> str:
    """Return what the operator was told, in `language` where that is known.

    >>> from datetime import UTC
    >>> told = LastScan(
    ...     moment=datetime(2026, 5, 1, tzinfo=UTC),
    ...     outcome=Outcome.REFUSED,
    ...     message="Scan the place it moves to first.",
    ...     facts={"say": "move_where"},
    ... )
    >>> said(told, "da")
    'Scan først stedet, det flyttes til.'
    """
    if language == "en":
        return scan.message
    try:
        key = Say(scan.facts["say"])
        told = say(key, language, **scan.facts)
    except (KeyError, ValueError):  # Of another version, or of before a restart.
        return scan.message
    return f"{told} {scan.message}" if key in _WHY_IN_MESSAGE else told


def _not_saved(how: str, language: str) -> Picture:
    return Look.NOT_SAVED, (
        Item(word(Word.NOT_SAVED, language), 1),
        Item(how, 2, 0),
    )


def _stop(port: PortState, language: str) -> tuple[Item, ...]:
    """Return why the operator was told to stop; a scan after it is not why."""
    wrong = next(
        (
            scan
            for scan in port.last
            if scan.outcome is Outcome.REFUSED and scan.facts.get("say") != Say.OK_FIRST
        ),
        None,
    )
    stop = Item(word(Word.STOP, language), 1)
    scan_ok = Item(word(Word.SCAN_OK, language), 5)
    if wrong is None:
        return stop, scan_ok
    return (
        stop,
        Item(_whole(wrong.facts.get("device", "")), 2),
        Item(WRONG[language].get(wrong.facts.get("rule", ""), ""), 3, 1),
        Item(said(wrong, language), 4, 1),
        scan_ok,
    )


def _device(scan: LastScan, language: str) -> tuple[Item, ...]:
    """Return a device, and who had it before and has it now.

    Large is what changed, the custodian or else the place; small stands all of it.
    """
    what = OUTCOMES[language][scan.outcome]
    device = scan.facts.get("device")
    late = word(Word.LATE, language) if scan.is_late else ""
    if device is None:
        return Item(what, 1), Item(said(scan, language), 2, 1), Item(late, 8, 0)
    before, after = scan.facts.get("before", ""), scan.facts.get("after", "")
    after = after or before
    symbol = SYMBOLS.get(scan.outcome)
    moved = before not in ("", after)
    way = _way(before, after) if moved else _whole(after)
    told = said(scan, language)
    if scan.facts.get("say") == Say.HELD_BY:
        # Drawn above; what else there is to it: why it cannot go out, and its kit.
        told = ", ".join(
            filter(None, (scan.facts.get("unfit"), scan.facts.get("kit_words")))
        )
    counted = _counted(scan) if scan.facts.get("say") in _COUNTED else ""
    details = (scan.facts.get("model"), way if moved or counted else "", late)
    return (
        Item(what, 5, 1),
        Item(f"{symbol}{NO_BREAK}{device}" if symbol else device, 1),
        Item(counted or _way(*_changed(before, after)), 2)
        if moved or counted
        else Item(way, 2, short=after.partition(HELD_AT)[0]),
        Item(told, 3, 1),
        Item("  ·  ".join(filter(None, details)), 7, 0),
    )


def _way(before: str, after: str) -> str:
    return f"{_whole(before)} {ARROW}{NO_BREAK}{_whole(after)}"


def _changed(before: str, after: str) -> tuple[str, str]:
    """Return the custodians of two answers where they differ, else the places.

    >>> _changed("DEPOT @ H-B", "ANNA @ VAN"), _changed("DEPOT @ H-B", "DEPOT @ H-C")
    (('DEPOT', 'ANNA'), ('H-B', 'H-C'))
    """
    whose, _, where = before.partition(HELD_AT)
    whose_now, _, where_now = after.partition(HELD_AT)
    return (whose, whose_now) if whose != whose_now else (where, where_now)


def _what_is_set(scan: LastScan, station: Station, language: str) -> str:
    """Return what a card has changed: that alone, for the rest stands above it."""
    key = scan.facts.get("say", "")
    if key in _COUNTED:
        return _counted(scan)
    if key == Say.UNDERSTOOD:
        return "OK"
    name = _SETS.get(key, "")
    code = scan.facts.get(name) or station.mode.value
    return in_words(name if name in scan.facts else "mode", code, language).upper()


def _counted(scan: LastScan) -> str:
    return f"{scan.facts.get('found', '')} / {scan.facts.get('expected', '')}"


def _whole(text: str) -> str:
    return text.replace(" ", NO_BREAK)
