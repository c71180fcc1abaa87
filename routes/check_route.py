"""What is wrong with one route: the rules that `routes.check` reads it against."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from routes.plan import Route, Stop, StopKind, clock
from routes.problem import Amounts, Halt, Problem, Technician, TimeWindow, add, at
from routes.violation import Violation, ViolationKind


class Work(NamedTuple):
    """What the problem says of one stop."""

    halt: Halt
    skills: frozenset[str]
    at_start: Amounts
    gain: Amounts


Works = dict[tuple[StopKind, str], Work]


def works_of(problem: Problem) -> Works:
    """Return all that can be a stop, but for breaks."""
    works: Works = {}
    for visit in problem.visits:
        gain = add(visit.collect, visit.deliver, sign=-1)
        work = Work(visit, visit.skills, visit.deliver, gain)
        works[StopKind.JOB, visit.id] = work
    for one in problem.shipments:
        taken, given = one.amount, add((), one.amount, sign=-1)
        works[StopKind.PICKUP, one.id] = Work(one.pickup, one.skills, (), taken)
        works[StopKind.DELIVERY, one.id] = Work(one.delivery, one.skills, (), given)
    return works


def violations_of_route(
    problem: Problem, technician: Technician, route: Route, works: Works
) -> Iterator[Violation]:
    """Yield what is wrong with `route`; of one that goes nowhere known, only that."""

    def wrong(kind: ViolationKind, text: str, stop: str | None = None) -> Violation:
        text = f"{technician.id}: {text}"
        return Violation(kind=kind, text=text, technician=technician.id, stop=stop)

    inner = [stop for stop in route.stops if stop.kind not in _ENDS]
    ends = [stop for stop in route.stops if stop.kind in _ENDS]
    if [route.stops[:1], route.stops[-1:]] != [tuple(ends[:1]), tuple(ends[1:])] or [
        (stop.kind, stop.place) for stop in ends
    ] != [(StopKind.START, technician.start), (StopKind.END, technician.end)]:
        text = "the route does not begin and end where it should."
        yield wrong(ViolationKind.ENDS, text)
        return
    tasks = [stop for stop in inner if stop.kind is not StopKind.BREAK]
    unknown = [stop for stop in tasks if (stop.kind, stop.id) not in works]
    for stop in unknown:
        text = f"{stop.kind} {stop.id} is not in the problem."
        yield wrong(ViolationKind.UNKNOWN_STOP, text, stop.id)
    if unknown:
        return
    found = chain(
        _shift(technician, route),
        _moves(problem, technician, route, works),
        _stops(technician, tasks, works),
        _breaks(technician, inner),
        _loads(technician, route, works),
        _pairs(tasks),
        _limits(problem, technician, route, works),
        _totals(problem, technician, route, works),
    )
    for kind, text, stop_id in found:
        yield wrong(kind, text, stop_id)


Finding = tuple[ViolationKind, str, str | None]
_ENDS = (StopKind.START, StopKind.END)


def _work_at(stop: Stop, works: Works) -> Work:
    return works[stop.kind, stop.id or ""]


def _place(stop: Stop, technician: Technician, works: Works) -> int | None:
    """Return where the problem, not the plan, says that `stop` is."""
    match stop.kind:
        case StopKind.START:
            return technician.start
        case StopKind.END:
            return technician.end
        case _:
            return _work_at(stop, works).halt.place


def _shift(technician: Technician, route: Route) -> Iterator[Finding]:
    shift = technician.shift
    leaves_s, back_s = route.stops[0].arrival_s, route.stops[-1].departure_s
    if leaves_s < shift.opens_s:
        text = f"leaves at {clock(leaves_s)}, before {clock(shift.opens_s)}."
        yield ViolationKind.SHIFT, text, None
    if back_s > shift.closes_s:
        text = f"is done at {clock(back_s)}, after {clock(shift.closes_s)}."
        yield ViolationKind.SHIFT, text, None


def _moves(
    problem: Problem, technician: Technician, route: Route, works: Works
) -> Iterator[Finding]:
    """The time between two places is the drive, whatever breaks interrupt it."""
    here, moved_s = route.stops[0], 0
    for before, stop in pairwise(route.stops):
        step_s = stop.arrival_s - before.departure_s
        moved_s += step_s
        if step_s < 0:
            text = f"is at {stop.kind} {stop.id} before leaving the stop before it."
            yield ViolationKind.TRAVEL_TIME, text, stop.id
        if stop.kind is StopKind.BREAK:
            continue
        origin = _place(here, technician, works)
        destination = _place(stop, technician, works)
        travel_s = problem.travel_s(technician, origin, destination)
        if step_s >= 0 and moved_s != travel_s:
            text = (
                f"drives {moved_s} s to {stop.kind} {stop.id}, which is {travel_s} s."
            )
            yield ViolationKind.TRAVEL_TIME, text, stop.id
        here, moved_s = stop, 0
    for stop in route.stops:
        if stop.service_start_s < stop.arrival_s:
            text = f"begins {stop.kind} {stop.id} before being there."
            yield ViolationKind.EARLY_START, text, stop.id


def _stops(
    technician: Technician, tasks: Sequence[Stop], works: Works
) -> Iterator[Finding]:
    here = technician.start
    for stop in tasks:
        halt, skills, *_ = _work_at(stop, works)
        name = f"{stop.kind} {stop.id}"
        if stop.place != halt.place:
            text = f"{name} is at place {halt.place}, not {stop.place}."
            yield ViolationKind.PLACE, text, stop.id
        if missing := skills - technician.skills:
            text = f"{name} needs {', '.join(sorted(missing))}."
            yield ViolationKind.SKILLS, text, stop.id
        if not _within(halt.windows, stop.service_start_s):
            text = (
                f"{name} begins at {clock(stop.service_start_s)}, outside its windows."
            )
            yield ViolationKind.WINDOW, text, stop.id
        setup_s = 0 if halt.place == here else halt.setup_s
        if stop.setup_s != setup_s:
            text = f"{name} has a setup of {stop.setup_s} s instead of {setup_s} s."
            yield ViolationKind.SETUP, text, stop.id
        if stop.service_s != halt.service_s:
            text = f"{name} takes {stop.service_s} s instead of {halt.service_s} s."
            yield ViolationKind.DURATION, text, stop.id
        here = halt.place


def _within(windows: Sequence[TimeWindow], moment_s: int) -> bool:
    inside = (one.opens_s <= moment_s <= one.closes_s for one in windows)
    return not windows or any(inside)


def _breaks(technician: Technician, inner: Sequence[Stop]) -> Iterator[Finding]:
    taken = [stop for stop in inner if stop.kind is StopKind.BREAK]
    counts = Counter(stop.id for stop in taken)
    due = {pause.id: pause for pause in technician.breaks}
    for id_ in due:
        if counts[id_] != 1:
            text = f"takes break {id_} {counts[id_]} times instead of once."
            yield ViolationKind.BREAK_MISSING, text, id_
    for stop in taken:
        pause = due.get(stop.id or "")
        if pause is None:
            text = f"break {stop.id} is not in the problem."
            yield ViolationKind.UNKNOWN_STOP, text, stop.id
            continue
        if not _within(pause.windows, stop.service_start_s):
            begins = clock(stop.service_start_s)
            text = f"break {stop.id} begins at {begins}, outside its windows."
            yield ViolationKind.BREAK_WINDOW, text, stop.id
        if stop.service_s != pause.duration_s or stop.setup_s:
            lasts_s = stop.departure_s - stop.service_start_s
            text = f"break {stop.id} lasts {lasts_s} s instead of {pause.duration_s} s."
            yield ViolationKind.DURATION, text, stop.id


def _loads(technician: Technician, route: Route, works: Works) -> Iterator[Finding]:
    load: Amounts = ()
    for stop in route.stops:
        if stop.kind is StopKind.JOB:
            load = add(load, _work_at(stop, works).at_start)
    for stop in route.stops:
        if stop.kind not in (*_ENDS, StopKind.BREAK):
            load = add(load, _work_at(stop, works).gain)
        where = f"after {stop.kind} {stop.id}" if stop.id else f"at the {stop.kind}"
        if any(amount > at(technician.capacity, d) for d, amount in enumerate(load)):
            text = f"has {list(load)} in a car for {list(technician.capacity)} {where}."
            yield ViolationKind.CAPACITY, text, stop.id
        # A plan need not say what is loaded; what it says must be so.
        if stop.load and any(add(stop.load, load, sign=-1)):
            text = f"has {list(load)}, not {list(stop.load)}, in the car {where}."
            yield ViolationKind.LOAD, text, stop.id


def _pairs(tasks: Sequence[Stop]) -> Iterator[Finding]:
    picked = {s.id: n for n, s in enumerate(tasks) if s.kind is StopKind.PICKUP}
    brought = {s.id: n for n, s in enumerate(tasks) if s.kind is StopKind.DELIVERY}
    for id_ in sorted({str(one) for one in picked.keys() | brought.keys()}):
        if id_ not in picked or id_ not in brought:
            text = f"has only one half of shipment {id_}."
            yield ViolationKind.SPLIT_SHIPMENT, text, id_
        elif picked[id_] > brought[id_]:
            text = f"brings shipment {id_} before fetching it."
            yield ViolationKind.SHIPMENT_ORDER, text, id_


def _driven(
    problem: Problem, technician: Technician, route: Route, works: Works
) -> tuple[int, int]:
    """Return seconds and metres from place to place, by the matrices."""
    places = [
        _place(stop, technician, works)
        for stop in route.stops
        if stop.kind in _ENDS or (stop.kind, stop.id) in works
    ]
    legs = list(pairwise(places))
    return (
        sum(problem.travel_s(technician, *leg) for leg in legs),
        sum(problem.distance_m(technician, *leg) for leg in legs),
    )


def _limits(
    problem: Problem, technician: Technician, route: Route, works: Works
) -> Iterator[Finding]:
    travel_s, distance_m = _driven(problem, technician, route, works)
    count = sum((stop.kind, stop.id) in works for stop in route.stops)
    for kind, found, limit, unit in (
        (ViolationKind.TASKS_MAX, count, technician.tasks_max, "tasks"),
        (ViolationKind.TRAVEL_MAX, travel_s, technician.travel_max_s, "s of driving"),
        (ViolationKind.DISTANCE_MAX, distance_m, technician.distance_max_m, "m"),
    ):
        if limit is not None and found > limit:
            yield kind, f"has {found} {unit}; {limit} are allowed.", None


def _totals(
    problem: Problem, technician: Technician, route: Route, works: Works
) -> Iterator[Finding]:
    travel_s, distance_m = _driven(problem, technician, route, works)
    for name, said, right in (
        ("travel", route.travel_s, travel_s),
        ("distance", route.distance_m, distance_m),
        ("setup", route.setup_s, sum(stop.setup_s for stop in route.stops)),
        ("service", route.service_s, sum(stop.service_s for stop in route.stops)),
        ("waiting", route.waiting_s, sum(stop.waiting_s for stop in route.stops)),
    ):
        if said != right:
            text = f"the route says {said} in total for {name}; it is {right}."
            yield ViolationKind.TOTALS, text, None
    cost = cost_of_route(problem, technician, route, works)
    if abs(route.cost - cost) > 1:
        text = f"the route says it costs {route.cost}; it costs {cost}."
        yield ViolationKind.COST, text, None


def cost_of_route(
    problem: Problem, technician: Technician, route: Route, works: Works
) -> int:
    """Return fixed costs, hours of driving and kilometres, rounded half upwards."""
    travel_s, distance_m = _driven(problem, technician, route, works)
    costs = technician.costs
    hours = costs.per_hour * travel_s * 1000
    kilometres = costs.per_km * distance_m * 3600
    return costs.fixed + (hours + kilometres + 1_800_000) // 3_600_000
