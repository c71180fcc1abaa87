"""The rows a search begins with: what is pinned to them, breaks at places, and work."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations_with_replacement

import numpy as np

from routes.kernel import words as w
from routes.kernel.library import LIBRARY, P32, Days
from routes.kernel.recombine import Rows
from routes.search.layout import Layout
from routes.timetable.held import Held
from routes.timetable.tasks import Orders

PAUSES_TRIED = 3
"""With more breaks at places on a row, not every place is tried for all of them."""


def drop_pins(found: Layout, rules: Days) -> bool:
    """Leave pinned visits out that cannot be done where they are; return if any was.

    What they are linked with goes too.  So do linked visits that are all pinned, and
    those for two people: the search moves none of them to agree on when they begin.
    """
    placed = {n for pins in (*found.first, *found.last) for n in pins}
    for nodes in found.members:
        here = {n for n in nodes if found.nodes[n].pinned}
        if len(nodes) > 1 and (len(here) == len(nodes) or here - placed):
            found.barred |= {*nodes}
    for r, (first, last) in enumerate(zip(found.first, found.last, strict=True)):
        pinned = [*first, *last]
        found.barred |= {n for n in pinned if rules["price"][n, r] == w.NEVER}
        while pinned := [n for n in pinned if n not in found.barred]:
            if cheapest_row(found, rules, r, pinned) is not None:
                break
            found.barred.add(pinned[-1])
    found.barred |= {
        n for nodes in found.members if found.barred & {*nodes} for n in nodes
    }
    for pins in (*found.first, *found.last):
        pins[:] = [n for n in pins if n not in found.barred]
    return bool(found.barred)


def bare_rows(found: Layout, rules: Days | None) -> Rows:
    """Return the routes with their breaks at places and pinned visits alone."""
    width = len(found.nodes) + 4
    nodes = np.zeros((len(found.starts), width), np.int32)
    size = np.zeros(len(found.starts), np.int32)
    for r, (start, end) in enumerate(zip(found.starts, found.ends, strict=True)):
        pinned = [*found.first[r], *found.last[r]]
        row = None if rules is None else cheapest_row(found, rules, r, pinned)
        row = [*found.pauses[r], *pinned] if row is None else row
        nodes[r, : len(row) + 2] = [start, *row, end]
        size[r] = len(row)
    return Rows(nodes=nodes, size=size)


def filled(bare: Rows, found: Layout, rules: Days | None, start: Orders) -> Rows:
    """Return `bare` routes with what `start` has technicians do, where they can.

    What is linked begins when `start` holds it, which is written into `rules`.
    """
    tasks = found.rows(start)
    if rules is None:
        return _on_rows(bare, found, {r: row for r, row in enumerate(tasks) if row})
    _hold(found, rules, start)
    while True:
        kept = {}
        for r, some in enumerate(tasks):
            row = _startable(found, rules, r, some)
            if row is not None:
                kept[r] = row
        there = {n for row in kept.values() for n in row}
        halves = {
            n
            for nodes, free in zip(found.members, found.movable, strict=True)
            if there & {*free} and not there.issuperset(nodes)
            for n in nodes
        }
        if not halves:
            break
        tasks = [
            [n for n in some if n not in halves or found.nodes[n].pinned]
            for some in tasks
        ]
    for nodes in found.members:
        if not there.issuperset(nodes):
            rules["agreed"][nodes] = 0, w.FAR_S
    return _on_rows(bare, found, kept)


def _hold(found: Layout, rules: Days, start: Orders) -> None:
    """Write down when linked visits begin in `start`."""
    for task in (one for tasks in start.values() for one in tasks):
        if isinstance(task.halt, Held):
            first, last = task.halt.windows[0], task.halt.windows[-1]
            moments = first.opens_s, last.closes_s
            rules["agreed"][found.node_of[task.kind, task.id]] = moments


def _startable(
    found: Layout, rules: Days, r: int, tasks: Sequence[int]
) -> list[int] | None:
    """Return the cheapest row of `tasks` if it keeps all and has what is pinned."""
    first, last = found.first[r], found.last[r]
    ends = [*tasks[: len(first)], *tasks[max(0, len(tasks) - len(last)) :]]
    if not tasks or ends != [*first, *last] or found.barred & {*tasks}:
        return None
    return cheapest_row(found, rules, r, tasks)


def _on_rows(bare: Rows, found: Layout, tasks: Mapping[int, Sequence[int]]) -> Rows:
    rows = bare.copy()
    for r, row in tasks.items():
        rows.nodes[r, 1 : len(row) + 2] = [*row, found.ends[r]]
        rows.size[r] = len(row)
    return rows


def cheapest_row(
    found: Layout, rules: Days, r: int, tasks: Sequence[int]
) -> list[int] | None:
    """Return `tasks` with the breaks at places where they cost least, if it can be."""
    best, chosen = w.DEAR, None
    for row in _with_pauses(found.pauses[r], tasks):
        nodes = np.array([found.starts[r], *row, found.ends[r]], np.int32)
        cost = LIBRARY.fsc_row_cost(rules, r, nodes.ctypes.data_as(P32), len(row))
        if cost < best:
            best, chosen = cost, row
    return chosen


def _with_pauses(pauses: Sequence[int], tasks: Sequence[int]) -> Iterator[list[int]]:
    """Yield `tasks` with `pauses` among them, in their order, in every way."""
    places = range(len(tasks) + 1)
    if len(pauses) > PAUSES_TRIED:
        places = range(0, len(tasks) + 1, 1 + len(tasks) // 4)
    for cuts in combinations_with_replacement(places, len(pauses)):
        row = list(tasks)
        for n, cut in enumerate(cuts):
            row.insert(cut + n, pauses[n])
        yield row
