"""What there is to do on a route, who may do it, and what a row of it costs to drive.

Nothing here asks when anything happens; that is `routes.timetable.schedule`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

from routes.plan import StopKind, TaskKind
from routes.problem import (
    ALWAYS,
    Amounts,
    Given,
    Halt,
    Problem,
    Technician,
    TimeWindow,
    Visit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A visit, half a shipment or a reload: what one stop is for."""

    kind: StopKind
    id: str
    """Of a reload: its place, as text."""
    halt: Halt
    deliver: Amounts = ()
    collect: Amounts = ()
    amount: Amounts = ()
    """Of a shipment."""
    given: Given | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is done as a whole or not at all: a visit, or a shipment's two halves."""

    kind: TaskKind
    id: str
    tasks: tuple[Task, ...]
    skills: frozenset[str]
    priority: int
    people: int = 1
    never: bool = False
    """Its windows never meet the fixed days of its area."""


Orders: TypeAlias = Mapping[str, Sequence[Task]]
"""What each technician does, in order; one who is not named does nothing."""

NEVER = TimeWindow(ALWAYS.closes_s, ALWAYS.closes_s)


def requests_of(problem: Problem) -> tuple[Request, ...]:
    """Return all there is to do, visits first, in the order of the problem."""
    shipments = (
        Request(
            kind=TaskKind.SHIPMENT,
            id=one.id,
            tasks=tuple(
                Task(kind=kind, id=one.id, halt=halt, amount=one.amount)
                for kind, halt in (
                    (StopKind.PICKUP, one.pickup),
                    (StopKind.DELIVERY, one.delivery),
                )
            ),
            skills=one.skills,
            priority=one.priority,
        )
        for one in problem.shipments
    )
    return (*(_of_visit(problem, visit) for visit in problem.visits), *shipments)


def _of_visit(problem: Problem, visit: Visit) -> Request:
    windows = problem.windows_of(visit)
    halt: Halt = visit
    if windows != visit.windows:
        halt = replace(visit, windows=(NEVER,) if windows is None else windows)
    task = Task(
        kind=StopKind.JOB,
        id=visit.id,
        halt=halt,
        deliver=visit.deliver,
        collect=visit.collect,
        given=visit.given,
    )
    return Request(
        kind=TaskKind.VISIT,
        id=visit.id,
        tasks=(task,),
        skills=visit.skills,
        priority=visit.priority,
        people=visit.people,
        never=windows is None,
    )


def reload_at(technician: Technician, place: int) -> Task:
    """Return a reload of `technician` at `place`."""
    assert technician.reload is not None, f"{technician.id} does not reload"
    halt = Halt(
        place=place,
        service_s=technician.reload.duration_s,
        windows=technician.reload.windows,
    )
    return Task(kind=StopKind.RELOAD, id=str(place), halt=halt)


def price_of(problem: Problem, technician: Technician, request: Request) -> int | None:
    """Return what it costs extra that `technician` does `request`; None: may not.

    That is for not being preferred, for being away from home and for a change of what
    was given.  Skills, names and areas are looked at, times and loads are not.
    """
    halt = request.tasks[0].halt
    if request.never or not request.skills <= technician.skills:
        return None
    if not isinstance(halt, Visit):
        return 0
    pinned = request.id in technician.first or request.id in technician.last
    others = any(
        request.id in one.first or request.id in one.last
        for one in problem.technicians
        if one.id != technician.id
    )
    names = technician.names
    if (others and not pinned) or names & halt.forbidden:
        return None
    if halt.allowed is not None and not names & halt.allowed:
        return None
    price = 0
    if halt.preferred and not names & halt.preferred:
        price += halt.preferred_price
    away = technician.areas is not None and halt.area not in (None, *technician.areas)
    if away:
        if technician.away_price is None:
            return None
        price += technician.away_price
    if halt.given is not None and halt.given.technician not in names:
        price += problem.changes.per_technician
    return price


def drive_of(
    problem: Problem, technician: Technician, tasks: Sequence[Task]
) -> tuple[int, int]:
    """Return how long and how far `technician` drives to do `tasks` in this order.

    Ways to breaks at a place come on top; only a timed route knows those.
    """
    places = [technician.start, *(task.halt.place for task in tasks), technician.end]
    return drive_by(problem, technician, places)


def drive_by(
    problem: Problem, technician: Technician, places: Sequence[int | None]
) -> tuple[int, int]:
    """Return how long and how far `technician` drives by `places`."""
    pairs = list(pairwise(places))
    return (
        sum(problem.travel_s(technician, *pair) for pair in pairs),
        sum(problem.distance_m(technician, *pair) for pair in pairs),
    )


def cost_of_drive(technician: Technician, travel_s: int, distance_m: int) -> int:
    """Return what driving that long and that far costs, fixed part included.

    Rounded to the nearest whole unit, a half upwards, once per route.
    """
    return cost_of(technician, travel_s, distance_m)


def cost_of(
    technician: Technician,
    travel_s: int,
    distance_m: int,
    *,
    work_s: int = 0,
    overtime_s: int = 0,
    timely: int = 0,
    prices: int = 0,
) -> int:
    """Return what a route costs.

    `timely` is what lateness and moved times cost, in units times seconds an hour;
    `prices` is in whole units, once for each stop it is asked of.  All that goes by
    the hour or the kilometre is rounded once, to the nearest unit, a half upwards.
    """
    costs = technician.costs
    hourly = (
        costs.per_hour * travel_s
        + costs.per_work_hour * work_s
        + costs.per_overtime_hour * overtime_s
        + timely
    )
    parts = hourly * 1000 + costs.per_km * distance_m * 3600
    return costs.fixed + prices + (2 * parts + 3_600_000) // 7_200_000
