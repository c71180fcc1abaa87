"""Valhalla over HTTP: matrices of times and distances, and the way by road.

Source: valhalla/valhalla, docs/docs/api/matrix/api-reference.md and
docs/docs/api/turn-by-turn/api-reference.md.  Times are in seconds, distances in
kilometres, null where there is no road; shapes are encoded polylines of six decimals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from routes.ground import Point
from routes.travel.asked import Asked
from routes.travel.service import TooMany, table
from routes.travel.source import Legs, NoTravel

SIDE = 50
"""A block is 50 x 50: Valhalla takes 2500 pairs unless it is told otherwise."""
WAY_POINTS_MAX = 20
"""What Valhalla takes for the costing `auto` unless it is told otherwise."""
COSTING = "auto"
TOO_MANY = 150
"""Valhalla's number for "Exceeded max locations" (docs, "Internal error codes")."""
NO_WAY = (170, 171, 442)
"""Locations that no road joins, no edges near a location, no path found."""
PRECISION = 1e-6


@dataclass(frozen=True, slots=True)
class Valhalla(Asked):
    """A Valhalla service, driving a car."""

    side: int = SIDE
    way_points_max: int = WAY_POINTS_MAX

    def way(self, points: Sequence[Point]) -> list[Point]:
        """Return the way by road by way of `points`, asked at once."""
        body = {
            "locations": _locations(points),
            "costing": COSTING,
            "directions_type": "none",
        }
        return _way_in(self.service.ask("/route", body), self.name)

    def ask(self, starts: Sequence[Point], ends: Sequence[Point]) -> Legs:
        """Return a block of legs."""
        body = {
            "sources": _locations(starts),
            "targets": _locations(ends),
            "costing": COSTING,
            "units": "kilometers",
            "verbose": False,
        }
        answer = self.service.ask("/sources_to_targets", body)
        _check_answer(answer, self.name)
        times, lengths = _tables(answer.get("sources_to_targets"))
        size = len(starts), len(ends)
        return Legs(
            travel_s=table(times, *size, "times", self.name),
            distance_m=table(lengths, *size, "distances", self.name) * 1000,
        )


def decoded(shape: str) -> list[Point]:
    """Return the points of an encoded polyline with six decimals.

    Raises:
        ValueError: it is none.

    Source: "Encoded Polyline Algorithm Format", Google Maps Platform; Valhalla writes
    1e6 where Google, whose example this is, writes 1e5.

    >>> decoded("_p~iF~ps|U")
    [Point(lat=3.85, lon=-12.02)]
    """
    points, values, value, shift = [], [0, 0], 0, 0
    turn = 0
    for sign in shape:
        chunk = ord(sign) - 63
        if not 0 <= chunk < 64:
            raise ValueError("a polyline holds other signs")
        value |= (chunk & 31) << shift
        shift += 5
        if chunk & 32:
            continue
        values[turn] += ~(value >> 1) if value & 1 else value >> 1
        value = shift = 0
        turn = 1 - turn
        if not turn:
            lat, lon = (round(one * PRECISION, 6) for one in values)
            points.append(Point(lat, lon))
    if turn or shift:
        raise ValueError("a polyline ends within a point")
    return points


def _tables(given: Any) -> tuple[Any, Any]:
    """Return times and distances, whichever of its two forms Valhalla answers in.

    Versions before 3.3 do not know `verbose` and answer an object for every pair.
    """
    if isinstance(given, dict):
        return given.get("durations"), given.get("distances")
    try:
        times = [[pair["time"] for pair in row] for row in given]
        return times, [[pair["distance"] for pair in row] for row in given]
    except (TypeError, KeyError):
        return None, None


def _check_answer(answer: dict[str, Any], name: str) -> None:
    status, number = answer.get("http_status", 200), answer.get("error_code")
    if status == 200 and number is None:
        return
    said = str(answer.get("error") or "nothing more")[:200].rstrip(".")
    if number == TOO_MANY:
        raise TooMany(f"{name} refused the question: {said}.")
    if number in NO_WAY:
        raise NoTravel(f"{name} found no road: {said}.")
    raise NoTravel(f"{name} refused the question ({status}): {said}.")


def _way_in(answer: dict[str, Any], name: str) -> list[Point]:
    _check_answer(answer, name)
    try:
        return [p for leg in answer["trip"]["legs"] for p in decoded(leg["shape"])]
    except (KeyError, TypeError, ValueError):
        raise NoTravel(f"{name} answered with a way that is none.") from None


def _locations(points: Sequence[Point]) -> list[dict[str, float]]:
    return [{"lat": point.lat, "lon": point.lon} for point in points]
