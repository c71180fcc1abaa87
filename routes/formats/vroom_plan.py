"""Plans as the VROOM API writes them, out; `vroom_plan_reader` beside it reads them.

Source: VROOM-Project/vroom, docs/API.md.  Of our own are the key `reason` of what is
unassigned, steps of the type `reload`, and the keys that begin with `fsc_`
(`routes.formats.own_keys`).  `violations` is always empty in what is written here: a
plan with any is a bug, and `routes.check` reports it.
"""

from collections.abc import Iterable

from routes.formats.document import Document, Object
from routes.formats.vroom import labels, location
from routes.plan import Plan, Route, Stop, StopKind, TaskKind, Unassigned
from routes.problem import Amounts, Technician, add

HALVES = {
    TaskKind.VISIT: (StopKind.JOB,),
    TaskKind.SHIPMENT: (StopKind.PICKUP, StopKind.DELIVERY),
}
ENDS = (StopKind.START, StopKind.END)


def write_plan(document: Document, plan: Plan) -> Object:
    """Return `plan` as VROOM API JSON, with ids and places as in `document`."""
    writer = _Writer(document)
    routes = [writer.route(route) for route in plan.routes]
    unassigned = [
        writer.left_out(one, kind)
        for one in plan.unassigned
        for kind in HALVES[one.kind]
    ]
    sums = ["setup", "service", "duration", "waiting_time", "priority"]
    sums += ["distance"] if has_distances(document) else []
    return {
        "code": 0,
        **({"fsc_scale": document.scale} if document.scale != 1 else {}),
        "summary": {
            "cost": plan.cost,
            "routes": len(routes),
            "unassigned": len(unassigned),
            **{key: sum(route[key] for route in routes) for key in sums},
            **{
                key: list(_total(tuple(route[key]) for route in routes))
                for key in ("delivery", "pickup")
            },
            "violations": [],
        },
        "unassigned": unassigned,
        "routes": routes,
    }


def has_distances(document: Document) -> bool:
    """Return whether all who drive are told how far it is."""
    tables = [one.distance_m for one in document.problem.matrices.values()]
    return bool(tables) and None not in tables


def places_of(document: Document) -> dict[tuple[StopKind, str], int]:
    """Return where everything there is to do is done."""
    problem = document.problem
    places = {(StopKind.JOB, one.id): one.place for one in problem.visits}
    for one in problem.shipments:
        places[StopKind.PICKUP, one.id] = one.pickup.place
        places[StopKind.DELIVERY, one.id] = one.delivery.place
    return places


class _Writer:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.technicians = {one.id: one for one in document.problem.technicians}
        self.places = places_of(document)
        self.works = _works(document)
        self.has_distances = has_distances(document)

    def route(self, route: Route) -> Object:
        document = self.document
        technician = self.technicians[route.technician]
        done = [
            self.works[stop.kind, stop.id]
            for stop in route.stops
            if (stop.kind, stop.id) in self.works
        ]
        description = labels(document, "vehicle", technician.id).get("description")
        own = {
            "fsc_work_time": route.work_s,
            "fsc_overtime": route.overtime_s,
            "fsc_late": route.late_s,
        }
        return {
            "vehicle": document.name("vehicle", technician.id),
            **({} if description is None else {"description": description}),
            "cost": route.cost,
            "setup": route.setup_s,
            "service": route.service_s,
            "duration": route.travel_s,
            "waiting_time": route.waiting_s,
            **({"distance": route.distance_m} if self.has_distances else {}),
            "priority": sum(priority for priority, *_ in done),
            "delivery": list(_total(delivery for _, delivery, _ in done)),
            "pickup": list(_total(pickup for *_, pickup in done)),
            "violations": [],
            **{key: value for key, value in own.items() if value},
            "steps": self.steps(technician, route),
        }

    def steps(self, technician: Technician, route: Route) -> list[Object]:
        """Return the steps; an open start or end is none."""
        problem = self.document.problem
        found, driven_s, driven_m, here = [], 0, 0, technician.start
        left_s = route.stops[0].arrival_s
        for stop in route.stops:
            driven_s += stop.arrival_s - left_s
            left_s = stop.departure_s
            on_the_road = stop.kind is StopKind.BREAK and stop.place is None
            if not on_the_road:
                driven_m += problem.distance_m(technician, here, stop.place)
                here = stop.place
            if stop.kind in ENDS and stop.place is None:
                continue
            step = self.step(technician, stop)
            step["duration"] = driven_s
            # Where on the way a break falls no matrix can tell.
            if self.has_distances and not on_the_road:
                step["distance"] = driven_m
            found.append(step)
        return found

    def step(self, technician: Technician, stop: Stop) -> Object:
        step: Object = {"type": str(stop.kind)}
        if stop.id is not None:
            noun = str(stop.kind)
            if stop.kind is StopKind.BREAK:
                noun = f"break of {technician.id}"
            step |= labels(self.document, noun, stop.id)
        step |= location(self.document, stop.place)
        return step | {
            "setup": stop.setup_s,
            "service": stop.service_s,
            "waiting_time": stop.waiting_s,
            "load": list(stop.load),
            **({"fsc_used": list(stop.used)} if stop.used else {}),
            "arrival": stop.arrival_s,
            **({"fsc_late": stop.late_s} if stop.late_s else {}),
            "violations": [],
        }

    def left_out(self, one: Unassigned, kind: StopKind) -> Object:
        found = {**labels(self.document, str(kind), one.id), "type": str(kind)}
        found |= location(self.document, self.places.get((kind, one.id)))
        return found if one.reason is None else {**found, "reason": one.reason.text}


def _works(
    document: Document,
) -> dict[tuple[StopKind, str | None], tuple[int, Amounts, Amounts]]:
    """Return priority, delivery and pickup of all there is to do."""
    found: dict[tuple[StopKind, str | None], tuple[int, Amounts, Amounts]] = {}
    for visit in document.problem.visits:
        found[StopKind.JOB, visit.id] = (visit.priority, visit.deliver, visit.collect)
    for one in document.problem.shipments:
        found[StopKind.PICKUP, one.id] = (one.priority, (), one.amount)
        found[StopKind.DELIVERY, one.id] = (one.priority, one.amount, ())
    return found


def _total(amounts: Iterable[Amounts]) -> Amounts:
    total: Amounts = ()
    for one in amounts:
        total = add(total, one)
    return total
