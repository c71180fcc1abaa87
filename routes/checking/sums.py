"""What a route and a plan come to: limits, totals and costs."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import floor

from routes.checking.people import is_away
from routes.checking.reading import Finding, Reading
from routes.checking.violation import ViolationKind
from routes.problem import Problem


def wrong_limits(reading: Reading) -> Iterator[Finding]:
    """Yield the limits of its technician that a route exceeds."""
    technician, (travel_s, distance_m) = reading.technician, reading.driven
    for kind, found, limit, unit in (
        (
            ViolationKind.TASKS_MAX,
            len(reading.tasks),
            technician.tasks_max,
            "tasks",
        ),
        (ViolationKind.TRAVEL_MAX, travel_s, technician.travel_max_s, "s of driving"),
        (ViolationKind.DISTANCE_MAX, distance_m, technician.distance_max_m, "m"),
        (ViolationKind.WORK_MAX, reading.work_s, technician.work_max_s, "s of work"),
    ):
        if limit is not None and found > limit:
            yield kind, f"has {found} {unit}; {limit} are allowed.", None


def wrong_sums(reading: Reading) -> Iterator[Finding]:
    """Yield the totals of a route that are not as its stops are, and its cost."""
    route, (travel_s, distance_m) = reading.route, reading.driven
    sums = [
        ("travel", route.travel_s, travel_s),
        ("distance", route.distance_m, distance_m),
        ("setup", route.setup_s, sum(stop.setup_s for stop in route.stops)),
        ("service", route.service_s, sum(stop.service_s for stop in route.stops)),
        ("waiting", route.waiting_s, sum(stop.waiting_s for stop in route.stops)),
        ("lateness", route.late_s, sum(stop.late_s for stop in route.stops)),
        ("work", route.work_s, reading.work_s),
    ]
    if reading.overtime_s <= reading.technician.overtime_max_s:
        # Beyond that it is no overtime, but simply too late.
        sums.append(("overtime", route.overtime_s, reading.overtime_s))
    for name, said, right in sums:
        if said != right:
            text = f"the route says {said} in total for {name}; it is {right}."
            yield ViolationKind.TOTALS, text, None
    cost = cost_of_route(reading)
    if abs(route.cost - cost) > 1:
        text = f"the route says it costs {route.cost}; it costs {cost}."
        yield ViolationKind.COST, text, None


def cost_of_route(reading: Reading) -> int:
    """Return what a route costs, all but evenness.

    All that goes by the hour or the kilometre is rounded once, a half upwards.
    """
    costs, (travel_s, distance_m) = reading.technician.costs, reading.driven
    hours = Fraction(
        costs.per_hour * travel_s
        + costs.per_work_hour * reading.work_s
        + costs.per_overtime_hour * reading.overtime_s
        + _untimely(reading),
        3600,
    )
    kilometres = Fraction(costs.per_km * distance_m, 1000)
    return costs.fixed + _prices(reading) + _nearest(hours + kilometres)


def _nearest(amount: Fraction) -> int:
    """Return the nearest whole number, of two the greater."""
    return floor(amount + Fraction(1, 2))


def _untimely(reading: Reading) -> int:
    """Return what lateness and moved times cost, in units times seconds an hour."""
    found = 0
    for stop in reading.tasks:
        halt, work = reading.halt(stop), reading.work(stop)
        if halt is not None and halt.lateness is not None:
            found += halt.lateness.per_hour * (reading.lateness_s(stop) or 0)
        visit = None if work is None else work.visit
        given = None if visit is None else visit.given
        if given is not None and given.begin_s is not None:
            moved_s = abs(stop.service_start_s - given.begin_s)
            found += reading.problem.changes.per_hour * moved_s
    return found


def _prices(reading: Reading) -> int:
    """Return what it costs who does the visits: each stop asks for itself."""
    one = reading.technician
    called = {one.id, one.id if one.person is None else one.person}
    found = 0
    for stop in reading.tasks:
        work = reading.work(stop)
        visit = None if work is None else work.visit
        if visit is None:
            continue
        if visit.preferred and called.isdisjoint(visit.preferred):
            found += visit.preferred_price
        if is_away(reading, visit):
            found += one.away_price or 0
        if visit.given is not None and visit.given.technician not in called:
            found += reading.problem.changes.per_technician
    return found


def cost_of_unevenness(problem: Problem, readings: Sequence[Reading]) -> int:
    """Return the price of what persons are busy beyond their share, rounded once.

    Busy is driving, setting up and serving.  What all are busy is shared out by how
    long the shifts of each person are.
    """
    shift_s: dict[str, int] = {}
    busy_s: dict[str, int] = {}
    for one in problem.technicians:
        person = one.person or one.id
        length_s = one.shift.closes_s - one.shift.opens_s
        shift_s[person] = shift_s.get(person, 0) + length_s
    for reading in readings:
        person = reading.technician.person or reading.technician.id
        working_s = sum(stop.setup_s + stop.service_s for stop in reading.tasks)
        busy_s[person] = busy_s.get(person, 0) + reading.driven[0] + working_s
    whole_s, total_s = sum(shift_s.values()), sum(busy_s.values())
    if not whole_s:
        return 0
    beyond_s = sum(
        max(Fraction(0), busy_s.get(person, 0) - Fraction(total_s * length_s, whole_s))
        for person, length_s in shift_s.items()
    )
    return _nearest(problem.evenness_price * Fraction(beyond_s) / 3600)
