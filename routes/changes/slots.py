"""What to offer a caller: when somebody could come, cheapest first.

Each offer is a place on a route that was timed with everything else in it.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from routes.changes.by_hand import NotPossible
from routes.drafting.difference import Shift, difference
from routes.drafting.draft import Draft
from routes.drafting.placing import Rows, cheapest
from routes.plan import StopKind
from routes.problem import Problem, Technician, TimeWindow
from routes.windows import common

PARTS_MAX = 2016
"""A week cut into five minutes; each part is looked at by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """An offer: who would come, in which window, and when as things stand."""

    window: TimeWindow
    technician: str
    begin_s: int
    extra: int
    """What the plan costs more."""
    shifts: tuple[Shift, ...]
    """What else begins at another moment; the visit itself is not among them."""


def slots(
    draft: Draft,
    visit: str,
    *,
    count: int = 10,
    windows: Sequence[TimeWindow] | None = None,
) -> tuple[Slot, ...]:
    """Return at most `count` offers for `visit`, no two in one window, cheapest first.

    `windows` is what may be offered: `windows_for` the visit if None.  Being late is
    not offered, even where the visit allows it.

    Raises:
        KeyError: there is no such visit.
        NotPossible: it is in the plan already.
    """
    if any(
        task.kind is StopKind.JOB and task.id == visit
        for row in draft.orders.values()
        for task in row
    ):
        raise NotPossible(f"Visit {visit} is in the plan already.")
    offered = windows_for(draft, visit)
    if windows is not None:
        offered = common(offered, tuple(windows))
    before = draft.plan()
    rows = Rows(draft)
    found = []
    for window in offered:
        there = _within(draft, visit, window, rows)
        if there is not None:
            found.append((there.cost - draft.cost, window.opens_s, window, there))
    return tuple(
        _slot(draft, there, visit, window, difference(before, there.plan()).shifts)
        for _, _, window, there in heapq.nsmallest(
            count, found, key=lambda one: one[:2]
        )
    )


def windows_for(draft: Draft, visit: str) -> tuple[TimeWindow, ...]:
    """Return the windows of `visit`; when anybody is at work where it has none.

    Raises:
        KeyError: there is no such visit.
    """
    board = draft.board
    halt = board.request_of[StopKind.JOB, visit].tasks[0].halt
    return halt.windows or tuple(_at_work(board.problem))


def _at_work(problem: Problem) -> Iterator[TimeWindow]:
    """Yield when somebody is at work, shifts that meet as one."""
    shifts = sorted(
        (one.shift.opens_s, one.shift.closes_s) for one in problem.technicians
    )
    while shifts:
        opens_s, closes_s = shifts.pop(0)
        while shifts and shifts[0][0] <= closes_s:
            closes_s = max(closes_s, shifts.pop(0)[1])
        yield TimeWindow(opens_s, closes_s)


def parts(windows: Sequence[TimeWindow], length_s: int) -> Iterator[TimeWindow]:
    """Yield `windows` cut into parts of `length_s` seconds; the last may be shorter.

    Raises:
        ValueError: there are more than `PARTS_MAX`.

    >>> list(parts([TimeWindow(0, 5)], 3))
    [TimeWindow(opens_s=0, closes_s=2), TimeWindow(opens_s=3, closes_s=5)]
    """
    count = sum((one.closes_s - one.opens_s) // length_s + 1 for one in windows)
    if count > PARTS_MAX:
        raise ValueError(
            f"The windows make {count} offers of that length, and at most {PARTS_MAX}"
            " are looked at. Ask for longer ones."
        )
    for one in windows:
        for opens_s in range(one.opens_s, one.closes_s + 1, length_s):
            yield TimeWindow(opens_s, min(opens_s + length_s - 1, one.closes_s))


def _within(draft: Draft, visit: str, window: TimeWindow, rows: Rows) -> Draft | None:
    """Return `draft` with `visit` where it costs least within `window`, or None."""
    board = draft.board
    request = board.request_of[StopKind.JOB, visit]
    task = request.tasks[0]
    halt = replace(task.halt, windows=(window,), lateness=None)
    narrowed = replace(request, tasks=(replace(task, halt=halt),))
    unit = tuple(narrowed if one is request else one for one in board.unit_of(request))
    return cheapest(
        draft,
        unit,
        rows=rows,
        by=None if unit[1:] else lambda one: _works(one, window),
    )


def _works(technician: Technician, window: TimeWindow) -> bool:
    return window.meets(TimeWindow(technician.shift.opens_s, technician.latest_end_s))


def _slot(
    draft: Draft,
    there: Draft,
    visit: str,
    window: TimeWindow,
    shifts: tuple[Shift, ...],
) -> Slot:
    (mine, *_) = [one for one in shifts if _is(one, visit)]
    assert mine.after is not None, "it was placed"
    assert mine.after_s is not None, "and timed"
    return Slot(
        window=window,
        technician=mine.after,
        begin_s=mine.after_s,
        extra=there.cost - draft.cost,
        shifts=tuple(one for one in shifts if not _is(one, visit)),
    )


def _is(shift: Shift, visit: str) -> bool:
    return shift.kind is StopKind.JOB and shift.id == visit
