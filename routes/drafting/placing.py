"""Where something more fits into a plan, on any route, cheapest first.

A visit goes to one route, one for two people to two, and linked visits go together.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from routes.drafting.draft import Board, Draft, left_out
from routes.drafting.insert import placings
from routes.problem import Technician
from routes.timetable.row import Row
from routes.timetable.tasks import Request, Task

WIDTH = 8
"""So many places are gone on from, for each place of what is placed before."""
BREADTH = 60
"""So many ways to place what is linked are timed."""


class Start(NamedTuple):
    """Rows with some of what is placed, not asked whether they keep together."""

    extra: int
    rows: dict[str, tuple[Task, ...]]


class Rows:
    """The rows of a draft, made ready for trying when first asked for."""

    def __init__(self, draft: Draft) -> None:
        """Begin with none."""
        self.draft = draft
        self._rows: dict[str, Row] = {}

    def __getitem__(self, technician: Technician) -> Row:
        """Return the row of `technician` as it stands in the draft."""
        if technician.id not in self._rows:
            board = self.draft.board
            tasks = self.draft.orders.get(technician.id, ())
            self._rows[technician.id] = Row(board.problem, technician, tasks)
        return self._rows[technician.id]


def cheapest(
    draft: Draft,
    unit: tuple[Request, ...],
    *,
    rows: Rows | None = None,
    by: Callable[[Technician], bool] | None = None,
) -> Draft | None:
    """Return `draft` with `unit` where it costs least, or None if it fits nowhere.

    `unit` is what `Board.units` says is done as a whole.  Of linked visits and those
    for two people only the places that are cheapest to drive to are tried: None does
    not say that there is no place for them.  `by` says who may do it.
    """
    board = draft.board
    rows = Rows(draft) if rows is None else rows
    able = [one for one in board.problem.technicians if by is None or by(one)]
    best: Draft | None = None
    for start in _starts(draft, unit, rows, able):
        # Nothing but driving and prices is in `extra`; the rest only adds to it, except
        # for moments that were given and evenness, which may be met better than before.
        if best is not None and draft.cost + start.extra >= best.cost:
            if _only_adds(board):
                break
            if draft.cost + start.extra >= best.cost + best.cost // 10:
                break
        found = draft.changed(start.rows)
        if found is not None and (best is None or found.cost < best.cost):
            best = found
    return best


def filled(draft: Draft, *, tied: bool = True) -> Draft:
    """Return `draft` with all that still fits, what matters most first.

    Without `tied` only what is done for itself and by one, which is soon tried.
    """
    left = {(one.kind, one.id) for one in left_out(draft.board, draft.orders)}
    units = [u for u in draft.board.units if (u[0].kind, u[0].id) in left]
    for unit in sorted(units, key=lambda some: -max(one.priority for one in some)):
        if not tied and (unit[1:] or unit[0].people > 1):
            continue
        found = cheapest(draft, unit)
        draft = draft if found is None else found
    return draft


def _only_adds(board: Board) -> bool:
    return not board.problem.changes.per_hour and not board.problem.evenness_price


def _starts(
    draft: Draft, unit: tuple[Request, ...], rows: Rows, able: list[Technician]
) -> Iterator[Start]:
    """Yield ways to place `unit`, the cheapest to drive to first."""
    steps = [request for request in unit for _ in range(request.people)]
    if len(steps) == 1:
        yield from _one(draft, steps[0], able, lambda one: rows[one])
        return
    beam = [Start(0, {})]
    for request in steps:
        wider: list[Start] = []
        for start in beam:
            ready = _ready(draft, start.rows, rows)
            free = [one for one in able if not _does(start.rows, one, request)]
            more = _one(draft, request, free, ready)
            for _, one in zip(range(WIDTH), more, strict=False):
                extra, placed = start.extra + one.extra, {**start.rows, **one.rows}
                wider.append(Start(extra, placed))
        beam = heapq.nsmallest(BREADTH, wider, key=lambda one: one.extra)
    yield from beam


def _does(
    rows: Mapping[str, tuple[Task, ...]], technician: Technician, request: Request
) -> bool:
    row = rows.get(technician.id, ())
    return any((task.kind, task.id) == _key(request) for task in row)


def _key(request: Request) -> tuple[object, str]:
    return request.tasks[0].kind, request.id


def _ready(
    draft: Draft, changed: Mapping[str, tuple[Task, ...]], rows: Rows
) -> Callable[[Technician], Row]:
    problem = draft.board.problem
    made: dict[str, Row] = {}

    def row(technician: Technician) -> Row:
        tasks = changed.get(technician.id)
        if tasks is None:
            return rows[technician]
        if technician.id not in made:
            made[technician.id] = Row(problem, technician, tasks)
        return made[technician.id]

    return row


def _one(
    draft: Draft,
    request: Request,
    able: list[Technician],
    row_of: Callable[[Technician], Row],
) -> Iterator[Start]:
    """Yield the places of one request on all routes, the cheapest to drive to first."""

    def of(technician: Technician, price: int) -> Iterator[Start]:
        for one in placings(row_of(technician), request):
            yield Start(one.extra + price, {technician.id: one.tasks})

    priced = ((one, draft.board.price(one, request.tasks[0])) for one in able)
    some = [of(one, price) for one, price in priced if price is not None]
    yield from heapq.merge(*some, key=lambda one: one.extra)
