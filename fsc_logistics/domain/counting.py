"""Counts of a place: what was seen there against what should have been."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from fsc_logistics.domain.cards import (
    Card,
    CareCard,
    EndCard,
    Mode,
    ModeCard,
    Target,
    TargetCard,
)
from fsc_logistics.domain.identifiers.epc import is_epc
from fsc_logistics.domain.kits import NAMED_MAX, MovesBy
from fsc_logistics.domain.station import Station

CONTINUED_WITHIN = timedelta(minutes=30)
"""A count that nobody ended goes on where its place is chosen again so soon."""


class Result(StrEnum):
    """What a count says of one device."""

    FOUND = "found"
    """It was where it should be: at the place, or at one inside it."""
    STRAY = "stray"
    """The ledger had it elsewhere; it is here now."""
    MISSING = "missing"
    """It should have been here, from beginning to end, and was not seen."""


class CountState(StrEnum):
    """How far a count has come."""

    OPEN = "open"
    """It goes on with the next scan."""
    ENDED = "ended"
    LEFT = "left"
    """Nobody ended it, and it is too late: it says nothing of what it has not seen."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A part of a kit, by numbers, and what must be scanned for that kit to move."""

    part: int
    kit: int
    moves_by: MovesBy


def ends_count(station: Station, card: Card) -> bool:
    """Tell whether a card ends the count that is set: END, another mode or place.

    The card of the same place again does not: it goes on.  Nor does silence, after
    which nobody knows whether all was scanned.
    """
    if station.mode is not Mode.COUNT:
        return False
    match card:
        case EndCard() | ModeCard() | CareCard():
            return True
        case TargetCard(Target.PLACE, code):
            return code != station.place
        case _:
            return False


def is_listed_only(station: Station, text: str) -> bool:
    """Tell whether an unknown code is listed with the count, and waits for nobody.

    A reader sees every tag around, on clothes and parcels too.
    """
    return station.mode is Mode.COUNT and is_epc(text)


def some_of(tags: Sequence[str]) -> str:
    """Return some of many tags in one line, and how many more there are.

    >>> some_of(["A-1", "A-2"]), some_of(["A-1", "A-2", "A-3", "A-4"])
    ('A-1, A-2', 'A-1, A-2, A-3 +1')
    """
    shown = ", ".join(tags[:NAMED_MAX])
    more = len(tags) - NAMED_MAX
    return f"{shown} +{more}" if more > 0 else shown


def found_with_kit(
    seen: Mapping[int, Result], unseen: Collection[int], packed: Collection[Packed]
) -> set[int]:
    """Return those of `unseen` that are found with what was seen of their kit.

    What moves with its case is in it, and nobody opens it to count.

    >>> case = Packed(part=2, kit=1, moves_by=MovesBy.CASE)
    >>> found_with_kit({1: Result.FOUND}, {2, 3}, [case])
    {2}
    >>> found_with_kit({2: Result.FOUND}, {1}, [case])
    set()
    """
    kits = {one.kit for one in packed if one.moves_by is not MovesBy.EACH}
    whole = {kit for kit in kits if kit in seen}
    whole |= {
        one.kit for one in packed if one.moves_by is MovesBy.ANY and one.part in seen
    }
    together = whole | {one.part for one in packed if one.kit in whole}
    return together & set(unseen)
