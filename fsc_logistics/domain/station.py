"""What a row of scans at one read point means: the mode, and where things go.

A station's state travels with each scan as text.  It depends on nothing but the scans
before it, so a mode set while the database was away holds for the scans behind it.
What may be scanned in it, and what to say where it may not, is in `domain.scenarios`.
"""

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from fsc_logistics.domain.cards import (
    CARE_PREFIX,
    MODE_PREFIX,
    NOT_KEPT,
    REASON_PREFIX,
    BadCard,
    BadgeCard,
    Card,
    CareCard,
    EndCard,
    Mode,
    ModeCard,
    OkCard,
    ReasonCard,
    Target,
    TargetCard,
    holds_codes_only,
    read_card,
)
from fsc_logistics.domain.care import Condition, ReturnReason
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.identifiers import without_aim

UNDO_WITHIN = timedelta(minutes=2)
"""A scan may be undone by card for so long."""
TAKES = {
    Mode.LOOK: (),
    Mode.IN: (Target.PLACE,),
    Mode.OUT: (Target.PLACE, Target.PARTY, Target.ORDER, Target.KIT),
    Mode.MOVE: (Target.PLACE, Target.PARTY),
    Mode.COUNT: (Target.PLACE,),
    Mode.CARE: (),
    Mode.BUILD: (Target.KIT,),
}
"""What may be chosen in a mode.  LOOK answers what a card names, and keeps nothing."""
INSTEAD_MAX = 8
"""Whoever has scanned more that names nothing is told to scan the kit's card."""
REASONED = (Mode.IN, Mode.CARE)
"""Where it may be said why."""
_LETTER_AND_DIGIT = re.compile(r"(?=.*[A-Z])(?=.*[0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """What is set at a read point."""

    mode: Mode = Mode.LOOK
    place: str | None = None
    party: str | None = None
    order: str | None = None
    """An order, or the stop of a run."""
    kit: str | None = None
    """The tag of its case, as it was scanned."""
    instead: tuple[str, ...] = ()
    """What was scanned after it: the kit, where what was scanned before names none."""
    condition: Condition | None = None
    reason: ReturnReason | None = None
    operator: str | None = None
    """Who scans here and signs; a code of a party."""
    held: bool = False
    """The operator was told to stop, and has not said OK yet."""
    missed: bool = False
    """Something was scanned meanwhile, or before it was set what becomes of it, and
    waits to be scanned again."""
    since: datetime | None = None
    """When the mode, or what is chosen in it, was set last: when a count began."""
    used_at: datetime | None = None

    @property
    def is_set(self) -> bool:
        """Whether it is set what becomes of a device, in a mode that needs it said."""
        match self.mode:
            case Mode.OUT:
                return any((self.place, self.party, self.order, self.kit))
            case Mode.MOVE:
                return self.place is not None
            case Mode.CARE:
                return self.condition is not None
            case Mode.BUILD:
                return self.kit is not None
            case _:
                return True


CONTEXTS_MAX = 512
"""So many contexts are known by heart: each is read when its scan is journaled and when
it is recorded, and in a crate of tags a hundred others are in between."""


@lru_cache(maxsize=CONTEXTS_MAX)
def read_station(context: str) -> Station:
    """Return the station that `context` tells of; a fresh one for an unknown text."""
    try:
        told = json.loads(context) if context else {}
        return Station(
            mode=Mode(told.get("mode", Mode.LOOK)),
            **{name: told.get(name) for name in _TEXTS},
            instead=tuple(map(str, told.get("instead", ()))),
            condition=_told(Condition, told.get("condition")),
            reason=_told(ReturnReason, told.get("reason")),
            held=bool(told.get("held")),
            missed=bool(told.get("missed")),
            since=_told(datetime.fromisoformat, told.get("since")),
            used_at=_told(datetime.fromisoformat, told.get("used_at")),
        )
    except (ValueError, AttributeError, TypeError):
        # Written by another version: asking again is safe, guessing is not.
        return Station()


def write_station(station: Station) -> str:
    """Return `station` as text for the next scan."""
    told = {
        "mode": station.mode.value,
        **{name: getattr(station, name) for name in _TEXTS},
        "instead": station.instead,
        "condition": station.condition.value if station.condition else None,
        "reason": station.reason.value if station.reason else None,
        "held": station.held,
        "missed": station.missed,
        "since": station.since.isoformat() if station.since else None,
        "used_at": station.used_at.isoformat() if station.used_at else None,
    }
    return json.dumps({name: value for name, value in told.items() if value})


def awake(station: Station, now: datetime, idle: timedelta) -> Station:
    """Return the station as a scan at `now` finds it: idle for too long means LOOK.

    Whoever comes back after a break does not book devices where the one before left
    off, nor in their name.  Nor does anyone once the clock was set back: nobody knows
    how long it was then.
    """
    if station.used_at is not None and abs(now - station.used_at) > idle:
        return Station()
    return station


def after_card(station: Station, card: Card, now: datetime) -> Station:
    """Return the station after a card.

    A mode forgets what was chosen, and END forgets the mode; who scans here stays, and
    whoever was told to stop must say OK first.  A card that the mode has no use for is
    refused (`domain.scenarios`), and changes nothing.
    """
    match card:
        case ModeCard(mode):
            return _anew(station, now, mode=mode)
        case CareCard(condition):
            return _anew(station, now, mode=Mode.CARE, condition=condition)
        case EndCard():
            return _anew(station, now)
        case OkCard():
            return replace(station, held=False, used_at=now)
        case ReasonCard(reason) if station.mode in REASONED:
            return replace(station, reason=reason, used_at=now)
        case BadCard(text) if text.startswith((MODE_PREFIX, CARE_PREFIX)):
            # Whoever wants a mode we do not know does not want the one before it.
            return _anew(station, now)
        case BadCard(text) if text.startswith(REASON_PREFIX):
            return replace(station, reason=None, used_at=now)
        case BadgeCard() if not holds_codes_only(card):
            return replace(station, used_at=now)
        case BadgeCard(code):
            return _after_badge(station, code, now)
        case TargetCard(target, code) if target in TAKES[station.mode]:
            if not holds_codes_only(card):
                # Not to be carried along; nor is what was chosen before it meant.
                code = NOT_KEPT
            return _after_target(station, target, code, now)
        case _:
            return replace(station, used_at=now)


def advance(context: str, text: str, moment: datetime, *, idle: timedelta) -> str:
    """Return the context after a scan of `text` at `moment`; it never fails."""
    station = awake(read_station(context), moment, idle)
    card = read_card(text)
    if card is not None:
        return write_station(after_card(station, card, moment))
    if names_kit(station, text) and not station.held:
        return write_station(_after_kit(station, without_aim(text.strip()), moment))
    waits = station.mode is not Mode.LOOK and (station.held or not station.is_set)
    missed = station.missed or waits
    return write_station(replace(station, missed=missed, used_at=moment))


def hold(context: str) -> str:
    """Return the context once the operator was told to stop; it never fails."""
    return write_station(replace(read_station(context), held=True))


def names_kit(station: Station, text: str) -> bool:
    """Tell whether a device scanned in this state may be the kit that is built.

    The first one in BUILD is, where the code could be a tag of ours.  Others are not:
    what is kept here is shown, and a foreign code may say anything.  Nobody knows here
    whether a code names a device, so those after it are kept too: the kit is the first
    that does.
    """
    if station.mode is not Mode.BUILD or len(station.instead) >= INSTEAD_MAX:
        return False
    code = without_aim(text.strip()).upper()
    return bool(_LETTER_AND_DIGIT.match(code) and shown_code(code, ""))


def _anew(
    station: Station,
    now: datetime,
    mode: Mode = Mode.LOOK,
    condition: Condition | None = None,
) -> Station:
    return Station(
        mode=mode,
        condition=condition,
        operator=station.operator,
        held=station.held,
        missed=station.missed,
        since=now,
        used_at=now,
    )


def _after_badge(station: Station, code: str, now: datetime) -> Station:
    """Return the station once somebody has said who they are.

    Whoever takes over from another begins anew, and not in what that one had set.
    """
    if station.operator in (None, code):
        return replace(station, operator=code, used_at=now)
    return replace(_anew(station, now), operator=code)


def _after_target(
    station: Station, target: Target, code: str, now: datetime
) -> Station:
    """Return the station once it is chosen where things go.

    OUT goes to one thing: a new target replaces the former.  MOVE takes a place, and a
    party who has what stands there, one after the other.
    """
    chosen: dict[str, Any] = dict.fromkeys(("place", "party", "order", "kit"))
    if station.mode is Mode.MOVE:
        chosen |= {"place": station.place, "party": station.party}
    chosen |= {target.value: code, "instead": ()}
    return replace(station, **chosen, since=now, used_at=now)


def _after_kit(station: Station, code: str, now: datetime) -> Station:
    """Return the station once what may be the kit was scanned, or a part after it."""
    if station.kit is None:
        return replace(station, kit=code, since=now, used_at=now)
    kept = station.instead
    if code not in (station.kit, *kept):
        kept = (*kept, code)
    return replace(station, instead=kept, used_at=now)


def _told(kind: Any, text: str | None) -> Any:
    return kind(text) if text else None


_TEXTS = ("place", "party", "order", "kit", "operator")
