from itertools import permutations

import pytest

from routes.problem import Matrix, Problem, Technician, TimeWindow, Visit
from routes.search.bound import NODES_MAX, least_cost
from routes.search.layout import layout_of
from routes.solve import solve

AWAY = (0, 400, 900, 1300, 700, 250)
TABLE = tuple(tuple(abs(a - b) * (2 if b > a else 1) for b in AWAY) for a in AWAY)


def day(*visits):
    return Problem(
        technicians=(Technician(id="anna", start=0, end=0),),
        visits=visits,
        matrices={"car": Matrix(travel_s=TABLE)},
    )


def test_no_plan_costs_less_than_the_bound():
    work = day(*(Visit(id=str(n), place=n, service_s=60) for n in range(1, 6)))

    bound = least_cost(layout_of(work))

    cheapest = min(
        sum(TABLE[a][b] for a, b in zip((0, *order), (*order, 0), strict=True))
        for order in permutations(range(1, 6))
    )
    assert bound is not None
    assert 0 < bound <= cheapest == solve(work, time_limit_s=5, iterations=200).cost


def test_windows_raise_the_bound():
    free = day(Visit(id="a", place=1), Visit(id="b", place=2))
    tied = day(
        Visit(id="a", place=1, windows=(TimeWindow(9000, 9000),)),
        Visit(id="b", place=2, windows=(TimeWindow(3000, 3000),)),
    )

    assert least_cost(layout_of(free)) < least_cost(layout_of(tied))


@pytest.mark.parametrize("count", [0, NODES_MAX + 1])
def test_without_visits_and_with_very_many_there_is_none(count):
    work = day(*(Visit(id=str(n), place=1) for n in range(count)))

    assert least_cost(layout_of(work)) is None


def test_whoever_waits_is_told_of_it():
    told = []
    work = day(*(Visit(id=str(n), place=n) for n in range(1, 6)))

    plan = solve(work, time_limit_s=0.5, progress=told.append)

    assert told[-1].bound is not None
    assert told[-1].bound <= told[-1].cost == plan.cost
