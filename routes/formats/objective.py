"""What a plan is measured by, where it is not the costs of the file."""

from dataclasses import replace
from enum import StrEnum

from routes.problem import Changes, Costs, Halt, Lateness, Problem, Technician, Visit
from routes.rules import PRICE_MAX

PER_KM = 1000
"""One unit of cost a metre: so nothing is rounded."""


class Objective(StrEnum):
    """What counts, once as much as possible is served."""

    DISTANCE = "distance"
    """Total distance, by as many routes as there may be."""
    ROUTES = "routes"
    """As few routes as possible, then total distance."""


def measured_by(objective: Objective | None, problem: Problem) -> Problem:
    """Return `problem` with nothing but `objective` to pay for; None: as it is.

    What has a price (lateness, overtime, a change, …) is free within its limits; what
    is a rule stays one.

    Raises:
        ValueError: no distances are known.
    """
    if objective is None:
        return problem
    for profile, matrix in problem.matrices.items():
        if matrix.distance_m is None:
            raise ValueError(f"{profile} has no distances to measure plans by")
    fixed = price_of_a_route(problem) if objective is Objective.ROUTES else 0
    costs = Costs(fixed=fixed, per_hour=0, per_km=PER_KM)
    shipments = (
        replace(one, pickup=_free(one.pickup), delivery=_free(one.delivery))
        for one in problem.shipments
    )
    return replace(
        problem,
        technicians=tuple(_paid(one, costs) for one in problem.technicians),
        visits=tuple(_free_visit(one) for one in problem.visits),
        shipments=tuple(shipments),
        changes=Changes(),
        evenness_price=0,
    )


def price_of_a_route(problem: Problem) -> int:
    """Return more than any sensible plan drives in metres, within what a price may be.

    No plan drives more than the longest way to each stop, and to each end.
    """
    tables = [one.distance_m for one in problem.matrices.values() if one.distance_m]
    halves = (half for one in problem.shipments for half in (one.pickup, one.delivery))
    places = [halt.place for halt in (*problem.visits, *halves)]
    places += [one.end for one in problem.technicians if one.end is not None]
    longest = {
        place: max(row[place] for table in tables for row in table)
        for place in set(places)
    }
    return min(PRICE_MAX, 1 + sum(longest[place] for place in places))


def _paid(one: Technician, costs: Costs) -> Technician:
    away = None if one.away_price is None else 0
    return replace(one, costs=costs, away_price=away)


def _free_visit(one: Visit) -> Visit:
    return replace(one, lateness=_free(one).lateness, preferred_price=0)


def _free(halt: Halt) -> Halt:
    if halt.lateness is None:
        return halt
    return replace(halt, lateness=Lateness(max_s=halt.lateness.max_s, per_hour=0))
