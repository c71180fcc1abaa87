"""What no plan that serves everything can cost less than.

Every visit is come to from somewhere and gone on from to somewhere: the cheapest such
pairing, by whoever drives it cheapest and in an order time allows, is an assignment
problem, and OR-Tools solves it exactly.  Rounds that never come home are not forbidden,
so that the bound is some way below what can be done: far where places lie close, near
where windows leave little choice.
"""

import numpy as np
from numpy.typing import NDArray

from routes.problem import Technician
from routes.search.day_arrays import PARTS, parts_per_s
from routes.search.layout import Layout

Ints = NDArray[np.int64]
NODES_MAX = 600
"""More would take longer than a bound is worth."""


def least_cost(found: Layout) -> int | None:
    """Return the bound in whole units; None where there are too many visits.

    Fixed costs, hours and what is late are taken as nothing.
    """
    from ortools.graph.python import linear_sum_assignment as assignment

    problem, count = found.problem, found.task_count
    technicians = problem.technicians
    if not count or count > NODES_MAX or not technicians:
        return None
    places = np.array([node.place for node in found.nodes[:count]])
    size = count + len(technicians)
    cost = np.full((size, size), -1, np.int64)
    between = np.full((count, count), np.iinfo(np.int64).max)
    soonest = np.full((count, count), np.iinfo(np.int64).max)
    for r, one in enumerate(technicians):
        legs, seconds = _legs(found, one)
        between = np.minimum(between, legs[np.ix_(places, places)])
        soonest = np.minimum(soonest, seconds[np.ix_(places, places)])
        cost[count + r, :count] = 0 if one.start is None else legs[one.start, places]
        cost[:count, count + r] = 0 if one.end is None else legs[places, one.end]
        cost[count + r, count + r] = 0
    cost[:count, :count] = np.where(_in_time(found, soonest), between, -1)
    left, right = np.nonzero(cost >= 0)
    solver = assignment.SimpleLinearSumAssignment()
    solver.add_arcs_with_cost(left, right, cost[left, right] // 1000)
    if solver.solve() != solver.OPTIMAL:
        return None
    return int(solver.optimal_cost() * 1000 // PARTS)


def _legs(found: Layout, one: Technician) -> tuple[Ints, Ints]:
    """Return what legs cost a technician, in parts, and how long they take."""
    matrix = found.problem.matrices[one.profile]
    seconds = np.array(matrix.travel_s, np.int64)
    if one.speed_factor != 1:
        seconds = np.rint(seconds / one.speed_factor).astype(np.int64)
    parts = seconds * parts_per_s(one.costs.per_hour)
    if matrix.distance_m is not None and one.costs.per_km:
        per_m = one.costs.per_km * PARTS // 1000
        parts = parts + np.array(matrix.distance_m, np.int64) * per_m
    return parts, seconds


def _in_time(found: Layout, seconds: Ints) -> NDArray[np.bool_]:
    """Return which visit can be made right after which, by their windows alone."""
    halts = [node.halt for node in found.nodes[: found.task_count]]
    opens = [one.windows[0].opens_s if one and one.windows else 0 for one in halts]
    closes = [
        one.windows[-1].closes_s + (one.lateness.max_s if one.lateness else 0)
        if one and one.windows
        else np.iinfo(np.int64).max
        for one in halts
    ]
    service = [one.service_s if one else 0 for one in halts]
    leave = np.array(opens, np.int64) + np.array(service, np.int64)
    possible: NDArray[np.bool_] = leave[:, None] + seconds <= np.array(closes)[None, :]
    np.fill_diagonal(possible, False)
    return possible
