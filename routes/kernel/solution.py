"""The sequences a search works on, and how a change is taken back."""

from typing import NamedTuple

import numpy as np

from routes.kernel.compiled import compiled, inlined

COST, LOAD = 0, 1
"""What the totals of a route begin with; rules may add their own after them."""


class Solution(NamedTuple):
    """Routes as rows of nodes, with room for one change that is not yet accepted.

    A row holds its start, its visits and its end.  What a route was before the change
    is in the arrays named `kept_`; they are copied for the routes it touches alone.
    """

    nodes: np.ndarray
    """[route, place]: which node is there, the route's start at place 0."""
    count: np.ndarray
    """[route]: how many visits; the end stands at `count + 1`."""
    state: np.ndarray
    """[route, row, place]: what the rules remember of each place."""
    totals: np.ndarray
    """[route, total]: the cost, then what else the rules add up."""
    route_of: np.ndarray
    """[node]: its route; -1 of one that is nowhere."""
    place_of: np.ndarray
    """[node]: its place in the route."""
    kept_nodes: np.ndarray
    kept_count: np.ndarray
    kept_state: np.ndarray
    kept_totals: np.ndarray
    touched: np.ndarray
    """[route]: 1 where the change at hand has been."""
    version: np.ndarray
    """[route]: another number whenever it has changed for good."""
    touches: np.ndarray
    """The touched routes, one after another."""
    absent: np.ndarray
    """The requests that are nowhere, one after another."""
    kept_absent: np.ndarray
    counters: np.ndarray
    """How many touches, how many absent, as many as were kept, the last version."""


TOUCHES, ABSENT, KEPT_ABSENT, VERSION, USED = 0, 1, 2, 3, 4


def empty_solution(
    starts: np.ndarray,
    ends: np.ndarray,
    *,
    nodes: int,
    requests: int,
    rows: int,
    totals: int,
) -> Solution:
    """Return routes from `starts` to `ends` without a visit, all requests absent."""
    routes = len(starts)
    sequence = np.zeros((routes, nodes + 2), np.int32)
    sequence[:, 0], sequence[:, 1] = starts, ends
    state = np.zeros((routes, rows, nodes + 2), np.int32)
    total = np.zeros((routes, totals), np.int64)
    count = np.zeros(routes, np.int32)
    return Solution(
        nodes=sequence,
        count=count,
        state=state,
        totals=total,
        route_of=np.full(nodes, -1, np.int32),
        place_of=np.zeros(nodes, np.int32),
        kept_nodes=sequence.copy(),
        kept_count=count.copy(),
        kept_state=state.copy(),
        kept_totals=total.copy(),
        touched=np.zeros(routes, np.int8),
        version=np.arange(1, routes + 1, dtype=np.int32),
        touches=np.zeros(routes, np.int32),
        absent=np.arange(requests, dtype=np.int32),
        kept_absent=np.arange(requests, dtype=np.int32),
        counters=np.array([0, requests, requests, routes, 0], np.int64),
    )


@inlined
def touch(solution, route):
    """Say that the change at hand is about to alter `route`."""
    if solution.touched[route] == 0:
        solution.touched[route] = 1
        solution.touches[solution.counters[TOUCHES]] = route
        solution.counters[TOUCHES] += 1


@inlined
def put(solution, route, place, node):
    """Put `node` at `place` of `route`, which is touched; what follows moves up."""
    touch(solution, route)
    count = solution.count[route]
    nodes, place_of = solution.nodes, solution.place_of
    nodes[route, count + 2] = nodes[route, count + 1]
    for at in range(count, place - 1, -1):
        follower = nodes[route, at]
        nodes[route, at + 1] = follower
        place_of[follower] = at + 1
    nodes[route, place] = node
    place_of[node] = place
    solution.route_of[node] = route
    solution.count[route] = count + 1


@inlined
def close_gaps(solution, route):
    """Take from the row of `route` the nodes that are nowhere."""
    touch(solution, route)
    nodes, route_of, place_of = solution.nodes, solution.route_of, solution.place_of
    count = solution.count[route]
    place = 1
    for at in range(1, count + 1):
        node = nodes[route, at]
        if route_of[node] >= 0:
            nodes[route, place] = node
            place_of[node] = place
            place += 1
    nodes[route, place] = nodes[route, count + 1]
    solution.count[route] = place - 1


@inlined
def keep_change(solution):
    """Make the change at hand what the next one starts from."""
    counters = solution.counters
    for n in range(counters[TOUCHES]):
        route = solution.touches[n]
        _copy(
            route,
            solution.nodes,
            solution.count,
            solution.state,
            solution.totals,
            solution.kept_nodes,
            solution.kept_count,
            solution.kept_state,
            solution.kept_totals,
        )
        solution.touched[route] = 0
        counters[VERSION] += 1
        solution.version[route] = counters[VERSION]
    counters[TOUCHES] = 0
    for n in range(counters[ABSENT]):
        solution.kept_absent[n] = solution.absent[n]
    counters[KEPT_ABSENT] = counters[ABSENT]


@inlined
def take_back(solution):
    """Undo the change at hand."""
    counters = solution.counters
    for n in range(counters[KEPT_ABSENT]):
        solution.absent[n] = solution.kept_absent[n]
    counters[ABSENT] = counters[KEPT_ABSENT]
    for n in range(counters[TOUCHES]):
        route = solution.touches[n]
        for place in range(1, solution.count[route] + 1):
            solution.route_of[solution.nodes[route, place]] = -1
    for n in range(counters[TOUCHES]):
        route = solution.touches[n]
        _copy(
            route,
            solution.kept_nodes,
            solution.kept_count,
            solution.kept_state,
            solution.kept_totals,
            solution.nodes,
            solution.count,
            solution.state,
            solution.totals,
        )
        for place in range(1, solution.count[route] + 1):
            node = solution.nodes[route, place]
            solution.route_of[node] = route
            solution.place_of[node] = place
        solution.touched[route] = 0
    counters[TOUCHES] = 0


@compiled
def _copy(route, nodes, count, state, totals, to_nodes, to_count, to_state, to_totals):
    size = count[route] + 2
    to_count[route] = count[route]
    for place in range(size):
        to_nodes[route, place] = nodes[route, place]
    for row in range(state.shape[1]):
        for place in range(size):
            to_state[route, row, place] = state[route, row, place]
    for total in range(totals.shape[1]):
        to_totals[route, total] = totals[route, total]
