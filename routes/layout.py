"""A problem laid out as the arrays the compiled search reads, and read back from them.

A node is a visit, half a shipment, a break at a place, a reload, or where a route begins
or ends.  A request is what is done as a whole or not at all: a visit (twice, for two
people), a shipment, or all visits that are linked with each other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from routes.kernel import days as d
from routes.kernel.days import Days
from routes.plan import StopKind, TaskKey
from routes.problem import (
    FOREVER_S,
    Amounts,
    Halt,
    Problem,
    Technician,
    TimeWindow,
    Visit,
)
from routes.tasks import Request, Task, price_of, reload_at, requests_of

Ints = NDArray[np.int64]
PARTS = 3_600_000
"""What is by the hour or the kilometre is added up in such parts of a unit."""
STEPS_MAX = 2**57
"""What all that can be left out may weigh together."""
BLINK = 0.01


@dataclass(slots=True)
class Node:
    """A place in a row, and what is done there."""

    kind: int
    halt: Halt | None
    task: Task | None = None
    place: int = -1
    request: int = -1
    mate: int = -1
    pinned: bool = False


@dataclass(slots=True)
class Layout:
    """The nodes of a problem in the order of the arrays."""

    problem: Problem
    nodes: list[Node] = field(default_factory=list)
    requests: list[tuple[Request, ...]] = field(default_factory=list)
    """What is done or left out together."""
    members: list[list[int]] = field(default_factory=list)
    """The nodes of each request."""
    weights: list[int] = field(default_factory=list)
    reloads: list[tuple[int, int]] = field(default_factory=list)
    """By technician: its reload nodes, from the one number to the other."""
    pauses: list[list[int]] = field(default_factory=list)
    """By technician: the nodes of its breaks at places."""
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    node_of: dict[TaskKey, list[int]] = field(default_factory=dict)


def layout_of(problem: Problem) -> Layout:
    """Return the nodes and requests of `problem`."""
    found = Layout(problem)
    requests = requests_of(problem)
    pinned = {id_ for one in problem.technicians for id_ in (*one.first, *one.last)}
    for group in _groups(problem, requests):
        nodes: list[int] = []
        for request in group:
            copies = request.people if len(request.tasks) == 1 else 1
            for task in request.tasks * copies:
                nodes.append(len(found.nodes))
                found.node_of.setdefault((task.kind, task.id), []).append(nodes[-1])
                kind = _KINDS[task.kind]
                one = Node(kind, task.halt, task, task.halt.place, len(found.members))
                one.pinned = request.id in pinned and task.kind is StopKind.JOB
                found.nodes.append(one)
        if len(group) == 1 and len(group[0].tasks) == 2:
            found.nodes[nodes[0]].mate, found.nodes[nodes[1]].mate = nodes[::-1]
        found.requests.append(group)
        found.members.append(nodes)
    _add_weights(found)
    for technician in problem.technicians:
        _add_pauses(found, technician)
    for technician in problem.technicians:
        begin = len(found.nodes)
        reload = technician.reload
        for place in reload.places if reload else ():
            for _ in range(reload.times_max if reload else 0):
                task = reload_at(technician, place)
                found.nodes.append(Node(d.RELOAD, task.halt, task, place))
        found.reloads.append((begin, len(found.nodes)))
    for technician in problem.technicians:
        for places, place in (
            (found.starts, technician.start),
            (found.ends, technician.end),
        ):
            places.append(len(found.nodes))
            there = -1 if place is None else place
            found.nodes.append(Node(d.END, None, place=there))
    return found


_KINDS = {
    StopKind.JOB: d.VISIT,
    StopKind.PICKUP: d.PICKUP,
    StopKind.DELIVERY: d.DROP,
}


def _groups(
    problem: Problem, requests: Sequence[Request]
) -> Iterator[tuple[Request, ...]]:
    """Yield what is linked together, those that come first before the others."""
    visits = {one.id: one for one in requests if len(one.tasks) == 1}
    found: dict[str, set[str]] = {id_: {id_} for id_ in visits}
    for link in problem.links:
        both = found[link.first] | found[link.second]
        for id_ in both:
            found[id_] = both
    before: dict[str, set[str]] = {}
    for link in problem.links:
        before.setdefault(link.second, set()).add(link.first)
    done: set[str] = set()
    for request in requests:
        if len(request.tasks) == 2:
            yield (request,)
        elif request.id not in done:
            rest, group = set(found[request.id]), []
            while rest:
                # In a circle nothing comes first; then anything may.
                free = [one for one in rest if not before.get(one, set()) & rest]
                first = min(free or rest, key=list(visits).index)
                rest.discard(first)
                group.append(visits[first])
            done |= found[request.id]
            yield tuple(group)


def _add_weights(found: Layout) -> None:
    """Weigh what may be left out: first by priority, then by number."""
    count = sum(len(one.tasks) for group in found.requests for one in group)
    for group in found.requests:
        found.weights.append(
            sum((one.priority * (count + 1) + 1) * len(one.tasks) for one in group)
        )


def _add_pauses(found: Layout, technician: Technician) -> None:
    """Make a request of each break at a place: it outweighs every visit."""
    nodes: list[int] = []
    for pause in technician.breaks:
        if pause.place is None:
            continue
        nodes.append(len(found.nodes))
        halt = Halt(
            place=pause.place, service_s=pause.duration_s, windows=pause.windows
        )
        node = Node(d.PAUSE, halt, None, pause.place)
        node.mate = 0 if pause.is_paid else 1
        found.nodes.append(node)
    found.pauses.append(nodes)


def parts_per_s(per_hour: int) -> int:
    """Return what a second costs by the hour, in parts of a unit."""
    return per_hour * PARTS // 3600


class _Windows:
    """Rows of windows, one after another."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int]] = []

    def add(self, windows: Iterable[TimeWindow]) -> tuple[int, int]:
        begin = len(self.rows)
        far = int(d.FAR_S)
        self.rows += [(one.opens_s, min(one.closes_s, far)) for one in windows]
        return begin, len(self.rows)


def days_of(found: Layout) -> tuple[Days, Ints]:
    """Return the arrays of a layout, and the penalty of leaving each request out."""
    problem, nodes = found.problem, found.nodes
    windows = _Windows()
    table = np.zeros((len(nodes), d.NODE_COLUMNS), np.int64)
    dimensions = _dimensions(problem)
    amounts = np.zeros((len(nodes), 3, dimensions), np.int64)
    links = _links(found)
    linked = {int(n) for row in links for n in row[: d.LEAST]}
    for n, node in enumerate(nodes):
        table[n] = _node_row(problem, n, node, windows, linked)
        if node.task is not None:
            sign = -1 if node.task.kind is StopKind.DELIVERY else 1
            for plane, amount in (
                (d.DELIVER, node.task.deliver),
                (d.COLLECT, node.task.collect),
                (d.CARRY, tuple(sign * one for one in node.task.amount)),
            ):
                amounts[n, plane, : len(amount)] = amount
    speeds, travel, distance = _matrices(problem)
    routes = np.zeros((len(problem.technicians), d.ROUTE_COLUMNS), np.int64)
    breaks: list[tuple[int, int, int, int]] = []
    capacity = np.zeros((len(problem.technicians), 3, dimensions), np.int64)
    for r, technician in enumerate(problem.technicians):
        first = len(breaks)
        for pause in technician.breaks:
            if pause.place is None:
                row = (pause.duration_s, int(pause.is_paid))
                breaks.append((*row, *windows.add(pause.windows)))
        routes[r] = _route_row(found, r, speeds[r], (first, len(breaks)))
        for plane, amount in (
            (d.CLEAN, technician.capacity),
            (d.USED, technician.used_capacity or ()),
            (d.ABOARD, technician.aboard),
        ):
            capacity[r, plane, : len(amount)] = amount[:dimensions]
    step, penalties = _penalties(found, travel, distance, routes)
    wide = 1 + max((int(one[d.BREAK_END] - one[d.BREAK]) for one in routes), default=0)
    longest = len(nodes) + 4
    persons = list(dict.fromkeys(one.who for one in problem.technicians))
    shifts = np.zeros(len(persons))
    for one in problem.technicians:
        shifts[persons.index(one.who)] += one.shift.closes_s - one.shift.opens_s
    agreed = np.zeros((len(nodes), 2), np.int64)
    agreed[:, 1] = d.FAR_S
    data = Days(
        nodes=table,
        windows=np.array(windows.rows or [(0, 0)], np.int64),
        amounts=amounts,
        price=_prices(found, step),
        routes=routes,
        capacity=capacity,
        travel=travel,
        distance=distance,
        breaks=np.array(breaks or [(0, 0, 0, 0)], np.int64),
        links=links,
        member=np.array([n for some in found.members for n in some] or [0], np.int64),
        member_of=_spans(found.members),
        agreed=agreed,
        kept_agreed=agreed.copy(),
        best_agreed=agreed.copy(),
        share=shifts / max(1.0, shifts.sum()),
        busy=np.zeros(len(persons), np.int64),
        plan=np.array(
            [
                step,
                parts_per_s(problem.changes.per_hour),
                parts_per_s(problem.evenness_price),
            ],
            np.int64,
        ),
        reloads=found.reloads[-1][1] - found.reloads[0][0] if found.reloads else 0,
        blink=BLINK,
        memo=np.zeros((len(nodes), len(routes), 3), np.int64),
        linked=np.array(sorted(linked), np.int64),
        early=np.zeros((2, wide), np.int64),
        out=np.zeros((longest, 2 * wide), np.int64),
        row=np.zeros(longest, np.int64),
        tried=np.zeros(len(routes), np.int64),
    )
    return data, penalties


def _spans(members: Sequence[Sequence[int]]) -> Ints:
    found, begin = [], 0
    for some in members:
        found.append((begin, begin + len(some)))
        begin += len(some)
    return np.array(found, np.int64).reshape(-1, 2)


def _dimensions(problem: Problem) -> int:
    amounts: list[Amounts] = []
    for visit in problem.visits:
        amounts += [visit.deliver, visit.collect]
    amounts += [one.amount for one in problem.shipments]
    amounts += [one.aboard for one in problem.technicians]
    return max(map(len, amounts), default=0)


def _node_row(
    problem: Problem, n: int, node: Node, windows: _Windows, linked: set[int]
) -> list[int]:
    halt = node.halt
    if halt is None:
        return [node.place, 0, 0, 0, 0, 0, 0, -1, -1, 0, node.kind, -1, 0]
    lateness = halt.lateness
    given = -1
    if isinstance(halt, Visit) and halt.given is not None:
        begin_s = halt.given.begin_s
        if begin_s is not None and problem.changes.per_hour:
            given = begin_s
    priced = given >= 0 or (lateness is not None and lateness.per_hour > 0)
    return [
        node.place,
        halt.setup_s,
        halt.service_s,
        *windows.add(halt.windows),
        0 if lateness is None else lateness.max_s,
        0 if lateness is None else parts_per_s(lateness.per_hour),
        given,
        -1 if node.pinned else node.request,
        int(priced),
        node.kind,
        node.mate,
        int(n in linked),
    ]


def _route_row(found: Layout, r: int, speed: int, breaks: tuple[int, int]) -> list[int]:
    problem = found.problem
    one = problem.technicians[r]
    costs, far = one.costs, int(d.FAR_S)
    persons = list(dict.fromkeys(one.who for one in problem.technicians))
    timed = (costs.per_work_hour, costs.per_overtime_hour * one.overtime_max_s)
    strict = not any(timed) and one.work_max_s is None
    limits = (one.tasks_max, one.travel_max_s, one.distance_max_m, one.work_max_s)
    return [
        speed,
        one.shift.opens_s,
        min(one.shift.closes_s, far),
        min(one.latest_end_s, far),
        costs.fixed * PARTS,
        parts_per_s(costs.per_hour),
        costs.per_km * PARTS // 1000,
        parts_per_s(costs.per_work_hour),
        parts_per_s(costs.per_overtime_hour),
        *(far if limit is None else limit for limit in limits),
        int(one.used_capacity is not None),
        persons.index(one.who),
        len(one.first),
        len(one.last),
        _alike(problem, r),
        int(strict),
        *breaks,
        *found.reloads[r],
    ]


def _alike(problem: Problem, r: int) -> int:
    """Return the first technician who is like this one in everything that counts."""

    def traits(one: Technician) -> tuple[object, ...]:
        named = any(
            visit.given is not None
            or one.names
            & ((visit.allowed or frozenset()) | visit.forbidden | visit.preferred)
            for visit in problem.visits
        )
        single = named or bool(problem.links) or problem.evenness_price > 0
        single = single or any(visit.people > 1 for visit in problem.visits)
        return (
            one.id if single else "",
            *(getattr(one, name) for name in _TRAITS),
        )

    mine = traits(problem.technicians[r])
    return next(n for n, one in enumerate(problem.technicians) if traits(one) == mine)


_TRAITS = (
    "start",
    "end",
    "shift",
    "overtime_max_s",
    "breaks",
    "skills",
    "capacity",
    "used_capacity",
    "aboard",
    "reload",
    "tasks_max",
    "travel_max_s",
    "distance_max_m",
    "work_max_s",
    "areas",
    "away_price",
    "first",
    "last",
    "speed_factor",
    "costs",
    "profile",
)


def _matrices(problem: Problem) -> tuple[list[int], Ints, Ints]:
    """Return the speed of each technician, and times and distances of each speed."""
    kinds: dict[tuple[str, float], int] = {}
    speeds = [
        kinds.setdefault((one.profile, one.speed_factor), len(kinds))
        for one in problem.technicians
    ]
    count = max((len(one.travel_s) for one in problem.matrices.values()), default=0)
    travel = np.zeros((max(1, len(kinds)), count, count), np.int64)
    distance = np.zeros_like(travel)
    for (profile, factor), n in kinds.items():
        matrix = problem.matrices[profile]
        size = len(matrix.travel_s)
        if not size:
            continue
        seconds = np.array(matrix.travel_s, np.int64)
        if factor != 1:
            seconds = np.rint(seconds / factor).astype(np.int64)
        travel[n, :size, :size] = seconds
        if matrix.distance_m is not None:
            distance[n, :size, :size] = matrix.distance_m
    return speeds, travel, distance


def _prices(found: Layout, step: int) -> Ints:
    problem = found.problem
    prices = np.full((len(found.nodes), len(problem.technicians)), d.NEVER, np.int64)
    for group, members in zip(found.requests, found.members, strict=True):
        by_id = {(one.kind, one.id): one for one in group}
        for r, technician in enumerate(problem.technicians):
            asked = {
                key: price_of(problem, technician, one) for key, one in by_id.items()
            }
            for n in members:
                task = found.nodes[n].task
                assert task is not None, "a member is a task"
                one = next(price for (_, id_), price in asked.items() if id_ == task.id)
                prices[n, r] = d.NEVER if one is None else one * PARTS // step
    for r, pauses in enumerate(found.pauses):
        for n in pauses:
            prices[n, r] = 0
    return prices


def _links(found: Layout) -> Ints:
    """Return the links between nodes, those of two people among them."""
    rows: list[list[int]] = []
    for nodes in found.node_of.values():
        one = found.nodes[nodes[0]]
        if one.kind == d.VISIT and len(nodes) == 2:
            rows.append([*nodes, 0, 0, d.TOGETHER])
    for link in found.problem.links:
        most = d.FAR_S if link.most_s is None else link.most_s
        kind = d.AFTER_SAME if link.same_person else d.AFTER
        for first in found.node_of[StopKind.JOB, link.first]:
            for second in found.node_of[StopKind.JOB, link.second]:
                rows.append([first, second, link.least_s, most, kind])
    return np.array(rows, np.int64).reshape(-1, 5)


def _penalties(
    found: Layout, travel: Ints, distance: Ints, routes: Ints
) -> tuple[int, Ints]:
    """Return how many parts make a step of cost, and what each request weighs.

    The weight of one visit is more than any plan can cost; steps are as fine as all
    weights together allow.
    """
    legs = len(found.nodes) + len(routes)
    per_leg = int(
        routes[:, d.PER_S].max(initial=0) * travel.max(initial=0)
        + routes[:, d.PER_M].max(initial=0) * distance.max(initial=0)
    )
    span = int(min(routes[:, d.OVER].max(initial=0), FOREVER_S))
    hourly = int(
        routes[:, d.PER_WORK_S].max(initial=0) + routes[:, d.PER_OVER_S].max(initial=0)
    )
    problem = found.problem
    flat = sum(
        visit.preferred_price + problem.changes.per_technician
        for visit in problem.visits
    )
    late = sum(
        parts_per_s(halt.lateness.per_hour) * halt.lateness.max_s
        for node in found.nodes
        if (halt := node.halt) is not None and halt.lateness is not None
    )
    moved = parts_per_s(problem.changes.per_hour) * sum(
        visit.given is not None for visit in problem.visits
    )
    away = sum(one.away_price or 0 for one in problem.technicians)
    worst = (
        legs * per_leg
        + int(routes[:, d.FIXED].sum())
        + len(routes) * (hourly + parts_per_s(problem.evenness_price)) * span
        + (flat + away * len(problem.visits)) * PARTS
        + late
        + moved * span
        + PARTS
    )
    total = sum(found.weights) + len(found.nodes)
    step = max(PARTS // 100, total * worst // STEPS_MAX + 1)
    unit = worst // step + 1
    return step, np.array([weight * unit for weight in found.weights], np.int64)


def orders_of(found: Layout, rows: Sequence[Sequence[int]]) -> dict[str, list[Task]]:
    """Return what each technician does, from rows of nodes; breaks are left out."""
    orders: dict[str, list[Task]] = {}
    for technician, row in zip(found.problem.technicians, rows, strict=True):
        tasks = [found.nodes[n].task for n in row]
        orders[technician.id] = [one for one in tasks if one is not None]
    return orders
