"""What leaving something out weighs: more than any plan can cost."""

import numpy as np
from numpy.typing import NDArray

from routes.rules import BadProblem
from routes.search.day_arrays import PARTS
from routes.search.layout import Layout

WEIGHTS_MAX = 2**57
"""What all that can be left out may weigh together, in steps."""
PARTS_MAX = 2**61
"""What the search can count to; `DEAR` in `kernel/c/days.h`."""


def step_of(found: Layout) -> int:
    """Return how many parts make a step of cost: as few as all weights together allow.

    The weight of one visit that is left out is more than any plan can cost.

    Raises:
        BadProblem: a plan might cost more than the search can count to.
    """
    prices = _prices(found)
    if sum(prices.values()) >= PARTS_MAX:
        largest = max(prices, key=prices.__getitem__)
        raise BadProblem(
            f"the price of {largest} is too high: a plan might cost"
            f" {sum(prices.values()) // PARTS}, and {PARTS_MAX // PARTS} is the most"
            " that can be counted"
        )
    total = sum(found.weights) + len(found.nodes) + 1
    return max(PARTS // 100, total * sum(prices.values()) // WEIGHTS_MAX + 1)


def penalties_of(found: Layout, step: int) -> NDArray[np.int64]:
    """Return what each request weighs, in steps, if it is left out."""
    unit = sum(_prices(found).values()) // step + 1
    return np.array([weight * unit for weight in found.weights] or [0], np.int64)


def _prices(found: Layout) -> dict[str, int]:
    """Return more than the parts that any plan can cost, by what they are paid for."""
    problem = found.problem
    someone = problem.technicians
    legs = len(found.nodes) + len(someone)
    span_s = max((one.latest_end_s - one.shift.opens_s for one in someone), default=0)
    far_s = far_m = 0
    for matrix in problem.matrices.values():
        far_s = max(far_s, max((max(row) for row in matrix.travel_s), default=0))
        table = matrix.distance_m or ()
        far_m = max(far_m, max((max(row) for row in table), default=0))
    slow = min((one.speed_factor for one in someone), default=1.0)
    # Nobody drives for longer than there is time.
    driven_s = min(int(legs * far_s / min(1.0, slow)) + legs, span_s * len(someone))
    per_hour = max((one.costs.per_hour for one in someone), default=0)
    per_km = max((one.costs.per_km for one in someone), default=0)
    away = max((one.away_price or 0 for one in someone), default=0)
    works_s = min(span_s, 10**8)
    visits = problem.visits
    late = sum(
        one.lateness.per_hour * one.lateness.max_s * one.people
        for one in visits
        if one.lateness is not None
    )
    moved = sum(one.people for one in visits if one.given is not None)
    changed = moved * problem.changes.per_hour * works_s * 1000
    overtime = sum(o.costs.per_overtime_hour * o.overtime_max_s for o in someone)
    even_s = min(span_s * len(someone), driven_s + 10**8)
    people = sum(one.people for one in visits)
    return {
        "driving": per_hour * driven_s * 1000 + PARTS,
        "distance": per_km * legs * far_m * 3600,
        "working time": sum(one.costs.per_work_hour for one in someone)
        * works_s
        * 1000,
        "overtime": overtime * 1000,
        "evenness": problem.evenness_price * even_s * 1000,
        "technicians": sum(one.costs.fixed for one in someone) * PARTS,
        "others than are preferred": sum(o.preferred_price * o.people for o in visits)
        * PARTS,
        "changes": changed + problem.changes.per_technician * people * PARTS,
        "going to other areas": away * people * PARTS,
        "lateness": late * 1000,
    }
