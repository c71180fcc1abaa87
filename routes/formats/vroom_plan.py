"""Plans as the VROOM API writes them, in and out.

Source: VROOM-Project/vroom, docs/API.md.  Of our own is the key `reason` of what is
unassigned.  `violations` is always empty in what is written here: a plan with any is a
bug, and `routes.check` reports it.
"""

from collections.abc import Iterable
from itertools import pairwise

from routes.formats.entry import Entry, entry_of
from routes.formats.vroom import Document, Object, labels, location
from routes.plan import Plan, Route, Stop, StopKind, TaskKind, Unassigned
from routes.problem import Amounts, Technician, add

TASKS = {
    TaskKind.VISIT: (StopKind.JOB,),
    TaskKind.SHIPMENT: (StopKind.PICKUP, StopKind.DELIVERY),
}
ENDS = (StopKind.START, StopKind.END)


def write_plan(document: Document, plan: Plan) -> Object:
    """Return `plan` as VROOM API JSON, with ids and places as in `document`."""
    routes = [_route(document, route) for route in plan.routes]
    unassigned = [
        _unassigned(document, one, kind)
        for one in plan.unassigned
        for kind in TASKS[one.kind]
    ]
    sums = ["setup", "service", "duration", "waiting_time", "priority"]
    sums += ["distance"] if _has_distances(document) else []
    return {
        "code": 0,
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


def read_plan(text: str | bytes, document: Document) -> Plan:
    """Return the plan for `document` in a VROOM API answer, ready to be checked.

    Steps and vehicles that are not in the problem are kept, for `violations` to tell.
    Sums that the answer leaves out are taken to be right.

    Raises:
        BadProblem: it does not hold a plan; the text says where and why.
    """
    root = entry_of(text)
    if root.integer_at("code", 0) != 0:
        error = root.get("error")
        root.refuse(f"is not a plan but an error: {error.value if error else 'none'}")
    routes = tuple(_read_route(document, one) for one in root.need("routes").items())
    left = dict.fromkeys(
        _read_unassigned(document, one) for one in root.each("unassigned")
    )
    summary = root.get("summary")
    total = sum(route.cost for route in routes)
    return Plan(
        routes=routes,
        unassigned=tuple(left),
        cost=total if summary is None else summary.integer_at("cost", total),
    )


def _route(document: Document, route: Route) -> Object:
    technician = _technician(document, route.technician)
    assert technician is not None, "a plan for another problem"
    works = _works(document)
    done = [works[s.kind, s.id] for s in route.stops if (s.kind, s.id) in works]
    description = labels(document, "vehicle", technician.id).get("description")
    return {
        "vehicle": document.name("vehicle", technician.id),
        **({} if description is None else {"description": description}),
        "cost": route.cost,
        "setup": route.setup_s,
        "service": route.service_s,
        "duration": route.travel_s,
        "waiting_time": route.waiting_s,
        **({"distance": route.distance_m} if _has_distances(document) else {}),
        "priority": sum(priority for priority, *_ in done),
        "delivery": list(_total(delivery for _, delivery, _ in done)),
        "pickup": list(_total(pickup for *_, pickup in done)),
        "violations": [],
        "steps": _steps(document, technician, route),
    }


def _steps(document: Document, technician: Technician, route: Route) -> list[Object]:
    """Return the steps; an open start or end is none."""
    problem = document.problem
    found, driven_s, driven_m, here = [], 0, 0, technician.start
    left_s = route.stops[0].arrival_s
    for stop in route.stops:
        driven_s += stop.arrival_s - left_s
        left_s = stop.departure_s
        if stop.kind is not StopKind.BREAK:
            driven_m += problem.distance_m(technician, here, stop.place)
            here = stop.place
        if stop.kind in ENDS and stop.place is None:
            continue
        step: Object = {"type": str(stop.kind)}
        if stop.id is not None:
            noun = str(stop.kind)
            if stop.kind is StopKind.BREAK:
                noun = f"break of {technician.id}"
            step |= labels(document, noun, stop.id)
        step |= location(document, stop.place)
        step |= {
            "setup": stop.setup_s,
            "service": stop.service_s,
            "waiting_time": stop.waiting_s,
            "load": list(stop.load),
            "arrival": stop.arrival_s,
            "duration": driven_s,
            "violations": [],
        }
        # Where on the way a break falls no matrix can tell.
        if _has_distances(document) and stop.kind is not StopKind.BREAK:
            step["distance"] = driven_m
        found.append(step)
    return found


def _unassigned(document: Document, one: Unassigned, kind: StopKind) -> Object:
    found = {**labels(document, str(kind), one.id), "type": str(kind)}
    place = _places(document).get((kind, one.id))
    found |= location(document, place)
    return found if one.reason is None else {**found, "reason": one.reason.text}


def _read_route(document: Document, entry: Entry) -> Route:
    vehicle = str(entry.need("vehicle").name())
    id_ = document.ids().get(("vehicle", vehicle), vehicle)
    technician = _technician(document, id_)
    steps = [_read_step(document, id_, one) for one in entry.need("steps").items()]
    if not steps:
        entry.refuse("steps is empty")
    stops = _closed(steps)
    sums = {
        "setup": sum(stop.setup_s for stop in stops),
        "service": sum(stop.service_s for stop in stops),
        "waiting_time": sum(stop.waiting_s for stop in stops),
        "duration": sum(b.arrival_s - a.departure_s for a, b in pairwise(stops)),
        "distance": _distance_m(document, technician, stops),
    }
    said = {key: entry.integer_at(key, right) for key, right in sums.items()}
    return Route(
        technician=id_,
        stops=stops,
        travel_s=said["duration"],
        distance_m=said["distance"] if _has_distances(document) else 0,
        service_s=said["service"],
        setup_s=said["setup"],
        waiting_s=said["waiting_time"],
        cost=entry.need("cost").integer(),
    )


def _read_step(document: Document, technician: str, entry: Entry) -> Stop:
    type_ = entry.need("type")
    if type_.text() not in set(StopKind):
        type_.refuse("should be start, job, pickup, delivery, break or end")
    kind = StopKind(type_.text())
    id_ = None
    if kind not in ENDS:
        name = str(entry.need("id").name())
        noun = f"break of {technician}" if kind is StopKind.BREAK else str(kind)
        id_ = document.ids().get((noun, name), name)
    arrival_s = entry.need("arrival").integer()
    begin_s = arrival_s + entry.integer_at("waiting_time", 0)
    setup_s = entry.integer_at("setup", 0)
    return Stop(
        kind=kind,
        id=id_,
        place=_read_place(document, technician, kind, id_, entry),
        arrival_s=arrival_s,
        service_start_s=begin_s,
        departure_s=begin_s + setup_s + entry.integer_at("service", 0),
        setup_s=setup_s,
        load=entry.integers("load"),
    )


def _read_place(
    document: Document, technician: str, kind: StopKind, id_: str | None, entry: Entry
) -> int | None:
    """Return the place a step says it is at, or the one it should be at."""
    if kind is StopKind.BREAK:
        return None
    index, spot = entry.get("location_index"), entry.get("location")
    if document.indexed and index is not None:
        return index.integer()
    if not document.indexed and spot is not None:
        at = tuple(one.number() for one in spot.items())
        known = {where: place for place, where in document.locations.items()}
        return known.get(at, -1) if len(at) == 2 else -1
    if kind in ENDS:
        one = _technician(document, technician)
        return None if one is None else one.start if kind is ENDS[0] else one.end
    return _places(document).get((kind, id_ or ""))


def _read_unassigned(document: Document, entry: Entry) -> Unassigned:
    type_ = entry.get("type")
    noun = "job" if type_ is None else type_.text()
    if type_ is not None and noun not in ("job", "pickup", "delivery"):
        type_.refuse("should be job, pickup or delivery")
    name = str(entry.need("id").name())
    kind = TaskKind.VISIT if noun == "job" else TaskKind.SHIPMENT
    return Unassigned(kind=kind, id=document.ids().get((noun, name), name))


def _closed(steps: list[Stop]) -> tuple[Stop, ...]:
    """Return `steps` between a start and an end: open routes have no such steps."""
    first, last = steps[0], steps[-1]
    if first.kind is not StopKind.START:
        steps = [_open(StopKind.START, first.arrival_s), *steps]
    if last.kind is not StopKind.END:
        steps = [*steps, _open(StopKind.END, last.departure_s)]
    return tuple(steps)


def _open(kind: StopKind, at_s: int) -> Stop:
    return Stop(
        kind=kind,
        id=None,
        place=None,
        arrival_s=at_s,
        service_start_s=at_s,
        departure_s=at_s,
    )


def _technician(document: Document, id_: str) -> Technician | None:
    return next((one for one in document.problem.technicians if one.id == id_), None)


def _has_distances(document: Document) -> bool:
    tables = [one.distance_m for one in document.problem.matrices.values()]
    return bool(tables) and None not in tables


def _distance_m(
    document: Document, technician: Technician | None, stops: tuple[Stop, ...]
) -> int:
    """Return what the matrices say a route drives, where all its places are known."""
    if technician is None:
        return 0
    count = len(document.problem.matrices[technician.profile].travel_s)
    places = [stop.place for stop in stops if stop.kind is not StopKind.BREAK]
    if any(place is not None and not 0 <= place < count for place in places):
        return 0
    legs = pairwise(places)
    return sum(document.problem.distance_m(technician, *leg) for leg in legs)


def _places(document: Document) -> dict[tuple[StopKind, str], int]:
    problem = document.problem
    places = {(StopKind.JOB, one.id): one.place for one in problem.visits}
    for one in problem.shipments:
        places[StopKind.PICKUP, one.id] = one.pickup.place
        places[StopKind.DELIVERY, one.id] = one.delivery.place
    return places


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
