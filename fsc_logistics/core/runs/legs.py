"""How far each visit of a route is from the stop before it."""

from dataclasses import dataclass

from routes.plan import Route, StopKind
from routes.problem import Problem


@dataclass(frozen=True, slots=True)
class Leg:
    """The drive to a stop from the one before."""

    travel_s: int
    distance_m: int


def legs_of(problem: Problem, route: Route) -> dict[str, Leg]:
    """Return the drive to each visit of `route`, by order; a break is not a place."""
    driver = next(one for one in problem.technicians if one.id == route.technician)
    legs = {}
    here = route.stops[0].place
    for stop in route.stops:
        if stop.kind is not StopKind.JOB or stop.id is None:
            continue
        legs[stop.id] = Leg(
            problem.travel_s(driver, here, stop.place),
            problem.distance_m(driver, here, stop.place),
        )
        here = stop.place
    return legs
