"""A right plan, one thing spoilt, and exactly that found."""

from dataclasses import replace

import pytest

from routes.check import cost_of, violations
from routes.checking.violation import ViolationKind
from routes.plan import StopKind, TaskKind, Unassigned
from routes.problem import Break, Costs, Halt, Shipment, TimeWindow
from routes.solve import solve

NOON_S = 12 * 3600


@pytest.fixture
def day(problem, visit, technician):
    """Anna has two visits, a shipment and lunch; what Bo could do is left out."""
    noon = TimeWindow(NOON_S, NOON_S + 3600)
    lunch = Break(id="lunch", duration_s=1800, windows=(noon,))
    anna = technician("anna", breaks=(lunch,), capacity=(3,), costs=Costs(per_km=5))
    early = TimeWindow(8 * 3600, 9 * 3600)
    morning = TimeWindow(9 * 3600, 10 * 3600)
    after = TimeWindow(NOON_S, NOON_S + 7200)
    return problem(
        visit("v1", 2, setup_s=60, service_s=600, windows=(early,), deliver=(1,)),
        visit("v2", 9, service_s=600, windows=(after,), collect=(1,)),
        visit("v3", 1, skills=frozenset({"nobody"})),
        Shipment(
            id="s",
            pickup=Halt(place=4, service_s=60, windows=(morning,)),
            delivery=Halt(place=6, service_s=60, windows=(morning,)),
            amount=(1,),
        ),
        technicians=(anna, technician("bo", end=5)),
    )


@pytest.fixture
def plan(day):
    found = solve(day, time_limit_s=5, iterations=2000)
    assert [stop.id for stop in found.routes[0].stops] == [
        *(None, "v1", "s", "s"),
        *("lunch", "v2", None),
    ] or [stop.id for stop in found.routes[0].stops] == [
        *(None, "v1", "s", "s"),
        *("v2", "lunch", None),
    ]
    return found


def kinds(problem, plan):
    return {one.kind for one in violations(problem, plan)}


def with_anna(problem, **changes):
    anna, *rest = problem.technicians
    return replace(problem, technicians=(replace(anna, **changes), *rest))


def with_route(plan, **changes):
    (route,) = plan.routes
    return replace(plan, routes=(replace(route, **changes),))


def with_stop(plan, id_, *, totals=False, kind=None, **changes):
    """Spoil one stop and, so that nothing else is wrong, the sums over it."""
    (route,) = plan.routes
    stops = tuple(
        replace(stop, **changes)
        if stop.id == id_ and kind in (None, stop.kind)
        else stop
        for stop in route.stops
    )
    return with_route(
        plan,
        stops=stops,
        waiting_s=sum(stop.waiting_s for stop in stops),
        setup_s=sum(stop.setup_s for stop in stops),
        service_s=sum(stop.service_s for stop in stops),
    )


def stop_of(plan, id_, kind=None):
    stops = plan.routes[0].stops
    return next(s for s in stops if s.id == id_ and kind in (None, s.kind))


def test_a_right_plan_has_nothing_wrong_and_costs_what_it_says(day, plan):
    assert violations(day, plan) == ()
    assert cost_of(day, plan) == plan.cost == 18 * 60 + 18 * 5


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"shift": TimeWindow(9 * 3600, 16 * 3600)}, ViolationKind.SHIFT),
        ({"shift": TimeWindow(8 * 3600, NOON_S)}, ViolationKind.SHIFT),
        ({"tasks_max": 3}, ViolationKind.TASKS_MAX),
        ({"travel_max_s": 18 * 60 - 1}, ViolationKind.TRAVEL_MAX),
        ({"distance_max_m": 17_999}, ViolationKind.DISTANCE_MAX),
        ({"capacity": (0,)}, ViolationKind.CAPACITY),
        ({"costs": Costs(per_km=6)}, ViolationKind.COST),
        ({"start": 1}, ViolationKind.ENDS),
        ({"end": None}, ViolationKind.ENDS),
        (
            {
                "breaks": (
                    Break(id="lunch", duration_s=1800),
                    Break(id="x", duration_s=0),
                )
            },
            ViolationKind.BREAK_MISSING,
        ),
        ({"breaks": ()}, ViolationKind.UNKNOWN_STOP),
        ({"id": "carla"}, ViolationKind.UNKNOWN_TECHNICIAN),
    ],
)
def test_a_technician_who_could_not_drive_it_is_found(day, plan, change, kind):
    other = with_anna(day, **change)

    assert kinds(other, plan) == {kind}


def test_every_leg_takes_as_long_as_the_technician_drives(day, plan):
    faster = with_anna(day, speed_factor=2.0)

    assert kinds(faster, plan) == {
        ViolationKind.TRAVEL_TIME,
        ViolationKind.TOTALS,
        ViolationKind.COST,
    }


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"skills": frozenset({"lift"})}, ViolationKind.SKILLS),
        ({"windows": (TimeWindow(0, 60),)}, ViolationKind.WINDOW),
        ({"service_s": 601}, ViolationKind.DURATION),
        ({"setup_s": 61}, ViolationKind.SETUP),
    ],
)
def test_work_that_is_not_done_as_asked_is_found(day, plan, change, kind):
    first, *rest = day.visits
    other = replace(day, visits=(replace(first, **change), *rest))

    assert kinds(other, plan) == {kind}


def test_a_drive_that_is_too_short_is_found(day, plan):
    stop = stop_of(plan, "v1")

    spoilt = with_stop(plan, "v1", arrival_s=stop.arrival_s - 1)

    assert kinds(day, spoilt) == {ViolationKind.TRAVEL_TIME}


def test_a_start_of_work_before_arrival_is_found(day, plan):
    (route,) = plan.routes
    late = stop_of(plan, "v1")
    early = replace(late, arrival_s=late.service_start_s + 1)
    stops = tuple(early if stop is late else stop for stop in route.stops)

    found = violations(day, with_route(plan, stops=stops))

    assert ViolationKind.EARLY_START in {one.kind for one in found}
    assert "anna: begins job v1 before being there." in {one.text for one in found}


def test_a_break_outside_its_window_is_found(day, plan):
    later = Break(
        id="lunch", duration_s=1800, windows=(TimeWindow(NOON_S + 7200, NOON_S + 9999),)
    )

    assert kinds(with_anna(day, breaks=(later,)), plan) == {ViolationKind.BREAK_WINDOW}


def test_a_break_cut_short_is_found(day, plan):
    longer = replace(day.technicians[0].breaks[0], duration_s=1801)

    assert kinds(with_anna(day, breaks=(longer,)), plan) == {ViolationKind.DURATION}


def test_a_stop_at_another_place_is_found(day, plan):
    assert kinds(day, with_stop(plan, "v1", place=3)) == {ViolationKind.PLACE}


def test_a_wrong_load_is_found_but_none_need_be_said(day, plan):
    assert kinds(day, with_stop(plan, "v1", load=(2,))) == {ViolationKind.LOAD}
    assert kinds(day, with_stop(plan, "v1", load=())) == set()


def test_a_visit_that_is_nowhere_is_found(day, plan):
    assert kinds(day, replace(plan, unassigned=())) == {ViolationKind.FORGOTTEN}


def test_a_visit_both_done_and_left_out_is_found(day, plan):
    twice = (*plan.unassigned, Unassigned(kind=TaskKind.VISIT, id="v1"))

    assert kinds(day, replace(plan, unassigned=twice)) == {ViolationKind.TWICE}


def test_something_left_out_that_is_not_in_the_problem_is_found(day, plan):
    strange = (*plan.unassigned, Unassigned(kind=TaskKind.VISIT, id="v9"))

    assert kinds(day, replace(plan, unassigned=strange)) == {ViolationKind.UNKNOWN_STOP}


def test_a_stop_that_is_not_in_the_problem_is_found(day, plan):
    fewer = replace(day, visits=day.visits[1:])

    assert kinds(fewer, plan) == {ViolationKind.UNKNOWN_STOP}


def test_two_routes_of_one_technician_are_found(day, plan):
    (route,) = plan.routes
    start, *_, end = route.stops
    idle = replace(
        route,
        stops=(start, replace(end, arrival_s=0, service_start_s=0, departure_s=0)),
    )

    assert ViolationKind.TWO_ROUTES in kinds(day, replace(plan, routes=(route, idle)))


def test_half_a_shipment_is_found(day, plan):
    (route,) = plan.routes
    stops = [stop for stop in route.stops if stop.kind is not StopKind.DELIVERY]

    found = kinds(day, with_route(plan, stops=tuple(stops)))

    assert ViolationKind.SPLIT_SHIPMENT in found


def test_a_shipment_brought_before_it_is_fetched_is_found(day, plan):
    (shipment,) = day.shipments
    swapped = replace(shipment, pickup=shipment.delivery, delivery=shipment.pickup)
    (route,) = plan.routes
    other = {
        StopKind.PICKUP: StopKind.DELIVERY,
        StopKind.DELIVERY: StopKind.PICKUP,
    }
    stops = tuple(
        replace(stop, kind=other.get(stop.kind, stop.kind), load=())
        for stop in route.stops
    )

    spoilt = with_route(plan, stops=stops)

    assert kinds(replace(day, shipments=(swapped,)), spoilt) == {
        ViolationKind.SHIPMENT_ORDER
    }


@pytest.mark.parametrize(
    "total", ["travel_s", "distance_m", "service_s", "setup_s", "waiting_s"]
)
def test_a_wrong_total_is_found(day, plan, total):
    spoilt = with_route(plan, **{total: getattr(plan.routes[0], total) + 1})

    assert kinds(day, spoilt) == {ViolationKind.TOTALS}


def test_a_wrong_cost_of_route_or_plan_is_found(day, plan):
    assert kinds(day, replace(plan, cost=plan.cost + 2)) == {ViolationKind.COST}
    assert kinds(day, with_route(plan, cost=plan.cost + 2)) == {ViolationKind.COST}


def test_a_route_without_a_start_is_found(day, plan):
    (route,) = plan.routes

    assert kinds(day, with_route(plan, stops=route.stops[1:])) == {ViolationKind.ENDS}
