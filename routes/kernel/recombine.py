"""The pools of several searches as columns, and a choice of them as routes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routes.kernel.arrays import Array
from routes.kernel.partition import Columns, best_choice
from routes.kernel.pool import Pool
from routes.kernel.requests import Requests
from routes.kernel.solution import Sequences

COLUMNS_MAX = 12_000


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """Where each route starts and ends, and which ones are alike."""

    starts: Array
    ends: Array
    kinds: Array
    """[route]: its kind, from 0 without gaps."""


def recombined(
    pools: Sequence[Pool],
    fleet: Fleet,
    requests: Requests,
    *,
    known: int,
    effort: float,
    time_limit_s: float,
) -> Sequences | None:
    """Return the best plan made of routes in `pools`; None if none is below `known`."""
    entries = _entries(pools)
    if not entries:
        return None
    columns = Columns(
        requests=[_requests_in(pools[p], e, requests) for p, e in entries],
        cost=np.array([pools[p].cost[e] for p, e in entries]),
        kind=np.array([fleet.kinds[pools[p].route[e]] for p, e in entries]),
    )
    chosen = best_choice(
        columns,
        penalty=requests.penalty,
        available=np.bincount(fleet.kinds).tolist(),
        known=known,
        effort=effort,
        time_limit_s=time_limit_s,
    )
    if chosen is None:
        return None
    return _sequences(pools, [entries[n] for n in chosen], fleet, len(requests.of))


def _entries(pools: Sequence[Pool]) -> list[tuple[int, int]]:
    """Return the most promising entries, each set of visits once, as pool and entry."""
    sizes = [int(pool.entries[0]) for pool in pools]
    owner = np.repeat(np.arange(len(pools)), sizes)
    entry = np.concatenate([np.arange(size) for size in sizes])
    sign, cost, worth = (
        np.concatenate(
            [
                getattr(pool, name)[:size]
                for pool, size in zip(pools, sizes, strict=True)
            ]
        )
        for name in ("sign", "cost", "worth")
    )
    order = np.lexsort((cost, sign))
    first = np.ones(len(order), bool)
    first[1:] = sign[order][1:] != sign[order][:-1]
    once = order[first]
    best = once[np.lexsort((sign[once], worth[once]))][:COLUMNS_MAX]
    return list(zip(owner[best].tolist(), entry[best].tolist(), strict=True))


def _requests_in(pool: Pool, entry: int, requests: Requests) -> Array:
    nodes = pool.nodes[entry, : pool.size[entry]].astype(np.int64)
    of = requests.of[nodes]
    members: Array = of[requests.first[of] == nodes]
    return members


def _sequences(
    pools: Sequence[Pool], chosen: Sequence[tuple[int, int]], fleet: Fleet, visits: int
) -> Sequences:
    """Return the chosen entries as routes, each on the first free one of its kind."""
    routes = len(fleet.kinds)
    nodes = np.zeros((routes, visits + 2), np.int32)
    nodes[:, 0], nodes[:, 1] = fleet.starts, fleet.ends
    count = np.zeros(routes, np.int32)
    for p, entry in chosen:
        kind = fleet.kinds[pools[p].route[entry]]
        route = int(np.flatnonzero((fleet.kinds == kind) & (count == 0))[0])
        size = int(pools[p].size[entry])
        nodes[route, 1 : size + 1] = pools[p].nodes[entry, :size]
        nodes[route, size + 1] = fleet.ends[route]
        count[route] = size
    return Sequences(nodes, count)
