"""A problem in, the best plan that can be found in the time out.

First as much priority as possible is served, then as many visits as possible, then the
plan is made cheap: fixed costs, driving time by the hour, distance by the kilometre.
OR-Tools searches; what it finds is timed and, where it left something out that does
fit, completed here, so that every plan keeps every rule and every reason is true.
"""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from routes.explain import reason_for
from routes.insert import cheapest_insertion, fits
from routes.plan import Plan, Progress, StopKind, TaskKey, TaskKeys, Unassigned
from routes.problem import Problem, Technician
from routes.schedule import route_of
from routes.tasks import (
    Orders,
    Request,
    Task,
    cost_of_drive,
    drive_of,
    requests_of,
)


def solve(
    problem: Problem,
    *,
    time_limit_s: float,
    seed: int = 0,
    solution_limit: int | None = None,
    initial: TaskKeys | None = None,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    interrupted: Callable[[], None] | None = None,
) -> Plan:
    """Return the best plan found in `time_limit_s`, sooner if nothing better turns up.

    `initial` is where the search begins, as far as it fits the problem: the
    `routes.plan.keys_of` an earlier plan.  `stop` is
    asked ten times a second; that, and Ctrl-C in the main thread, end the search with
    the best plan so far; `interrupted` is called after Ctrl-C, for who does not want a
    plan then.  Laying the problem out and giving reasons come on top of the limit: a
    second or two for 200 visits.

    The same seed gives the same plan where `solution_limit` (how many plans the search
    goes through) ends the search before a time does; a search that ends by the clock
    may end one plan earlier or later.
    """
    requests = requests_of(problem)
    allowed = {request: _able(problem, request) for request in requests}
    doable = {request: able for request, able in allowed.items() if able}
    orders: Orders = _of_initial(problem, initial or {}, doable)
    with _interrupts(stop or _never, interrupted or _nothing) as over:
        if doable and not over():
            # Importing OR-Tools takes longer than most commands run.
            from routes.model import Model
            from routes.search import search

            found = search(
                Model(problem, doable, seed=seed),
                initial=orders,
                time_limit_s=time_limit_s,
                solution_limit=solution_limit,
                progress=progress or _silent,
                stop=over,
            )
            orders = _better(problem, doable, orders, _kept(problem, found))
        orders = _completed(problem, orders, doable, over)
    return plan_of(problem, orders)


def plan_of(problem: Problem, orders: Orders) -> Plan:
    """Return `orders` as a plan: everything timed, and why the rest is left out.

    Raises:
        ValueError: somebody cannot do what they are given, in that order.
    """
    routes = []
    for technician in problem.technicians:
        tasks = orders.get(technician.id)
        if not tasks:
            continue
        route = route_of(problem, technician, tasks)
        if route is None or not fits(problem, technician, tasks):
            raise ValueError(f"the order of {technician.id} cannot be kept")
        routes.append(route)
    unassigned = tuple(
        Unassigned(
            kind=request.kind,
            id=request.id,
            reason=reason_for(problem, orders, request),
        )
        for request in _left_out(orders, requests_of(problem))
    )
    cost = sum(route.cost for route in routes)
    return Plan(routes=tuple(routes), unassigned=unassigned, cost=cost)


def worth(problem: Problem, plan: Plan) -> tuple[int, int, int]:
    """Return what is bad about `plan`: priority and tasks left out, and its cost.

    The less, the better, compared in this order.
    """
    left = {(one.kind, one.id) for one in plan.unassigned}
    missed = [one for one in requests_of(problem) if (one.kind, one.id) in left]
    return (*_missed(missed), plan.cost)


def _never() -> bool:
    return False


def _nothing() -> None:
    pass


def _silent(_: Progress) -> None:
    pass


def _able(problem: Problem, request: Request) -> list[Technician]:
    """Return those who could do `request` if they had nothing else to do."""
    return [
        technician
        for technician in problem.technicians
        if request.skills <= technician.skills
        and fits(problem, technician, request.tasks)
    ]


def _of_initial(
    problem: Problem,
    initial: TaskKeys,
    doable: Mapping[Request, Sequence[Technician]],
) -> dict[str, list[Task]]:
    """Return the orders of `initial`, without what is unknown or does not fit."""
    left: dict[TaskKey, tuple[Task, Request]] = {
        (task.kind, task.id): (task, request)
        for request in doable
        for task in request.tasks
    }
    orders: dict[str, list[Task]] = {one.id: [] for one in problem.technicians}
    for technician in problem.technicians:
        for key in initial.get(technician.id, ()):
            if key in left and technician in doable[left[key][1]]:
                orders[technician.id].append(left.pop(key)[0])
    return _kept(problem, orders)


def _kept(problem: Problem, orders: Orders) -> dict[str, list[Task]]:
    """Return `orders` without the least, from the end, that makes them impossible."""
    kept: dict[str, list[Task]] = {}
    for technician in problem.technicians:
        order = _paired(orders.get(technician.id, ()))
        while order and not fits(problem, technician, order):
            last = order[-1]
            order = [task for task in order if not _together(task, last)]
        kept[technician.id] = order
    return kept


def _paired(tasks: Sequence[Task]) -> list[Task]:
    """Return `tasks` without deliveries before or without their pickup, and back."""
    place = {(task.kind, task.id): n for n, task in enumerate(tasks)}
    wrong = {
        task.id
        for task in tasks
        if task.kind is not StopKind.JOB
        and not place.get((StopKind.PICKUP, task.id), len(tasks))
        < place.get((StopKind.DELIVERY, task.id), -1)
    }
    return [task for task in tasks if task.kind is StopKind.JOB or task.id not in wrong]


def _together(one: Task, other: Task) -> bool:
    """Return whether both are the same task, or halves of one shipment."""
    jobs = {one.kind, other.kind} & {StopKind.JOB}
    return one == other or (not jobs and one.id == other.id)


def _completed(
    problem: Problem,
    orders: Orders,
    doable: Mapping[Request, Sequence[Technician]],
    over: Callable[[], bool],
) -> dict[str, list[Task]]:
    """Return `orders` with all that still fits, what matters most first."""
    full = {technician: list(tasks) for technician, tasks in orders.items()}
    left = _left_out(full, doable)
    for request in sorted(left, key=lambda one: -one.priority):
        if over():
            break
        best: tuple[int, str, list[Task]] | None = None
        for technician in doable[request]:
            tasks = full.get(technician.id, [])
            found = cheapest_insertion(problem, technician, tasks, request)
            if found is not None:
                extra = found.cost - _cost(problem, technician, tasks)
                if best is None or extra < best[0]:
                    best = (extra, technician.id, list(found.tasks))
        if best is not None:
            full[best[1]] = best[2]
    return full


def _better(
    problem: Problem, doable: Mapping[Request, object], one: Orders, other: Orders
) -> Orders:
    """Return whichever serves more and, serving as much, costs less."""

    def badness(orders: Orders) -> tuple[int, int, int]:
        cost = sum(
            _cost(problem, technician, orders.get(technician.id, ()))
            for technician in problem.technicians
        )
        return (*_missed(_left_out(orders, doable)), cost)

    return min(other, one, key=badness)


def _cost(problem: Problem, technician: Technician, tasks: Sequence[Task]) -> int:
    """Return what it costs to send `technician`: nothing who stays at home."""
    if not tasks:
        return 0
    return cost_of_drive(technician, *drive_of(problem, technician, tasks))


def _left_out(
    orders: Orders, requests: Sequence[Request] | Mapping[Request, object]
) -> list[Request]:
    done = {(task.kind, task.id) for tasks in orders.values() for task in tasks}
    return [one for one in requests if (one.tasks[0].kind, one.tasks[0].id) not in done]


def _missed(requests: Sequence[Request]) -> tuple[int, int]:
    """Return how much priority and how many tasks `requests` are, as VROOM counts."""
    priority = sum(one.priority * len(one.tasks) for one in requests)
    return priority, sum(len(one.tasks) for one in requests)


@contextmanager
def _interrupts(
    stop: Callable[[], bool], told: Callable[[], None]
) -> Iterator[Callable[[], bool]]:
    """Yield `stop`, which now also says yes after Ctrl-C, of which `told` is told.

    A second Ctrl-C does what it always did.  Without this the exception would be raised
    inside a callback from C++, where it cannot be caught.
    """
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    interrupted = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def interrupt(*_: object) -> None:
        interrupted.set()
        signal.signal(signal.SIGINT, before)
        told()

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield lambda: interrupted.is_set() or stop()
    finally:
        signal.signal(signal.SIGINT, before)
