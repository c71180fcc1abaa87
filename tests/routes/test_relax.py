import pytest

from routes.changes.by_hand import read
from routes.check import violations
from routes.drafting.draft import Board
from routes.plan import Plan, StopKind
from routes.problem import Link, Problem
from routes.relaxing.relax import relaxations


@pytest.fixture
def ways(problem, technician):
    """The ways out for visit v, by rule; each is checked to be a whole plan."""

    def find(*visits, technicians=None, links=(), search_s=0.0, **rows):
        everybody = technicians or (technician("anna"),)
        plain = problem(*visits, technicians=everybody)
        asked = Problem(
            technicians=everybody,
            visits=visits,
            matrices=plain.matrices,
            links=links,
        )
        board = Board(asked)
        orders = {
            id_: tuple(board.task_of[StopKind.JOB, name] for name in row.split())
            for id_, row in rows.items()
        }
        plan = board.draft(orders).plan()
        found = {}
        for one in relaxations(asked, plan, "v", search_s=search_s):
            served = {stop.id for route in one.plan.routes for stop in route.stops}
            before = {stop.id for route in plan.routes for stop in route.stops}
            assert served >= before | {"v"}
            assert read(one.problem, one.plan).cost == one.plan.cost
            assert violations(one.problem, one.plan) == ()
            found[one.rule] = one.text
        return found

    return find


def test_the_nearest_moment_at_which_it_fits_is_named(ways, visit, hours):
    found = ways(
        visit("long", 1, service_s=7 * 3600, windows=(hours(8, 8.1),)),
        visit("v", 1, service_s=600, windows=(hours(14, 14.5),)),
        anna="long",
    )

    assert found["begin"] == "It fits anna if it may start at 15:01."
    assert list(found) == ["begin"]


def test_overtime_is_named_as_the_end_it_leads_to(ways, visit):
    found = ways(
        visit("long", 1, service_s=7 * 3600), visit("v", 1, service_s=3600), anna="long"
    )

    assert found == {"overtime": "It fits anna if anna may end at 16:02."}


def test_overtime_ends_where_the_same_person_begins_again(
    ways, visit, technician, hours
):
    both = (
        technician("anna", person="anna p"),
        technician("evening", person="anna p", shift=hours(16.5, 18), tasks_max=0),
    )
    long = visit("long", 1, service_s=7 * 3600)

    def asked(minutes):
        v = visit("v", 1, service_s=minutes * 60)
        return ways(long, v, technicians=both, anna="long")

    assert asked(60)["overtime"] == "It fits anna if anna may end at 16:02."
    assert "overtime" not in asked(90)


@pytest.mark.parametrize(
    ("limit", "rule", "text"),
    [
        (
            {"travel_max_s": 300},
            "driving",
            "It fits anna if anna may drive 20 minutes instead of 5 minutes.",
        ),
        (
            {"distance_max_m": 5000},
            "distance",
            "It fits anna if anna may drive 20000 m instead of 5000 m.",
        ),
        (
            {"work_max_s": 3600},
            "work",
            "It fits anna if anna may work 80 minutes instead of 60 minutes.",
        ),
        (
            {"tasks_max": 0},
            "tasks",
            "It fits anna if anna may do 1 task instead of 0 tasks.",
        ),
    ],
)
def test_a_limit_that_hinders_is_named_with_what_is_needed(
    ways, visit, technician, limit, rule, text
):
    found = ways(
        visit("v", 10, service_s=3600), technicians=(technician("anna", **limit),)
    )

    assert found == {rule: text}


def test_room_that_is_lacking_is_named(ways, visit, technician):
    found = ways(
        visit("a", 1, deliver=(2,)),
        visit("v", 1, deliver=(3,)),
        technicians=(technician("anna", capacity=(4,)),),
        anna="a",
    )

    assert found == {
        "room": "It fits anna if anna had room for 5 instead of 4 of amount 1."
    }


def test_room_counts_what_is_aboard_already(ways, visit, technician):
    car = technician("anna", capacity=(1, 1), aboard=(0, 1))

    found = ways(visit("v", 1, deliver=(2,)), technicians=(car,))

    assert found == {
        "room": "It fits anna if anna had room for 2 instead of 1 of amount 1."
    }


def test_a_skill_somebody_lacks_is_named(ways, visit, technician):
    found = ways(visit("v", 1, skills=frozenset({"ECG"})))

    assert found == {"skills": "It fits anna with the skill ECG."}


def test_names_and_areas_that_hinder_are_named(ways, visit, technician):
    home = (technician("anna", areas=frozenset({"north"})),)

    assert ways(visit("v", 1, forbidden=frozenset({"anna"}))) == {
        "names": "It fits anna if they may do it."
    }
    assert ways(visit("v", 1, area="south"), technicians=home) == {
        "area": "It fits anna if they may go to south."
    }


def test_a_link_that_hinders_is_named(ways, visit, hours):
    found = ways(
        visit("v", 1, windows=(hours(14, 15),)),
        visit("other", 2, windows=(hours(8, 9),)),
        links=(Link(first="v", second="other"),),
    )

    assert found["link"] == "It fits anna without its link to other."


def test_two_rules_at_once_are_no_way_out(ways, visit, technician):
    found = ways(
        visit("v", 1, skills=frozenset({"ECG"}), deliver=(1,)),
        technicians=(technician("anna"),),
    )

    assert found == {}


def test_a_way_out_may_need_the_rest_to_be_planned_again(ways, visit, technician):
    nurse = frozenset({"nurse"})
    two = (
        technician("anna", tasks_max=1, skills=nurse),
        technician("bo", tasks_max=0),
    )
    visits = (
        visit("a", 1, service_s=3600),
        visit("v", 2, service_s=7 * 3600, skills=nurse),
    )

    placed = ways(*visits, technicians=two, anna="a")
    searched = ways(*visits, technicians=two, anna="a", search_s=1.0)

    assert placed == {}
    assert searched["tasks"] == ("It fits anna if bo may do 1 task instead of 0 tasks.")


def test_what_there_is_room_for_needs_no_way_out(ways, visit, hours):
    assert ways(visit("v", 1, windows=(hours(9, 10),))) == {}


def test_what_is_in_the_plan_needs_no_way_out(ways, visit):
    with pytest.raises(ValueError, match="visit v is in the plan"):
        ways(visit("v", 1), anna="v")


def test_a_plan_that_breaks_a_rule_proves_nothing(problem, visit, technician):
    free = problem(visit("v", 1), visit("a", 1))
    board = Board(free)
    plan = board.draft({"anna": (board.task_of[StopKind.JOB, "a"],)}).plan()
    strict = problem(*free.visits, technicians=(technician("anna", tasks_max=0),))

    with pytest.raises(ValueError, match="the plan breaks a rule"):
        list(relaxations(strict, plan, "v"))
    assert list(relaxations(strict, Plan(), "v", search_s=0))
