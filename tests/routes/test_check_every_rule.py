"""A right plan for a day with every rule in it, one thing spoilt, and that found."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_day import (
    ANNA,
    ANNAS,
    BOS,
    MINUTE_S,
    PLAN,
    PROBLEM,
    ROAD,
    at,
    window,
    with_link,
    with_route,
    with_stop,
    with_stops,
    with_technician,
    with_visit,
)

from routes.check import cost_of, violations
from routes.checking.violation import ViolationKind as Kind
from routes.plan import Plan, Route, Stop, StopKind, TaskKind, Unassigned
from routes.problem import (
    Break,
    Changes,
    Lateness,
    Link,
    Problem,
    Technician,
    TimeWindow,
    Visit,
)

COFFEE, LUNCH = ANNA.breaks


def test_a_right_plan_has_nothing_wrong_and_costs_what_it_says():
    assert violations(PROBLEM, PLAN) == ()
    assert cost_of(PROBLEM, PLAN) == PLAN.cost


OF_TECHNICIANS = {
    Kind.FIRST: ("anna", "v2", {"first": ("v2",)}),
    Kind.LAST: ("anna", "v6", {"last": ("v6",)}),
    Kind.OVERTIME: ("anna", None, {"overtime_max_s": 42 * MINUTE_S - 1}),
    Kind.WORK_MAX: ("anna", None, {"work_max_s": 492 * MINUTE_S - 1}),
    Kind.TASKS_MAX: ("anna", None, {"tasks_max": 10}),
    Kind.TRAVEL_MAX: ("anna", None, {"travel_max_s": 200 * MINUTE_S - 1}),
    Kind.DISTANCE_MAX: ("anna", None, {"distance_max_m": 199_999}),
    Kind.CAPACITY: ("anna", None, {"capacity": (2,)}),
    Kind.USED_CAPACITY: ("anna", "v2", {"used_capacity": (1,)}),
    Kind.BREAK_ORDER: ("anna", "lunch", {"breaks": (LUNCH, COFFEE)}),
    Kind.BREAK_MISSING: (
        "anna",
        "tea",
        {"breaks": (COFFEE, Break(id="tea", duration_s=0), LUNCH)},
    ),
    Kind.BREAK_WINDOW: (
        "anna",
        "coffee",
        {"breaks": (replace(COFFEE, windows=(window("09:01", "10:00"),)), LUNCH)},
    ),
    Kind.RELOADS_MAX: ("anna", None, {"reload": replace(ANNA.reload, times_max=0)}),
    Kind.RELOAD_WINDOW: (
        "anna",
        None,
        {"reload": replace(ANNA.reload, windows=(window("10:12", "15:00"),))},
    ),
}
OF_VISITS = {
    Kind.SKILLS: ("anna", "v8", {"skills": frozenset({"lift", "ecg"})}),
    Kind.ALLOWED: ("bo-1", "v7", {"allowed": frozenset({"bo-2"})}),
    Kind.FORBIDDEN: ("bo-1", "v7", {"forbidden": frozenset({"bo"})}),
    Kind.AREA: ("bo-1", "v7", {"area": "east"}),
    Kind.WINDOW: ("anna", "v8", {"windows": (window("15:23", "16:00"),)}),
    Kind.TOO_LATE: (
        "anna",
        "v2",
        {"lateness": Lateness(max_s=10 * MINUTE_S - 1, per_hour=60)},
    ),
    Kind.DURATION: ("bo-1", "v7", {"service_s": 10 * MINUTE_S + 1}),
    Kind.SETUP: ("anna", "v5", {"setup_s": 6 * MINUTE_S}),
    Kind.PEOPLE: (None, "v7", {"people": 2}),
}
OF_LINKS = {
    Kind.LINK_EARLY: (
        "v8",
        with_link("v7", least_s=20 * MINUTE_S + 1, most_s=None),
    ),
    Kind.LINK_LATE: ("v8", with_link("v7", least_s=0, most_s=20 * MINUTE_S - 1)),
    Kind.LINK_PERSON: ("v8", with_link("v7", same_person=True)),
    Kind.LINK_SPLIT: (
        "v9",
        replace(PROBLEM, links=(*PROBLEM.links, Link(first="v1", second="v9"))),
    ),
}


def later(route, seconds, *, from_=0):
    return [
        replace(
            one,
            arrival_s=one.arrival_s + seconds,
            service_start_s=one.service_start_s + seconds,
            departure_s=one.departure_s + seconds,
        )
        if n >= from_
        else one
        for n, one in enumerate(route.stops)
    ]


def fetched_before_the_reload():
    before, reload, pickup, after = (
        ANNAS.stops[:7],
        ANNAS.stops[7],
        ANNAS.stops[8],
        ANNAS.stops[9:],
    )
    moment_s = reload.arrival_s
    early = replace(
        pickup,
        arrival_s=moment_s,
        service_start_s=moment_s,
        departure_s=moment_s,
        load=(0,),
        used=(2,),
    )
    return with_stops(ANNAS, [*before, early, reload, *after])


def brought_before_it_is_fetched():
    other = {StopKind.PICKUP: StopKind.DELIVERY, StopKind.DELIVERY: StopKind.PICKUP}
    return with_stops(
        ANNAS,
        [
            replace(one, kind=other[one.kind]) if one.id == "t" else one
            for one in ANNAS.stops
        ],
    )


def never_brought():
    kept = [one for one in ANNAS.stops if (one.kind, one.id) != ("delivery", "t")]
    return with_stops(ANNAS, kept)


def begun_before_being_there():
    first, visit, *rest = later(BOS, -60, from_=2)[1:]
    visit = replace(visit, arrival_s=visit.arrival_s + 60)
    return with_stops(BOS, [BOS.stops[0], first, visit, *rest])


OF_PLANS = {
    Kind.UNKNOWN_STOP: (
        None,
        "v99",
        replace(
            PLAN,
            unassigned=(*PLAN.unassigned, Unassigned(kind=TaskKind.VISIT, id="v99")),
        ),
    ),
    Kind.TWICE: (
        None,
        "v1",
        replace(
            PLAN,
            unassigned=(*PLAN.unassigned, Unassigned(kind=TaskKind.VISIT, id="v1")),
        ),
    ),
    Kind.FORGOTTEN: (None, "v10", replace(PLAN, unassigned=PLAN.unassigned[:1])),
    Kind.ENDS: ("bo-1", None, with_stop(BOS, None, place=21)),
    Kind.PLACE: ("anna", "lunch", with_stop(ANNAS, "lunch", place=11)),
    Kind.LATENESS: ("anna", "v2", with_stop(ANNAS, "v2", late_s=9 * MINUTE_S)),
    Kind.LOAD: ("anna", "v2", with_stop(ANNAS, "v2", used=(1,))),
    Kind.TRAVEL_TIME: ("bo-1", "v7", with_stop(BOS, "v7", arrival_s=at("14:51"))),
    Kind.EARLY_START: ("bo-1", "v7", begun_before_being_there()),
    Kind.NOT_TOGETHER: (None, "v6", with_stops(BOS, later(BOS, 60))),
    Kind.SHIPMENT_RELOAD: ("anna", "t", fetched_before_the_reload()),
    Kind.SHIPMENT_ORDER: ("anna", "t", brought_before_it_is_fetched()),
    Kind.SPLIT_SHIPMENT: ("anna", "t", never_brought()),
    Kind.TOTALS: ("anna", None, with_route(replace(ANNAS, work_s=ANNAS.work_s - 1))),
    Kind.COST: ("anna", None, with_route(replace(ANNAS, cost=ANNAS.cost + 2))),
}
# What these spoil also changes how much everybody is busy, or how long shifts are.
UNEVEN = {
    Kind.UNKNOWN_TECHNICIAN: (
        "carla",
        None,
        PROBLEM,
        replace(PLAN, routes=(ANNAS, replace(BOS, technician="carla"))),
    ),
    Kind.SHIFT: (
        "bo-1",
        None,
        with_technician("bo-1", shift=window("13:49", "16:00")),
        PLAN,
    ),
    Kind.RELOAD: (
        "anna",
        None,
        with_technician("anna", reload=replace(ANNA.reload, places=(30,))),
        PLAN,
    ),
    Kind.AREA_WINDOW: (
        "anna",
        "v4",
        replace(PROBLEM, area_windows={"north": (window("08:00", "10:20"),)}),
        PLAN,
    ),
}


def idle(technician):
    moment_s = technician.shift.opens_s
    start, end = (
        Stop(
            kind=kind,
            id=None,
            place=place,
            arrival_s=moment_s,
            service_start_s=moment_s,
            departure_s=moment_s,
        )
        for kind, place in (
            (StopKind.START, technician.start),
            (StopKind.END, technician.end),
        )
    )
    return Route(
        technician=technician.id,
        stops=(start, end),
        travel_s=0,
        distance_m=0,
        service_s=0,
        setup_s=0,
        waiting_s=0,
        cost=technician.costs.fixed,
    )


def two_routes():
    night = idle(PROBLEM.technicians[2])
    return (
        Kind.TWO_ROUTES,
        "bo-2",
        None,
        PROBLEM,
        replace(PLAN, routes=(*PLAN.routes, night, night)),
    )


def alone_twice():
    """One technician, who does a visit of two people twice."""
    anna = Technician(id="anna", start=0, end=0)
    empty = idle(anna)
    start, end = empty.stops
    job = replace(start, kind=StopKind.JOB, id="v")
    problem = Problem(
        technicians=(anna,),
        visits=(Visit(id="v", place=0, people=2),),
        matrices={"car": ROAD},
    )
    route = replace(empty, stops=(start, job, job, end))
    return Kind.SAME_PERSON, None, "v", problem, Plan(routes=(route,))


SPOILT = [
    *(
        (kind, who, stop, with_technician(who, **changes), PLAN)
        for kind, (who, stop, changes) in OF_TECHNICIANS.items()
    ),
    *(
        (kind, who, stop, with_visit(stop, **changes), PLAN)
        for kind, (who, stop, changes) in OF_VISITS.items()
    ),
    *((kind, None, stop, problem, PLAN) for kind, (stop, problem) in OF_LINKS.items()),
    *((kind, who, stop, PROBLEM, plan) for kind, (who, stop, plan) in OF_PLANS.items()),
    *(
        (
            *(kind, who, stop),
            replace(problem, evenness_price=0),
            replace(plan, cost=plan.cost - 1460),
        )
        for kind, (who, stop, problem, plan) in UNEVEN.items()
    ),
    two_routes(),
    alone_twice(),
]


@pytest.mark.parametrize(
    ("kind", "technician", "stop", "problem", "plan"),
    SPOILT,
    ids=[str(kind) for kind, *_ in SPOILT],
)
def test_one_thing_spoilt_is_all_that_is_found(kind, technician, stop, problem, plan):
    found = violations(problem, plan)

    assert {one.kind for one in found} == {kind}
    assert (technician, stop) in {(one.technician, one.stop) for one in found}


def test_every_rule_has_a_plan_that_breaks_it():
    assert {kind for kind, *_ in SPOILT} == set(Kind)


@pytest.mark.parametrize(
    "problem",
    [
        *(
            with_technician(
                "anna",
                costs=replace(
                    ANNA.costs, **{one.name: getattr(ANNA.costs, one.name) + 30}
                ),
            )
            for one in fields(ANNA.costs)
        ),
        with_technician("anna", away_price=60),
        with_technician("anna", areas=None),
        with_visit("v3", preferred_price=40),
        with_visit("v3", preferred=frozenset({"anna"})),
        with_visit("v2", lateness=Lateness(max_s=10 * MINUTE_S, per_hour=120)),
        replace(PROBLEM, changes=Changes(per_technician=50, per_hour=120)),
        replace(PROBLEM, changes=Changes(per_technician=40, per_hour=130)),
        replace(PROBLEM, evenness_price=610),
    ],
)
def test_every_price_is_in_the_cost(problem):
    found = violations(problem, PLAN)

    assert {one.kind for one in found} == {Kind.COST}
    assert abs(cost_of(problem, PLAN) - PLAN.cost) > 1


def changed_numbers():
    """Yield, with a name, the plan with any one number of a route or a stop changed."""
    for route in PLAN.routes:
        for field in fields(route):
            value = getattr(route, field.name)
            if isinstance(value, int):
                name = f"{route.technician}-{field.name}"
                yield name, with_route(replace(route, **{field.name: value + 7}))
        for n, stop in enumerate(route.stops):
            for field in fields(stop):
                value = getattr(stop, field.name)
                if isinstance(value, int):
                    value += 7
                elif isinstance(value, tuple):
                    value = (*value[:-1], sum(value) + 1)
                else:
                    continue
                some = list(route.stops)
                some[n] = replace(stop, **{field.name: value})
                name = f"{route.technician}-{n}-{field.name}"
                yield name, with_route(replace(route, stops=tuple(some)))


CHANGED = dict(changed_numbers())


@pytest.mark.parametrize("name", CHANGED)
def test_no_number_of_a_plan_can_be_changed_unnoticed(name):
    assert violations(PROBLEM, CHANGED[name])


def test_a_pinned_visit_that_is_left_out_leaves_the_others_pinned():
    problem = with_technician("anna", first=("v9", "v1"), last=("v8", "v10"))

    assert violations(problem, PLAN) == ()


def test_a_pinned_visit_on_the_route_of_another_is_found():
    problem = with_technician("bo-2", last=("v7",))

    (found,) = violations(problem, PLAN)

    assert (found.kind, found.technician) == (Kind.LAST, "bo-2")
    assert found.text == "bo-2: the route does not end with v7."


def test_a_wall_that_moves_counts_clean_and_used_together():
    assert violations(with_technician("bo-1", capacity=(2,)), PLAN) != ()
    apart = with_technician("bo-1", capacity=(2,), used_capacity=(3,))
    silent = replace(BOS, stops=tuple(replace(one, load=()) for one in BOS.stops))

    assert violations(apart, with_route(silent)) == ()


def test_what_is_aboard_already_takes_room():
    problem = with_technician("anna", aboard=(3,))

    first, *_ = violations(problem, PLAN)

    assert first.kind is Kind.USED_CAPACITY
    assert first.text == (
        "anna: has [3] in a compartment for used for [2] at the start."
    )


@pytest.mark.parametrize(
    ("begin_s", "kind"), [(9, Kind.WINDOW), (12, None), (17, Kind.TOO_LATE), (20, None)]
)
def test_the_window_that_opened_last_is_the_one_that_counts(begin_s, kind):
    visit = Visit(
        id="v",
        place=0,
        windows=(TimeWindow(10, 12), TimeWindow(20, 22)),
        lateness=Lateness(max_s=4, per_hour=0),
    )
    anna = Technician(id="anna", start=0, end=0)
    problem = Problem(technicians=(anna,), visits=(visit,), matrices={"car": ROAD})
    empty = idle(anna)
    start, end = empty.stops
    job = replace(
        start, kind=StopKind.JOB, id="v", service_start_s=begin_s, departure_s=begin_s
    )
    moments = {
        "arrival_s": begin_s,
        "service_start_s": begin_s,
        "departure_s": begin_s,
    }
    route = replace(
        empty,
        stops=(start, job, replace(end, **moments)),
        waiting_s=begin_s,
        work_s=begin_s,
    )

    found = violations(problem, Plan(routes=(route,)))

    assert [one.kind for one in found] == ([] if kind is None else [kind])


anything = st.builds(
    Stop,
    kind=st.sampled_from(StopKind),
    id=st.sampled_from([None, "v1", "v6", "v9", "s", "t", "lunch", "nothing"]),
    place=st.none() | st.integers(-3, 99),
    arrival_s=st.integers(-99, 10**5),
    service_start_s=st.integers(-99, 10**5),
    departure_s=st.integers(-99, 10**5),
    setup_s=st.integers(-99, 999),
    load=st.lists(st.integers(-3, 3), max_size=2).map(tuple),
    late_s=st.integers(-9, 99),
)


@settings(deadline=None)
@given(
    some=st.lists(anything, max_size=6),
    who=st.sampled_from(["anna", "bo-1", "carla"]),
    closed=st.booleans(),
)
def test_no_plan_is_too_wrong_to_be_read(some, who, closed):
    route = replace(ANNAS if who == "anna" else BOS, technician=who)
    if closed:
        some = [route.stops[0], *some, route.stops[-1]]

    plan = replace(PLAN, routes=(replace(route, stops=tuple(some)),))

    assert violations(PROBLEM, plan)
    assert isinstance(cost_of(PROBLEM, plan), int)


def test_those_at_home_in_an_area_may_go_there_for_nothing():
    assert violations(with_visit("v7", area="south"), PLAN) == ()
