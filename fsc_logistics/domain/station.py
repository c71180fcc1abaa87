"""What a row of scans at one read point means: the mode, and where things go.

A station's state travels with each scan as text.  It depends on nothing but the scans
before it, so a mode set while the database was away holds for the scans behind it.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fsc_logistics.domain.cards import (
    MODE_PREFIX,
    BadCard,
    Card,
    EndCard,
    Mode,
    ModeCard,
    Target,
    TargetCard,
    read_card,
)
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.people import looks_like_cpr

UNDO_WITHIN = timedelta(minutes=2)
"""A scan may be undone by card for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """What is set at a read point."""

    mode: Mode = Mode.LOOK
    place: str | None = None
    party: str | None = None
    order: str | None = None
    used_at: datetime | None = None


def read_station(context: str) -> Station:
    """Return the station that `context` tells of; a fresh one for an unknown text."""
    try:
        told = json.loads(context) if context else {}
        used_at = told.get("used_at")
        return Station(
            mode=Mode(told.get("mode", Mode.LOOK)),
            place=told.get("place"),
            party=told.get("party"),
            order=told.get("order"),
            used_at=datetime.fromisoformat(used_at) if used_at else None,
        )
    except (ValueError, AttributeError, TypeError):
        # Written by another version: asking again is safe, guessing is not.
        return Station()


def write_station(station: Station) -> str:
    """Return `station` as text for the next scan."""
    told = {
        "mode": station.mode.value,
        "place": station.place,
        "party": station.party,
        "order": station.order,
        "used_at": station.used_at.isoformat() if station.used_at else None,
    }
    return json.dumps({name: value for name, value in told.items() if value})


def awake(station: Station, now: datetime, idle: timedelta) -> Station:
    """Return the station as a scan at `now` finds it: idle for too long means LOOK.

    Whoever comes back after a break does not book devices where the one before left
    off.
    """
    if station.used_at is not None and now - station.used_at > idle:
        return Station()
    return station


def after_card(station: Station, card: Card, now: datetime) -> Station:
    """Return the station after a card.

    A mode forgets what was chosen.  OUT goes to one thing: a new target replaces the
    former.  MOVE takes a place, and a party who has what stands there.  A target that
    the mode has no use for is refused, and changes nothing.
    """
    match card:
        case ModeCard(mode):
            return Station(mode=mode, used_at=now)
        case EndCard():
            return Station(used_at=now)
        case BadCard(text) if text.startswith(MODE_PREFIX):
            # Whoever wants a mode we do not know does not want the one before it.
            return Station(used_at=now)
        case TargetCard(code=code) if looks_like_cpr(code):
            # Somebody's number is no code of ours, and is not to be carried along.
            return replace(station, used_at=now)
        case TargetCard(target, code) if target in _TAKES[station.mode]:
            # A place and a party may be told one after the other where something moves.
            kept = station if station.mode is Mode.MOVE else Station()
            if target is Target.ORDER:
                return Station(mode=station.mode, order=code, used_at=now)
            return Station(
                mode=station.mode,
                place=code if target is Target.PLACE else kept.place,
                party=code if target is Target.PARTY else kept.party,
                used_at=now,
            )
        case _:
            return replace(station, used_at=now)


def advance(context: str, text: str, moment: datetime, *, idle: timedelta) -> str:
    """Return the context after a scan of `text` at `moment`; it never fails."""
    station = awake(read_station(context), moment, idle)
    card = read_card(text)
    if card is not None:
        return write_station(after_card(station, card, moment))
    return write_station(replace(station, used_at=moment))


_TAKES = {
    Mode.LOOK: (),
    Mode.IN: (Target.PLACE,),
    Mode.OUT: (Target.PLACE, Target.PARTY, Target.ORDER),
    Mode.MOVE: (Target.PLACE, Target.PARTY),
}


def check_target(station: Station, target: Target) -> None:
    """Refuse a target card that the mode has no use for.

    Raises:
        Refused: with what to scan instead.
    """
    if station.mode is Mode.IN and target is not Target.PLACE:
        raise Refused("IN takes a place card only; for a person, scan OUT first.")
    if station.mode is Mode.MOVE and target is Target.ORDER:
        raise Refused("MOVE takes a place card; for an order, scan OUT first.")


def check_destination(station: Station) -> None:
    """Refuse a device scanned before it is known where it goes.

    Raises:
        Refused: with what to scan first.
    """
    if station.mode is Mode.OUT and not (
        station.place or station.party or station.order
    ):
        raise Refused("Scan where it goes first: a person, a place or an order.")
    if station.mode is Mode.MOVE and not station.place:
        raise Refused("Scan the place it moves to first.")
