"""A plan that somebody works on: who does what in which order, timed and priced.

A draft keeps every rule; what does not is none.  A changed one is timed again only
where it changed, and where routes wait for each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from routes.drafting.insert import obstacle, overdone
from routes.plan import Plan, Route, StopKind, TaskKey, TaskKeys, Unassigned, keys_of
from routes.problem import Problem, Technician
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
from routes.timetable.together import tied, together


class Board:
    """A problem with what is looked up in it again and again."""

    def __init__(self, problem: Problem) -> None:
        """Lay out what there is to do by its keys."""
        self.problem = problem
        self.technicians = {one.id: one for one in problem.technicians}
        self.requests = requests_of(problem)
        self.request_of: dict[TaskKey, Request] = {
            (task.kind, task.id): request
            for request in self.requests
            for task in request.tasks
        }
        self.task_of = {
            (task.kind, task.id): task
            for request in self.requests
            for task in request.tasks
        }
        self.tied = tied(problem)
        self._prices: dict[tuple[str, TaskKey], int | None] = {}

    @cached_property
    def units(self) -> tuple[tuple[Request, ...], ...]:
        """Return what is done as a whole or not at all: visits with all they link."""
        group: dict[str, list[Request]] = {}
        for request in self.requests:
            if request.tasks[0].kind is StopKind.JOB:
                group[request.id] = [request]
        for link in self.problem.links:
            one, other = group[link.first], group[link.second]
            if one is not other:
                one.extend(other)
                group.update((request.id, one) for request in other)
        found: dict[int, tuple[Request, ...]] = {}
        for request in self.requests:
            jobs = request.tasks[0].kind is StopKind.JOB
            some = group[request.id] if jobs else [request]
            found.setdefault(id(some) if jobs else id(request), tuple(some))
        return tuple(found.values())

    def unit_of(self, request: Request) -> tuple[Request, ...]:
        """Return what is done or left out together with `request`, itself too."""
        return next(unit for unit in self.units if request in unit)

    def price(self, technician: Technician, task: Task) -> int | None:
        """Return `tasks.price_of`, and nothing of a delivery or a reload."""
        if task.kind in (StopKind.RELOAD, StopKind.DELIVERY):
            return 0
        key = technician.id, (task.kind, task.id)
        if key not in self._prices:
            request = self.request_of[key[1]]
            self._prices[key] = price_of(self.problem, technician, request)
        return self._prices[key]

    def orders(self, plan: Plan) -> dict[str, tuple[Task, ...]]:
        """Return who does what in `plan`, as far as the problem knows them."""
        return self.rows(keys_of(plan))

    def rows(self, keys_by_shift: TaskKeys) -> dict[str, tuple[Task, ...]]:
        """Return who does what, as far as the problem knows them."""
        found: dict[str, tuple[Task, ...]] = {}
        for id_, keys in keys_by_shift.items():
            technician = self.technicians.get(id_)
            if technician is None:
                continue
            row = []
            reload = technician.reload
            places = () if reload is None else map(str, reload.places)
            reloads = {place: reload_at(technician, int(place)) for place in places}
            for key in keys:
                if key[0] is StopKind.RELOAD and key[1] in reloads:
                    row.append(reloads[key[1]])
                elif key in self.task_of:
                    row.append(self.task_of[key])
            found[id_] = tuple(row)
        return found

    def draft(self, orders: Orders) -> "Draft | None":
        """Return `orders` timed and priced; None if they break a rule."""
        empty = Draft(board=self, orders={}, held={}, routes={})
        return empty.changed({id_: tuple(row) for id_, row in orders.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Orders that keep every rule, timed and priced."""

    board: Board
    orders: Mapping[str, tuple[Task, ...]]
    held: Mapping[str, tuple[Task, ...]]
    """The same; what is tied is held at the moment it begins."""
    routes: Mapping[str, Route]
    """Of all who do something, with the prices of who does what."""

    @property
    def cost(self) -> int:
        """Return what all routes cost, and that some are busier than others."""
        return sum(one.cost for one in self.routes.values()) + self.evenness

    @property
    def evenness(self) -> int:
        """Return what it costs that some are busier than others."""
        busy_s = {id_: route.busy_s for id_, route in self.routes.items()}
        return cost_of_evenness(self.board.problem, busy_s)

    def changed(self, rows: Mapping[str, tuple[Task, ...]]) -> "Draft | None":
        """Return the draft with other `rows`; None if that breaks a rule."""
        board, problem = self.board, self.board.problem
        orders = {**self.orders, **rows}
        for id_, row in rows.items():
            technician = board.technicians[id_]
            if any(board.price(technician, task) is None for task in row):
                return None
            if obstacle(problem, technician, row) is not None:
                return None
        if board.tied and next(untied(board, orders), None) is not None:
            return None
        held = together(problem, orders)
        if held is None:
            return None
        routes = {}
        for id_, tasks in held.items():
            row = tuple(tasks)
            if not row:
                continue
            if id_ in self.routes and row == self.held[id_]:
                routes[id_] = self.routes[id_]
                continue
            route = _timed(board, board.technicians[id_], row)
            if route is None:
                return None
            routes[id_] = route
        return Draft(
            board=board,
            orders=orders,
            held={id_: tuple(row) for id_, row in held.items()},
            routes=routes,
        )

    def plan(self) -> Plan:
        """Return the plan, with what is left out and no reasons for it."""
        ids = [one.id for one in self.board.problem.technicians]
        return Plan(
            routes=tuple(self.routes[id_] for id_ in ids if id_ in self.routes),
            unassigned=left_out(self.board, self.orders),
            cost=self.cost,
        )


def left_out(board: Board, orders: Orders) -> tuple[Unassigned, ...]:
    """Return what is on none of the routes that `orders` make, without reasons."""
    done = {(task.kind, task.id) for row in orders.values() for task in row}
    return tuple(
        Unassigned(kind=one.kind, id=one.id)
        for one in board.requests
        if (one.tasks[0].kind, one.id) not in done
    )


def untied(board: Board, orders: Orders) -> Iterator[tuple[str, str]]:
    """Yield visits whose ties to others are broken, time aside, and a sentence on it.

    Linked visits are all done or all left out, two people are two, and whoever is to do
    both of two visits does.
    """
    doing: dict[str, list[str]] = {}
    for id_, row in orders.items():
        for task in row:
            if task.kind is StopKind.JOB:
                doing.setdefault(task.id, []).append(board.technicians[id_].who)
    for visit in board.problem.visits:
        who = doing.get(visit.id, [])
        if who and len(who) != visit.people:
            yield visit.id, f"visit {visit.id} takes {visit.people} and has {len(who)}"
        elif len(set(who)) < len(who):
            yield visit.id, f"visit {visit.id} takes two different people"
    for link in board.problem.links:
        one, other = doing.get(link.first), doing.get(link.second)
        if (one is None) != (other is None):
            left, done = (
                (link.first, link.second) if one is None else (link.second, link.first)
            )
            yield left, f"visit {left} is left out and linked with visit {done}"
        elif link.same_person:
            # Of two people at one visit, one does the other for one.
            fewer, more = sorted((set(one or ()), set(other or ())), key=len)
            if not fewer <= more:
                text = f"visits {link.first} and {link.second} are for the same person"
                yield link.second, text


def _timed(board: Board, technician: Technician, row: Sequence[Task]) -> Route | None:
    """Return `row` as a route with its prices; None if it breaks a rule."""
    if overdone(board.problem, technician, row) is not None:
        return None
    route = route_of(board.problem, technician, row)
    if route is None:
        return None
    prices = sum(board.price(technician, task) or 0 for task in row)
    return replace(route, cost=route.cost + prices)
