"""Facts that contradict what the ledger knew: they are recorded, and somebody is told.

A scan says what is, so it is never refused for being unlikely.  What it contradicts
waits among the exceptions, each with what to do about it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from fsc_logistics.domain.care import Condition, Flag, in_words
from fsc_logistics.domain.custody import CLOCK_SKEW_MAX
from fsc_logistics.domain.numbers import counted
from fsc_logistics.domain.parties import LENT_AT, LENT_TO, LocationKind, PartyKind

DRIVEN_M_PER_S = 130_000 / 3600
"""Nobody gets on faster than a motorway allows, in a straight line."""
JOURNEY_MAX = timedelta(hours=12)
"""After so long one can be anywhere the centre serves."""
HOLDERS_ELSEWHERE = frozenset({PartyKind.CITIZEN, PartyKind.SUPPLIER})
"""Whose own devices are none of ours, where the settings name no owners."""


class ExceptionKind(StrEnum):
    """What waits for somebody, and why."""

    UNKNOWN_CODE = "unknown_code"
    """A scan of what names nothing; it is held."""
    REFUSED_SCAN = "refused_scan"
    """A scan of a device that could not be recorded as it was made; it is held."""
    FROM_THE_FUTURE = "from_the_future"
    """A scan by a clock that is ahead of the ledger's; it is held."""
    SCRAPPED_ALIVE = "scrapped_alive"
    MISSING_FOUND = "missing_found"
    RECALLED_HANDED_OUT = "recalled_handed_out"
    NOT_READY_HANDED_OUT = "not_ready_handed_out"
    FOREIGN_OWNER = "foreign_owner"
    IMPOSSIBLE_JOURNEY = "impossible_journey"
    NOT_SEEN = "not_seen"
    """A count of a place has not seen what should have been there."""


class Unrecordable(StrEnum):
    """Why a held scan can be dealt with, and never recorded after all."""

    PERSONAL = "personal"
    """What was scanned was somebody's number, and was not kept."""
    CARD = "card"
    NOTHING_SET = "nothing_set"
    """The station was asked, and told nothing, when it was scanned."""


BAD_TONE = frozenset(
    {
        ExceptionKind.SCRAPPED_ALIVE,
        ExceptionKind.RECALLED_HANDED_OUT,
        ExceptionKind.NOT_READY_HANDED_OUT,
    }
)
"""What whoever holds the device must not go on with."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What a recorded fact about a device contradicts."""

    kind: ExceptionKind
    detail: str
    """In words, with codes alone."""


class Owner(NamedTuple):
    """Whose device it is."""

    code: str
    kind: str
    municipality: str | None


class Arrival(NamedTuple):
    """A device as the ledger knew it, and where a fact says it has come."""

    device: str
    condition: str | None
    flags: frozenset[str]
    owner: Owner
    custodian_before: str | None
    custodian: str
    custodian_kind: str
    municipality: str | None
    """Where the custodian lives; decided on, never told."""
    location: str
    location_kind: str
    stated: str | None = None
    """The condition the fact itself states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """Two places the same device was seen at, one after the other."""

    device: str
    origin: str
    target: str
    left: datetime
    arrived: datetime
    distance_m: float


def is_lent_at(custodian_kind: str, location_kind: str) -> bool:
    """Return whether who has a device there uses it, rather than keeps it."""
    return custodian_kind in LENT_TO or location_kind in LENT_AT


def contradictions(
    arrival: Arrival, owners: frozenset[str] = frozenset()
) -> Iterator[Contradiction]:
    """Yield what the arrival of a device contradicts.

    `owners` are those whose devices the centre works with; where none are named, a
    citizen's or supplier's own device is a stranger, and so is a municipality's with a
    citizen of another.
    """
    tag, place = arrival.device, arrival.location
    if arrival.condition == Condition.SCRAPPED:
        if arrival.location_kind != LocationKind.RETIRED:
            yield Contradiction(
                ExceptionKind.SCRAPPED_ALIVE, f"{tag} is scrapped, and is at {place}."
            )
    elif _is_handed_out(arrival):
        yield from _handed_out(arrival)
    if Flag.MISSING in arrival.flags and arrival.location_kind != LocationKind.LOST:
        yield Contradiction(
            ExceptionKind.MISSING_FOUND,
            f"{tag} is flagged as missing, and is at {place}.",
        )
    if _is_foreign(arrival, owners):
        yield Contradiction(
            ExceptionKind.FOREIGN_OWNER,
            f"{tag} belongs to {arrival.owner.code}, and {arrival.custodian} has it at"
            f" {place}.",
        )


def impossible_journey(leg: Leg) -> Contradiction | None:
    """Return what is wrong with a journey nobody can drive; None where one can.

    Two stations' clocks may differ by what the ledger believes, so that much is given.
    """
    took = leg.arrived - leg.left
    reach_m = (took + CLOCK_SKEW_MAX).total_seconds() * DRIVEN_M_PER_S
    if leg.distance_m <= reach_m:
        return None
    minutes = max(1, round(took.total_seconds() / 60))
    later = counted(minutes, "minute")
    return Contradiction(
        ExceptionKind.IMPOSSIBLE_JOURNEY,
        f"{leg.device} was at {leg.origin}, and {later} later at {leg.target}, which is"
        " further than one can drive.",
    )


def what_to_do(
    kind: ExceptionKind, name: str, device: str | None, event: str | None
) -> str:
    """Return what can be done about the exception called `name`.

    Whoever has done it is done with the exception too.
    """
    return _TODO[kind].format(name=name, device=device, event=event)


def what_to_do_with_card(name: str) -> str:
    """Return what can be done about a scan where not its own code was unknown."""
    return (
        "Register what was set when this was scanned, then: fsc exceptions record"
        f" {name}; or say where the device is (fsc move), then: fsc exceptions resolve"
        f" {name} --how TEXT"
    )


def what_to_do_without_record(why: Unrecordable, name: str) -> str:
    """Return what can be done about the held scan called `name`."""
    done = _TODO_WITHOUT_RECORD[why]
    return f"{done}, then: fsc exceptions resolve {name} --how TEXT"


_TODO = {
    ExceptionKind.UNKNOWN_CODE: (
        "Register what it is, or link the code to its device (fsc device link), then:"
        " fsc exceptions record {name}"
    ),
    ExceptionKind.REFUSED_SCAN: (
        "Put right what it says, then: fsc exceptions record {name}; or say where the"
        " device is (fsc move), then: fsc exceptions resolve {name} --how TEXT"
    ),
    ExceptionKind.FROM_THE_FUTURE: (
        "Set the station's clock right, then record it at the true time:"
        " fsc exceptions record {name} --at TIME"
    ),
    ExceptionKind.SCRAPPED_ALIVE: (
        "Put it aside, then: fsc exceptions resolve {name} --how TEXT; if it is fit"
        " after all: fsc condition set ready {device} --why TEXT; if it was not this"
        " one: fsc undo {event}"
    ),
    ExceptionKind.MISSING_FOUND: (
        "If it is the one: fsc flag lower missing {device} --why TEXT; if it is not:"
        " fsc undo {event}"
    ),
    ExceptionKind.RECALLED_HANDED_OUT: (
        "Fetch it back: fsc order place CITIZEN PICKUP --device {device}; if the recall"
        " is over: fsc flag lower recalled {device} --why TEXT; then: fsc exceptions"
        " resolve {name} --how TEXT"
    ),
    ExceptionKind.NOT_READY_HANDED_OUT: (
        "Ask whether it was looked at. If so: fsc condition set ready {device}; if not,"
        " fetch it back: fsc order place CITIZEN PICKUP --device {device}; then:"
        " fsc exceptions resolve {name} --how TEXT"
    ),
    ExceptionKind.FOREIGN_OWNER: (
        "Give it back to its owner, or see whether the register is wrong (fsc device"
        " show {device}), then: fsc exceptions resolve {name} --how TEXT"
    ),
    ExceptionKind.NOT_SEEN: (
        "Look for it, and scan it where it is: that ends this. If it cannot be found:"
        " fsc flag raise missing {device} --why TEXT; if the count was wrong: fsc undo"
        " {event}"
    ),
    ExceptionKind.IMPOSSIBLE_JOURNEY: (
        "Find out which of the two is wrong (fsc history {device}). If this one:"
        " fsc undo {event}; if the other, correct that, then: fsc exceptions resolve"
        " {name} --how TEXT"
    ),
}
_TODO_WITHOUT_RECORD = {
    Unrecordable.PERSONAL: (
        "A personal number was scanned, and not kept. Tell who scans there"
    ),
    Unrecordable.CARD: "Register what the card names, or put the card away",
    Unrecordable.NOTHING_SET: (
        "Nothing was set that could be recorded. Find out what it is, link or register"
        " it where it is not known (fsc device link), and say where it is (fsc move)"
    ),
}


def _is_handed_out(arrival: Arrival) -> bool:
    if arrival.custodian == arrival.custodian_before:
        return False
    return is_lent_at(arrival.custodian_kind, arrival.location_kind)


def _handed_out(arrival: Arrival) -> Iterator[Contradiction]:
    tag, to = arrival.device, arrival.custodian
    if Flag.RECALLED in arrival.flags:
        yield Contradiction(
            ExceptionKind.RECALLED_HANDED_OUT,
            f"{tag} is recalled, and was handed to {to}.",
        )
    condition = arrival.stated or arrival.condition
    if condition != Condition.READY:
        yield Contradiction(
            ExceptionKind.NOT_READY_HANDED_OUT,
            f"{tag} is {in_words(condition)}, and was handed to {to}.",
        )


def _is_foreign(arrival: Arrival, owners: frozenset[str]) -> bool:
    owner = arrival.owner
    if arrival.custodian == owner.code:
        return False
    if owners:
        return owner.code not in owners
    if owner.kind in HOLDERS_ELSEWHERE:
        return True
    return (
        owner.kind == PartyKind.MUNICIPALITY
        and arrival.custodian_kind == PartyKind.CITIZEN
        and None not in (owner.municipality, arrival.municipality)
        and owner.municipality != arrival.municipality
    )
