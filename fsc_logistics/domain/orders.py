"""Orders: what each service does, when it is due, and what state an order is in.

The nine service codes are those of the national order interface SSL (Service, Support
og Logistik); which of them bring and fetch equipment follows from their Danish texts.
The days allowed for each are this centre's defaults.
"""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

MINUTE_S = 60
ARRIVE_S = 5 * MINUTE_S
"""Park, ring, say who one is: in every visit's time, and spent once per address."""
PRIORITY_DEFAULT = 50
PRIORITY_MAX = 100


class Service(StrEnum):
    """A service code of SSL (`device-service-types`)."""

    DELIVER = "DELIVER"
    INSTALL = "INSTALL"
    TRAINING = "TRAINING"
    RE_TRAINING = "RE-TRAINING"
    CALIBRATION = "CALIBRATION"
    MAINTENANCE = "MAINTENANCE"
    """Done in the home."""
    REPAIR = "REPAIR"
    """The device is taken along."""
    REPLACE = "REPLACE"
    PICKUP = "PICKUP"


class Direction(StrEnum):
    """Which way a device goes."""

    BRING = "bring"
    FETCH = "fetch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a service does in the home, and how soon."""

    brings: bool = False
    fetches: bool = False
    sets_up: bool = False
    trains: bool = False
    base_s: int
    """How long it takes, arriving included; set-up and training come on top."""
    days: int
    """Working days from the earliest day to the latest."""


WORK: dict[Service, Work] = {
    Service.DELIVER: Work(brings=True, base_s=10 * MINUTE_S, days=5),
    Service.INSTALL: Work(
        brings=True, sets_up=True, trains=True, base_s=10 * MINUTE_S, days=5
    ),
    Service.TRAINING: Work(trains=True, base_s=15 * MINUTE_S, days=5),
    Service.RE_TRAINING: Work(trains=True, base_s=15 * MINUTE_S, days=5),
    Service.CALIBRATION: Work(base_s=20 * MINUTE_S, days=10),
    Service.MAINTENANCE: Work(base_s=25 * MINUTE_S, days=10),
    Service.REPAIR: Work(fetches=True, base_s=10 * MINUTE_S, days=3),
    Service.REPLACE: Work(
        brings=True, fetches=True, sets_up=True, base_s=15 * MINUTE_S, days=3
    ),
    Service.PICKUP: Work(fetches=True, base_s=15 * MINUTE_S, days=10),
}


def service_time_s(service: Service, *, setup_s: int = 0, training_s: int = 0) -> int:
    """Return how long a visit takes for a model that needs `setup_s` and `training_s`.

    >>> service_time_s(Service.INSTALL, setup_s=900, training_s=1200)
    2700
    >>> service_time_s(Service.DELIVER, setup_s=900, training_s=1200)
    600
    """
    work = WORK[service]
    setup_s = setup_s if work.sets_up else 0
    training_s = training_s if work.trains else 0
    return work.base_s + setup_s + training_s


class OrderState(StrEnum):
    """Where an order is on its way, worked out from facts and never stored."""

    NO_CONSENT = "no_consent"
    """Not planned until the citizen agrees that address and contact are passed on."""
    PLACED = "placed"
    FAILED = "failed"
    """The last visit came to nothing; it is planned again."""
    OVERDUE = "overdue"
    """Its latest day has gone by, and it is on no run."""
    PLANNED = "planned"
    ISSUED = "issued"
    """On a run that is promised."""
    UNDERWAY = "underway"
    """In the vehicle."""
    DONE = "done"
    CANCELLED = "cancelled"


CLOSED = frozenset({OrderState.DONE, OrderState.CANCELLED})


class FailedBecause(StrEnum):
    """Why a visit came to nothing: never in free words, which may hold a name."""

    NOBODY_HOME = "nobody_home"
    REFUSED = "refused"
    """The citizen did not want it, or not then."""
    NO_ACCESS = "no_access"
    """No way in: the door code is wrong, or the key is missing."""
    WRONG_ADDRESS = "wrong_address"
    ILL = "ill"
    """The citizen is, or is in hospital."""
    EQUIPMENT = "equipment"
    """It was missing, wrong or broken."""
    NO_TIME = "no_time"
    """The day was over before."""
    OTHER = "other"


class RunState(StrEnum):
    """How far a run is."""

    PLANNED = "planned"
    ISSUED = "issued"
    LOADED = "loaded"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """All that an order's state follows from."""

    today: date
    latest: date
    consent: bool = True
    cancelled: bool = False
    handed_over: bool = False
    """Its devices are, by the ledger, where it wants them; no devices, no."""
    visited: bool = False
    """A stop of it was closed as done."""
    failed: bool = False
    """A stop of it was closed as failed."""
    run: RunState | None = None
    """The run it has an unfinished stop on."""


def order_state(facts: OrderFacts) -> OrderState:
    """Return the state of an order.

    What has happened comes before what is planned: a device scanned at the door is
    delivered, whatever became of the run.

    >>> order_state(OrderFacts(today=date(2026, 11, 25), latest=date(2026, 11, 24)))
    <OrderState.OVERDUE: 'overdue'>
    """
    if facts.cancelled:
        return OrderState.CANCELLED
    if facts.handed_over or facts.visited:
        return OrderState.DONE
    if facts.run is not None:
        return _ON_A_RUN[facts.run]
    if not facts.consent:
        return OrderState.NO_CONSENT
    if facts.latest < facts.today:
        return OrderState.OVERDUE
    return OrderState.FAILED if facts.failed else OrderState.PLACED


_ON_A_RUN = {
    RunState.PLANNED: OrderState.PLANNED,
    RunState.ISSUED: OrderState.ISSUED,
    RunState.LOADED: OrderState.UNDERWAY,
    RunState.CLOSED: OrderState.FAILED,
}


class Urgency(IntEnum):
    """Why an order is due; the higher, the sooner it is served."""

    OPEN = 0
    AGREED = 1
    LAST_DAY = 2
    OVERDUE = 3


def urgency_on(
    day: date, *, earliest: date, latest: date, agreed: date | None
) -> Urgency | None:
    """Return how urgent an order is on `day`, or None if it is not due then.

    An agreement for a later day is kept; one that has gone by binds nobody.
    """
    if day < earliest or (agreed is not None and day < agreed):
        return None
    if latest < day:
        return Urgency.OVERDUE
    if latest == day and agreed != day:
        return Urgency.LAST_DAY
    return Urgency.AGREED if agreed == day else Urgency.OPEN


def visit_priority(urgency: Urgency, priority: int) -> int:
    """Return the priority of a visit, 0 to 100: urgency first, then the order's own.

    >>> visit_priority(Urgency.OVERDUE, 0), visit_priority(Urgency.LAST_DAY, 100)
    (75, 74)
    """
    bands = len(Urgency)
    width = PRIORITY_MAX // bands
    return urgency * width + priority * (width - 1) // PRIORITY_MAX
