"""A planned day as others read it: moments and codes, no solver's indices."""

from dataclasses import dataclass
from datetime import date, datetime

from fsc_logistics.domain.day import PlanningDay
from routes.plan import Plan, Reason, ReasonKind, Route, Stop, StopKind

NOBODY = "Nobody is at work that day without an issued run."


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStop:
    """A visit in its place on a run."""

    order: str
    arrival: datetime
    start: datetime
    departure: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """What one technician drives."""

    technician: str
    distance_m: int
    travel_s: int
    service_s: int
    waiting_s: int
    stops: tuple[PlannedStop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutOrder:
    """An order a plan has no room for, and why."""

    order: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """A planned day."""

    day: date
    runs: tuple[PlannedRun, ...]
    unassigned: tuple[LeftOutOrder, ...]
    cost: int


def day_plan(plan: Plan, seconds: PlanningDay) -> DayPlan:
    """Return the solver's answer in moments; lunch is no visit and left out."""
    return DayPlan(
        day=seconds.day,
        runs=tuple(
            PlannedRun(
                technician=route.technician,
                distance_m=route.distance_m,
                travel_s=route.travel_s,
                service_s=service_s(route),
                waiting_s=route.waiting_s,
                stops=tuple(
                    _stop(stop, seconds)
                    for stop in route.stops
                    if stop.kind is StopKind.JOB
                ),
            )
            for route in plan.routes
        ),
        unassigned=tuple(
            LeftOutOrder(order=one.id, reason=_words(one.reason))
            for one in plan.unassigned
        ),
        cost=plan.cost,
    )


def service_s(route: Route) -> int:
    """Return how long a technician works in homes: arriving included, lunch not."""
    return sum(
        stop.setup_s + stop.service_s
        for stop in route.stops
        if stop.kind is StopKind.JOB
    )


def _words(reason: Reason | None) -> str:
    if reason is None:
        return "There is no room on any run."
    if reason.kind is ReasonKind.NO_TECHNICIANS:
        return NOBODY
    return reason.text


def _stop(stop: Stop, seconds: PlanningDay) -> PlannedStop:
    assert stop.id is not None, "a visit has its order's code"
    return PlannedStop(
        order=stop.id,
        arrival=seconds.moment(stop.arrival_s),
        start=seconds.moment(stop.service_start_s),
        departure=seconds.moment(stop.departure_s),
    )
