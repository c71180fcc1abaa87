"""A problem in, the best plan that can be found in the time out.

First as much priority as possible is served, then as many visits as possible, then the
plan is made cheap.  The compiled search (`search.orders`) gives orders that keep every
rule; here they are timed to be told, and what is left out is given its reason.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic

from routes.drafting.draft import Board
from routes.drafting.insert import fits
from routes.drafting.placing import filled
from routes.plan import (
    TASKS,
    Plan,
    Progress,
    StopKind,
    TaskKey,
    TaskKeys,
    TaskKind,
    Unassigned,
)
from routes.problem import Problem
from routes.reasons.explain import reason_for
from routes.timetable.evenness import cost_of_evenness
from routes.timetable.schedule import route_of
from routes.timetable.tasks import (
    Orders,
    Request,
    Task,
    price_of,
    reload_at,
    requests_of,
)
from routes.timetable.together import together

THREADS_MAX = 8
ENOUGH, ENOUGH_A_PAIR, ENOUGH_A_TRIPLE = 2_000, 500, 10
"""Iterations of each search, and for each pair of requests or for each three of them,
after which nothing better is to be hoped for: a day of ten visits is over in half a
second, and one of a hundred finds better plans for half a minute."""
ROUTES_TRIED = 200
"""On so many routes, of all that is left out, places are tried to say how much is
lacking: a few milliseconds each, on top of the time limit."""
TIMING_S = 0.005
"""What it takes to time the route of one technician in the end, about."""


def solve(
    problem: Problem,
    *,
    time_limit_s: float,
    seed: int = 0,
    iterations: int | None = None,
    threads: int | None = None,
    initial: TaskKeys | None = None,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    interrupted: Callable[[], None] | None = None,
) -> Plan:
    """Return the best plan found in `time_limit_s`, sooner if it is a small day.

    `initial` is where the search begins, as far as it fits the problem: the
    `routes.plan.keys_of` an earlier plan.  As many searches as `threads` (the
    processors there are, if None) go on side by side.  `stop` is asked many times a
    second; that, and Ctrl-C in the main thread, end the search with the best plan so
    far; `interrupted` is called after Ctrl-C, for who does not want a plan then.
    The reasons for what is left out come on top of the limit; of much that is left out
    the least urgent is only told that the day is full.

    The same seed gives the same plan where `iterations`, of each search, end it before
    the time does.

    Raises:
        BadProblem: prices are so high that plans cannot be compared.
    """
    began_s = monotonic()
    requests = requests_of(problem)
    doable = any(_anybody(problem, one) for one in requests)
    orders: Orders = _of_initial(problem, initial or {})
    timing_s = min(TIMING_S * len(problem.technicians), time_limit_s / 4)

    def tell(cost: int, absent: int, bound: int | None) -> None:
        if progress is not None:
            progress(
                Progress(
                    elapsed_s=monotonic() - began_s,
                    cost=cost,
                    unassigned_count=absent,
                    bound=bound,
                )
            )

    with _interrupts(stop or _never, interrupted or _nothing) as over:
        if doable and not over():
            # NumPy and OR-Tools take longer to import than most commands run.
            from routes.kernel.team import Limits
            from routes.search.orders import searched

            orders = searched(
                problem,
                start=together(problem, orders) or {},
                limits=Limits(
                    time_limit_s=time_limit_s - timing_s,
                    began_s=began_s,
                    iterations=iterations,
                    enough=_enough(len(requests)),
                    stop=over,
                ),
                threads=threads or min(THREADS_MAX, os.cpu_count() or 1),
                seed=seed,
                progress=None if progress is None else tell,
            )
    kept = _that_can_be_kept(problem, orders)
    return plan_of(problem, kept if kept is orders else _with_what_fits(problem, kept))


def _enough(requests: int) -> int:
    """Return after how many iterations a search for so many requests may end."""
    return ENOUGH + max(ENOUGH_A_PAIR * requests**2, ENOUGH_A_TRIPLE * requests**3)


def plan_of(problem: Problem, orders: Orders) -> Plan:
    """Return `orders` as a plan: everything timed, and why the rest is left out.

    Raises:
        ValueError: somebody cannot do what they are given, in that order.
    """
    held = together(problem, orders)
    if held is None:
        raise ValueError("what is linked cannot be done together in these orders")
    board = Board(problem)
    routes = []
    for technician in problem.technicians:
        tasks = held.get(technician.id)
        if not tasks:
            continue
        route = route_of(problem, technician, tasks)
        if route is None or not fits(problem, technician, tasks):
            raise ValueError(f"the order of {technician.id} cannot be kept")
        done = [board.request_of[t.kind, t.id] for t in tasks if t.kind in TASKS]
        prices = [price_of(problem, technician, one) for one in done]
        if None in prices:
            raise ValueError(f"{technician.id} may not do all they are given")
        flat = sum(price for price in prices if price is not None)
        routes.append(replace(route, cost=route.cost + flat))
    left = _left_out(orders, board.requests)
    tried = _tried(problem, left)
    unassigned = tuple(
        Unassigned(
            kind=request.kind,
            id=request.id,
            reason=reason_for(
                board, orders, request, tries=(request.kind, request.id) in tried
            ),
        )
        for request in left
    )
    busy_s = {one.technician: one.busy_s for one in routes}
    cost = sum(route.cost for route in routes) + cost_of_evenness(problem, busy_s)
    return Plan(routes=tuple(routes), unassigned=unassigned, cost=cost)


def worth(problem: Problem, plan: Plan) -> tuple[int, int, int]:
    """Return what is bad about `plan`: priority and tasks left out, and its cost.

    The less, the better, compared in this order.
    """
    left = {(one.kind, one.id) for one in plan.unassigned}
    missed = [one for one in requests_of(problem) if (one.kind, one.id) in left]
    return (*_missed(missed), plan.cost)


def _that_can_be_kept(problem: Problem, orders: Orders) -> Orders:
    """Return `orders` without the few visits that stand in the way of keeping them.

    The search only estimates what leaving later does to moments that have a price, and
    takes breaks at places where that costs least, not soonest; of made-up days with
    every rule at once about one in a hundred breaks a limit by it.  Then what is done
    last is left out.
    """
    while out := _in_the_way(problem, orders):
        rest = {
            who: [t for t in tasks if (t.kind is StopKind.JOB, t.id) not in out]
            for who, tasks in orders.items()
        }
        # Nobody drives to reload for nothing.
        orders = {
            who: tasks if any(t.kind in TASKS for t in tasks) else []
            for who, tasks in rest.items()
        }
    return orders


def _with_what_fits(problem: Problem, orders: Orders) -> Orders:
    """Return `orders`, shorter than the search made them, with what has room now."""
    draft = Board(problem).draft(orders)
    return orders if draft is None else filled(draft, tied=False).orders


def _in_the_way(problem: Problem, orders: Orders) -> set[tuple[bool, str]]:
    """Return what to leave out next so that `orders` can be kept; nothing if they can.

    By whether it is a visit, and its id.
    """
    held = together(problem, orders)
    there = {t.id for tasks in orders.values() for t in tasks if t.kind in TASKS}
    tied = [{one.first, one.second} for one in problem.links]
    tied += [{visit.id} for visit in problem.visits if visit.people > 1]
    chosen: tuple[bool, str] | None = None
    if held is None:
        chosen = next((True, min(one & there)) for one in tied[::-1] if one & there)
    else:
        for technician in problem.technicians:
            tasks = held.get(technician.id, ())
            if tasks and not fits(problem, technician, tasks):
                pinned = {*technician.first, *technician.last}
                last = max(
                    (t for t in tasks if t.kind in TASKS),
                    key=lambda t: (t.id not in pinned, tasks.index(t)),
                )
                chosen = last.kind is StopKind.JOB, last.id
                break
    if chosen is None:
        return set()
    group = {chosen[1]}
    while chosen[0] and (
        more := {i for one in tied if one & group for i in one} - group
    ):
        group |= more
    return {(chosen[0], id_) for id_ in group}


def _never() -> bool:
    return False


def _nothing() -> None:
    pass


def _anybody(problem: Problem, request: Request) -> bool:
    """Return whether somebody may do `request`."""
    return any(
        price_of(problem, one, request) is not None for one in problem.technicians
    )


def _of_initial(problem: Problem, initial: TaskKeys) -> Orders:
    """Return the orders of `initial`, without what is unknown or does not fit."""
    asked: dict[TaskKey, tuple[Task, Request]] = {
        (task.kind, task.id): (task, request)
        for request in requests_of(problem)
        for task in request.tasks
    }
    persons: dict[TaskKey, set[str]] = {key: set() for key in asked}
    orders: dict[str, list[Task]] = {}
    for technician in problem.technicians:
        order: list[Task] = []
        reloads = 0 if technician.reload is None else technician.reload.times_max
        for key in initial.get(technician.id, ()):
            if key[0] is StopKind.RELOAD:
                reload = technician.reload
                known = reload is not None and key[1] in map(str, reload.places)
                if known and reloads:
                    reloads -= 1
                    order.append(reload_at(technician, int(key[1])))
            elif key in asked and technician.who not in persons[key]:
                task, request = asked[key]
                free = len(persons[key]) < request.people
                if free and price_of(problem, technician, request) is not None:
                    persons[key].add(technician.who)
                    order.append(task)
        pinned = _in_their_places(order, technician.first, technician.last)
        order = _paired(order) if pinned else []
        while order and not fits(problem, technician, order):
            last = order[-1]
            order = [task for task in order if not _together(task, last)]
            if not _in_their_places(order, technician.first, technician.last):
                order = []
        orders[technician.id] = order
    return _that_can_be_kept(problem, _whole(problem, orders))


def _whole(problem: Problem, orders: Orders) -> Orders:
    """Return `orders` without what lacks a person, or a visit it is linked with."""
    persons: dict[str, set[str]] = {visit.id: set() for visit in problem.visits}
    for technician in problem.technicians:
        for task in orders.get(technician.id, ()):
            if task.kind is StopKind.JOB:
                persons[task.id].add(technician.who)
    lacking = {one.id for one in problem.visits if len(persons[one.id]) < one.people}
    lacking |= {
        one.first
        for one in problem.links
        if one.same_person and persons[one.first] != persons[one.second]
    }
    ties = [{one.first, one.second} for one in problem.links]
    while more := {id_ for tie in ties if tie & lacking for id_ in tie} - lacking:
        lacking |= more
    return {
        who: [t for t in tasks if t.kind is not StopKind.JOB or t.id not in lacking]
        for who, tasks in orders.items()
    }


def _in_their_places(
    order: Sequence[Task], first: Sequence[str], last: Sequence[str]
) -> bool:
    """Return whether `order` begins and ends with the visits that are pinned there."""
    ids = [task.id if task.kind is StopKind.JOB else "" for task in order]
    return ids[: len(first)] == list(first) and (
        not last or ids[len(ids) - len(last) :] == list(last)
    )


def _paired(tasks: Sequence[Task]) -> list[Task]:
    """Return `tasks` without deliveries before or without their pickup, and back."""
    halves = (StopKind.PICKUP, StopKind.DELIVERY)
    place = {(task.kind, task.id): n for n, task in enumerate(tasks)}
    wrong = {
        task.id
        for task in tasks
        if task.kind in halves
        and not place.get((StopKind.PICKUP, task.id), len(tasks))
        < place.get((StopKind.DELIVERY, task.id), -1)
    }
    return [task for task in tasks if task.kind not in halves or task.id not in wrong]


def _together(one: Task, other: Task) -> bool:
    """Return whether both are the same task, or halves of one shipment."""
    if {one.kind, other.kind} & {StopKind.JOB, StopKind.RELOAD}:
        return one is other
    return one.id == other.id


def _left_out(orders: Orders, requests: Sequence[Request]) -> list[Request]:
    done = {(task.kind, task.id) for tasks in orders.values() for task in tasks}
    return [one for one in requests if (one.tasks[0].kind, one.tasks[0].id) not in done]


def _tried(problem: Problem, left: Sequence[Request]) -> set[tuple[TaskKind, str]]:
    """Return those of `left` for which every place is tried, what is urgent first."""
    count = max(1, ROUTES_TRIED // max(1, len(problem.technicians)))
    urgent = sorted(left, key=lambda one: -one.priority)[:count]
    return {(one.kind, one.id) for one in urgent}


def _missed(requests: Sequence[Request]) -> tuple[int, int]:
    """Return how much priority and how many tasks `requests` are, as VROOM counts."""
    priority = sum(one.priority * len(one.tasks) for one in requests)
    return priority, sum(len(one.tasks) for one in requests)


@contextmanager
def _interrupts(
    stop: Callable[[], bool], told: Callable[[], None]
) -> Iterator[Callable[[], bool]]:
    """Yield `stop`, which now also says yes after Ctrl-C, of which `told` is told.

    A second Ctrl-C does what it always did.
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
