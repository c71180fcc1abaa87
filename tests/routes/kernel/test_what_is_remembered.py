"""What the search remembers of its routes is what they come to when timed anew."""

from hypothesis import given, settings
from hypothesis import strategies as st
from rich_days import rich_problem

from routes.kernel.recombine import Rows
from routes.kernel.team import Limits, Team
from routes.search import orders

WARM = 1e6


@settings(max_examples=40, deadline=None)
@given(dice=st.randoms(use_true_random=True))
def test_after_many_changes_a_plan_costs_what_its_routes_cost_anew(dice):
    problem = rich_problem(dice)
    teams = []

    class Kept(Team):
        def run(self, *given):
            teams.append(self)
            return super().run(*given)

    before, orders.Team = orders.Team, Kept
    try:
        limits = Limits(iterations=50)
        orders.searched(problem, start={}, limits=limits, threads=1, seed=1)
    finally:
        orders.Team = before
    (member,) = teams[0].members
    member.anneal(100, WARM, WARM)
    rows = Rows(
        nodes=member.solution["nodes"].copy(), size=member.solution["size"].copy()
    )
    known = member.search.cost

    assert member.begin(rows, member.rules["agreed"].copy()) == known
