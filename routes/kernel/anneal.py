"""Ruin and recreate under simulated annealing, for whatever rules it is bound to."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from routes.kernel.compiled import bound, compiled, entry, inlined
from routes.kernel.dice import chance
from routes.kernel.pool import collect
from routes.kernel.ruin import remove_strings
from routes.kernel.solution import (
    ABSENT,
    COST,
    KEPT_ABSENT,
    TOUCHES,
    keep_change,
    take_back,
    touch,
)

REFUSED, ACCEPTED, BEST = 0, 1, 2
"""What became of a change."""


class Requests(NamedTuple):
    """What is to be served: one node each, or several that belong together."""

    member: np.ndarray
    """The nodes of one request after those of another."""
    member_of: np.ndarray
    """[request, 2]: its nodes are those from the one number to the other."""
    of: np.ndarray
    """[node]: its request; -1 of what is never taken out."""
    penalty: np.ndarray
    """[request]: the cost of leaving it out."""
    orders: np.ndarray
    """[order, request]: the smaller, the sooner it is put back."""
    shares: np.ndarray
    """[order]: how often, the sum up to and with this one; the rest is by chance."""


class Search(NamedTuple):
    """The search bound to rules: what `_begin` and `_anneal` say."""

    begin: Any
    anneal: Any


class Settings(NamedTuple):
    """How the search goes about it."""

    mean_count: float
    longest: int


def _recreate(data, solution, requests, dice, keys):
    """Put what is absent back, one after another, in one of the orders."""
    absent, counters = solution.absent, solution.counters
    count = counters[ABSENT]
    draw = chance(dice)
    order = 0
    while order < requests.shares.shape[0] and draw >= requests.shares[order]:
        order += 1
    for n in range(count):
        if order < requests.shares.shape[0]:
            keys[n] = requests.orders[order, absent[n]]
        else:
            keys[n] = chance(dice)
    for n in range(1, count):
        key, request = keys[n], absent[n]
        at = n
        while at > 0 and keys[at - 1] > key:
            keys[at], absent[at] = keys[at - 1], absent[at - 1]
            at -= 1
        keys[at], absent[at] = key, request
    left = 0
    for n in range(count):
        request = absent[n]
        if not place(data, solution, dice, request):
            absent[left] = request
            left += 1
    counters[ABSENT] = left


def _anneal(
    data,
    solution,
    requests,
    near,
    settings,
    dice,
    pool,
    best,
    iterations,
    hot,
    cold,
    current_cost,
    best_cost,
    keep_from,
    keys,
):
    """Search from `solution` for `iterations`; return its cost and the best one's.

    The temperature falls from `hot` to `cold`, in units of cost.  `best` is given the
    best solution found, where that is below `best_cost`.
    """
    counters, touches = solution.counters, solution.touches
    totals, kept_totals = solution.totals, solution.kept_totals
    factor = (cold / hot) ** (1.0 / max(iterations, 1))
    temperature = hot
    for _ in range(iterations):
        temperature *= factor
        remove_strings(
            solution, requests, near, dice, settings.mean_count, settings.longest
        )
        for n in range(counters[TOUCHES]):
            mend(data, solution, touches[n])
        recreate(data, solution, requests, dice, keys)
        change = 0
        for n in range(counters[TOUCHES]):
            route = touches[n]
            change += totals[route, COST] - kept_totals[route, COST]
        for n in range(counters[ABSENT]):
            change += requests.penalty[solution.absent[n]]
        for n in range(counters[KEPT_ABSENT]):
            change -= requests.penalty[solution.kept_absent[n]]
        change += beyond(data, solution)
        if change < -temperature * np.log(1.0 - chance(dice)):
            current_cost += change
            if change != 0 and current_cost < keep_from:
                collect(pool, solution, current_cost)
            keep_change(solution)
            settle(data, ACCEPTED)
            if current_cost < best_cost:
                best_cost = current_cost
                store(best, solution)
                settle(data, BEST)
        else:
            take_back(solution)
            settle(data, REFUSED)
    return current_cost, best_cost


def _begin(data, solution, requests, start):
    """Make `solution` the sequences of `start`; return what it costs."""
    cost = np.int64(0)
    solution.route_of[:] = -1
    for route in range(solution.count.shape[0]):
        touch(solution, route)
        size = start.count[route]
        solution.count[route] = size
        for at in range(size + 2):
            solution.nodes[route, at] = start.nodes[route, at]
        for at in range(1, size + 1):
            node = start.nodes[route, at]
            solution.route_of[node] = route
            solution.place_of[node] = at
        refresh(data, solution, route)
        cost += solution.totals[route, COST]
    absent = 0
    for request in range(requests.member_of.shape[0]):
        node = requests.member[requests.member_of[request, 0]]
        if solution.route_of[node] < 0:
            solution.absent[absent] = request
            absent += 1
            cost += requests.penalty[request]
    solution.counters[ABSENT] = absent
    keep_change(solution)
    return cost


@compiled
def store(best, solution):
    """Write what `solution` is into `best`."""
    count, nodes = solution.count, solution.nodes
    for route in range(count.shape[0]):
        size = count[route]
        best.count[route] = size
        for at in range(size + 2):
            best.nodes[route, at] = nodes[route, at]


def make_anneal(
    name: str,
    *,
    place: Callable[..., bool],
    refresh: Callable[..., None],
    mend: Callable[..., None],
    beyond: Callable[..., int],
    settle: Callable[..., None],
) -> Search:
    """Return the search bound to rules.

    How a request is placed, what a route is, and what it is after something was taken
    out; what a change costs beyond its routes; and what is to be done when a change is
    kept, undone, or the best so far.
    """
    recreate = inlined(bound(_recreate, f"recreate_{name}", place=place))
    return Search(
        begin=entry(bound(_begin, f"begin_{name}", refresh=refresh)),
        anneal=entry(
            bound(
                _anneal,
                f"anneal_{name}",
                recreate=recreate,
                mend=mend,
                beyond=beyond,
                settle=settle,
            )
        ),
    )
