"""The pools of several searches as columns, and a choice of them as routes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routes.kernel.arrays import Array
from routes.kernel.library import Pool, Requests
from routes.kernel.partition import Columns, best_choice

COLUMNS_MAX = 12_000
PARTS_MAX = 2_000_000
"""Of columns times requests: beyond that the linear program takes seconds."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Bare routes, a row each: its start, its nodes, its end."""

    nodes: Array
    size: Array
    """[route]: how many nodes between start and end."""

    def copy(self) -> "Rows":
        """Return the same routes in arrays of their own."""
        return Rows(nodes=self.nodes.copy(), size=self.size.copy())


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """What each route is before anything is put on it, and which ones are alike."""

    bare: Rows
    kinds: Array
    """[route]: its kind, from 0 without gaps."""


def recombined(
    pools: Sequence[Pool],
    fleet: Fleet,
    requests: Requests,
    *,
    cost: int,
    absent: Sequence[int],
    effort: float,
    time_limit_s: float,
) -> Rows | None:
    """Return a plan made of routes in `pools` that looks better than one known.

    That one's routes `cost` so much and leave `absent` out.  What a request weighs that
    is left out is capped here, so that costs keep their digits: whoever asks has to
    look whether the plan is better indeed.  None if none is.
    """
    room = PARTS_MAX // max(1, len(requests["penalty"]))
    entries = _entries(pools, min(COLUMNS_MAX, max(1000, room)))
    if not entries:
        return None
    columns = Columns(
        requests=[_requests_in(pools[p], e, requests) for p, e in entries],
        cost=np.array([pools[p]["cost"][e] for p, e in entries]),
        kind=np.array([fleet.kinds[pools[p]["route"][e]] for p, e in entries]),
    )
    penalty = np.minimum(requests["penalty"], 2 * cost + 1)
    chosen = best_choice(
        columns,
        penalty=penalty,
        available=np.bincount(fleet.kinds).tolist(),
        known=cost + int(penalty[list(absent)].sum()),
        effort=effort,
        time_limit_s=time_limit_s,
    )
    if chosen is None:
        return None
    return _rows(pools, [entries[n] for n in chosen], fleet)


def _entries(pools: Sequence[Pool], most: int) -> list[tuple[int, int]]:
    """Return `most` promising entries, each set of visits once, as pool and entry."""
    sizes = [int(pool.entries) for pool in pools]
    owner = np.repeat(np.arange(len(pools)), sizes)
    entry = np.concatenate([np.arange(size) for size in sizes])
    sign, cost, worth = (
        np.concatenate(
            [pool[name][:size] for pool, size in zip(pools, sizes, strict=True)]
        )
        for name in ("sign", "cost", "worth")
    )
    order = np.lexsort((cost, sign))
    first = np.ones(len(order), bool)
    first[1:] = sign[order][1:] != sign[order][:-1]
    once = order[first]
    best = once[np.lexsort((sign[once], worth[once]))][:most]
    return list(zip(owner[best].tolist(), entry[best].tolist(), strict=True))


def _requests_in(pool: Pool, entry: int, requests: Requests) -> Array:
    nodes = pool["nodes"][entry, : pool["size"][entry]]
    of = requests["of"][nodes]
    found: Array = np.unique(of[of >= 0])
    return found


def _rows(
    pools: Sequence[Pool], chosen: Sequence[tuple[int, int]], fleet: Fleet
) -> Rows:
    """Return the chosen entries as routes, each on the first free one of its kind."""
    found = fleet.bare.copy()
    free = np.ones(len(fleet.kinds), bool)
    for p, entry in chosen:
        kind = fleet.kinds[pools[p]["route"][entry]]
        route = int(np.flatnonzero((fleet.kinds == kind) & free)[0])
        free[route] = False
        size = int(pools[p]["size"][entry])
        end = found.nodes[route, found.size[route] + 1]
        found.nodes[route, 1 : size + 1] = pools[p]["nodes"][entry, :size]
        found.nodes[route, size + 1] = end
        found.size[route] = size
    return found
