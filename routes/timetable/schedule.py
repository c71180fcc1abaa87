"""When everything on one route happens, given what is done and in which order."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from routes.plan import Route, Stop, StopKind
from routes.problem import ALWAYS, Break, Problem, Technician, TimeWindow
from routes.timetable.loads import Load, loads
from routes.timetable.tasks import Task, cost_of, drive_by
from routes.timetable.timing import Leg, Reached, Timing, begin, begin_break
from routes.windows import common


def late_s(problem: Problem, technician: Technician, tasks: Sequence[Task]) -> int:
    """Return by how much the worst window or the shift is missed; 0 if none need be.

    Where something is missed the answer is what a technician who hurries on regardless
    would be late, not the least that any other timing could achieve.  Working time is
    not looked at.
    """
    timing = Timing(problem, technician, tasks)
    return timing.done(technician.shift.opens_s).late_s


def route_of(
    problem: Problem, technician: Technician, tasks: Sequence[Task]
) -> Route | None:
    """Return `tasks` done in this order, timed, or None if no timing keeps the windows.

    The technician is back as early as can be, leaves as late as that allows, and begins
    everything as early as possible after that.  Where a moved time costs, what was
    given is kept to if that is cheaper.  Only times are looked at here; loads and
    limits are for `drafting.insert.obstacle`, and so is who does it: what that costs
    (`tasks.price_of`) is not in the route's cost.
    """
    route = _as_early_as_can_be(problem, technician, tasks)
    if route is None or not problem.changes.per_hour:
        return route
    kept = [_not_before_given(task) for task in tasks]
    if kept == list(tasks):
        return route
    other = _as_early_as_can_be(problem, technician, kept)
    return other if other is not None and other.cost < route.cost else route


def _not_before_given(task: Task) -> Task:
    """Return `task` to begin no earlier than was given, if that can be."""
    given = task.given
    if given is None or given.begin_s is None:
        return task
    later = (TimeWindow(given.begin_s, ALWAYS.closes_s),)
    windows = common(task.halt.windows or (ALWAYS,), later)
    if not windows:
        return task
    return replace(task, halt=replace(task.halt, windows=windows))


def _as_early_as_can_be(
    problem: Problem, technician: Technician, tasks: Sequence[Task]
) -> Route | None:
    timing = Timing(problem, technician, tasks)
    finish = timing.done(technician.shift.opens_s)
    if finish.late_s:
        return None
    leave_s = timing.latest_leave_s(finish)
    stops = tuple(_stops(timing, technician, tasks, leave_s))
    places = [
        stop.place
        for stop in stops
        if stop.kind is not StopKind.BREAK or stop.place is not None
    ]
    travel_s, distance_m = drive_by(problem, technician, places)
    unpaid = {pause.id for pause in technician.breaks if not pause.is_paid}
    work_s = (
        stops[-1].departure_s
        - leave_s
        - sum(
            stop.service_s
            for stop in stops
            if stop.kind is StopKind.BREAK and stop.id in unpaid
        )
    )
    overtime_s = max(0, stops[-1].departure_s - technician.shift.closes_s)
    return Route(
        technician=technician.id,
        stops=stops,
        travel_s=travel_s,
        distance_m=distance_m,
        service_s=sum(stop.service_s for stop in stops),
        setup_s=sum(stop.setup_s for stop in stops),
        waiting_s=sum(stop.waiting_s for stop in stops),
        work_s=work_s,
        overtime_s=overtime_s,
        late_s=sum(stop.late_s for stop in stops),
        cost=cost_of(
            technician,
            travel_s,
            distance_m,
            work_s=work_s,
            overtime_s=overtime_s,
            timely=_timely(problem, tasks, stops),
        ),
    )


def _timely(problem: Problem, tasks: Sequence[Task], stops: Sequence[Stop]) -> int:
    """Return what lateness and moved times cost, in units times seconds an hour."""
    begins = {(stop.kind, stop.id): stop for stop in stops}
    found = 0
    for task in tasks:
        if task.kind is StopKind.RELOAD:
            continue
        stop = begins[task.kind, task.id]
        if task.halt.lateness is not None:
            found += stop.late_s * task.halt.lateness.per_hour
        if task.given is not None and task.given.begin_s is not None:
            moved_s = abs(stop.service_start_s - task.given.begin_s)
            found += moved_s * problem.changes.per_hour
    return found


def _stops(
    timing: Timing, technician: Technician, tasks: Sequence[Task], leave_s: int
) -> Iterator[Stop]:
    """Yield the stops of a route that is left at `leave_s` and keeps every window."""
    loaded = loads(technician, tasks)
    taken = _breaks_taken(list(timing.reached(leave_s)))
    yield _end(StopKind.START, technician.start, leave_s, loaded[0])
    time_s = leave_s
    for i, leg in enumerate(timing.legs):
        due = timing.breaks[taken[i] : taken[i + 1]]
        here, time_s = yield from _way(timing, leg, time_s, due, loaded[i])
        if i == len(tasks):
            yield _end(StopKind.END, technician.end, time_s, loaded[-1])
            return
        stop = _work(timing, leg, tasks[i], here, time_s, loaded[i + 1])
        yield stop
        time_s = stop.departure_s


def _breaks_taken(reached: list[list[Reached]]) -> list[int]:
    """Return how many breaks have been taken on leaving each stop, the start first."""
    taken = [len(reached[-1]) - 1]
    for row in reversed(reached):
        taken.append(row[taken[-1]].breaks_before)
    return taken[::-1]


def _way(
    timing: Timing, leg: Leg, time_s: int, due: Sequence[Break], load: Load
) -> Generator[Stop, None, tuple[int | None, int]]:
    """Yield the breaks on a way; return the last place before its end, and when."""
    here, rest = leg.origin, list(due)
    while True:
        cut = next((n for n, one in enumerate(rest) if one.place is not None), None)
        goal = leg.place if cut is None else rest[cut].place
        travel_s = timing.problem.travel_s(timing.technician, here, goal)
        anywhere = rest if cut is None else rest[:cut]
        for n, pause in enumerate(anywhere):
            last = cut is None and n == len(anywhere) - 1
            arrival_s, begin_s = _pause(pause, time_s, travel_s, last=last)
            travel_s -= arrival_s - time_s
            yield _break(pause, arrival_s, begin_s, load)
            time_s = begin_s + pause.duration_s
        time_s += travel_s
        if cut is None:
            return here, time_s
        pause = rest[cut]
        begin_s = begin_break(pause, time_s)[1]
        yield _break(pause, time_s, begin_s, load)
        time_s = begin_s + pause.duration_s
        here, rest = goal, rest[cut + 1 :]


def _pause(pause: Break, time_s: int, travel_s: int, *, last: bool) -> tuple[int, int]:
    """Return when the technician stops driving for `pause`, and when it begins.

    The last break of a drive comes as late as it can without being waited for: people
    rather eat where they arrive than where they were.
    """
    begin_s = begin_break(pause, time_s)[1]
    there_s = time_s + travel_s
    if last and begin_s < there_s:
        ends = [w.closes_s for w in pause.windows if w.opens_s <= there_s]
        begin_s = min(ends[-1], there_s) if ends else there_s
    return min(begin_s, there_s), begin_s


def _break(pause: Break, arrival_s: int, begin_s: int, load: Load) -> Stop:
    return Stop(
        kind=StopKind.BREAK,
        id=pause.id,
        place=pause.place,
        arrival_s=arrival_s,
        service_start_s=begin_s,
        departure_s=begin_s + pause.duration_s,
        load=load.clean,
        used=load.used,
    )


def _work(
    timing: Timing, leg: Leg, task: Task, here: int | None, time_s: int, load: Load
) -> Stop:
    begin_s = begin(leg.halt, time_s).time_s
    work_s = timing.work_s(leg, here)
    return Stop(
        kind=task.kind,
        id=None if task.kind is StopKind.RELOAD else task.id,
        place=task.halt.place,
        arrival_s=time_s,
        service_start_s=begin_s,
        departure_s=begin_s + work_s,
        setup_s=work_s - leg.halt.service_s,
        load=load.clean,
        used=load.used,
        late_s=leg.halt.late_s(begin_s) or 0,
    )


def _end(kind: StopKind, place: int | None, at_s: int, load: Load) -> Stop:
    return Stop(
        kind=kind,
        id=None,
        place=place,
        arrival_s=at_s,
        service_start_s=at_s,
        departure_s=at_s,
        load=load.clean,
        used=load.used,
    )
