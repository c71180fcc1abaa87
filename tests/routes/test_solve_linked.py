import pytest

from routes.check import violations
from routes.plan import keys_of
from routes.problem import Link, Problem
from routes.solve import solve


def planned(problem, **others):
    plan = solve(problem, time_limit_s=5, iterations=300, threads=1, **others)
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
