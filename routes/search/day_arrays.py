"""Technicians' days as the arrays the compiled search reads (`kernel/c/days.h`).

What something costs is added up in parts, 3,600,000 to a unit, so that nothing by the
hour or the kilometre is rounded, and compared in steps of so many parts.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from routes.kernel import words as w
from routes.kernel.library import Days
from routes.plan import StopKind
from routes.problem import Amounts, Halt, Problem, TimeWindow, Visit, holds
from routes.search.layout import Layout, Node
from routes.timetable.tasks import price_of

Ints = NDArray[np.int64]
PARTS = 3_600_000
BLINK = 0.01


def days_of(found: Layout, step: int) -> Days:
    """Return a layout as arrays, with scratch of its own; costs in steps of `step`."""
    problem, nodes = found.problem, found.nodes
    routes = len(problem.technicians)
    windows = _Windows()
    links = links_of(found)
    linked = sorted({int(n) for row in links for n in row[:2]})
    table = [_node_row(problem, n, one, windows, linked) for n, one in enumerate(nodes)]
    dimensions = dimensions_of(problem)
    speeds, travel, distance = _matrices(problem)
    pauses: list[tuple[int, ...]] = []
    cars = []
    for r, technician in enumerate(problem.technicians):
        first = len(pauses)
        for pause in technician.breaks:
            if pause.place is None:
                row = (pause.duration_s, int(pause.is_paid))
                pauses.append((*row, *windows.add(pause.windows)))
        cars.append(_car_row(found, r, speeds[r], (first, len(pauses))))
    wide = wide_of(problem)
    persons = _persons(problem)
    shifts = np.zeros(max(1, len(persons)))
    for one in problem.technicians:
        shifts[persons.index(one.who)] += one.shift.closes_s - one.shift.opens_s
    agreed = np.tile(np.array([0, w.FAR_S], np.int64), (len(nodes), 1))
    members = [n for some in found.members for n in some]
    longest = len(nodes) + w.ROW_MORE
    return Days(
        node_count=len(nodes),
        route_count=routes,
        place_count=travel.shape[1],
        dimensions=dimensions,
        link_count=len(links),
        linked_count=len(linked),
        person_count=len(persons),
        reload_count=sum(end - begin for begin, end in found.reloads),
        wide=wide,
        step=step,
        moved_price=parts_per_s(problem.changes.per_hour),
        even_price=parts_per_s(problem.evenness_price),
        blink=BLINK,
        nodes=np.array(table, np.int64),
        cars=np.array(cars, np.int64),
        windows=np.array(windows.rows or [(0, 0)], np.int64),
        pauses=np.array(pauses or [(0, 0, 0, 0)], np.int64),
        links=links if len(links) else np.zeros((1, 5), np.int64),
        amounts=_amounts(nodes, dimensions),
        rooms=_rooms(problem, dimensions),
        price=_prices(found, step),
        travel=travel,
        travel_in=travel.transpose(0, 2, 1),
        distance=distance,
        member=np.array(members or [0]),
        member_of=spans_of(found.members),
        linked=np.array(linked or [0]),
        share=shifts / max(1.0, shifts.sum()),
        agreed=agreed,
        kept_agreed=agreed.copy(),
        best_agreed=agreed.copy(),
        memo=np.zeros((len(nodes), max(1, routes), 3)),
        early=np.zeros((2, longest, 2 * wide)),
        late=np.zeros(2 * wide),
        bounds=np.zeros(longest),
        busy=np.zeros(max(1, len(persons))),
        row=np.zeros(longest),
        barred=np.zeros(max(1, routes)),
    )


def wide_of(problem: Problem) -> int:
    """Return one more than the most breaks of anybody that are at no place."""
    return 1 + max(
        (sum(p.place is None for p in one.breaks) for one in problem.technicians),
        default=0,
    )


def parts_per_s(per_hour: int) -> int:
    """Return what a second costs by the hour, in parts of a unit."""
    return per_hour * PARTS // 3600


def spans_of(members: Sequence[Sequence[int]]) -> Ints:
    """Return where the members of each begin and end, one row after another."""
    ends = np.cumsum([len(some) for some in members] or [0])
    begins = np.concatenate([[0], ends[:-1]])
    spans: Ints = np.stack([begins, ends], axis=1)
    return spans


def dimensions_of(problem: Problem) -> int:
    """Return how many dimensions anything that is carried has."""
    amounts: list[Amounts] = []
    for visit in problem.visits:
        amounts += [visit.deliver, visit.collect]
    amounts += [one.amount for one in problem.shipments]
    amounts += [one.aboard for one in problem.technicians]
    return max(map(len, amounts), default=0)


class _Windows:
    """Rows of windows, one after another."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int]] = []

    def add(self, windows: Iterable[TimeWindow]) -> tuple[int, int]:
        """Add `windows`; return the numbers they are from and to."""
        begin = len(self.rows)
        self.rows += [(one.opens_s, min(one.closes_s, w.FAR_S)) for one in windows]
        return begin, len(self.rows)


def _persons(problem: Problem) -> list[str]:
    return list(dict.fromkeys(one.who for one in problem.technicians))


def _node_row(
    problem: Problem, n: int, node: Node, windows: _Windows, linked: Sequence[int]
) -> list[int]:
    halt = node.halt
    if halt is None:
        return [node.place, 0, 0, 0, 0, 0, 0, -1, -1, 0, node.kind, -1, 0, -1]
    lateness, given = halt.lateness, -1
    if isinstance(halt, Visit) and halt.given is not None and problem.changes.per_hour:
        given = -1 if halt.given.begin_s is None else halt.given.begin_s
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
        node.turn,
    ]


def _car_row(found: Layout, r: int, speed: int, pauses: tuple[int, int]) -> list[int]:
    problem = found.problem
    one = problem.technicians[r]
    costs = one.costs
    timed = costs.per_work_hour + costs.per_overtime_hour * one.overtime_max_s
    limits = (one.tasks_max, one.travel_max_s, one.distance_max_m, one.work_max_s)
    return [
        speed,
        one.shift.opens_s,
        min(one.shift.closes_s, w.FAR_S),
        min(one.latest_end_s, w.FAR_S),
        costs.fixed * PARTS,
        parts_per_s(costs.per_hour),
        costs.per_km * PARTS // 1000,
        parts_per_s(costs.per_work_hour),
        parts_per_s(costs.per_overtime_hour),
        *(w.FAR_S if limit is None else limit for limit in limits),
        int(one.used_capacity is not None),
        _persons(problem).index(one.who),
        len(found.first[r]),
        len(found.last[r]),
        found.kinds[r],
        int(timed == 0 and one.work_max_s is None),
        *pauses,
        *found.reloads[r],
        0 if one.reload is None else one.reload.times_max,
    ]


def _matrices(problem: Problem) -> tuple[list[int], Ints, Ints]:
    """Return the speed of each technician, and times and distances of each speed."""
    kinds: dict[tuple[str, float], int] = {}
    speeds = [
        kinds.setdefault((one.profile, one.speed_factor), len(kinds))
        for one in problem.technicians
    ]
    count = max((len(one.travel_s) for one in problem.matrices.values()), default=0)
    travel = np.zeros((max(1, len(kinds)), max(1, count), max(1, count)), np.int64)
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


def _amounts(nodes: Sequence[Node], dimensions: int) -> Ints:
    amounts = np.zeros((len(nodes), max(1, dimensions), 3), np.int64)
    for n, node in enumerate(nodes):
        if node.task is None:
            continue
        sign = -1 if node.task.kind is StopKind.DELIVERY else 1
        for column, amount in enumerate(
            (
                node.task.deliver,
                node.task.collect,
                tuple(sign * one for one in node.task.amount),
            )
        ):
            amounts[n, : len(amount), column] = amount
    return amounts


def _rooms(problem: Problem, dimensions: int) -> Ints:
    rooms = np.zeros(
        (max(1, len(problem.technicians)), max(1, dimensions), 3), np.int64
    )
    for r, one in enumerate(problem.technicians):
        for column, amount in enumerate(
            (one.capacity, one.used_capacity or (), one.aboard)
        ):
            fitting = amount[:dimensions]
            rooms[r, : len(fitting), column] = fitting
    return rooms


def _prices(found: Layout, step: int) -> Ints:
    problem = found.problem
    routes = len(problem.technicians)
    prices = np.full((len(found.nodes), max(1, routes)), w.NEVER, np.int64)
    for some in _alike(problem):
        technician = problem.technicians[some[0]]
        for group, members in zip(found.requests, found.members, strict=True):
            asked = {one.id: price_of(problem, technician, one) for one in group}
            for n in members:
                task = found.nodes[n].task
                price = None if task is None else asked[task.id]
                if price is not None:
                    prices[n, some] = price * PARTS // step
    for n, node in enumerate(found.nodes[: found.task_count]):
        if node.halt is not None:
            prices[n, :routes][~_in_shifts(problem, node.halt)] = w.NEVER
    for r, some in enumerate(found.pauses):
        prices[some, r] = 0
    for r, technician in enumerate(problem.technicians):
        one = technician
        room = one.capacity if one.used_capacity is None else one.used_capacity
        if not holds(room, one.aboard):
            # What is in the car already does not fit it: nothing more does.
            prices[:, r] = w.NEVER
    prices[sorted(found.barred)] = w.NEVER
    return prices


def _alike(problem: Problem) -> list[list[int]]:
    """Return the numbers of technicians, those together whom everything costs the same.

    Of ten days of one person, what somebody may do and at which price is asked once.
    """
    named = {
        name
        for visit in problem.visits
        for names in (visit.allowed or (), visit.forbidden, visit.preferred)
        for name in names
    } | {visit.given.technician for visit in problem.visits if visit.given is not None}
    found: dict[object, list[int]] = {}
    for r, one in enumerate(problem.technicians):
        pinned = (*one.first, *one.last)
        key = (one.skills, one.areas, one.away_price, one.names & named, pinned)
        found.setdefault(key, []).append(r)
    return list(found.values())


def _in_shifts(problem: Problem, halt: Halt) -> NDArray[np.bool_]:
    """Return in whose shifts work at `halt` may begin, by its windows alone."""
    opens = np.array([one.shift.opens_s for one in problem.technicians])
    ends = np.array([one.latest_end_s for one in problem.technicians])
    late_s = 0 if halt.lateness is None else halt.lateness.max_s
    found = np.full(len(opens), not halt.windows)
    for window in halt.windows:
        found |= (window.opens_s <= ends) & (opens <= window.closes_s + late_s)
    return found


def links_of(found: Layout) -> Ints:
    """Return the links between nodes, those of two people among them."""
    rows: list[list[int]] = []
    for nodes in found.node_of.values():
        if found.nodes[nodes[0]].kind == w.VISIT and len(nodes) == 2:
            rows.append([*nodes, 0, 0, w.TOGETHER])
    for link in found.problem.links:
        most = w.FAR_S if link.most_s is None else link.most_s
        kind = w.AFTER_SAME if link.same_person else w.AFTER
        for first in found.node_of[StopKind.JOB, link.first]:
            for second in found.node_of[StopKind.JOB, link.second]:
                rows.append([first, second, link.least_s, most, kind])
    return np.array(rows, np.int64).reshape(-1, 5)
