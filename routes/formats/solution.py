"""Plans in VRPLIB's form: `Route #1: 3 5 8` and `Cost 827.3`.

It names what is done, in order, and nobody and no time: those are reckoned here, as
early as can be.  Source: CVRPLIB; SINTEF's lists say `Route 1 : 3 5 8`.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from routes.formats.document import Document
from routes.formats.lines import Line, lines_of, shown
from routes.plan import Plan, Route, Stop, StopKind, TaskKey, keys_of
from routes.problem import BadProblem, Halt, Problem, Technician, Visit

# Applied to lines whose spaces are single: no pattern may try a line in many ways.
_ROUTE = re.compile(r"route ?#? ?(\d{1,9}) ?:([\d ]*)", re.I | re.A)
_COST = re.compile(r"(?:cost|distance) ?:? ?(\d{1,15}(?:\.\d{0,15})?)", re.I | re.A)
_HEAD = re.compile(
    r"(instance|authors?|date|reference|solution|name|comment|time|runtime)\b.*",
    re.I | re.A | re.S,
)
NUMBER_DIGITS_MAX = 9
DECIMALS = {1: 0, 10: 1, 1000: 2}
"""By scale: as the lists of best known solutions give them."""


def write_solution(document: Document, plan: Plan) -> str:
    """Return `plan` in VRPLIB's form, with its distance as its cost.

    Raises:
        BadProblem: it cannot be said so: something is left out, or the problem is not
            from a benchmark file.
    """
    _check_stops(document)
    if plan.unassigned:
        count = len(plan.unassigned)
        raise BadProblem(f"a solution cannot say what is left out, here {count} tasks.")
    numbers = {key: number for number, key in document.stops.items()}
    routes = [
        f"Route #{n}: {' '.join(str(numbers[key]) for key in keys)}\n"
        for n, keys in enumerate((one for one in keys_of(plan).values() if one), 1)
    ]
    return f"{''.join(routes)}Cost {distance_of(document, plan)}\n"


def distance_of(document: Document, plan: Plan) -> str:
    """Return how far `plan` drives, in the units of its benchmark file."""
    total = Decimal(sum(route.distance_m for route in plan.routes))
    return f"{total / document.scale:.{DECIMALS.get(document.scale, 0)}f}"


def is_solution(lines: Sequence[Line]) -> bool:
    """Return whether some of `lines` is a route of a VRPLIB solution."""
    return any(_ROUTE.fullmatch(" ".join(line.words)) for line in lines)


def read_solution(text: str, document: Document) -> Plan:
    """Return the plan for `document` in VRPLIB's form, ready to be checked.

    Routes are driven by the technicians of their number, and stops that are not in the
    problem kept, for `violations` to tell.  A cost that is right but for rounding, or
    not given, is taken to be right.

    Raises:
        BadProblem: it does not hold a plan; the text says where and why.
    """
    _check_stops(document)
    routes, said = [], None
    for line in lines_of(text):
        words = " ".join(line.words)
        if match := _ROUTE.fullmatch(words):
            if numbers := _numbers(line, match[2].split()):
                routes.append(_route(document, str(int(match[1])), numbers))
        elif match := _COST.fullmatch(words):
            if said is not None:
                line.refuse("there is a cost already")
            said = Decimal(match[1])
        elif not _HEAD.fullmatch(words):
            line.refuse(f"{shown(line.text)} is neither a route nor a cost")
    cost = sum(route.cost for route in routes)
    driven = sum(route.distance_m for route in routes)
    legs = sum(len(route.stops) - 1 for route in routes)
    if said is not None and not _is_about(said, driven, document.scale, legs):
        fixed = cost - driven
        cost = fixed + int((said * document.scale).to_integral_value())
    return Plan(routes=tuple(routes), cost=cost)


def _check_stops(document: Document) -> None:
    if not document.stops:
        raise BadProblem("solutions in VRPLIB's form are of benchmark files only.")


def _is_about(said: Decimal, driven: int, scale: int, legs: int) -> bool:
    """Return whether `driven` may be what was written as `said`.

    Half of its last digit is lost to rounding there, and as much with each way here if
    they are not whole in the file.
    """
    lost = Decimal(1).scaleb(int(said.as_tuple().exponent)) * scale / 2
    # Whole and cut ways are those of the file; thousandths are each off by a half.
    lost += Decimal(legs) / 2 if scale > 10 else 0
    return abs(said * scale - driven) <= lost


def _numbers(line: Line, words: Sequence[str]) -> list[int]:
    if max(map(len, words), default=0) > NUMBER_DIGITS_MAX:
        line.refuse("a number in this route is too long for a stop")
    return [int(word) for word in words]


def _route(document: Document, id_: str, numbers: Sequence[int]) -> Route:
    problem = document.problem
    technician = next((one for one in problem.technicians if one.id == id_), None)
    keys = [document.stops.get(n, (StopKind.JOB, f"number {n}")) for n in numbers]
    if technician is None or any(n not in document.stops for n in numbers):
        return _unknown(id_, technician, keys)
    stops = tuple(_stops(problem, technician, keys))
    places = [stop.place for stop in stops]
    driven = [problem.distance_m(technician, *leg) for leg in pairwise(places)]
    travel_s = sum(b.arrival_s - a.departure_s for a, b in pairwise(stops))
    return Route(
        technician=id_,
        stops=stops,
        travel_s=travel_s,
        distance_m=sum(driven),
        service_s=sum(stop.service_s for stop in stops),
        setup_s=0,
        waiting_s=sum(stop.waiting_s for stop in stops),
        # Problems of benchmark files have no other prices (`measured_by`).
        cost=technician.costs.fixed + sum(driven),
        work_s=stops[-1].departure_s - stops[0].arrival_s,
    )


def _stops(
    problem: Problem, technician: Technician, keys: Sequence[TaskKey]
) -> Iterator[Stop]:
    """Yield the stops of a route as early as they can be, late or not."""
    halts = _halts(problem)
    here, time_s = technician.start, technician.shift.opens_s
    yield _stop(StopKind.START, None, here, (time_s, time_s, time_s))
    for kind, id_ in keys:
        halt = halts[kind, id_]
        arrival_s = time_s + problem.travel_s(technician, here, halt.place)
        opens_s = halt.windows[0].opens_s if halt.windows else arrival_s
        begin_s = max(arrival_s, opens_s)
        here, time_s = halt.place, begin_s + halt.service_s
        yield _stop(kind, id_, here, (arrival_s, begin_s, time_s))
    time_s += problem.travel_s(technician, here, technician.end)
    yield _stop(StopKind.END, None, technician.end, (time_s, time_s, time_s))


def _halts(problem: Problem) -> dict[TaskKey, Halt | Visit]:
    halts: dict[TaskKey, Halt | Visit] = {}
    halts |= {(StopKind.JOB, one.id): one for one in problem.visits}
    for one in problem.shipments:
        halts[StopKind.PICKUP, one.id] = one.pickup
        halts[StopKind.DELIVERY, one.id] = one.delivery
    return halts


def _unknown(id_: str, technician: Technician | None, keys: Sequence[TaskKey]) -> Route:
    """Return a route that cannot be timed: of nobody, or to somewhere unknown."""
    ends = (None, None) if technician is None else (technician.start, technician.end)
    at = (0, 0, 0)
    return Route(
        technician=id_,
        stops=(
            _stop(StopKind.START, None, ends[0], at),
            *(_stop(kind, name, None, at) for kind, name in keys),
            _stop(StopKind.END, None, ends[1], at),
        ),
        travel_s=0,
        distance_m=0,
        service_s=0,
        setup_s=0,
        waiting_s=0,
        cost=0,
    )


def _stop(
    kind: StopKind, id_: str | None, place: int | None, times_s: tuple[int, int, int]
) -> Stop:
    arrival_s, begin_s, departure_s = times_s
    return Stop(
        kind=kind,
        id=id_,
        place=place,
        arrival_s=arrival_s,
        service_start_s=begin_s,
        departure_s=departure_s,
    )
