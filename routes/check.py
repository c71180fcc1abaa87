"""What is wrong with a plan, read as if someone else had made it.

Nothing here is shared with the solver but the problem: a mistake in how it times, loads
or prices a route is found, not repeated.  What is said of one stop is read in
`checking.reading`; the rules are in `checking.times`, `loads`, `people`, `links` and
`sums`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from routes.checking.links import wrong_links
from routes.checking.people import wrong_company, wrong_counts, wrong_pins
from routes.checking.reading import Reading, readings_of
from routes.checking.route import violations_of_route
from routes.checking.sums import cost_of_route, cost_of_unevenness
from routes.checking.violation import Violation, ViolationKind
from routes.plan import Plan
from routes.problem import Problem


def violations(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Return every rule of `problem` that `plan` breaks, and every wrong sum in it.

    A cost may be off by one for each route: others round elsewhere.  Visits may always
    be left out, also pinned ones; linked ones only together.
    """
    readings = readings_of(problem, plan)
    return (
        *_drivers(problem, plan),
        *wrong_counts(problem, plan),
        *(one for reading in readings for one in violations_of_route(reading)),
        *wrong_pins(problem, plan),
        *wrong_company(problem, readings),
        *wrong_links(problem, plan, readings),
        *_cost(problem, plan, readings),
    )


def cost_of(problem: Problem, plan: Plan) -> int:
    """Return what `plan` costs, reckoned from where its routes go and when.

    Routes of nobody in the problem cost nothing, stops that are not in it are passed.
    """
    readings = readings_of(problem, plan)
    routes = sum(cost_of_route(reading) for reading in readings)
    return routes + cost_of_unevenness(problem, readings)


def _drivers(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Routes are those of somebody, and nobody has two."""
    known = {one.id for one in problem.technicians}
    for technician, count in Counter(one.technician for one in plan.routes).items():
        if technician not in known:
            text = f"Nobody is called {technician}."
            kind = ViolationKind.UNKNOWN_TECHNICIAN
            yield Violation(kind=kind, text=text, technician=technician)
        if count > 1:
            text = f"{technician} has {count} routes."
            kind = ViolationKind.TWO_ROUTES
            yield Violation(kind=kind, text=text, technician=technician)


def _cost(
    problem: Problem, plan: Plan, readings: Sequence[Reading]
) -> Iterator[Violation]:
    routes = sum(route.cost for route in plan.routes)
    total = routes + cost_of_unevenness(problem, readings)
    if abs(plan.cost - total) > len(plan.routes):
        uneven = f" and {total - routes} for unevenness" if total != routes else ""
        text = f"The plan says it costs {plan.cost}; its routes cost {routes}{uneven}."
        yield Violation(kind=ViolationKind.COST, text=text)
