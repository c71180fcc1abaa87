"""Problems of one window and an amount: the rules of the benchmark files."""

from itertools import permutations
from random import Random

import pytest

from routes.check import cost_of, violations
from routes.kernel.team import Limits
from routes.plan import keys_of
from routes.problem import (
    Break,
    Costs,
    Matrix,
    Problem,
    Technician,
    TimeWindow,
    Visit,
)
from routes.search.orders import laid_out, searched
from routes.search.plain_arrays import is_plain, plain_of
from routes.solve import solve, worth

CAPACITIES = [(60,), (30, 90)]


def made(count, seed, *, capacities=(60,), cars=12, width_s=3000):
    random = Random(seed)  # noqa: S311 (nothing secret)
    at = [(random.randrange(2000), random.randrange(2000)) for _ in range(count)]
    at.append((1000, 1000))
    table = tuple(
        tuple(int(((a - c) ** 2 + (b - d) ** 2) ** 0.5) for c, d in at) for a, b in at
    )
    opens = [random.randrange(7000) for _ in range(count)]
    return Problem(
        technicians=tuple(
            Technician(
                id=f"car {n}",
                start=count,
                end=count,
                shift=TimeWindow(0, 15_000),
                capacity=(capacities[n % len(capacities)],),
                costs=Costs(fixed=500 * (n % len(capacities))),
            )
            for n in range(cars)
        ),
        visits=tuple(
            Visit(
                id=str(n),
                place=n,
                service_s=100,
                windows=(TimeWindow(opens[n], opens[n] + width_s),),
                deliver=(random.randint(1, 14),),
            )
            for n in range(count)
        ),
        matrices={"car": Matrix(travel_s=table)},
    )


def planned(problem, **said):
    plan = solve(problem, **{"time_limit_s": 60, "iterations": 3000, **said})
    assert violations(problem, plan) == ()
    return plan


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("capacities", CAPACITIES)
def test_a_plan_keeps_every_rule_and_costs_what_is_said(seed, capacities):
    problem = made(40, seed, capacities=capacities)

    plan = planned(problem, seed=seed)

    assert is_plain(problem)
    assert plan.unassigned == ()
    assert cost_of(problem, plan) == plan.cost


def test_more_than_the_cars_can_hold_is_left_out():
    plan = planned(made(40, 1, cars=2))

    assert 0 < len(plan.unassigned) < 40


def test_the_cheapest_plan_of_few_visits_is_found():
    problem = made(7, 4, cars=1, width_s=8000, capacities=(200,))
    table = problem.matrices["car"].travel_s

    def cost(order):
        time_s, total, here = 0, 0, 7
        for n in order:
            window = problem.visits[n].windows[0]
            time_s = max(time_s + table[here][n], window.opens_s)
            if time_s > window.closes_s:
                return 10**9
            time_s, total, here = time_s + 100, total + table[here][n], n
        return total + table[here][7] if time_s + table[here][7] <= 15_000 else 10**9

    plan = planned(problem)

    assert plan.cost == min(map(cost, permutations(range(7))))


def test_the_same_seed_and_iterations_give_the_same_plan():
    problem = made(120, 3)

    one, other = (planned(problem, seed=7, threads=2) for _ in range(2))

    assert one == other


def test_a_search_from_a_good_plan_gives_none_that_is_worse():
    problem = made(50, 5)
    good = planned(problem, iterations=8000)

    after = planned(problem, iterations=50, seed=2, initial=keys_of(good))

    assert worth(problem, after) <= worth(problem, good)


def test_a_search_that_is_stopped_at_once_returns_where_it_began():
    problem = made(30, 6)
    good = planned(problem)

    stopped = planned(
        problem, iterations=10**9, stop=lambda: True, initial=keys_of(good)
    )

    assert stopped == good


def test_a_search_without_an_end_is_refused():
    with pytest.raises(ValueError, match=r"^a search needs a time or a number"):
        searched(made(5, 1), start={}, limits=Limits(), threads=1, seed=0)


def test_numbers_too_large_for_the_plain_rules_are_left_to_the_others():
    problem = made(3, 1)
    far = Matrix(travel_s=((0, 10**8, 9, 9),) * 4)
    dear = Costs(per_hour=10**5)
    large = Problem(
        technicians=tuple(
            Technician(id=one.id, start=3, end=3, capacity=(99,), costs=dear)
            for one in problem.technicians
        ),
        visits=problem.visits,
        matrices={"car": far},
    )

    assert is_plain(large)
    assert plain_of(*laid_out(large)) is None


@pytest.mark.parametrize(
    "said",
    [
        {"breaks": (Break(id="lunch", duration_s=900),)},
        {"tasks_max": 5},
        {"used_capacity": (9,)},
        {"work_max_s": 9000},
        {"end": None},
    ],
)
def test_a_technician_of_whom_more_is_said_is_not_plain(said):
    problem = made(3, 1)
    more = Technician(**{"id": "anna", "start": 3, "end": 3, **said})

    assert not is_plain(
        Problem(
            technicians=(*problem.technicians, more),
            visits=problem.visits,
            matrices=problem.matrices,
        )
    )
