"""Plain problems as the arrays the compiled search reads (`kernel/c/plain.h`).

Plain is a problem whose visits have one window at most and nothing but a place, time
and an amount, and whose technicians have one shift without a break: the problem of the
benchmark files.  Its rules are a quarter of the work of a technician's day.
"""

import numpy as np
from numpy.typing import NDArray

from routes.kernel import words as w
from routes.kernel.library import Plain
from routes.problem import Problem, Technician, Visit
from routes.search.day_arrays import PARTS, dimensions_of, parts_per_s
from routes.search.layout import Layout

Ints = NDArray[np.int64]
BLINK = 0.01
FITS = 2**30
"""Legs and costs below this fit 32 bits with room to add up a few."""


def is_plain(problem: Problem) -> bool:
    """Return whether `problem` is plain."""
    if problem.shipments or problem.links or problem.evenness_price:
        return False
    if not problem.technicians or not problem.visits:
        return False
    first = problem.technicians[0]
    same = all(
        (one.profile, one.speed_factor) == (first.profile, first.speed_factor)
        and one.costs.per_hour == first.costs.per_hour
        and one.costs.per_km == first.costs.per_km
        for one in problem.technicians
    )
    return (
        same
        and all(map(_plain_technician, problem.technicians))
        and all(map(_plain_visit, problem.visits))
        and not problem.area_windows
    )


def _plain_technician(one: Technician) -> bool:
    timed = (one.costs.per_work_hour, one.costs.per_overtime_hour * one.overtime_max_s)
    limits = (one.tasks_max, one.travel_max_s, one.distance_max_m, one.work_max_s)
    return (
        None not in (one.start, one.end)
        and not any(timed)
        and not any(limit is not None for limit in limits)
        and not (one.breaks or one.reload or one.areas or one.first or one.last)
        and one.used_capacity is None
        and not any(one.aboard)
    )


def _plain_visit(one: Visit) -> bool:
    return (
        len(one.windows) <= 1
        and one.lateness is None
        and not one.setup_s
        and not any(one.collect)
        and not one.skills
        and one.people == 1
        and one.area is None
        and one.allowed is None
        and not (one.forbidden or one.preferred)
        and one.given is None
    )


def plain_of(found: Layout, step: int) -> Plain | None:
    """Return a plain layout as arrays; None where its numbers do not fit 32 bits."""
    problem, nodes = found.problem, found.nodes
    first = problem.technicians[0]
    places = np.array([node.place for node in nodes])
    matrix = problem.matrices[first.profile]
    travel = np.array(matrix.travel_s, np.int64)
    if first.speed_factor != 1:
        travel = np.rint(travel / first.speed_factor).astype(np.int64)
    cost = travel * parts_per_s(first.costs.per_hour)
    if matrix.distance_m is not None:
        per_m = first.costs.per_km * PARTS // 1000
        cost = cost + np.array(matrix.distance_m, np.int64) * per_m
    cost //= step
    if max(travel.max(), cost.max()) >= FITS:
        return None
    travel, cost = (one[np.ix_(places, places)] for one in (travel, cost))
    visits = [node.halt for node in nodes if node.halt is not None]
    rest = len(nodes) - len(visits)
    windows = [one.windows[0] if one.windows else None for one in visits]
    routes = len(problem.technicians)
    dimensions = dimensions_of(problem)
    demand = np.zeros((len(nodes), max(1, dimensions)), np.int64)
    for n, visit in enumerate(problem.visits):
        demand[n, : len(visit.deliver)] = visit.deliver
    capacity = np.zeros((routes, max(1, dimensions)), np.int64)
    for r, one in enumerate(problem.technicians):
        fitting = one.capacity[:dimensions]
        capacity[r, : len(fitting)] = fitting
    far = w.FAR_S // 2
    kinds = np.array(found.kinds)
    return Plain(
        node_count=len(nodes),
        visit_count=len(visits),
        dimensions=dimensions,
        blink=BLINK,
        cost=cost,
        cost_in=cost.T.copy(),
        travel=travel,
        travel_in=travel.T.copy(),
        service=np.array([one.service_s for one in visits] + [0] * rest),
        opens=np.array([one.opens_s if one else 0 for one in windows] + [0] * rest),
        closes=np.array(
            [min(one.closes_s, far) if one else far for one in windows] + [far] * rest
        ),
        demand=demand,
        capacity=capacity,
        leaves=np.array([one.shift.opens_s for one in problem.technicians]),
        returns=np.array([min(one.latest_end_s, far) for one in problem.technicians]),
        fixed=np.array(
            [one.costs.fixed * PARTS // step for one in problem.technicians]
        ),
        kind=kinds,
        next_kind=_next_kinds(kinds),
        memo=np.zeros((len(visits), routes, 3)),
    )


def _next_kinds(kinds: Ints) -> Ints:
    """Return, for each route, the first after it of another kind."""
    found = np.arange(1, len(kinds) + 1)
    for r in range(len(kinds) - 2, -1, -1):
        if kinds[r] == kinds[r + 1]:
            found[r] = found[r + 1]
    return found
