import pytest

from routes.check import violations
from routes.plan import StopKind, keys_of
from routes.problem import Link, Problem
from routes.solve import solve


def planned(problem, *, iterations=300, **others):
    plan = solve(problem, time_limit_s=5, iterations=iterations, threads=1, **others)
    assert violations(problem, plan) == ()
    return plan


def served(plan, technician):
    return [id_ for _, id_ in keys_of(plan).get(technician, ())]


@pytest.fixture
def linked(problem):
    """A problem of technicians and visits, with links."""

    def make(technicians, *visits, links):
        plain = problem(*visits, technicians=technicians)
        return Problem(
            technicians=technicians,
            visits=plain.visits,
            matrices=plain.matrices,
            links=links,
        )

    return make


def test_a_third_of_a_chain_does_not_free_the_second_from_the_first(
    linked, visit, technician, hours
):
    bo = technician("bo", start=0, end=20, skills=frozenset({"bo"}))
    asked = linked(
        (technician("anna"), bo),
        visit("one", 1, windows=(hours(8, 8.5),)),
        visit("two", 10, skills=frozenset({"bo"})),
        visit("three", 1, windows=(hours(12, 13),)),
        visit("on the way", 5, service_s=7200, skills=frozenset({"bo"})),
        links=(
            Link(first="one", second="two", most_s=900),
            Link(first="two", second="three"),
        ),
    )

    plan = planned(asked)

    assert plan.unassigned == ()
    assert served(plan, "bo") == ["two", "on the way"]


def test_linked_visits_begin_where_an_earlier_plan_had_them(linked, visit, technician):
    asked = linked(
        (technician("anna"), technician("bo")),
        visit("one", 1),
        visit("two", 2),
        visit("heavy", 3, people=2),
        links=(Link(first="one", second="two", least_s=600, most_s=900),),
    )
    job = StopKind.JOB
    earlier = {
        "anna": ((job, "heavy"), (job, "one")),
        "bo": ((job, "heavy"), (job, "two")),
    }

    plan = planned(asked, initial=earlier, iterations=1)

    assert keys_of(plan) == earlier


def test_what_is_pinned_is_done_with_what_it_is_linked_with(
    linked, visit, technician, hours
):
    asked = linked(
        (technician("anna", first=("one",)), technician("bo", last=("three",))),
        visit("one", 10, service_s=600),
        visit("two", 20, windows=(hours(9, 10),)),
        visit("three", 30),
        visit("any", 1),
        links=(
            Link(first="one", second="two", most_s=1800),
            Link(first="two", second="three"),
        ),
    )

    plan = planned(asked)

    assert plan.unassigned == ()
    assert served(plan, "anna")[0] == "one"
    assert served(plan, "bo")[-1] == "three"


def test_what_is_pinned_is_left_out_with_what_it_is_linked_with(
    linked, visit, technician, hours
):
    asked = linked(
        (technician("anna", first=("one",)),),
        visit("one", 10, service_s=600),
        visit("two", 20, windows=(hours(7, 7.5),)),
        visit("any", 1),
        links=(Link(first="one", second="two"),),
    )

    plan = planned(asked)

    assert served(plan, "anna") == ["any"]
