"""When everything on one route happens, given what is done and in which order.

Driving and working never get better by starting later, so the earliest time at which a
stop can be left, for each number of breaks already taken, is all that has to be known
to go on from there: exact, however many windows there are.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from routes.plan import Route, Stop, StopKind
from routes.problem import Amounts, Break, Problem, Technician, TimeWindow
from routes.tasks import Task, cost_of_drive, drive_of, loads


class State(NamedTuple):
    """How a moment on a route is reached: the less, the better."""

    late_s: int
    """By how much the worst window so far was missed."""
    time_s: int


class _Reached(NamedTuple):
    left: State
    breaks_before: int
    """How many breaks were taken on leaving the stop before."""


class _Leg(NamedTuple):
    travel_s: int
    work_s: int
    windows: tuple[TimeWindow, ...]


def late_s(problem: Problem, technician: Technician, tasks: Sequence[Task]) -> int:
    """Return by how much the worst window or the shift is missed; 0 if none need be.

    Where something is missed the answer is what a technician who hurries on regardless
    would be late, not the least that any other timing could achieve.
    """
    legs = _legs(problem, technician, tasks)
    *_, reached = _reached(legs, technician.breaks, technician.shift.opens_s)
    return _done(reached).late_s


def route_of(
    problem: Problem, technician: Technician, tasks: Sequence[Task]
) -> Route | None:
    """Return `tasks` done in this order, timed, or None if no timing keeps the windows.

    The technician is back as early as can be, leaves as late as that allows, and begins
    everything as early as possible after that.  Only times are looked at here; loads
    and limits are for `routes.insert.obstacle`.
    """
    legs = _legs(problem, technician, tasks)
    shift, breaks = technician.shift, technician.breaks
    *_, reached = _reached(legs, breaks, shift.opens_s)
    finish = _done(reached)
    if finish.late_s:
        return None
    leave_s = _latest_leave(legs, breaks, shift.opens_s, finish)
    stops = tuple(_stops(problem, technician, tasks, leave_s))
    travel_s, distance_m = drive_of(problem, technician, tasks)
    return Route(
        technician=technician.id,
        stops=stops,
        travel_s=travel_s,
        distance_m=distance_m,
        service_s=sum(stop.service_s for stop in stops),
        setup_s=sum(stop.setup_s for stop in stops),
        waiting_s=sum(stop.waiting_s for stop in stops),
        cost=cost_of_drive(technician, travel_s, distance_m),
    )


def _setups(technician: Technician, tasks: Sequence[Task]) -> Iterator[int]:
    """Yield each task's setup: nothing where the technician is already."""
    here = technician.start
    for task in tasks:
        yield 0 if task.halt.place == here else task.halt.setup_s
        here = task.halt.place


def _legs(
    problem: Problem, technician: Technician, tasks: Sequence[Task]
) -> list[_Leg]:
    found, here = [], technician.start
    for task, setup_s in zip(tasks, _setups(technician, tasks), strict=True):
        halt = task.halt
        travel_s = problem.travel_s(technician, here, halt.place)
        found.append(_Leg(travel_s, setup_s + halt.service_s, halt.windows))
        here = halt.place
    home_s = problem.travel_s(technician, here, technician.end)
    return [*found, _Leg(home_s, 0, (technician.shift,))]


def _begin(windows: tuple[TimeWindow, ...], time_s: int) -> State:
    """Return when work may begin that one is ready for at `time_s`, and how late."""
    for window in windows:
        if time_s <= window.closes_s:
            return State(0, max(time_s, window.opens_s))
    return State(time_s - windows[-1].closes_s if windows else 0, time_s)


def _drive(state: State, travel_s: int, breaks: Sequence[Break]) -> State:
    """Return the earliest arrival of a drive with `breaks` on the way."""
    late, time_s = state
    for pause in breaks:
        missed_s, begin_s = _begin(pause.windows, time_s)
        travel_s -= min(travel_s, begin_s - time_s)
        time_s = begin_s + pause.duration_s
        late = max(late, missed_s)
    return State(late, time_s + travel_s)


def _reached(
    legs: Sequence[_Leg], breaks: tuple[Break, ...], leave_s: int
) -> Iterator[list[_Reached]]:
    """Yield, for each leg and each number of breaks taken, how its stop is left."""
    count = len(breaks)
    states = {0: State(0, leave_s)}
    for leg in legs:
        reached = []
        for taken in range(count + 1):
            arrival, before = min(
                (_drive(state, leg.travel_s, breaks[before:taken]), before)
                for before, state in states.items()
                if before <= taken
            )
            late, begin_s = _begin(leg.windows, arrival.time_s)
            left = State(max(arrival.late_s, late), begin_s + leg.work_s)
            reached.append(_Reached(left, before))
        yield reached
        states = {taken: one.left for taken, one in enumerate(reached)}


def _done(reached: list[_Reached]) -> State:
    """Return how the end is reached with all breaks taken."""
    return reached[-1].left


def _latest_leave(
    legs: Sequence[_Leg], breaks: tuple[Break, ...], earliest_s: int, finish: State
) -> int:
    """Return the latest start that reaches the end no later than `finish`."""
    low_s, high_s = earliest_s, finish.time_s
    while low_s < high_s:
        middle_s = (low_s + high_s + 1) // 2
        *_, reached = _reached(legs, breaks, middle_s)
        if _done(reached) <= finish:
            low_s = middle_s
        else:
            high_s = middle_s - 1
    return low_s


def _stops(
    problem: Problem, technician: Technician, tasks: Sequence[Task], leave_s: int
) -> Iterator[Stop]:
    """Yield the stops of a route that is left at `leave_s` and keeps every window."""
    breaks, loaded = technician.breaks, loads(tasks)
    legs = _legs(problem, technician, tasks)
    taken = _breaks_taken(list(_reached(legs, breaks, leave_s)))
    yield _stop(StopKind.START, place=technician.start, at_s=leave_s, load=loaded[0])
    time_s = leave_s
    setups = [*_setups(technician, tasks), 0]
    for i, leg in enumerate(legs):
        travel_s = leg.travel_s
        for pause in (due := breaks[taken[i] : taken[i + 1]]):
            arrival_s, begin_s = _pause(pause, time_s, travel_s, last=pause is due[-1])
            travel_s -= arrival_s - time_s
            time_s = begin_s + pause.duration_s
            yield Stop(
                kind=StopKind.BREAK,
                id=pause.id,
                place=None,
                arrival_s=arrival_s,
                service_start_s=begin_s,
                departure_s=time_s,
                load=loaded[i],
            )
        time_s += travel_s
        if i == len(tasks):
            load = loaded[-1]
            yield _stop(StopKind.END, place=technician.end, at_s=time_s, load=load)
            return
        _, begin_s = _begin(leg.windows, time_s)
        yield Stop(
            kind=tasks[i].kind,
            id=tasks[i].id,
            place=tasks[i].halt.place,
            arrival_s=time_s,
            service_start_s=begin_s,
            departure_s=begin_s + leg.work_s,
            setup_s=setups[i],
            load=loaded[i + 1],
        )
        time_s = begin_s + leg.work_s


def _breaks_taken(reached: list[list[_Reached]]) -> list[int]:
    """Return how many breaks have been taken on leaving each stop, the start first."""
    taken = [len(reached[-1]) - 1]
    for row in reversed(reached):
        taken.append(row[taken[-1]].breaks_before)
    return taken[::-1]


def _pause(pause: Break, time_s: int, travel_s: int, *, last: bool) -> tuple[int, int]:
    """Return when the technician stops driving for `pause`, and when it begins.

    The last break of a drive comes as late as it can without being waited for: people
    rather eat where they arrive than where they were.
    """
    _, begin_s = _begin(pause.windows, time_s)
    there_s = time_s + travel_s
    if last and begin_s < there_s:
        ends = [w.closes_s for w in pause.windows if w.opens_s <= there_s]
        begin_s = min(ends[-1], there_s) if ends else there_s
    return min(begin_s, there_s), begin_s


def _stop(kind: StopKind, *, place: int | None, at_s: int, load: Amounts) -> Stop:
    return Stop(
        kind=kind,
        id=None,
        place=place,
        arrival_s=at_s,
        service_start_s=at_s,
        departure_s=at_s,
        load=load,
    )
