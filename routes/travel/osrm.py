"""OSRM over HTTP: tables of times and distances, and the way by road.

Source: Project-OSRM/osrm-backend, docs/http.md (version 1 of its API): the services
`table` and `route`.  Times are in seconds, distances in metres, null where there is no
road.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from routes.ground import Point
from routes.travel.asked import Asked
from routes.travel.service import TooMany, points_of, table
from routes.travel.source import Legs, NoTravel, Numbers

SIDE = 100
"""A block is 100 x 100: `osrm-routed` takes so much unless it is told otherwise."""
WAY_POINTS_MAX = 100
"""At most so many points of a route in one question; `osrm-routed` takes 500."""


@dataclass(frozen=True, slots=True)
class Osrm(Asked):
    """An `osrm-routed`; what it drives was settled when its network was built."""

    side: int = SIDE
    way_points_max: int = WAY_POINTS_MAX

    def way(self, points: Sequence[Point]) -> list[Point]:
        """Return the way by road by way of `points`, asked at once."""
        question = (
            f"/route/v1/driving/{_joined(points)}"
            "?overview=full&geometries=geojson&steps=false"
        )
        return way_in(self.service.ask(question), self.name)

    def ask(self, starts: Sequence[Point], ends: Sequence[Point]) -> Legs:
        """Return a block of legs."""
        points, number = numbered(starts, ends)
        sources = ";".join(str(number[point]) for point in starts)
        destinations = ";".join(str(number[point]) for point in ends)
        answer = self.service.ask(
            f"/table/v1/driving/{_joined(points)}?annotations=duration,distance"
            f"&generate_hints=false&sources={sources}&destinations={destinations}"
        )
        return legs_in(answer, len(starts), len(ends), self.name)


def numbered(
    starts: Sequence[Point], ends: Sequence[Point]
) -> tuple[list[Point], dict[Point, int]]:
    """Return each point once, to be asked of, and where it then stands."""
    points = list(dict.fromkeys((*starts, *ends)))
    number = {point: n for n, point in enumerate(points)}
    # OSRM refuses a question with one point in it.
    return points * 2 if len(points) == 1 else points, number


def legs_in(answer: dict[str, Any], rows: int, columns: int, name: str) -> Legs:
    """Return the legs in an answer of the service `table`.

    Raises:
        TooMany: the service takes fewer points at a time.
        NoTravel: the answer is an error, or no table of that size.
    """
    _check_answer(answer, name)
    return Legs(
        travel_s=table(answer.get("durations"), rows, columns, "times", name),
        distance_m=table(answer.get("distances"), rows, columns, "distances", name),
        starts_off_m=_off_m(answer.get("sources"), rows),
        ends_off_m=_off_m(answer.get("destinations"), columns),
    )


def way_in(answer: dict[str, Any], name: str) -> list[Point]:
    """Return the way in an answer of the service `route`.

    Raises:
        NoTravel: the answer is an error or no way.
    """
    _check_answer(answer, name)
    try:
        drawn = answer["routes"][0]["geometry"]["coordinates"]
    except (KeyError, IndexError, TypeError):
        drawn = None
    return points_of(drawn, "a way", name)


def _check_answer(answer: dict[str, Any], name: str) -> None:
    code, status = answer.get("code"), answer.get("http_status", 200)
    if code == "Ok" and status == 200:
        return
    said = str(answer.get("message") or code or "nothing more")[:200]
    if code == "TooBig":
        raise TooMany(f"{name} refused the question: {said}.")
    if code in ("NoRoute", "NoSegment", "NoTable"):
        raise NoTravel(f"{name} found no road: {said.rstrip('.')}.")
    raise NoTravel(f"{name} refused the question ({status}): {said.rstrip('.')}.")


def _off_m(waypoints: Any, count: int) -> Numbers:
    """Return how far each waypoint is from its road, as far as the service says."""
    if not isinstance(waypoints, list) or len(waypoints) != count:
        return np.zeros(count)
    found = [one.get("distance") if isinstance(one, dict) else 0 for one in waypoints]
    # Beyond the earth, and not-a-number, is nothing said.
    return np.array(
        [
            float(one) if isinstance(one, int | float) and 0 <= one < 1e9 else 0.0
            for one in found
        ]
    )


def _joined(points: Sequence[Point]) -> str:
    # Six decimals are 0.1 m, and never an exponent, which OSRM does not read.
    return ";".join(f"{point.lon:.6f},{point.lat:.6f}" for point in points)
