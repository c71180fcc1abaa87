"""The routes a search has seen, kept to be put together in new ways."""

from typing import NamedTuple

import numpy as np

from routes.kernel.compiled import compiled
from routes.kernel.solution import COST, TOUCHES

SEEN, SLOTS = 0, 1
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(40)


class Pool(NamedTuple):
    """Routes, each set of visits once, with the cheapest order of them."""

    nodes: np.ndarray
    """[entry, place]: the visits of a route."""
    count: np.ndarray
    route: np.ndarray
    """[entry]: the route it was seen on."""
    cost: np.ndarray
    worth: np.ndarray
    """[entry]: the cost of the best solution it was part of."""
    sign: np.ndarray
    """[entry]: the set of its visits as a number."""
    slots: np.ndarray
    """A hash table of entries; -1 is free."""
    signs: np.ndarray
    """[visit]: a random number each."""
    kind_signs: np.ndarray
    """[route]: the same number where routes are alike."""
    size: np.ndarray
    """How many entries."""


def empty_pool(
    visits: int, longest: int, kinds: np.ndarray, *, entries: int, slots: int = 17
) -> Pool:
    """Return room for `entries` routes of at most `longest` visits."""
    random = np.random.default_rng(5)
    return Pool(
        nodes=np.zeros((entries, longest), np.int16 if visits < 2**15 else np.int32),
        count=np.zeros(entries, np.int32),
        route=np.zeros(entries, np.int32),
        cost=np.zeros(entries, np.int64),
        worth=np.zeros(entries, np.int64),
        sign=np.zeros(entries, np.uint64),
        slots=np.full(1 << slots, -1, np.int32),
        signs=random.integers(0, 2**64, size=visits, dtype=np.uint64),
        kind_signs=random.integers(
            0, 2**64, size=int(kinds.max()) + 1, dtype=np.uint64
        )[kinds],
        size=np.zeros(1, np.int64),
    )


@compiled
def collect(pool, solution, worth):
    """Add the touched routes of `solution`, which costs `worth`."""
    for n in range(solution.counters[TOUCHES]):
        add(pool, solution, solution.touches[n], worth)


@compiled
def add(pool, solution, route, worth):
    """Add one route of a solution that costs `worth`; known ones are made cheaper."""
    nodes = solution.nodes
    count = solution.count[route]
    if count == 0:
        return
    sign = pool.kind_signs[route]
    for place in range(1, count + 1):
        sign ^= pool.signs[nodes[route, place]]
    mask = np.int64(pool.slots.shape[0] - 1)
    slot = np.int64((sign * _MIX) >> _SHIFT) & mask
    entry = np.int64(pool.slots[slot])
    while entry >= 0 and pool.sign[entry] != sign:
        slot = (slot + 1) & mask
        entry = np.int64(pool.slots[slot])
    cost = solution.totals[route, COST]
    if entry < 0:
        if pool.size[0] >= pool.cost.shape[0] or count > pool.nodes.shape[1]:
            return
        entry = pool.size[0]
        pool.size[0] += 1
        pool.slots[slot] = entry
        pool.sign[entry] = sign
        pool.worth[entry] = worth
    elif cost >= pool.cost[entry]:
        pool.worth[entry] = min(worth, pool.worth[entry])
        return
    pool.worth[entry] = min(worth, pool.worth[entry])
    pool.cost[entry] = cost
    pool.route[entry] = route
    pool.count[entry] = count
    for place in range(count):
        pool.nodes[entry, place] = nodes[route, place + 1]
