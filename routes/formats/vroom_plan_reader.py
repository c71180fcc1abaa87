"""Plans as the VROOM API writes them, in: anybody's, right or wrong."""

from itertools import pairwise

from routes.formats.document import Document
from routes.formats.entry import Entry, entry_of
from routes.formats.own_keys import check_own_keys
from routes.formats.vroom_plan import ENDS, has_distances, places_of
from routes.plan import (
    TASKS,
    Plan,
    Route,
    Stop,
    StopKind,
    TaskKind,
    Unassigned,
)
from routes.problem import Technician
from routes.timetable.evenness import cost_of_evenness
from routes.timetable.tasks import requests_of


def read_plan(text: str | bytes, document: Document) -> Plan:
    """Return the plan for `document` in a VROOM API answer, ready to be checked.

    Steps and vehicles that are not in the problem are kept, for `violations` to tell.
    Sums that the answer leaves out are taken to be right.

    Raises:
        BadProblem: it does not hold a plan; the text says where and why.
    """
    root = entry_of(text)
    check_own_keys(root, "plan")
    if root.integer_at("code", 0) != 0:
        error = root.get("error")
        root.refuse(f"is not a plan but an error: {error.value if error else 'none'}")
    scale = root.integer_at("fsc_scale", 1)
    if scale != document.scale:
        said = f"the plan counts in parts of {scale}, the problem of {document.scale}"
        root.refuse(f"{said}: it was made for another objective")
    reader = _Reader(document)
    routes = tuple(reader.route(one) for one in root.need("routes").items())
    left = dict.fromkeys(reader.left_out(one) for one in root.each("unassigned"))
    total = sum(route.cost for route in routes)
    busy_s = {one.technician: _busy_s(one) for one in routes}
    total += cost_of_evenness(document.problem, busy_s)
    summary = root.get("summary")
    if summary is not None:
        check_own_keys(summary, "summary")
        total = summary.integer_at("cost", total)
    return Plan(routes=routes, unassigned=tuple(left), cost=total)


class _Reader:
    def __init__(self, document: Document) -> None:
        problem = document.problem
        self.document = document
        self.technicians = {one.id: one for one in problem.technicians}
        self.places = places_of(document)
        # With the days of a visit's area, by which it may be late as well.
        self.halts = {
            (task.kind, task.id): task.halt
            for request in requests_of(problem)
            for task in request.tasks
        }
        self.ids = document.ids()
        self.spots = {spot: place for place, spot in document.locations.items()}
        self.has_distances = has_distances(document)

    def route(self, entry: Entry) -> Route:
        check_own_keys(entry, "route")
        vehicle = str(entry.need("vehicle").name())
        id_ = self.ids.get(("vehicle", vehicle), vehicle)
        technician = self.technicians.get(id_)
        steps = [self.step(id_, one) for one in entry.need("steps").items()]
        if not steps:
            entry.refuse("steps is empty")
        stops = _closed(steps)
        sums = {
            "setup": sum(stop.setup_s for stop in stops),
            "service": sum(stop.service_s for stop in stops),
            "waiting_time": sum(stop.waiting_s for stop in stops),
            "duration": sum(b.arrival_s - a.departure_s for a, b in pairwise(stops)),
            "distance": self.distance_m(technician, stops),
            "fsc_work_time": _work_s(technician, stops),
            "fsc_overtime": _overtime_s(technician, stops),
            "fsc_late": sum(stop.late_s for stop in stops),
        }
        said = {key: entry.integer_at(key, right) for key, right in sums.items()}
        return Route(
            technician=id_,
            stops=stops,
            travel_s=said["duration"],
            distance_m=said["distance"] if self.has_distances else 0,
            service_s=said["service"],
            setup_s=said["setup"],
            waiting_s=said["waiting_time"],
            cost=entry.need("cost").integer(),
            work_s=said["fsc_work_time"],
            overtime_s=said["fsc_overtime"],
            late_s=said["fsc_late"],
        )

    def step(self, technician: str, entry: Entry) -> Stop:
        check_own_keys(entry, "step")
        type_ = entry.need("type")
        if type_.text() not in set(StopKind):
            type_.refuse("should be start, job, pickup, delivery, break, reload or end")
        kind = StopKind(type_.text())
        id_ = None
        if kind not in (*ENDS, StopKind.RELOAD):
            name = str(entry.need("id").name())
            noun = f"break of {technician}" if kind is StopKind.BREAK else str(kind)
            id_ = self.ids.get((noun, name), name)
        arrival_s = entry.need("arrival").integer()
        begin_s = arrival_s + entry.integer_at("waiting_time", 0)
        setup_s = entry.integer_at("setup", 0)
        halt = self.halts.get((kind, id_ or ""))
        late_s = 0 if halt is None else halt.late_s(begin_s) or 0
        return Stop(
            kind=kind,
            id=id_,
            place=self.place(technician, kind, id_, entry),
            arrival_s=arrival_s,
            service_start_s=begin_s,
            departure_s=begin_s + setup_s + entry.integer_at("service", 0),
            setup_s=setup_s,
            load=entry.integers("load"),
            used=entry.integers("fsc_used"),
            late_s=entry.integer_at("fsc_late", late_s),
        )

    def place(
        self, technician: str, kind: StopKind, id_: str | None, entry: Entry
    ) -> int | None:
        """Return the place a step says it is at, or the one it should be at."""
        one = self.technicians.get(technician)
        if kind is StopKind.BREAK:
            # VROOM may say where on the road one is; that is no place of the problem.
            breaks = () if one is None else one.breaks
            if {pause.id: pause.place for pause in breaks}.get(id_ or "") is None:
                return None
        index, spot = entry.get("location_index"), entry.get("location")
        if self.document.indexed and index is not None:
            return index.integer()
        if not self.document.indexed and spot is not None:
            at = tuple(one.number() for one in spot.items())
            return self.spots.get(at, -1) if len(at) == 2 else -1
        if kind is StopKind.RELOAD:
            entry.refuse("a reload without a location")
        if kind is StopKind.BREAK:
            return next(p.place for p in one.breaks if p.id == id_) if one else None
        if kind in ENDS:
            return None if one is None else one.start if kind is ENDS[0] else one.end
        return self.places.get((kind, id_ or ""))

    def left_out(self, entry: Entry) -> Unassigned:
        check_own_keys(entry, "left out")
        type_ = entry.get("type")
        noun = "job" if type_ is None else type_.text()
        if type_ is not None and noun not in TASKS:
            type_.refuse("should be job, pickup or delivery")
        name = str(entry.need("id").name())
        kind = TaskKind.VISIT if noun == "job" else TaskKind.SHIPMENT
        return Unassigned(kind=kind, id=self.ids.get((noun, name), name))

    def distance_m(self, technician: Technician | None, stops: tuple[Stop, ...]) -> int:
        """Return what the matrices say a route drives, where its places are known."""
        if technician is None:
            return 0
        problem = self.document.problem
        count = len(problem.matrices[technician.profile].travel_s)
        places = [
            stop.place
            for stop in stops
            if stop.kind is not StopKind.BREAK or stop.place is not None
        ]
        if any(place is not None and not 0 <= place < count for place in places):
            return 0
        legs = pairwise(places)
        return sum(problem.distance_m(technician, *leg) for leg in legs)


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


def _work_s(technician: Technician | None, stops: tuple[Stop, ...]) -> int:
    breaks = () if technician is None else technician.breaks
    unpaid = {pause.id for pause in breaks if not pause.is_paid}
    paused_s = sum(
        stop.service_s
        for stop in stops
        if stop.kind is StopKind.BREAK and stop.id in unpaid
    )
    return stops[-1].departure_s - stops[0].arrival_s - paused_s


def _overtime_s(technician: Technician | None, stops: tuple[Stop, ...]) -> int:
    if technician is None:
        return 0
    return max(0, stops[-1].departure_s - technician.shift.closes_s)


def _busy_s(route: Route) -> int:
    """Return how long somebody drives, sets up and serves (`timetable.evenness`)."""
    served_s = sum(stop.service_s for stop in route.stops if stop.kind in TASKS)
    return route.travel_s + route.setup_s + served_s
