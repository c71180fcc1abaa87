"""What the search makes of a problem, whatever the problem is priced in."""

from dataclasses import replace
from time import monotonic

import pytest

from routes.kernel.team import Limits
from routes.plan import keys_of
from routes.problem import (
    BadProblem,
    Break,
    Costs,
    Matrix,
    Problem,
    Reload,
    Technician,
    TimeWindow,
    Visit,
)
from routes.search.orders import searched
from routes.solve import solve

LUNCH = Break(id="lunch", duration_s=0, windows=(TimeWindow(0, 30_000),))


def day(costs, *, visits=40, technicians=3):
    """Return a day on which a metre is a second."""
    points = [(277 * n % 900, 463 * n % 900) for n in range(visits + 1)]
    table = tuple(tuple(abs(x - a) + abs(y - b) for a, b in points) for x, y in points)
    return Problem(
        technicians=tuple(
            Technician(id=f"t{n}", start=0, end=0, breaks=(LUNCH,), costs=costs)
            for n in range(technicians)
        ),
        visits=tuple(Visit(id=f"v{n}", place=n) for n in range(1, visits + 1)),
        matrices={"car": Matrix(travel_s=table, distance_m=table)},
    )


def test_metres_that_have_a_price_are_searched_as_seconds_are():
    by_second = day(Costs(per_hour=3600))
    by_metre = day(Costs(per_hour=0, per_km=1000))

    plans = [
        solve(one, time_limit_s=60, iterations=300, threads=1)
        for one in (by_second, by_metre)
    ]

    assert keys_of(plans[0]) == keys_of(plans[1])


def test_somebody_reloads_no_more_than_they_may_wherever_that_is(
    problem, visit, technician, hours
):
    twice = technician("anna", capacity=(1,), reload=Reload(places=(3, 4), times_max=1))
    work = [
        visit("urgent", 5, deliver=(1,), priority=100, windows=(hours(15, 16),)),
        *(visit(f"v{n}", n, deliver=(1,), windows=(hours(8, 9),)) for n in (1, 2)),
    ]

    plan = solve(
        problem(*work, technicians=(twice,)), time_limit_s=60, iterations=200, threads=1
    )

    assert {one.id for one in plan.unassigned} < {"v1", "v2"}


def test_what_was_done_before_the_search_takes_its_part_of_the_time(problem, visit):
    asked = []

    def stop():
        asked.append(1)
        return len(asked) > 3

    orders = searched(
        problem(*(visit(f"v{n}", n) for n in (2, 1, 3))),
        start={},
        limits=Limits(time_limit_s=60, began_s=monotonic() - 60, stop=stop),
        threads=1,
        seed=0,
    )

    assert asked == []
    assert len(orders["anna"]) == 3


def test_prices_no_search_can_count_to_are_refused():
    endless = Technician(
        id="t",
        start=0,
        end=0,
        shift=TimeWindow(0, 10**8),
        costs=Costs(per_work_hour=10**9),
    )
    priced = replace(day(Costs(), visits=1), technicians=(endless,))

    with pytest.raises(BadProblem) as refused:
        solve(priced, time_limit_s=1, iterations=1)

    assert str(refused.value) == (
        "the price of working time is too high: a plan might cost 27777777780742, and"
        " 640511947003 is the most that can be counted"
    )


def test_what_nobody_can_do_is_told_while_the_rest_is_searched(problem, visit):
    told = []
    work = problem(visit("v", 1), visit("never", 2, skills=frozenset({"lift"})))

    solve(work, time_limit_s=60, iterations=200, progress=told.append)

    assert told[-1].unassigned_count == 1
