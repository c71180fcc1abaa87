"""Who does a visit: who may at all, where on the route, and two at once."""

from collections import Counter
from collections.abc import Iterator, Sequence

from routes.checking.reading import Finding, Reading
from routes.checking.times import name_of
from routes.checking.violation import Violation, ViolationKind
from routes.plan import Plan, Stop, StopKind, TaskKind, clock
from routes.problem import Problem, Visit


def wrong_names(reading: Reading) -> Iterator[Finding]:
    """Yield what the technician of a route may not do, or lacks the skills for."""
    technician = reading.technician
    for stop in reading.tasks:
        work = reading.work(stop)
        assert work is not None
        if missing := work.skills - technician.skills:
            text = f"{name_of(stop)} needs {', '.join(sorted(missing))}."
            yield ViolationKind.SKILLS, text, stop.id
        if work.visit is not None:
            yield from _visit(reading, stop, work.visit)


def _visit(reading: Reading, stop: Stop, visit: Visit) -> Iterator[Finding]:
    one, name = reading.technician, name_of(stop)
    # A visit may name the shift or the person.
    called = {one.id, one.id if one.person is None else one.person}
    if visit.allowed is not None and called.isdisjoint(visit.allowed):
        text = f"{name} is for {', '.join(sorted(visit.allowed)) or 'nobody'} only."
        yield ViolationKind.ALLOWED, text, stop.id
    if not called.isdisjoint(visit.forbidden):
        yield ViolationKind.FORBIDDEN, f"{name} is for others only.", stop.id
    if is_away(reading, visit) and one.away_price is None:
        text = f"{name} is in {visit.area}, where the technician never goes."
        yield ViolationKind.AREA, text, stop.id


def is_away(reading: Reading, visit: Visit) -> bool:
    """Return whether `visit` is in an area where the technician is not at home."""
    areas = reading.technician.areas
    return visit.area is not None and areas is not None and visit.area not in areas


def wrong_pins(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Yield whose routes do not begin and end with the visits pinned to them.

    What is left out of the plan is no matter here: the others keep their order.
    Halves of shipments count as anything else that is done; reloads and breaks do not.
    """
    stops = [stop for route in plan.routes for stop in route.stops]
    done = {stop.id for stop in stops if stop.kind is StopKind.JOB}
    for one in problem.technicians:
        row = [
            (stop.kind, stop.id)
            for route in plan.routes
            if route.technician == one.id
            for stop in route.stops
            if stop.kind in (StopKind.JOB, StopKind.PICKUP, StopKind.DELIVERY)
        ]
        first = [(StopKind.JOB, id_) for id_ in one.first if id_ in done]
        last = [(StopKind.JOB, id_) for id_ in one.last if id_ in done]
        for kind, verb, due, found in (
            (ViolationKind.FIRST, "begin", first, row[: len(first)]),
            (ViolationKind.LAST, "end", last, row[max(0, len(row) - len(last)) :]),
        ):
            if due != found:
                names = ", ".join(id_ for _, id_ in due)
                text = f"{one.id}: the route does not {verb} with {names}."
                yield Violation(kind=kind, text=text, technician=one.id, stop=due[0][1])


def wrong_counts(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Yield what is done too often, by too few, or neither done nor left out."""
    stops = [stop for route in plan.routes for stop in route.stops]
    served = Counter((stop.kind, stop.id) for stop in stops)
    left = Counter((one.kind, one.id) for one in plan.unassigned)
    for visit in problem.visits:
        count, out = served[StopKind.JOB, visit.id], left[TaskKind.VISIT, visit.id]
        yield from _once(f"Visit {visit.id}", visit.id, count, out, people=visit.people)
    for one in problem.shipments:
        halves = [served[kind, one.id] for kind in (StopKind.PICKUP, StopKind.DELIVERY)]
        out = left[TaskKind.SHIPMENT, one.id]
        yield from _once(f"Shipment {one.id}", one.id, max(halves), out, people=1)
    known = {(TaskKind.VISIT, one.id) for one in problem.visits}
    known |= {(TaskKind.SHIPMENT, one.id) for one in problem.shipments}
    for noun, id_ in sorted(left.keys() - known):
        text = f"The plan leaves out {noun} {id_}, which is not in the problem."
        yield Violation(kind=ViolationKind.UNKNOWN_STOP, text=text, stop=id_)


def _once(
    name: str, id_: str, count: int, out: int, *, people: int
) -> Iterator[Violation]:
    if count > people or out > 1 or (count and out):
        text = f"{name} is in the plan {count + out} times."
        yield Violation(kind=ViolationKind.TWICE, text=text, stop=id_)
    elif 0 < count < people:
        text = f"{name} is for {people} people and done by {count}."
        yield Violation(kind=ViolationKind.PEOPLE, text=text, stop=id_)
    elif not count and not out:
        text = f"{name} is neither done nor left out."
        yield Violation(kind=ViolationKind.FORGOTTEN, text=text, stop=id_)


def wrong_company(problem: Problem, readings: Sequence[Reading]) -> Iterator[Violation]:
    """Yield visits of two people that one person does, or that begin apart."""
    done: dict[str, list[tuple[str, Stop]]] = {}
    for reading in readings:
        for stop in reading.tasks:
            if stop.kind is StopKind.JOB:
                who = reading.technician.person or reading.technician.id
                done.setdefault(stop.id or "", []).append((who, stop))
    for visit in problem.visits:
        pair = done.get(visit.id, [])
        if visit.people != 2 or len(pair) != 2:
            continue
        (one, here), (other, there) = pair
        if one == other:
            text = f"Visit {visit.id} is for two people and done by {one} twice."
            yield Violation(kind=ViolationKind.SAME_PERSON, text=text, stop=visit.id)
        if here.service_start_s != there.service_start_s:
            text = (
                f"Visit {visit.id} is begun by {one} at {clock(here.service_start_s)}"
                f" and by {other} at {clock(there.service_start_s)}."
            )
            yield Violation(kind=ViolationKind.NOT_TOGETHER, text=text, stop=visit.id)
