"""What one visit of a plan leaves open: how much later, at what cost, by whom else."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from routes.changes.by_hand import NotPossible, moved
from routes.drafting.draft import Draft
from routes.plan import StopKind
from routes.problem import ALWAYS, TimeWindow
from routes.timetable.held import held


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """What one visit of a plan leaves open."""

    visit: str
    begin_s: int
    later_s: int
    """How much later it could begin, who does what and in which order kept."""
    saved: int | None
    """What the plan costs more than without it, and what it is linked with.

    None where the rest could not be kept in that order.
    """
    elsewhere: Mapping[str, int | None]
    """What moving it would cost more, by technician; None: a rule forbids it.

    Nobody for visits of two people.
    """


def slack(draft: Draft, visit: str) -> Slack:
    """Return what `visit` of `draft` leaves open.

    Raises:
        KeyError: there is no such visit.
        NotPossible: it is not in the plan.
    """
    board = draft.board
    request = board.request_of[StopKind.JOB, visit]
    begins = [
        stop.service_start_s
        for route in draft.routes.values()
        for stop in route.stops
        if stop.kind is StopKind.JOB and stop.id == visit
    ]
    if not begins:
        raise NotPossible(f"Visit {visit} is not in the plan.")
    unit = {one.id for one in board.unit_of(request)}
    rest = draft.changed(
        {
            id_: tuple(t for t in row if t.kind is not StopKind.JOB or t.id not in unit)
            for id_, row in draft.orders.items()
        }
    )
    elsewhere: dict[str, int | None] = {}
    if request.people == 1:
        for id_ in board.technicians:
            if not any(_is(t.kind, t.id, visit) for t in draft.orders.get(id_, ())):
                elsewhere[id_] = _moved(draft, visit, id_)
    return Slack(
        visit=visit,
        begin_s=begins[0],
        later_s=_later_s(draft, visit, begins[0]),
        saved=None if rest is None else draft.cost - rest.cost,
        elsewhere=elsewhere,
    )


def _is(kind: StopKind, id_: str, visit: str) -> bool:
    return kind is StopKind.JOB and id_ == visit


def _moved(draft: Draft, visit: str, technician: str) -> int | None:
    try:
        return moved(draft, visit, technician).cost - draft.cost
    except NotPossible:
        return None


def _later_s(draft: Draft, visit: str, begin_s: int) -> int:
    """Return the most that `visit` can be put off, by halving what is not known."""
    latest_s = max(one.latest_end_s for one in draft.board.problem.technicians)
    low_s, high_s = 0, max(0, latest_s - begin_s)
    while low_s < high_s:
        middle_s = (low_s + high_s + 1) // 2
        if _can_begin(draft, visit, begin_s + middle_s):
            low_s = middle_s
        else:
            high_s = middle_s - 1
    return low_s


def _can_begin(draft: Draft, visit: str, least_s: int) -> bool:
    rows = {}
    for id_, row in draft.orders.items():
        if not any(_is(task.kind, task.id, visit) for task in row):
            continue
        later = []
        for task in row:
            if _is(task.kind, task.id, visit):
                halt = held(task.halt, TimeWindow(least_s, ALWAYS.closes_s))
                if halt is None:
                    return False
                task = replace(task, halt=halt)
            later.append(task)
        rows[id_] = tuple(later)
    return draft.changed(rows) is not None
