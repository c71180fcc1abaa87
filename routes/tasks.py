"""What there is to do on a route, and what a row of it weighs and costs.

Nothing here asks when anything happens; that is `routes.schedule`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from routes.plan import StopKind, TaskKind
from routes.problem import Amounts, Halt, Problem, Technician, add, holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A visit or half a shipment: what one stop is for."""

    kind: StopKind
    id: str
    halt: Halt
    deliver: Amounts = ()
    collect: Amounts = ()
    amount: Amounts = ()
    """Of a shipment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is done as a whole or not at all: a visit, or a shipment's two halves."""

    kind: TaskKind
    id: str
    tasks: tuple[Task, ...]
    skills: frozenset[str]
    priority: int


Orders: TypeAlias = Mapping[str, Sequence[Task]]
"""What each technician does, in order; one who is not named does nothing."""


def requests_of(problem: Problem) -> tuple[Request, ...]:
    """Return all there is to do, visits first, in the order of the problem."""
    visits = (
        Request(
            kind=TaskKind.VISIT,
            id=visit.id,
            tasks=(
                Task(
                    kind=StopKind.JOB,
                    id=visit.id,
                    halt=visit,
                    deliver=visit.deliver,
                    collect=visit.collect,
                ),
            ),
            skills=visit.skills,
            priority=visit.priority,
        )
        for visit in problem.visits
    )
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
    return (*visits, *shipments)


def drive_of(
    problem: Problem, technician: Technician, tasks: Sequence[Task]
) -> tuple[int, int]:
    """Return how long and how far `technician` drives to do `tasks` in this order."""
    places = [technician.start, *(task.halt.place for task in tasks), technician.end]
    pairs = list(pairwise(places))
    return (
        sum(problem.travel_s(technician, *pair) for pair in pairs),
        sum(problem.distance_m(technician, *pair) for pair in pairs),
    )


def cost_of_drive(technician: Technician, travel_s: int, distance_m: int) -> int:
    """Return what driving that long and that far costs, fixed part included.

    Rounded to the nearest whole unit, a half upwards, once per route.
    """
    costs = technician.costs
    parts = costs.per_hour * travel_s * 1000 + costs.per_km * distance_m * 3600
    return costs.fixed + (2 * parts + 3_600_000) // 7_200_000


def loads(tasks: Sequence[Task]) -> list[Amounts]:
    """Return what is in the car at the start and after each of `tasks`."""
    load: Amounts = ()
    for task in tasks:
        load = add(load, task.deliver)
    found = [load]
    for task in tasks:
        load = add(add(load, task.deliver, sign=-1), task.collect)
        load = add(load, task.amount, sign=-1 if _brings(task) else 1)
        found.append(load)
    return found


def fits_in_car(technician: Technician, tasks: Sequence[Task]) -> bool:
    """Return whether the load is never more than the technician's car takes."""
    return all(holds(technician.capacity, load) for load in loads(tasks))


def _brings(task: Task) -> bool:
    return task.kind is StopKind.DELIVERY
