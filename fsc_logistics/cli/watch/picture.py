"""What became of the last scan, as a picture: its colour, and what is said large."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from fsc_logistics.cli.watch.device import (
    COUNTED,
    counted_of,
    device_items,
    said,
    whole,
)
from fsc_logistics.cli.watch.poster import NO_BREAK, Item
from fsc_logistics.cli.watch.state import LastScan, PortState, ServiceState
from fsc_logistics.cli.watch.words import OUTCOMES, WRONG, Word, word
from fsc_logistics.domain.sayings import Say
from fsc_logistics.domain.sayings import word as in_words
from fsc_logistics.domain.scenarios import Scene, scene_of
from fsc_logistics.domain.station import Station
from scanner.scan import Outcome


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
    return Look(newest.outcome.value), device_items(newest, language)


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
    # The hint below says so too: in a low terminal the tag is large instead.
    scan_ok = Item(word(Word.SCAN_OK, language), 5, gives_way=True)
    if wrong is None:
        return stop, scan_ok
    return (
        stop,
        Item(whole(wrong.facts.get("device", "")), 2),
        Item(WRONG[language].get(wrong.facts.get("rule", ""), ""), 3, 1),
        Item(said(wrong, language), 4, 1),
        scan_ok,
    )


def _what_is_set(scan: LastScan, station: Station, language: str) -> str:
    """Return what a card has changed: that alone, for the rest stands above it."""
    key = scan.facts.get("say", "")
    if key in COUNTED:
        return counted_of(scan)
    if key == Say.UNDERSTOOD:
        return "OK"
    name = _SETS.get(key, "")
    code = scan.facts.get(name) or station.mode.value
    return in_words(name if name in scan.facts else "mode", code, language).upper()
