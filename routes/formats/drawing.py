"""Plans as something to look at on a map: GeoJSON and GPX, out.

Sources: RFC 7946, "The GeoJSON Format"; "GPX 1.1 Schema Documentation", Topografix.
Both want degrees of WGS 84; GeoJSON has the longitude first.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from routes.formats.vroom import Document, Name, Object
from routes.ground import Point
from routes.plan import Plan, Route, Stop, StopKind, TaskKind
from routes.problem import BadProblem

Line = Callable[[Sequence[Point]], list[Point]]
"""The way by road by way of all points; themselves where no road is known."""
GPX = "http://www.topografix.com/GPX/1/1"
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold (section 2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """A point on the map, and what is said of it."""

    at: Point
    said: Object


def geojson(document: Document, plan: Plan, line: Line) -> Object:
    """Return a FeatureCollection: a line for each route, a point for each stop.

    What is left out is a point too.  No description is written: it may hold a name.

    Raises:
        BadProblem: a stop has no coordinates.
    """
    features = []
    for route in plan.routes:
        way = line(_points(document, route))
        if len(way) > 1:
            said = {
                "vehicle": document.name("vehicle", route.technician),
                "distance": route.distance_m,
                "duration": route.travel_s,
                "cost": route.cost,
            }
            pairs = [_pair(point) for point in way]
            features.append(_feature("LineString", pairs, said))
        for mark in _marks(document, route):
            features.append(_feature("Point", _pair(mark.at), mark.said))
    for mark in _left_out(document, plan):
        features.append(_feature("Point", _pair(mark.at), mark.said))
    return {"type": "FeatureCollection", "features": features}


def gpx(document: Document, plan: Plan, line: Line) -> str:
    """Return a GPX file: a track for each route, a waypoint for each stop.

    Raises:
        BadProblem: a stop has no coordinates.
    """
    root = ElementTree.Element(
        "gpx", {"version": "1.1", "creator": "fsc-logistics", "xmlns": GPX}
    )
    tracks = []
    for route in plan.routes:
        vehicle = document.name("vehicle", route.technician)
        for number, mark in enumerate(_marks(document, route)):
            point = ElementTree.SubElement(root, "wpt", _degrees(mark.at))
            what = mark.said.get("id", mark.said["type"])
            _text(point, f"{vehicle} {number}: {what}")
        track = ElementTree.Element("trk")
        _text(track, str(vehicle))
        segment = ElementTree.SubElement(track, "trkseg")
        for at in line(_points(document, route)):
            ElementTree.SubElement(segment, "trkpt", _degrees(at))
        tracks.append(track)
    root.extend(tracks)  # the schema wants all waypoints first
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _points(document: Document, route: Route) -> list[Point]:
    """Return where a route goes; two stops at one place are one."""
    found: list[Point] = []
    for stop in route.stops:
        if stop.place is None or stop.kind is StopKind.BREAK:
            continue
        at = _point(document, stop.place, route, stop)
        if found[-1:] != [at]:
            found.append(at)
    return found


def _marks(document: Document, route: Route) -> Iterator[_Mark]:
    for stop in route.stops:
        if stop.place is None or stop.kind is StopKind.BREAK:
            continue
        said: Object = {
            "vehicle": document.name("vehicle", route.technician),
            "type": str(stop.kind),
        }
        if stop.id is not None:
            said["id"] = document.name(str(stop.kind), stop.id)
        said |= {"arrival": stop.arrival_s, "departure": stop.departure_s}
        yield _Mark(at=_point(document, stop.place, route, stop), said=said)


def _left_out(document: Document, plan: Plan) -> Iterator[_Mark]:
    visits = {visit.id: visit.place for visit in document.problem.visits}
    shipments = {one.id: one.pickup.place for one in document.problem.shipments}
    for one in plan.unassigned:
        is_visit = one.kind is TaskKind.VISIT
        place = (visits if is_visit else shipments).get(one.id, -1)
        if place not in document.locations:
            continue
        lon, lat = document.locations[place]
        noun = "job" if is_visit else "pickup"
        name: Name = document.name(noun, one.id)
        yield _Mark(at=Point(lat, lon), said={"type": "unassigned", "id": name})


def _point(document: Document, place: int, route: Route, stop: Stop) -> Point:
    at = document.locations.get(place)
    if at is None:
        what = f"{stop.kind} {stop.id}" if stop.id is not None else f"the {stop.kind}"
        raise BadProblem(f"{what} of vehicle {route.technician} has no location.")
    return Point(at[1], at[0])


def _feature(kind: str, coordinates: object, said: Object) -> Object:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": said,
    }


def _pair(point: Point) -> list[float]:
    return [point.lon, point.lat]


def _degrees(point: Point) -> dict[str, str]:
    return {"lat": f"{point.lat:.6f}", "lon": f"{point.lon:.6f}"}


def _text(parent: ElementTree.Element, text: str) -> None:
    name = ElementTree.SubElement(parent, "name")
    name.text = UNWRITABLE.sub("\ufffd", text)
