"""A plan changed by hand: one visit more, moved, or two swapped.

What comes out keeps every rule; what would not is refused in words.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from routes.drafting.draft import Board, Draft, untied
from routes.drafting.insert import Obstacle, obstacle, overdone
from routes.drafting.placing import cheapest
from routes.plan import Plan, StopKind, clock
from routes.problem import Problem, Technician, TimeWindow, Visit
from routes.reasons.explain import reason_for
from routes.reasons.hindrance import hindrance, minutes
from routes.reasons.nobody import Clock
from routes.timetable.row import Row
from routes.timetable.tasks import Orders, Request, Task
from routes.timetable.together import together

BREAKS = {
    Obstacle.CAPACITY: "{} has no room in the car",
    Obstacle.TASKS: "{} has more tasks than allowed",
    Obstacle.TRAVEL: "{} drives longer than allowed",
    Obstacle.DISTANCE: "{} drives farther than allowed",
    Obstacle.WORK: "{} works longer than allowed",
    Obstacle.PINS: "the route of {} does not begin and end with what is pinned to it",
    Obstacle.SHIPMENTS: "{} reloads with a shipment in the car",
    Obstacle.RELOADS: "{} reloads more often than allowed",
}


class NotPossible(ValueError):
    """A change would break a rule; the text says which, and where."""


def read(problem: Problem, plan: Plan, *, say: Clock = clock) -> Draft:
    """Return `plan` as a draft of `problem`, timed anew.

    Raises:
        NotPossible: it breaks a rule.
    """
    board = Board(problem)
    return _made(board, board.orders(plan), say)


def inserted(draft: Draft, visit: str, *, say: Clock = clock) -> Draft:
    """Return `draft` with `visit`, and what it is linked with, where they cost least.

    Raises:
        KeyError: there is no such visit.
        NotPossible: it is in the plan, or fits nowhere.
    """
    board = draft.board
    request = board.request_of[StopKind.JOB, visit]
    if any(_is(task, visit) for row in draft.orders.values() for task in row):
        raise NotPossible(f"Visit {visit} is in the plan already.")
    found = cheapest(draft, board.unit_of(request))
    if found is None:
        reason = reason_for(board, draft.orders, request, say=say)
        raise NotPossible(f"Visit {visit} does not fit. {reason.text}")
    return found


def moved(
    draft: Draft,
    visit: str,
    technician: str,
    *,
    place: int | None = None,
    say: Clock = clock,
) -> Draft:
    """Return `draft` with `visit` on the route of `technician`.

    `place` counts what is on that route then, from 1; None is wherever it costs least.

    Raises:
        KeyError: there is no such visit or technician.
        NotPossible: it would break a rule, or is not in the plan, or is for two people.
    """
    board = draft.board
    request, to = board.request_of[StopKind.JOB, visit], board.technicians[technician]
    who = _doer(draft, visit)
    rows = {who: _without(draft.orders[who], visit)}
    row = rows.get(technician, draft.orders.get(technician, ()))
    if place is not None:
        if not 1 <= place <= len(row) + 1:
            raise NotPossible(
                f"The route of {technician} has places 1 to {len(row) + 1}."
            )
        rows[technician] = (*row[: place - 1], request.tasks[0], *row[place - 1 :])
        return _changed(draft, rows, say)
    changes = [
        {**rows, technician: one.tasks}
        for one in Row(board.problem, to, row).placings(request)
    ]
    made = (draft.changed(change) for change in changes)
    found = min(
        (one for one in made if one is not None),
        key=lambda one: one.cost,
        default=None,
    )
    # The place that is cheapest to drive to tells what is wrong with all of them.
    return _changed(draft, changes[0], say) if found is None else found


def swapped(draft: Draft, one: str, other: str, *, say: Clock = clock) -> Draft:
    """Return `draft` with two visits in each other's places.

    Raises:
        KeyError: there is no such visit.
        NotPossible: it would break a rule, or one is not in the plan.
    """
    board = draft.board
    tasks = {id_: board.request_of[StopKind.JOB, id_].tasks[0] for id_ in (one, other)}
    instead = {one: tasks[other], other: tasks[one]}
    rows = {
        id_: tuple(
            instead.get(task.id, task) if task.kind is StopKind.JOB else task
            for task in draft.orders[id_]
        )
        for id_ in {_doer(draft, one), _doer(draft, other)}
    }
    return _changed(draft, rows, say)


def locked(draft: Draft, visits: Sequence[str], *, moment: bool = False) -> Problem:
    """Return the problem of `draft` with `visits` allowed to those who do them only.

    `moment` fixes when they begin, too.

    Raises:
        NotPossible: one is not in the plan, or takes two people.
    """
    problem = draft.board.problem
    doers = {visit: _doer(draft, visit) for visit in visits}
    begins = {
        stop.id: stop.service_start_s
        for route in draft.routes.values()
        for stop in route.stops
        if stop.kind is StopKind.JOB
    }

    def fixed(one: Visit) -> Visit:
        if one.id not in doers:
            return one
        only = replace(one, allowed=frozenset((doers[one.id],)))
        if not moment:
            return only
        at = TimeWindow(begins[one.id], begins[one.id])
        if one.late_s(at.opens_s):
            # It is late and paid for: a window at that moment would make it in time.
            raise NotPossible(f"Visit {one.id} is late and cannot be locked there.")
        return replace(only, windows=(at,))

    return replace(problem, visits=tuple(fixed(one) for one in problem.visits))


def faults(board: Board, orders: Orders, *, say: Clock = clock) -> Iterator[str]:
    """Yield what is wrong with `orders`, in words without a full stop."""
    problem = board.problem
    for id_, row in orders.items():
        technician = board.technicians[id_]
        for task in row:
            if board.price(technician, task) is None:
                yield _may_not(problem, technician, board.request_of[_key(task)])
        broken = obstacle(problem, technician, row)
        if broken is not None:
            yield BREAKS[broken].format(id_)
        if (late := _late(problem, technician, row, say)) is not None:
            yield late
        elif broken is None:
            over = overdone(problem, technician, row)
            if over is not None:
                yield BREAKS[over].format(id_)
    tied = [text for _, text in untied(board, orders)]
    yield from tied
    if not tied and together(problem, orders) is None:
        yield "routes that wait for each other cannot both be in time"


def _made(board: Board, orders: Orders, say: Clock) -> Draft:
    found = board.draft(orders)
    if found is None:
        raise NotPossible(_sentence(list(faults(board, orders, say=say))))
    return found


def _changed(draft: Draft, rows: Mapping[str, tuple[Task, ...]], say: Clock) -> Draft:
    found = draft.changed(rows)
    if found is None:
        orders = {**draft.orders, **rows}
        raise NotPossible(_sentence(list(faults(draft.board, orders, say=say))))
    return found


def _sentence(some: Sequence[str]) -> str:
    words = "; ".join(some)
    return f"That is not possible: {words}."


def _may_not(problem: Problem, technician: Technician, request: Request) -> str:
    found = hindrance(problem, technician, request)
    if found is None:
        return f"{technician.id} may not do {request.id}"
    return f"{technician.id}, who would do {request.id}, {found.text}"


def _late(
    problem: Problem, technician: Technician, row: Sequence[Task], say: Clock
) -> str | None:
    """Return the first stop that `technician` cannot make in time, hurrying on."""
    timed = Row(problem, technician, row)
    if timed.is_kept:
        return None
    hurried = list(timed.reached(technician.shift.opens_s))
    for n, reached in enumerate(hurried):
        best = min(one.left for one in reached)
        if n == len(row):
            best = reached[-1].left
        if best.late_s:
            late = minutes(best.late_s)
            if n == len(row):
                end = say(technician.latest_end_s)
                pause = ", or misses a break" if technician.breaks else ""
                return f"{technician.id} ends {late} after {end}{pause}"
            return f"{technician.id} comes {late} late to {row[n].id}"
    return f"{technician.id} cannot take every break in time"


def _doer(draft: Draft, visit: str) -> str:
    doing = [
        id_
        for id_, row in draft.orders.items()
        if any(_is(task, visit) for task in row)
    ]
    if not doing:
        raise NotPossible(f"Visit {visit} is not in the plan.")
    if len(doing) > 1:
        raise NotPossible(f"Visit {visit} takes two people: move it by planning again.")
    return doing[0]


def _without(row: Sequence[Task], visit: str) -> tuple[Task, ...]:
    return tuple(task for task in row if not _is(task, visit))


def _is(task: Task, visit: str) -> bool:
    return task.kind is StopKind.JOB and task.id == visit


def _key(task: Task) -> tuple[StopKind, str]:
    return task.kind, task.id
