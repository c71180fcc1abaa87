"""Custody: who has a device, where and since when, and what may be recorded of it.

The words are those of GS1 EPCIS 2.0 and its Core Business Vocabulary (CBV 2.0).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.parties import LocationKind

CLOCK_SKEW_MAX = timedelta(minutes=5)
"""How far ahead of the ledger's clock an event may be and still be believed."""


class EventKind(StrEnum):
    """What an event of the ledger says."""

    OBJECT = "object"
    """Where devices now are and who has them (EPCIS ObjectEvent)."""
    AGGREGATION = "aggregation"
    """Which kit devices now belong to (EPCIS AggregationEvent)."""
    DECLARATION = "declaration"
    """That an earlier event is wrong (EPCIS errorDeclaration)."""
    CONDITION = "condition"
    """What condition devices are in from now on."""
    FLAG = "flag"
    """That a flag of devices is raised or lowered (EPCIS persistentDisposition)."""
    STOCK = "stock"
    """How many of which lots went from one place to another."""
    COUNT = "count"
    """How many of which lots were found at a place."""
    STOCKTAKE = "stocktake"
    """Which devices were looked for at a place, and not seen."""
    HELD = "held"
    """That a scan could not be recorded, and waits among the exceptions."""
    RAISED = "raised"
    """What an earlier event contradicts; it waits among the exceptions."""
    RESOLUTION = "resolution"
    """How something that waited among the exceptions was dealt with."""


ABOUT_EXCEPTIONS = (EventKind.HELD, EventKind.RAISED, EventKind.RESOLUTION)
"""What such events say is not where devices are or how, and it stays."""


class BizStep(StrEnum):
    """The business step an event was part of (CBV 2.0, section 7.1)."""

    COMMISSIONING = "commissioning"
    RECEIVING = "receiving"
    STORING = "storing"
    PICKING = "picking"
    LOADING = "loading"
    DEPARTING = "departing"
    INSTALLING = "installing"
    COLLECTING = "collecting"
    SHIPPING = "shipping"
    REPAIRING = "repairing"
    ASSEMBLING = "assembling"
    DISASSEMBLING = "disassembling"
    INSPECTING = "inspecting"
    HOLDING = "holding"
    STOCK_TAKING = "stock_taking"
    CYCLE_COUNTING = "cycle_counting"
    DECOMMISSIONING = "decommissioning"
    OTHER = "other"


class Disposition(StrEnum):
    """The state an event leaves a device in (CBV 2.0, section 7.2; two of our own)."""

    ACTIVE = "active"
    AVAILABLE = "available"
    IN_TRANSIT = "in_transit"
    ON_LOAN = "on_loan"
    """Ours: with a citizen or on a ward."""
    RETURNED = "returned"
    DAMAGED = "damaged"
    UNKNOWN = "unknown"
    """Nobody knows where it is."""
    RETIRED = "retired"
    """Ours: out of use for good."""


class WrongBecause(StrEnum):
    """Why an event is declared wrong (CBV 2.0, section 7.6)."""

    DID_NOT_OCCUR = "did_not_occur"
    INCORRECT_DATA = "incorrect_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who writes into the ledger, at which station, and when that is."""

    station: str
    actor: str
    record_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Devices change hands: where they are and who has them from `event_time` on.

    Everything is named by its code.  Without a custodian the keeper of the location
    has them; without a step or disposition those that fit the location are used.
    """

    uid: str
    devices: tuple[str, ...]
    location: str
    event_time: datetime
    custodian: str | None = None
    biz_step: BizStep | None = None
    disposition: Disposition | None = None
    condition: Condition | None = None
    """What condition this leaves them in; without one it stays as it is, but what
    comes to a place of retired devices is scrapped."""
    document: str | None = None
    """The order or run this belongs to."""
    read_point: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """Who has a device, where, since when: one answer of the ledger."""

    device: str
    model: str
    custodian: str
    custodian_kind: str
    location: str
    since: datetime
    until: datetime | None
    """`None` while it lasts."""
    biz_step: str
    disposition: str
    """What state it is in: its condition, where that is not `ready`."""
    event: str
    condition: str | None = None
    """`None` where nobody has ever said."""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event in the history of one device."""

    event: str
    event_time: datetime
    record_time: datetime
    biz_step: str
    disposition: str | None
    """With custodian and location, `None` where the event is about a kit."""
    custodian: str | None
    location: str | None
    station: str
    declared_wrong: str | None
    """Why it is wrong, for this device, or `None`."""
    condition: str | None = None
    """The condition it left the device in, where it said."""
    flag: str | None = None
    raised: bool | None = None
    """Whether the flag was raised or lowered, where there is one."""
    reason: str | None = None
    """Why, in the words of whoever recorded it."""
    actor: str
    """Who recorded it, at `station`."""
    declared_by: str | None = None
    """With the moment, who declared it wrong, where somebody did."""
    declared_at: datetime | None = None


_AT = {
    LocationKind.WAREHOUSE: (BizStep.STORING, Disposition.AVAILABLE),
    LocationKind.ZONE: (BizStep.STORING, Disposition.AVAILABLE),
    LocationKind.SHELF: (BizStep.STORING, Disposition.AVAILABLE),
    LocationKind.BIN: (BizStep.STORING, Disposition.AVAILABLE),
    LocationKind.VEHICLE: (BizStep.LOADING, Disposition.IN_TRANSIT),
    LocationKind.HOME: (BizStep.INSTALLING, Disposition.ON_LOAN),
    LocationKind.WARD: (BizStep.INSTALLING, Disposition.ON_LOAN),
    LocationKind.SUPPLIER: (BizStep.SHIPPING, Disposition.IN_TRANSIT),
    LocationKind.LOST: (BizStep.OTHER, Disposition.UNKNOWN),
    LocationKind.RETIRED: (BizStep.DECOMMISSIONING, Disposition.RETIRED),
}


def usual_step(kind: LocationKind) -> tuple[BizStep, Disposition]:
    """Return what coming to such a place usually means."""
    return _AT[kind]


def usual_condition(kind: LocationKind) -> Condition | None:
    """Return the condition that coming to such a place leaves a device in, if any."""
    return Condition.SCRAPPED if kind is LocationKind.RETIRED else None


CONDITION_STEP = {
    Condition.READY: BizStep.INSPECTING,
    Condition.RETURNED: BizStep.RECEIVING,
    Condition.CLEANING: BizStep.OTHER,
    Condition.QUARANTINE: BizStep.HOLDING,
    Condition.REPAIR: BizStep.REPAIRING,
    Condition.SCRAPPED: BizStep.DECOMMISSIONING,
}
"""The business step that leaves a device in a condition."""

FIRST_FORM_CONDITION = {
    Disposition.ACTIVE: Condition.READY,
    Disposition.AVAILABLE: Condition.READY,
    Disposition.RETURNED: Condition.RETURNED,
    Disposition.DAMAGED: Condition.QUARANTINE,
    Disposition.RETIRED: Condition.SCRAPPED,
}
"""What the dispositions of the first form of events said of the condition."""

_WORDS = {Condition.SCRAPPED: Disposition.RETIRED.value}
_YIELDING = (Disposition.ACTIVE, Disposition.AVAILABLE, Disposition.IN_TRANSIT)


def shown_disposition(said: str, condition: str | None) -> str:
    """Return the state of a device whose last custody event `said` a disposition.

    On a shelf it is only available where it is ready; on its way it is what will have
    to be done with it.

    >>> shown_disposition("available", "cleaning")
    'cleaning'
    >>> shown_disposition("on_loan", "returned")
    'on_loan'
    """
    if condition in (None, Condition.READY) or said not in _YIELDING:
        return said
    return _WORDS.get(Condition(condition), condition)


def check_time(event_time: datetime, record_time: datetime) -> None:
    """Refuse an event from the future.

    Raises:
        Refused: it is more than `CLOCK_SKEW_MAX` ahead of the ledger's clock.
    """
    if event_time - record_time > CLOCK_SKEW_MAX:
        raise Refused(
            f"That is {_in_words(event_time - record_time)} in the future. Only what"
            " has happened is recorded; does the clock of this machine go right?"
        )


def _in_words(span: timedelta) -> str:
    """Return about how long, in the unit one would say it in.

    >>> _in_words(timedelta(minutes=90)), _in_words(timedelta(hours=47))
    ('90 minutes', '47 hours')
    >>> _in_words(timedelta(days=40, hours=5))
    '40 days'
    """
    units = (("days", 86_400), ("hours", 3600), ("minutes", 60))
    seconds = span.total_seconds()
    # Two of a unit at least, so none is ever spoken of in the singular.
    unit, unit_s = next(u for u in units if seconds >= 2 * u[1] or u[1] == 60)
    return f"{round(seconds / unit_s)} {unit}"


def check_begun(tag: str, custodian: str | None, at: datetime) -> None:
    """Refuse what is said of a device before anybody had it.

    Raises:
        Refused: with where to see when that was.
    """
    if custodian is None:
        raise Refused(
            f"Nobody had {tag} yet at {at:%Y-%m-%d %H:%M} UTC. See: fsc history {tag}"
        )


def check_command(tag: str, condition: str | None) -> None:
    """Refuse to hand on what is out of use for good.

    Raises:
        Refused: the device is scrapped.
    """
    if condition == Condition.SCRAPPED:
        raise Refused(
            f"{tag} is scrapped and cannot be handed on. If it is fit after all, say so"
            f" first: fsc condition set ready {tag} --why TEXT"
        )
