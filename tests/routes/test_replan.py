from dataclasses import replace

import pytest

from routes.changes.replan import replan
from routes.changes.under_way import rest_of
from routes.check import violations
from routes.drafting.draft import Board
from routes.plan import StopKind
from routes.problem import (
    Break,
    Changes,
    Costs,
    Halt,
    Link,
    Problem,
    Reload,
    Shipment,
    TimeWindow,
)
from routes.timetable.tasks import reload_at

NINE = 9 * 3600


@pytest.fixture
def planned(problem, technician):
    """A problem and a plan of it: visits and halves of shipments, by technician."""

    def make(*work, links=(), technicians=None, changes=None, **rows):
        two = technicians or (technician("anna"), technician("bo"))
        asked = replace(
            problem(*work, technicians=two), links=links, changes=changes or Changes()
        )
        board = Board(asked)
        orders = {
            id_: tuple(_task(board, id_, word) for word in row.split())
            for id_, row in rows.items()
        }
        draft = board.draft(orders)
        assert draft is not None
        return asked, draft.plan()

    return make


def _task(board, id_, word):
    kinds = {"+": StopKind.PICKUP, "-": StopKind.DELIVERY}
    if word[0] == "@":
        return reload_at(board.technicians[id_], int(word[1:]))
    if word[0] in kinds:
        return board.task_of[kinds[word[0]], word[1:]]
    return board.task_of[StopKind.JOB, word]


def done(plan):
    return {
        route.technician: [stop.id for stop in route.stops if stop.id is not None]
        for route in plan.routes
    }


def stop(plan, id_):
    return next(s for route in plan.routes for s in route.stops if s.id == id_)


def who(problem, id_):
    return next(one for one in problem.technicians if one.id == id_)


def test_what_is_done_is_taken_out_and_the_rest_begins_where_it_ended(planned, visit):
    asked, plan = planned(
        visit("a", 10, service_s=600),
        visit("b", 20, service_s=600),
        visit("c", 30, service_s=600),
        anna="a b c",
    )

    left = replan(asked, plan, stop(plan, "a").departure_s, search_s=0)

    assert [one.id for one in left.problem.visits] == ["b", "c"]
    assert who(left.problem, "anna").start == 10
    assert done(left.plan) == {"anna": ["b", "c"]}
    assert stop(left.plan, "b").service_start_s == stop(plan, "b").service_start_s
    assert left.changed.shifts == ()
    assert violations(left.problem, left.plan) == ()


def test_whoever_is_on_the_way_goes_there_first_though_it_be_a_detour(planned, visit):
    asked, plan = planned(visit("a", 10), visit("b", 20), anna="b a", technicians=None)
    on_the_way_s = plan.routes[0].stops[0].departure_s + 60

    left = replan(asked, plan, on_the_way_s, search_s=0)

    assert who(left.problem, "anna").first == ("b",)
    assert done(left.plan) == {"anna": ["b", "a"]}
    assert stop(left.plan, "b").service_start_s == stop(plan, "b").service_start_s


def test_a_visit_under_way_goes_on_though_its_window_has_closed(planned, visit, hours):
    asked, plan = planned(
        visit("a", 1, service_s=7200, windows=(hours(8.5, 9),)), anna="a"
    )

    left = replan(asked, plan, 10 * 3600, search_s=0)

    assert stop(left.plan, "a").service_start_s == stop(plan, "a").service_start_s
    assert violations(left.problem, left.plan) == ()


def test_who_has_not_left_yet_leaves_later_at_the_earliest(planned, visit, hours):
    asked, plan = planned(visit("a", 1, windows=(hours(12, 13),)), anna="a")

    left = replan(asked, plan, NINE, search_s=0)

    assert who(left.problem, "anna").shift.opens_s == NINE
    assert who(left.problem, "anna").first == ()


def test_an_urgent_visit_is_planned_and_the_rest_stays(planned, visit):
    visits = [visit(str(n), 5 * n, service_s=1200) for n in range(1, 7)]
    asked, plan = planned(*visits, anna="1 2 3", bo="4 5 6")
    urgent = visit("urgent", 12, service_s=600, priority=100)
    asked = replace(asked, visits=(*asked.visits, urgent))

    left = replan(asked, plan, NINE)

    assert stop(left.plan, "urgent")
    moved = [one for one in left.changed.shifts if one.before != one.after]
    assert [one.id for one in moved] == ["urgent"]
    assert violations(left.problem, left.plan) == ()


def test_what_somebody_gone_would_have_done_is_done_by_others(planned, visit):
    asked, plan = planned(
        visit("a", 1, service_s=1800),
        visit("b", 2, service_s=1800),
        visit("c", 3, service_s=1800),
        anna="a b",
        bo="c",
    )

    left = replan(asked, plan, NINE - 1800, without=frozenset({"anna"}), search_s=0)

    assert [one.id for one in left.problem.technicians] == ["bo"]
    assert sorted(done(left.plan)["bo"]) == ["a", "b", "c"]


def test_what_is_in_a_car_is_brought_by_that_car(planned, visit, technician):
    two = tuple(technician(id_, capacity=(5,)) for id_ in ("anna", "bo"))
    asked, plan = planned(
        visit("a", 1),
        visit("b", 2, deliver=(1,)),
        visit("c", 3),
        technicians=two,
        anna="a b c",
        bo="",
    )

    rest = rest_of(asked, plan, plan.routes[0].stops[0].departure_s)

    kept = {one.id: one.allowed for one in rest.problem.visits}
    assert kept == {"a": {"anna"}, "b": {"anna"}, "c": None}


def test_what_is_loaded_at_a_later_reload_is_for_anybody(planned, visit, technician):
    two = (
        technician("anna", capacity=(1,), reload=Reload(places=(0,))),
        technician("bo", capacity=(5,)),
    )
    asked, plan = planned(
        visit("a", 1),
        visit("b", 2, deliver=(1,)),
        visit("c", 3, deliver=(1,)),
        technicians=two,
        anna="a b @0 c",
    )

    rest = rest_of(asked, plan, stop(plan, "a").departure_s)

    assert {one.id: one.allowed for one in rest.problem.visits}["c"] is None
    left = replan(asked, plan, stop(plan, "a").departure_s, search_s=0)
    kinds = [one.kind for one in left.plan.routes[0].stops]
    assert kinds == [
        StopKind.START,
        StopKind.JOB,
        StopKind.RELOAD,
        StopKind.JOB,
        StopKind.END,
    ]


def test_a_shipment_in_the_car_is_brought_and_one_that_is_not_stays_whole(
    planned, visit, technician
):
    two = tuple(technician(id_, capacity=(5,)) for id_ in ("anna", "bo"))
    shipments = [
        Shipment(id=id_, pickup=Halt(place=n), delivery=Halt(place=n + 5), amount=(1,))
        for n, id_ in ((1, "s"), (20, "t"))
    ]
    asked, plan = planned(
        visit("v", 2), *shipments, technicians=two, anna="+s v -s", bo="+t -t"
    )
    picked_s = next(s for s in plan.routes[0].stops if s.kind is StopKind.PICKUP)

    left = replan(asked, plan, picked_s.departure_s, search_s=0)

    _, carried = left.problem.visits
    assert (carried.id, carried.place, carried.deliver) == ("s", 6, (1,))
    assert carried.allowed == {"anna"}
    assert violations(left.problem, left.plan) == ()


def test_what_was_collected_is_in_the_car_still(planned, visit, technician):
    one = technician("anna", capacity=(3,), aboard=(1,))
    asked, plan = planned(
        visit("a", 1, collect=(1,)),
        visit("b", 9, collect=(1,)),
        technicians=(one,),
        anna="a b",
    )

    rest = rest_of(asked, plan, stop(plan, "a").departure_s)

    assert who(rest.problem, "anna").aboard == (2,)


def test_limits_are_what_is_left_of_them(planned, visit, technician, hours):
    lunch = Break(id="l", duration_s=1800, is_paid=False, windows=(hours(8, 9),))
    one = technician(
        "anna",
        travel_max_s=10_000,
        distance_max_m=100_000,
        work_max_s=20_000,
        tasks_max=5,
        breaks=(lunch,),
        costs=Costs(fixed=100),
    )
    asked, plan = planned(
        visit("a", 10, service_s=3600), visit("b", 20), technicians=(one,), anna="a b"
    )

    rest = who(rest_of(asked, plan, stop(plan, "a").departure_s).problem, "anna")

    driven = (rest.travel_max_s, rest.distance_max_m, rest.tasks_max)
    assert driven == (10_000 - 600, 100_000 - 10_000, 4)
    assert rest.work_max_s == 20_000 - 600 - 3600
    assert (rest.breaks, rest.costs.fixed) == ((), 0)


def test_a_break_under_way_goes_on(planned, visit, technician, hours):
    lunch = Break(id="l", duration_s=3600, windows=(hours(9, 9.5),))
    one = technician("anna", breaks=(lunch,))
    asked, plan = planned(
        visit("a", 1, service_s=3600),
        visit("b", 2, service_s=3600),
        technicians=(one,),
        anna="a b",
    )
    break_s = stop(plan, "l").service_start_s

    left = replan(asked, plan, break_s + 60, search_s=0)

    assert stop(left.plan, "l").service_start_s == break_s
    assert violations(left.problem, left.plan) == ()


def test_what_was_driven_before_a_break_on_the_road_is_not_driven_again(
    planned, visit, technician, hours
):
    lunch = Break(id="l", duration_s=600, windows=(hours(9.25, 9.25),), is_paid=False)
    one = technician("anna", breaks=(lunch,), work_max_s=20_000)
    asked, plan = planned(
        visit("a", 1, service_s=600, windows=(hours(9, 9),)),
        visit("b", 60),
        technicians=(one,),
        anna="a b",
    )

    left = replan(asked, plan, stop(plan, "l").departure_s, search_s=0)

    assert stop(left.plan, "b") == stop(plan, "b")
    (before,), (after,) = plan.routes, left.plan.routes
    (anna,) = left.problem.technicians
    assert anna.work_max_s + before.work_s == 20_000 + after.work_s


def test_the_second_of_a_link_still_waits_for_a_first_that_is_done(planned, visit):
    asked, plan = planned(
        visit("one", 1, service_s=600),
        visit("two", 2),
        links=(Link(first="one", second="two", least_s=3600, most_s=7200),),
        anna="one",
        bo="two",
    )
    done_s = stop(plan, "one").departure_s

    rest = rest_of(asked, plan, done_s)

    (two,) = rest.problem.visits
    assert two.windows == (TimeWindow(done_s + 3600, done_s + 7200),)
    assert rest.problem.links == ()


def test_the_second_of_a_link_is_still_for_who_did_the_first(planned, visit):
    asked, plan = planned(
        visit("one", 1),
        visit("between", 10),
        visit("two", 20, allowed=frozenset({"anna", "bo"})),
        links=(Link(first="one", second="two", same_person=True),),
        anna="one between two",
    )

    rest = rest_of(asked, plan, stop(plan, "one").departure_s)

    _, two = rest.problem.visits
    assert two.allowed == {"anna"}


def test_who_is_on_the_way_home_is_as_far_from_where_they_were(planned, visit):
    asked, plan = planned(visit("a", 30, service_s=600), anna="a")
    left_s = stop(plan, "a").departure_s

    anna = who(rest_of(asked, plan, left_s + 300).problem, "anna")

    assert (anna.start, anna.shift.opens_s) == (30, left_s + 600)


def test_turning_round_counts_as_driving_and_working(planned, visit, technician):
    one = technician(
        "anna", travel_max_s=10_000, distance_max_m=200_000, work_max_s=20_000
    )
    asked, plan = planned(visit("a", 30), technicians=(one,), anna="a")
    left_s = stop(plan, "a").departure_s

    anna = who(rest_of(asked, plan, left_s + 300).problem, "anna")

    assert anna.travel_max_s == 10_000 - 1800 - 600
    assert anna.distance_max_m == 200_000 - 30_000 - 10_000
    assert anna.work_max_s == 20_000 - 1800 - 600


def test_a_break_on_the_way_home_is_no_driving(planned, visit, technician, hours):
    lunch = Break(id="l", duration_s=600, windows=(hours(9.25, 9.25),))
    one = technician("anna", breaks=(lunch,))
    asked, plan = planned(
        visit("a", 30, service_s=600, windows=(hours(9, 9),)),
        technicians=(one,),
        anna="a",
    )
    left_s = stop(plan, "a").departure_s
    over_s = stop(plan, "l").departure_s

    pausing = who(rest_of(asked, plan, over_s - 60).problem, "anna")
    onwards = who(rest_of(asked, plan, over_s + 60).problem, "anna")

    driven_s = stop(plan, "l").arrival_s - left_s
    assert driven_s == 300
    assert (pausing.shift.opens_s, pausing.breaks) == (over_s + driven_s, ())
    assert onwards.shift.opens_s == over_s + 60 + driven_s + 60


def test_who_has_left_for_a_last_delivery_begins_when_it_is_done(planned, technician):
    shipment = Shipment(
        id="s", pickup=Halt(place=1), delivery=Halt(place=30, service_s=600)
    )
    asked, plan = planned(shipment, technicians=(technician("anna"),), anna="+s -s")
    *_, brought, _ = plan.routes[0].stops

    anna = who(rest_of(asked, plan, brought.arrival_s - 60).problem, "anna")

    assert (anna.start, anna.shift.opens_s) == (30, brought.departure_s)


def test_who_had_nothing_to_do_by_lunch_has_had_it(planned, visit, technician, hours):
    lunch = Break(id="l", duration_s=1800, windows=(hours(11, 12),))
    tea = Break(id="t", duration_s=600, windows=(hours(14, 15),))
    one = technician("anna", breaks=(lunch, tea))
    asked, plan = planned(visit("urgent", 1), technicians=(one,))

    left = replan(asked, plan, 13 * 3600, search_s=0)

    assert done(left.plan)["anna"] == ["urgent", "t"]


def test_who_is_home_begins_there(planned, visit):
    asked, plan = planned(visit("a", 30, service_s=600), anna="a")

    anna = who(rest_of(asked, plan, 15 * 3600).problem, "anna")

    assert (anna.start, anna.shift) == (0, TimeWindow(15 * 3600, 16 * 3600))


def test_what_a_change_costs_decides_whether_to_make_it(planned, visit):
    visits = (visit("a", 10, service_s=600), visit("b", 11, service_s=600))
    for price, doing in ((0, 1), (5000, 2)):
        changes = Changes(per_technician=price, per_hour=1)
        asked, plan = planned(*visits, changes=changes, anna="a", bo="b")

        left = replan(asked, plan, 7 * 3600)

        assert len(left.plan.routes) == doing


def test_two_peoples_visit_that_one_has_left_for_counts_as_done(planned, visit):
    asked, plan = planned(
        visit("heavy", 10, people=2, service_s=600),
        visit("c", 11),
        anna="heavy c",
        bo="heavy",
    )
    on_the_way_s = plan.routes[0].stops[0].departure_s + 60

    rest = rest_of(asked, plan, on_the_way_s)

    assert [one.id for one in rest.problem.visits] == ["c"]
    assert who(rest.problem, "bo").start == 10


@pytest.mark.parametrize("gone", ["carl"])
def test_nobody_unknown_can_be_gone(planned, visit, gone):
    asked, plan = planned(visit("a", 1), anna="a")

    with pytest.raises(ValueError, match="there is no technician carl"):
        replan(asked, plan, NINE, without=frozenset({gone}))


def test_a_day_replanned_again_and_again_ends_as_it_was_planned(planned, visit):
    visits = [visit(str(n), 5 * n, service_s=1800) for n in range(1, 9)]
    asked, plan = planned(*visits, anna="1 2 3 4", bo="8 7 6 5")
    begins = {
        one.id: one.service_start_s for r in plan.routes for one in r.stops if one.id
    }

    problem, now, seen = asked, plan, {}
    for at_s in range(8 * 3600, 14 * 3600, 1000):
        for route in now.routes:
            seen |= {
                s.id: s.service_start_s
                for s in route.stops
                if s.id and s.departure_s <= at_s
            }
        left = replan(problem, now, at_s, search_s=0)
        assert violations(left.problem, left.plan) == ()
        problem, now = left.problem, left.plan

    assert seen == begins


def test_a_plan_for_somebody_unknown_is_refused(planned, visit):
    asked, plan = planned(visit("a", 1), anna="a")
    fewer = Problem(
        technicians=asked.technicians[1:], visits=asked.visits, matrices=asked.matrices
    )

    with pytest.raises(ValueError, match="the plan names anna, who is not there"):
        replan(fewer, plan, NINE)


def test_a_plan_that_goes_to_nowhere_is_refused(planned, visit):
    asked, plan = planned(visit("a", 1), anna="a")
    (route,) = plan.routes
    start, stop, end = route.stops
    lost = replace(route, stops=(start, replace(stop, place=999), end))

    with pytest.raises(ValueError, match="the job a of anna is at no known place"):
        replan(asked, replace(plan, routes=(lost,)), NINE)
