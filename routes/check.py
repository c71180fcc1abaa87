"""What is wrong with a plan, read as if someone else had made it.

Nothing here is shared with the solver but the problem: a mistake in how it times, loads
or prices a route is found, not repeated.
"""

from collections import Counter
from collections.abc import Iterator

from routes.check_route import cost_of_route, violations_of_route, works_of
from routes.plan import Plan, StopKind, TaskKind
from routes.problem import Problem
from routes.violation import Violation, ViolationKind


def violations(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Return every rule of `problem` that `plan` breaks, and every wrong sum in it.

    A cost may be off by one for each route: others round elsewhere.
    """
    works = works_of(problem)
    technicians = {one.id: one for one in problem.technicians}
    found = [*_assignment(problem, plan)]
    for route in plan.routes:
        technician = technicians.get(route.technician)
        if technician is None:
            text = f"Nobody is called {route.technician}."
            kind = ViolationKind.UNKNOWN_TECHNICIAN
            found.append(Violation(kind=kind, text=text, technician=route.technician))
            continue
        found += violations_of_route(problem, technician, route, works)
    total = sum(route.cost for route in plan.routes)
    if abs(plan.cost - total) > len(plan.routes):
        text = f"The plan says it costs {plan.cost}; its routes cost {total}."
        found.append(Violation(kind=ViolationKind.COST, text=text))
    return tuple(found)


def cost_of(problem: Problem, plan: Plan) -> int:
    """Return what `plan` costs, reckoned from where its routes go.

    Routes of nobody in the problem cost nothing, stops that are not in it are passed.
    """
    technicians = {one.id: one for one in problem.technicians}
    works = works_of(problem)
    return sum(
        cost_of_route(problem, technicians[route.technician], route, works)
        for route in plan.routes
        if route.technician in technicians
    )


def _assignment(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Everything is done once or left out, and nobody has two routes."""
    for technician, count in Counter(one.technician for one in plan.routes).items():
        if count > 1:
            text = f"{technician} has {count} routes."
            kind = ViolationKind.TWO_ROUTES
            yield Violation(kind=kind, text=text, technician=technician)
    stops = [stop for route in plan.routes for stop in route.stops]
    served = Counter((stop.kind, stop.id) for stop in stops)
    left = Counter((one.kind, one.id) for one in plan.unassigned)
    for visit in problem.visits:
        count = served[StopKind.JOB, visit.id] + left[TaskKind.VISIT, visit.id]
        yield from _once(f"Visit {visit.id}", visit.id, count)
    for one in problem.shipments:
        halves = [served[kind, one.id] for kind in (StopKind.PICKUP, StopKind.DELIVERY)]
        count = max(halves) + left[TaskKind.SHIPMENT, one.id]
        yield from _once(f"Shipment {one.id}", one.id, count)
    known = {(TaskKind.VISIT, one.id) for one in problem.visits}
    known |= {(TaskKind.SHIPMENT, one.id) for one in problem.shipments}
    for noun, id_ in sorted(left.keys() - known):
        text = f"The plan leaves out {noun} {id_}, which is not in the problem."
        yield Violation(kind=ViolationKind.UNKNOWN_STOP, text=text, stop=id_)


def _once(name: str, id_: str, count: int) -> Iterator[Violation]:
    if count > 1:
        text = f"{name} is in the plan {count} times."
        yield Violation(kind=ViolationKind.TWICE, text=text, stop=id_)
    if count == 0:
        text = f"{name} is neither done nor left out."
        yield Violation(kind=ViolationKind.FORGOTTEN, text=text, stop=id_)
