"""The answer: who drives where, when, and what is left out and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from routes.problem import Amounts


class StopKind(StrEnum):
    """What is done at a stop."""

    START = "start"
    JOB = "job"
    PICKUP = "pickup"
    DELIVERY = "delivery"
    BREAK = "break"
    RELOAD = "reload"
    END = "end"


TaskKey: TypeAlias = tuple[StopKind, str]
"""Which visit, which half of which shipment, or a reload at the place so numbered."""

TASKS = (StopKind.JOB, StopKind.PICKUP, StopKind.DELIVERY)
"""What is in a problem to be done."""

TaskKeys: TypeAlias = Mapping[str, Sequence[TaskKey]]
"""What each technician does, in order."""


class TaskKind(StrEnum):
    """What can be left out: a visit, or a shipment with both its halves."""

    VISIT = "visit"
    SHIPMENT = "shipment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A visit, half a shipment or a break in its place on a route."""

    kind: StopKind
    id: str | None
    """None at the start, the end and a reload."""
    place: int | None
    """None in a break, which may fall on the road, and where a route is open."""
    arrival_s: int
    service_start_s: int
    """When work (setup first) or the break begins; the difference is waiting."""
    departure_s: int
    setup_s: int = 0
    load: Amounts = ()
    """What is in the car on leaving: clean, and used where they share one space."""
    used: Amounts = ()
    """What is used in a compartment of its own."""
    late_s: int = 0
    """How long after its window work begins."""

    @property
    def waiting_s(self) -> int:
        """How long the technician waits here before work begins."""
        return self.service_start_s - self.arrival_s

    @property
    def service_s(self) -> int:
        """How long the work or the break lasts, without setup."""
        return self.departure_s - self.service_start_s - self.setup_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What one technician drives, from start to end, and what it comes to."""

    technician: str
    stops: tuple[Stop, ...]
    """The first is always a start and the last an end."""
    travel_s: int
    distance_m: int
    service_s: int
    """Breaks and reloads included: breaks as in VROOM."""
    setup_s: int
    waiting_s: int
    cost: int
    """All of it but evenness, which is the plan's."""
    work_s: int = 0
    """From leaving the start to being at the end, without breaks that are not paid."""
    overtime_s: int = 0
    late_s: int = 0
    """Of all stops together."""

    @property
    def busy_s(self) -> int:
        """Return how long this one drives, sets up and serves."""
        at_doors = (
            stop.departure_s - stop.service_start_s
            for stop in self.stops
            if stop.kind in TASKS
        )
        return self.travel_s + sum(at_doors)


class ReasonKind(StrEnum):
    """Why something was left out."""

    NO_TECHNICIANS = "no_technicians"
    FIXED_DAYS = "fixed_days"
    """Its windows are on none of the days of its area."""
    SKILLS = "skills"
    NAMES = "names"
    """Everybody is forbidden, not among those allowed, or it is on another's route."""
    AREA = "area"
    TOO_BIG = "too_big"
    OUTSIDE_SHIFTS = "outside_shifts"
    OUT_OF_REACH = "out_of_reach"
    TASK_LIMIT = "task_limit"
    TRAVEL_LIMIT = "travel_limit"
    DISTANCE_LIMIT = "distance_limit"
    WORK_LIMIT = "work_limit"
    TWO_PEOPLE = "two_people"
    LINK = "link"
    """What it is linked with cannot be done, or not at moments that fit."""
    DAY_FULL = "day_full"
    HAS_ROOM = "has_room"
    """Nothing hinders it: the plan is not as good as it could be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something was left out, as found by checking."""

    kind: ReasonKind
    text: str
    """One plain English sentence."""
    technician: str | None = None
    """Who comes closest to doing it."""
    late_s: int | None = None
    """How late that technician would be somewhere, where only time is lacking."""
    skills: frozenset[str] = frozenset()
    """Those nobody has, or nobody has together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassigned:
    """Something left out of a plan."""

    kind: TaskKind
    id: str
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Routes of those who drive at all, and what fits on none of them."""

    routes: tuple[Route, ...] = ()
    unassigned: tuple[Unassigned, ...] = ()
    cost: int = 0


def keys_of(plan: Plan) -> TaskKeys:
    """Return what each technician does in `plan`, for the next search to begin with."""
    return {
        route.technician: tuple(
            (stop.kind, stop.id if stop.id is not None else str(stop.place))
            for stop in route.stops
            if stop.kind in TASKS or stop.kind is StopKind.RELOAD
        )
        for route in plan.routes
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a search has come."""

    elapsed_s: float
    cost: int | None
    """Of the best plan so far, or None before the first."""
    unassigned_count: int | None
    bound: int | None = None
    """What no plan that serves everything can cost less than, where that is known."""


def clock(moment_s: int) -> str:
    """Return `moment_s` as hours and minutes, those past midnight counted on.

    >>> clock(8 * 3600 + 90), clock(25 * 3600)
    ('08:01', '25:00')
    """
    minutes = moment_s // 60
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
