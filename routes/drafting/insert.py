"""Where one more request fits on a route, and what hinders it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from routes.plan import StopKind
from routes.problem import Problem, Technician
from routes.timetable.loads import fits_in_car, whole_between_reloads
from routes.timetable.row import Placing, Row
from routes.timetable.schedule import late_s, route_of
from routes.timetable.tasks import Request, Task, drive_of, price_of


class Obstacle(StrEnum):
    """A rule, other than time, that a row of tasks breaks for a technician."""

    CAPACITY = "capacity"
    TASKS = "tasks"
    TRAVEL = "travel"
    DISTANCE = "distance"
    RELOADS = "reloads"
    SHIPMENTS = "shipments"
    PINS = "pins"
    WORK = "work"


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """One more request on a route, where it costs least."""

    tasks: tuple[Task, ...]
    cost: int
    """Of driving the whole route, with the request in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """How close a request comes to fitting on a route; nothing missing if it fits."""

    late_s: int | None
    """The least anybody waits in vain, or None where time is not what is lacking."""
    obstacles: frozenset[Obstacle]
    """What hinders it in every place, where time is not what is lacking."""
    tasks: tuple[Task, ...] = ()
    """The row that comes closest, where only time is lacking."""


def obstacle(
    problem: Problem, technician: Technician, tasks: Sequence[Task]
) -> Obstacle | None:
    """Return the first rule but time, and who may do what, that `tasks` break.

    How far somebody drives who drives to a break too is for `overdone`.
    """
    reloads = [task for task in tasks if task.kind is StopKind.RELOAD]
    done = len(tasks) - len(reloads)
    if technician.tasks_max is not None and done > technician.tasks_max:
        return Obstacle.TASKS
    if not fits_in_car(technician, tasks):
        return Obstacle.CAPACITY
    if reloads and (
        technician.reload is None or len(reloads) > technician.reload.times_max
    ):
        return Obstacle.RELOADS
    if reloads and not whole_between_reloads(tasks):
        return Obstacle.SHIPMENTS
    if not keeps_pins(technician, tasks):
        return Obstacle.PINS
    unlimited = technician.travel_max_s is None and technician.distance_max_m is None
    if unlimited or _drives_to_breaks(technician):
        return None
    travel_s, distance_m = drive_of(problem, technician, tasks)
    if technician.travel_max_s is not None and travel_s > technician.travel_max_s:
        return Obstacle.TRAVEL
    if technician.distance_max_m is not None and distance_m > technician.distance_max_m:
        return Obstacle.DISTANCE
    return None


def _drives_to_breaks(technician: Technician) -> bool:
    return any(pause.place is not None for pause in technician.breaks)


def keeps_pins(technician: Technician, tasks: Sequence[Task]) -> bool:
    """Return whether `tasks` begin and end with those of the pinned that are there.

    Reloads do not count.
    """
    if not technician.first and not technician.last:
        return True
    row = [
        task.id if task.kind is StopKind.JOB else None
        for task in tasks
        if task.kind is not StopKind.RELOAD
    ]
    first = [id_ for id_ in technician.first if id_ in row]
    last = [id_ for id_ in technician.last if id_ in row]
    return row[: len(first)] == first and row[len(row) - len(last) :] == last


def fits(problem: Problem, technician: Technician, tasks: Sequence[Task]) -> bool:
    """Return whether `tasks` in this order keep every rule of one route.

    Who may do what (`routes.timetable.tasks.price_of`) and what ties routes together
    (`routes.timetable.together`) is not asked.
    """
    if obstacle(problem, technician, tasks) is not None:
        return False
    if late_s(problem, technician, tasks):
        return False
    return overdone(problem, technician, tasks) is None


def overdone(
    problem: Problem, technician: Technician, tasks: Sequence[Task]
) -> Obstacle | None:
    """Return the limit that only a timed route knows and that `tasks` break, or None.

    They are those of working time, and of driving where breaks are driven to.
    """
    if technician.work_max_s is None and not _drives_to_breaks(technician):
        return None
    route = route_of(problem, technician, tasks)
    if route is None:
        return None
    for limit, found, what in (
        (technician.work_max_s, route.work_s, Obstacle.WORK),
        (technician.travel_max_s, route.travel_s, Obstacle.TRAVEL),
        (technician.distance_max_m, route.distance_m, Obstacle.DISTANCE),
    ):
        if limit is not None and found > limit:
            return what
    return None


def placings(row: Row, request: Request) -> Iterator[Placing]:
    """Yield the places where `request` fits on `row`, the cheapest to drive to first.

    Who may do it is not asked.
    """
    problem, technician = row.problem, row.technician
    for one in row.placings(request):
        if (
            row.accepts(one)
            and obstacle(problem, technician, one.tasks) is None
            and overdone(problem, technician, one.tasks) is None
        ):
            yield one


def cheapest_insertion(
    problem: Problem, technician: Technician, tasks: Sequence[Task], request: Request
) -> Insertion | None:
    """Return where `request` costs least among `tasks`, or None if it fits nowhere."""
    if price_of(problem, technician, request) is None:
        return None
    row = Row(problem, technician, tasks)
    found = next(placings(row, request), None)
    if found is None:
        return None
    return Insertion(tasks=found.tasks, cost=row.cost + found.extra)


def near_miss(
    problem: Problem,
    technician: Technician,
    tasks: Sequence[Task],
    request: Request,
    *,
    below_s: float = inf,
) -> NearMiss:
    """Return how close `request` comes to fitting among `tasks`.

    Who may do it is not asked.  Where somebody is known to come as close as `below_s`,
    only who comes closer is told of: for anybody else nothing is said.
    """
    row = Row(problem, technician, tasks)
    least_s, closest = below_s, None
    obstacles = set()
    for placing in row.placings(request):
        missed_s = row.late_s(placing, below_s=least_s)
        if missed_s is None:
            continue
        hindered = obstacle(problem, technician, placing.tasks)
        if hindered is None and not missed_s:
            hindered = overdone(problem, technician, placing.tasks)
        if hindered is None:
            least_s, closest = missed_s, placing.tasks
        else:
            obstacles.add(hindered)
    if closest is None:
        return NearMiss(late_s=None, obstacles=frozenset(obstacles))
    return NearMiss(late_s=int(least_s), obstacles=frozenset(), tasks=closest)
