"""Two readings of the same rules, written apart, say the same of the same routes."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routes.check import cost_of, violations
from routes.checking.violation import ViolationKind
from routes.drafting.insert import Obstacle, obstacle
from routes.plan import TASKS, Plan, StopKind
from routes.problem import (
    Break,
    Changes,
    Costs,
    Given,
    Halt,
    Lateness,
    Matrix,
    Problem,
    Reload,
    Shipment,
    Technician,
    TimeWindow,
    Visit,
)
from routes.timetable.evenness import cost_of_evenness
from routes.timetable.loads import fits_in_car, whole_between_reloads
from routes.timetable.schedule import route_of
from routes.timetable.tasks import price_of, reload_at, requests_of

PLACES = 5
MINUTE_S = 60

# What `routes.timetable.schedule` does not look at; who does is asked below.
OBSTACLES = {
    Obstacle.CAPACITY: {ViolationKind.CAPACITY, ViolationKind.USED_CAPACITY},
    Obstacle.TASKS: {ViolationKind.TASKS_MAX},
    Obstacle.TRAVEL: {ViolationKind.TRAVEL_MAX},
    Obstacle.DISTANCE: {ViolationKind.DISTANCE_MAX},
}
WHO = {
    ViolationKind.SKILLS,
    ViolationKind.ALLOWED,
    ViolationKind.FORBIDDEN,
    ViolationKind.AREA,
}
# Rows are drawn without them in mind, and one route is not all of a plan.
NOT_TIMED = {
    *WHO,
    *(kind for kinds in OBSTACLES.values() for kind in kinds),
    ViolationKind.WORK_MAX,
    ViolationKind.FORGOTTEN,
    ViolationKind.SPLIT_SHIPMENT,
}

places = st.integers(0, PLACES - 1)
amounts = st.lists(st.integers(0, 2), max_size=2).map(tuple)
rooms = st.lists(st.integers(1, 5), min_size=2, max_size=2).map(tuple)
few_s = st.integers(0, 40).map(lambda minutes: minutes * MINUTE_S)
prices = st.integers(0, 200)
names = st.frozensets(st.sampled_from(["anna", "day", "night"]), max_size=2)
areas = st.sampled_from(["north", "south"])


@st.composite
def windows(draw, most=2):
    count = 2 * draw(st.integers(0, most))
    row = st.lists(st.integers(0, 700), min_size=count, max_size=count, unique=True)
    moments = sorted(draw(row))
    pairs = zip(moments[::2], moments[1::2], strict=True)
    return tuple(TimeWindow(a * MINUTE_S, b * MINUTE_S) for a, b in pairs)


latenesses = st.none() | st.builds(Lateness, max_s=few_s, per_hour=prices)
halt_parts = {
    "place": places,
    "setup_s": few_s,
    "service_s": few_s,
    "windows": windows(),
    "lateness": latenesses,
}
halts = st.builds(Halt, **halt_parts)
breaks = st.builds(
    Break,
    id=st.just(""),
    duration_s=few_s,
    windows=windows(most=1),
    place=st.none() | places,
    is_paid=st.booleans(),
)
givens = st.builds(
    Given,
    technician=st.sampled_from(["anna", "day", "somebody else"]),
    begin_s=st.none() | st.integers(0, 40000),
)


def visits(id_):
    return st.builds(
        Visit,
        id=st.just(id_),
        skills=st.frozensets(st.just("lift"), max_size=1),
        deliver=amounts,
        collect=amounts,
        area=st.none() | areas,
        allowed=st.sampled_from([None, None, None, frozenset({"day"})]),
        forbidden=st.sampled_from([frozenset(), frozenset(), frozenset({"day"})]),
        preferred=names,
        preferred_price=prices,
        given=st.none() | givens,
        **halt_parts,
    )


def technicians(id_, opens_s, closes_s, pauses, **fixed):
    return st.builds(
        Technician,
        id=st.just(id_),
        start=st.none() | places,
        end=st.none() | places,
        person=st.sampled_from(["anna", None]) if id_ != "anna" else st.none(),
        shift=st.just(TimeWindow(opens_s, closes_s)),
        overtime_max_s=few_s,
        breaks=st.just(pauses),
        skills=st.frozensets(st.just("lift"), max_size=1),
        capacity=rooms,
        used_capacity=st.none() | rooms,
        aboard=amounts,
        reload=st.none()
        | st.builds(
            Reload,
            places=st.lists(places, min_size=1, max_size=2).map(tuple),
            duration_s=few_s,
            windows=windows(most=1),
        ),
        tasks_max=st.none() | st.integers(0, 4),
        travel_max_s=st.none() | st.integers(0, 6000),
        distance_max_m=st.none() | st.integers(0, 6000),
        areas=st.none() | st.frozensets(areas, max_size=1),
        away_price=st.none() | prices,
        speed_factor=st.sampled_from([1.0, 0.7, 1.5]),
        costs=st.builds(
            Costs,
            fixed=prices,
            per_hour=prices,
            per_km=prices,
            per_work_hour=prices,
            per_overtime_hour=prices,
        ),
    )


@st.composite
def tables(draw, most):
    row = st.lists(st.integers(0, most), min_size=PLACES, max_size=PLACES)
    table = draw(st.lists(row, min_size=PLACES, max_size=PLACES))
    return tuple(
        tuple(0 if a == b else n for b, n in enumerate(r)) for a, r in enumerate(table)
    )


@st.composite
def problems(draw):
    pauses = draw(st.lists(breaks, max_size=2))
    numbered = tuple(
        Break(
            id=f"b{n}",
            duration_s=one.duration_s,
            windows=one.windows,
            place=one.place,
            is_paid=one.is_paid,
        )
        for n, one in enumerate(pauses)
    )
    shifts = [("day", 60 * MINUTE_S, 400 * MINUTE_S), ("night", 500 * MINUTE_S, 40000)]
    staff = [
        draw(technicians(id_, opens_s, closes_s, numbered))
        for id_, opens_s, closes_s in shifts
    ]
    if all(one.person is None for one in staff):
        staff.append(draw(technicians("anna", 0, 40000, ())))
    return Problem(
        technicians=tuple(staff),
        visits=tuple(draw(visits(f"v{n}")) for n in range(draw(st.integers(1, 4)))),
        shipments=tuple(
            draw(
                st.builds(
                    Shipment,
                    id=st.just(id_),
                    pickup=halts,
                    delivery=halts,
                    amount=amounts,
                )
            )
            for id_ in draw(st.sampled_from([(), ("s",)]))
        ),
        matrices={
            "car": Matrix(travel_s=draw(tables(2000)), distance_m=draw(tables(3000)))
        },
        area_windows=draw(st.dictionaries(areas, windows(), max_size=1)),
        changes=draw(st.builds(Changes, per_technician=prices, per_hour=prices)),
        evenness_price=draw(prices),
    )


@st.composite
def rows(draw, problem):
    """Some of what there is to do for each, in any order, reloads among it."""
    tasks = [task for request in requests_of(problem) for task in request.tasks]
    mixed = draw(st.permutations(tasks))
    found = {}
    for technician in problem.technicians:
        count = draw(st.integers(0, min(4, len(mixed))))
        row, mixed = list(mixed[:count]), mixed[count:]
        if technician.reload is not None and draw(st.booleans()):
            place = draw(st.sampled_from(technician.reload.places))
            row.insert(draw(st.integers(0, len(row))), reload_at(technician, place))
        found[technician.id] = row
    return found


def brought_after_fetched(tasks):
    fetched = set()
    for task in tasks:
        if task.kind is StopKind.DELIVERY and task.id not in fetched:
            return False
        if task.kind is StopKind.PICKUP:
            fetched.add(task.id)
    return True


def timed(data):
    """Return a problem, and what is done on each route that can be timed, with it."""
    problem = data.draw(problems())
    orders = data.draw(rows(problem))
    found = []
    for technician in problem.technicians:
        tasks = orders[technician.id]
        # What is in the car after a reload with half a shipment is anybody's guess.
        known = whole_between_reloads(tasks) and brought_after_fetched(tasks)
        route = route_of(problem, technician, tasks) if tasks and known else None
        if route is not None:
            found.append((technician, tasks, route))
    return problem, found


def busy_s(route):
    served_s = sum(stop.service_s for stop in route.stops if stop.kind in TASKS)
    return route.travel_s + route.setup_s + served_s


many = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def price(problem, technician, tasks):
    """Return what it costs who does `tasks`, which is not for a timed route to say."""
    asked = requests_for(problem, tasks)
    return sum(price_of(problem, technician, one) or 0 for one in asked)


def requests_for(problem, tasks):
    requests = {(one.kind, one.id): one for one in requests_of(problem)}
    return [
        requests["visit" if task.kind is StopKind.JOB else "shipment", task.id]
        for task in tasks
        if task.kind in TASKS
    ]


@many
@given(data=st.data())
def test_what_is_timed_is_right_to_the_second_and_the_unit(data):
    problem, found = timed(data)
    routes = tuple(
        replace(route, cost=route.cost + price(problem, technician, tasks))
        for technician, tasks, route in found
    )
    uneven = cost_of_evenness(problem, {one.technician: busy_s(one) for one in routes})
    plan = Plan(routes=routes, cost=sum(route.cost for route in routes) + uneven)

    all_wrong = violations(problem, plan)

    # What it would cost that somebody does what they may not, nobody says.
    never = {one.technician for one in all_wrong if one.kind in WHO}
    wrong = [
        one
        for one in all_wrong
        if one.kind not in NOT_TIMED
        and (one.technician not in never or one.kind is not ViolationKind.COST)
    ]
    assert wrong == []
    assert never or cost_of(problem, plan) == plan.cost


@many
@given(data=st.data())
def test_who_may_and_what_fits_is_the_same_to_both(data):
    problem, found = timed(data)

    for technician, tasks, route in found:
        alone = violations(problem, Plan(routes=(route,)))
        kinds = {one.kind for one in alone}
        asked = requests_for(problem, tasks)
        may = all(price_of(problem, technician, one) is not None for one in asked)
        assert may == (not kinds & WHO)
        assert fits_in_car(technician, tasks) == (
            not kinds & OBSTACLES[Obstacle.CAPACITY]
        )
        assert ViolationKind.SHIPMENT_RELOAD not in kinds
        hindered = obstacle(problem, technician, tasks)
        if hindered is not None:
            assert kinds & OBSTACLES[hindered]
