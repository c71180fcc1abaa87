"""Where one more request fits on a route, and what hinders it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from routes.loads import fits_in_car
from routes.plan import TASKS
from routes.problem import Problem, Technician
from routes.schedule import late_s
from routes.tasks import Request, Task, cost_of_drive, drive_of


class Obstacle(StrEnum):
    """A rule, other than time, that a row of tasks breaks for a technician."""

    CAPACITY = "capacity"
    TASKS = "tasks"
    TRAVEL = "travel"
    DISTANCE = "distance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """One more request on a route, where it costs least."""

    tasks: tuple[Task, ...]
    cost: int
    """Of the whole route, with the request in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """How close a request comes to fitting on a route; nothing missing if it fits."""

    late_s: int | None
    """The least anybody waits in vain, or None where time is not what is lacking."""
    obstacles: frozenset[Obstacle]
    """What hinders it in every place, where time is not what is lacking."""


def obstacle(
    problem: Problem, technician: Technician, tasks: Sequence[Task]
) -> Obstacle | None:
    """Return the first rule but skills and time that `tasks` break, or None."""
    count = sum(task.kind in TASKS for task in tasks)
    if technician.tasks_max is not None and count > technician.tasks_max:
        return Obstacle.TASKS
    if not fits_in_car(technician, tasks):
        return Obstacle.CAPACITY
    if technician.travel_max_s is None and technician.distance_max_m is None:
        return None
    travel_s, distance_m = drive_of(problem, technician, tasks)
    if technician.travel_max_s is not None and travel_s > technician.travel_max_s:
        return Obstacle.TRAVEL
    if technician.distance_max_m is not None and distance_m > technician.distance_max_m:
        return Obstacle.DISTANCE
    return None


def fits(problem: Problem, technician: Technician, tasks: Sequence[Task]) -> bool:
    """Return whether `tasks` in this order keep every rule but skills."""
    if obstacle(problem, technician, tasks) is not None:
        return False
    return late_s(problem, technician, tasks) == 0


def cheapest_insertion(
    problem: Problem, technician: Technician, tasks: Sequence[Task], request: Request
) -> Insertion | None:
    """Return where `request` costs least among `tasks`, or None if it fits nowhere."""
    if not request.skills <= technician.skills:
        return None
    priced = (
        (cost_of_drive(technician, *drive_of(problem, technician, placing)), n, placing)
        for n, placing in enumerate(placings(tasks, request))
    )
    for cost, _, placing in sorted(priced, key=lambda one: one[:2]):
        if fits(problem, technician, placing):
            return Insertion(tasks=placing, cost=cost)
    return None


def near_miss(
    problem: Problem, technician: Technician, tasks: Sequence[Task], request: Request
) -> NearMiss:
    """Return how close `request` comes to fitting among `tasks`, skills aside."""
    obstacles = set()
    least_s: int | None = None
    for placing in placings(tasks, request):
        hindered = obstacle(problem, technician, placing)
        if hindered is not None:
            obstacles.add(hindered)
            continue
        missed_s = late_s(problem, technician, placing)
        if least_s is None or missed_s < least_s:
            least_s = missed_s
    if least_s is not None:
        return NearMiss(late_s=least_s, obstacles=frozenset())
    return NearMiss(late_s=None, obstacles=frozenset(obstacles))


def placings(tasks: Sequence[Task], request: Request) -> Iterator[tuple[Task, ...]]:
    """Yield `tasks` with `request` in every place, a shipment in every pair of them."""
    row = tuple(tasks)
    first, *rest = request.tasks
    for i in range(len(row) + 1):
        before, after = row[:i], row[i:]
        if not rest:
            yield (*before, first, *after)
        for j in range(len(after) + 1) if rest else ():
            yield (*before, first, *after[:j], *rest, *after[j:])
