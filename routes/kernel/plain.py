"""The rules of plain problems: one window, capacities, a start and an end."""

from typing import NamedTuple

import numpy as np

from routes.kernel.compiled import compiled, inlined
from routes.kernel.dice import chance
from routes.kernel.solution import COST, LOAD, put

DEPARTURE, LATEST, LEG = 0, 1, 2
ROWS = 3
FAR = 2**30
STAMP, EXTRA, PLACE = 0, 1, 2


class Plain(NamedTuple):
    """A plain problem; nodes are the visits, then the routes' starts and ends."""

    cost: np.ndarray
    """[from, to], any unit."""
    cost_in: np.ndarray
    """[to, from], the same costs."""
    travel: np.ndarray
    """[from, to], the unit of the windows."""
    travel_in: np.ndarray
    service: np.ndarray
    opens: np.ndarray
    closes: np.ndarray
    demand: np.ndarray
    """[visit, dimension]"""
    capacity: np.ndarray
    """[route, dimension]"""
    leaves: np.ndarray
    """[route]: not before."""
    returns: np.ndarray
    """[route]: not after."""
    fixed: np.ndarray
    """[route]: what it costs to use it."""
    kind: np.ndarray
    """[route]: equal where routes are alike in everything; alike ones are neighbours."""
    memo: np.ndarray
    """[visit, route, 4]: the version it holds for, the extra cost, the place."""
    blink: float
    """How often the best place is overlooked."""


@compiled
def refresh(data, solution, route):
    """Work out what is remembered of `route` from its sequence."""
    nodes, state = solution.nodes, solution.state
    count = solution.count[route]
    cost, travel = data.cost, data.travel
    last = nodes[route, 0]
    time = np.int64(data.leaves[route])
    state[route, DEPARTURE, 0] = time
    total = np.int64(0)
    for place in range(1, count + 2):
        node = nodes[route, place]
        leg = cost[last, node]
        state[route, LEG, place] = leg
        total += leg
        time = max(time + travel[last, node], data.opens[node]) + data.service[node]
        state[route, DEPARTURE, place] = time
        last = node
    latest = np.int64(data.returns[route])
    state[route, LATEST, count + 1] = latest
    for place in range(count, 0, -1):
        node = nodes[route, place]
        latest = min(
            latest - travel[node, last] - data.service[node], data.closes[node]
        )
        state[route, LATEST, place] = latest
        last = node
    totals = solution.totals
    for dimension in range(data.demand.shape[1]):
        load = np.int64(0)
        for place in range(1, count + 1):
            load += data.demand[nodes[route, place], dimension]
        totals[route, LOAD + dimension] = load
    totals[route, COST] = total + data.fixed[route] if count > 0 else 0


@inlined
def _look(data, solution, visit, route, limit, skip):
    """Return the cheapest extra cost below `limit` in `route`, and its place.

    The place `skip` is passed over.  The place is 0 where there is none.
    """
    nodes, state = solution.nodes, solution.state
    cost_in, cost_out = data.cost_in, data.cost
    travel_in, travel_out = data.travel_in, data.travel
    count = solution.count[route]
    opens = np.int64(data.opens[visit])
    closes = np.int64(data.closes[visit])
    service = np.int64(data.service[visit])
    ready = opens + service
    best, at = np.int64(limit), np.int64(0)
    place = 1
    while place <= count and state[route, LATEST, place] < ready:
        place += 1
    last = nodes[route, place - 1]
    for place in range(place, count + 2):
        departure = state[route, DEPARTURE, place - 1]
        if departure > closes:
            break
        node = nodes[route, place]
        extra = (
            np.int64(cost_in[visit, last])
            + cost_out[visit, node]
            - state[route, LEG, place]
        )
        if extra < best:
            begin = max(departure + np.int64(travel_in[visit, last]), opens)
            if (
                begin <= closes
                and begin + service + travel_out[visit, node]
                <= state[route, LATEST, place]
                and place != skip
            ):
                best, at = extra, np.int64(place)
        last = node
    return best, at


@inlined
def _room(data, solution, visit, route):
    for dimension in range(data.demand.shape[1]):
        load = solution.totals[route, LOAD + dimension]
        if load + data.demand[visit, dimension] > data.capacity[route, dimension]:
            return False
    return True


@inlined
def place(data, solution, dice, visit):
    """Put `visit` where it costs least, and say whether there is such a place.

    Any place is overlooked with the chance `blink`: without it the same visits would
    come back to the same places.
    """
    memo, version, touched = data.memo, solution.version, solution.touched
    best, at, chosen = np.int64(FAR), np.int64(0), np.int64(-1)
    fresh = np.int64(-1)
    for route in range(solution.count.shape[0]):
        fixed = np.int64(0)
        known = touched[route] == 0
        if solution.count[route] == 0:
            if data.kind[route] == fresh:
                continue
            fresh = np.int64(data.kind[route])
            fixed = np.int64(data.fixed[route])
            known = False
        if not _room(data, solution, visit, route):
            continue
        skip = np.int64(0)
        while True:
            if known and memo[visit, route, STAMP] == version[route]:
                extra = np.int64(memo[visit, route, EXTRA])
                where = np.int64(memo[visit, route, PLACE])
            else:
                limit = FAR if known else best - fixed
                extra, where = _look(data, solution, visit, route, limit, skip)
                extra += fixed
                if known:
                    memo[visit, route, STAMP] = version[route]
                    memo[visit, route, EXTRA] = extra
                    memo[visit, route, PLACE] = where
            if where == 0 or extra >= best:
                break
            if skip > 0 or chance(dice) >= data.blink:
                best, at, chosen = extra, where, np.int64(route)
                break
            skip, known = where, False
    if chosen < 0:
        return False
    put(solution, chosen, at, visit)
    refresh(data, solution, chosen)
    return True
