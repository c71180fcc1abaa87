from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routes.problem import Link, Reload
from routes.relaxing.conflict import conflict, narrowed, only
from routes.relaxing.trial import TooBig, possible


def test_what_can_be_done_is_no_conflict(problem, visit):
    assert conflict(problem(visit("a", 1), visit("b", 2)), ["a", "b"]) is None


def test_a_visit_nobody_may_do_is_named_with_the_one_rule(problem, visit, technician):
    asked = problem(
        visit("a", 1, skills=frozenset({"ECG"}), deliver=(1,)),
        technicians=(technician("anna", capacity=(2,)),),
    )

    found = conflict(asked, ["a"])

    assert found.text == "Visit a cannot be done with the skills of a as they are."


def test_two_windows_that_meet_are_told_without_what_stands_beside(
    problem, visit, hours
):
    morning = (hours(9, 9.1),)
    asked = problem(
        *(visit(str(n), n, service_s=60) for n in range(4)),
        visit("a", 1, windows=morning, service_s=3600),
        visit("b", 2, windows=morning, service_s=3600),
    )

    found = conflict(asked, [one.id for one in asked.visits], search_s=0.2)

    assert found.visits == ("a", "b")
    assert found.rules == ("the windows of a", "the windows of b")
    assert found.text == (
        "Visits a and b cannot all be done with the windows of a and the windows of b "
        "as they are."
    )


def test_without_any_one_demand_the_rest_can_be_done(problem, visit, hours):
    asked = problem(
        *(visit(id_, 1, service_s=3 * 3600) for id_ in "abc"), visit("d", 1)
    )

    found = conflict(asked, list("abcd"), search_s=0.2)

    assert (set(found.visits), found.rules) == (set("abc"), ("the shifts",))
    for id_ in found.visits:
        rest = [one for one in found.visits if one != id_]
        assert possible(only(asked, rest))
    assert not possible(only(asked, found.visits))


def test_no_amount_is_too_large_to_be_told_as_that_of_the_cars(
    problem, visit, technician
):
    asked = problem(visit("a", 1, deliver=(10**10,)), technicians=(technician("anna"),))

    assert conflict(asked, ["a"]).rules == ("the cars",)


def test_a_full_car_is_a_rule_unless_one_may_reload(problem, visit, technician):
    visits = (visit("a", 1, deliver=(2,)), visit("b", 1, deliver=(2,)))
    one = technician("anna", capacity=(2,))

    full = conflict(problem(*visits, technicians=(one,)), ["a", "b"])

    assert (full.visits, full.rules) == (("a", "b"), ("the cars",))
    again = replace(one, reload=Reload(places=(0,)))
    assert conflict(problem(*visits, technicians=(again,)), ["a", "b"]) is None


def test_a_link_is_a_rule(problem, visit, hours):
    asked = replace(
        problem(
            visit("a", 1, windows=(hours(14, 15),)),
            visit("b", 1, windows=(hours(8, 9),)),
        ),
        links=(Link(first="a", second="b"),),
    )

    found = conflict(asked, ["a", "b"])

    assert "the link from a to b" in found.rules
    assert found.visits == ("a", "b")


def test_two_people_need_two(problem, visit, technician):
    one, two = (technician("anna"),), (technician("anna"), technician("bo"))
    heavy = visit("a", 1, people=2)

    assert conflict(problem(heavy, technicians=two), ["a"]) is None
    assert conflict(problem(heavy, technicians=one), ["a"]).rules == (
        "the second person of a",
    )


def test_what_takes_too_long_to_try_is_said(problem, visit, technician, monkeypatch):
    monkeypatch.setattr("routes.relaxing.trial.STEPS_MAX", 3)
    asked = problem(visit("a", 1), visit("b", 2), visit("c", 3))

    with pytest.raises(TooBig, match="there are too many ways to try"):
        conflict(asked, ["a", "b", "c"])


def test_of_many_visits_that_cannot_be_done_not_all_ways_are_tried(
    problem, visit, technician
):
    some = [visit(str(n), 1, deliver=(1,)) for n in range(15)]
    asked = problem(*some, technicians=(technician("anna", capacity=(13,)),))

    with pytest.raises(TooBig, match="which are too many to try all ways"):
        conflict(asked, [one.id for one in some], search_s=0.1)


@given(st.sets(st.integers(0, 63), min_size=1, max_size=3))
def test_few_that_are_needed_are_found_with_few_questions(needed):
    asked = []

    def can_hold(some):
        asked.append(some)
        return not needed <= {int(one) for one in some}

    found = narrowed([str(n) for n in range(64)], can_hold)

    assert {int(one) for one in found} == needed
    assert len(asked) < 64


def test_a_visit_that_is_not_there_cannot_be_a_must(problem, visit):
    with pytest.raises(KeyError, match="x"):
        conflict(problem(visit("a", 1)), ["x"])
