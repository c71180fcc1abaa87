"""Whatever rules meet on a day, there is a plan, and it can be told."""

from hypothesis import given, settings
from hypothesis import strategies as st
from rich_days import rich_problem

from routes.solve import solve


@settings(max_examples=40, deadline=None)
@given(dice=st.randoms(use_true_random=True))
def test_every_day_has_a_plan_in_which_everything_is_done_once_or_left_out(dice):
    problem = rich_problem(dice)

    plan = solve(problem, time_limit_s=5, iterations=200, threads=1)

    people = {visit.id: visit.people for visit in problem.visits}
    stops = [stop for route in plan.routes for stop in route.stops]
    left = [one.id for one in plan.unassigned]
    for id_, count in people.items():
        done = [stop for stop in stops if stop.kind == "job" and stop.id == id_]
        assert len(done) == (0 if id_ in left else count)
    for one in problem.shipments:
        halves = [stop.kind for stop in stops if stop.id == one.id]
        assert halves == ([] if one.id in left else ["pickup", "delivery"])
