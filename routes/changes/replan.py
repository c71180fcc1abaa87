"""The rest of a day, planned again with as little changed as it pays to change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from routes.changes.under_way import Rest, rest_of
from routes.drafting.difference import Difference, difference
from routes.drafting.draft import Board, Draft, left_out
from routes.drafting.placing import filled
from routes.plan import Plan, Unassigned, clock
from routes.problem import Changes, Problem
from routes.reasons.explain import explain
from routes.reasons.nobody import Clock
from routes.solve import solve
from routes.timetable.tasks import Request, Task

CHANGES = Changes(per_technician=600, per_hour=600)
"""As much as ten minutes of driving, where a problem does not say what changes cost."""
SEARCH_S = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanned:
    """The rest of a day, and the plan for it."""

    problem: Problem
    plan: Plan
    changed: Difference
    """Held against the rest of the plan as it was."""


def replan(
    problem: Problem,
    plan: Plan,
    at_s: int,
    *,
    without: frozenset[str] = frozenset(),
    search_s: float = SEARCH_S,
    seed: int = 0,
    say: Clock = clock,
) -> Replanned:
    """Return what is left of `plan` at `at_s` planned again, and the problem that is.

    What is done is taken out; what somebody has set out for is done next; what is in a
    car is brought by who drives it.  Visits of `problem` that are not in the plan are
    new, and those in `without` are gone.  Where `problem.changes` costs nothing,
    `CHANGES` holds.  `search_s` is how long to search, with laying out for it.

    Raises:
        ValueError: somebody named is not there.
    """
    if problem.changes == Changes():
        problem = replace(problem, changes=CHANGES)
    rest = rest_of(problem, plan, at_s, without=without)
    board = Board(rest.problem)
    kept = _kept(board, rest)
    found, reasons = _searched(kept, search_s, seed)
    if found is None:
        found = filled(kept)
    after = found.plan()
    if reasons is None:
        reasons = explain(rest.problem, after, say=say)
    before = Plan(
        routes=tuple(
            replace(
                one,
                stops=tuple(s for s in one.stops if (s.kind, s.id) not in rest.done),
            )
            for one in plan.routes
        ),
        cost=kept.cost,
    )
    return Replanned(
        problem=rest.problem,
        plan=replace(after, unassigned=reasons),
        changed=difference(before, after),
    )


def _searched(
    kept: Draft, search_s: float, seed: int
) -> tuple[Draft | None, tuple[Unassigned, ...] | None]:
    """Return what a search that begins with `kept` finds, and its reasons.

    None if there is no search, or if it finds nothing better.
    """
    board = kept.board
    if search_s <= 0 or not board.problem.technicians:
        return None, None
    keys = {id_: [(t.kind, t.id) for t in row] for id_, row in kept.orders.items()}
    plan = solve(board.problem, time_limit_s=search_s, seed=seed, initial=keys)
    found = board.draft(board.orders(plan))
    if found is None or worth(found) > worth(kept):
        return None, None
    return found, plan.unassigned


def worth(draft: Draft) -> tuple[int, int, int]:
    """Return what is bad about `draft`: priority and tasks left out, and its cost."""
    left = {(one.kind, one.id) for one in left_out(draft.board, draft.orders)}
    some = [one for one in draft.board.requests if (one.kind, one.id) in left]
    priority = sum(one.priority * len(one.tasks) for one in some)
    return priority, sum(len(one.tasks) for one in some), draft.cost


def _kept(board: Board, rest: Rest) -> Draft:
    """Return as much of the rows there were as keeps every rule."""
    orders = board.rows(rest.keys)
    whole = board.draft(orders)
    if whole is not None:
        return whole
    draft = board.draft({})
    assert draft is not None, "doing nothing breaks no rule"
    for unit in sorted(board.units, key=lambda some: _turn(some, orders)):
        keys = {(task.kind, task.id) for one in unit for task in one.tasks}
        rows = {
            id_: (
                *draft.orders.get(id_, ()),
                *(t for t in row if (t.kind, t.id) in keys),
            )
            for id_, row in orders.items()
            if any((t.kind, t.id) in keys for t in row)
        }
        rows = {id_: tuple(_in_turn(row, orders[id_])) for id_, row in rows.items()}
        more = draft.changed(rows) if rows else None
        draft = draft if more is None else more
    return draft


def _turn(
    unit: Sequence[Request], orders: Mapping[str, Sequence[Task]]
) -> tuple[int, int]:
    """Return the more important, then the sooner, first."""
    keys = {(t.kind, t.id) for one in unit for t in one.tasks}
    priority = max(one.priority for one in unit)
    places = [
        n
        for row in orders.values()
        for n, t in enumerate(row)
        if (t.kind, t.id) in keys
    ]
    return -priority, min(places, default=0)


def _in_turn(row: Sequence[Task], order: Sequence[Task]) -> Iterator[Task]:
    places = {(t.kind, t.id): n for n, t in enumerate(order)}
    yield from sorted(row, key=lambda task: places[task.kind, task.id])
