from itertools import combinations

import numpy as np
import pytest

from routes.kernel.partition import Columns, best_choice

PENALTY = np.full(6, 100)


def _columns(seed):
    """Return every pair and every single of six, at prices by chance."""
    random = np.random.default_rng(seed)
    members = [*combinations(range(6), 2), *combinations(range(6), 1)]
    return Columns(
        requests=[np.array(one) for one in members],
        cost=random.integers(20, 90, size=len(members)),
        kind=np.zeros(len(members), np.int64),
    )


def _cost(columns, chosen):
    served = [request for n in chosen for request in columns.requests[n].tolist()]
    assert len(served) == len(set(served))
    return int(columns.cost[chosen].sum() + PENALTY[0] * (6 - len(served)))


def _best(columns, most):
    """Return the cost of the best choice, by trying all."""
    best = 600
    for count in range(1, most + 1):
        for chosen in combinations(range(len(columns.cost)), count):
            served = np.concatenate([columns.requests[n] for n in chosen])
            if len(served) == len(set(served.tolist())):
                best = min(best, _cost(columns, list(chosen)))
    return best


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("most", [2, 4])
def test_the_choice_is_the_best_of_all(seed, most):
    columns = _columns(seed)

    chosen = best_choice(
        columns,
        penalty=PENALTY,
        available=[most],
        known=10**6,
        effort=2.0,
        time_limit_s=60.0,
    )

    assert len(chosen) <= most
    assert _cost(columns, chosen) == _best(columns, most)


def test_nothing_is_chosen_where_all_is_as_dear_as_what_is_known():
    columns = _columns(1)

    chosen = best_choice(
        columns,
        penalty=PENALTY,
        available=[4],
        known=_best(columns, 4),
        effort=2.0,
        time_limit_s=60.0,
    )

    assert chosen is None


def test_each_kind_has_its_own_number_of_routes():
    columns = Columns(
        requests=[np.array([n]) for n in (0, 1, 2, 3, 4, 5)],
        cost=np.full(6, 10),
        kind=np.array([0, 0, 0, 1, 1, 1]),
    )

    chosen = best_choice(
        columns,
        penalty=PENALTY,
        available=[1, 2],
        known=10**6,
        effort=2.0,
        time_limit_s=60.0,
    )

    assert [columns.kind[n] for n in chosen].count(0) == 1
    assert [columns.kind[n] for n in chosen].count(1) == 2
