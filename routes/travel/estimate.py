"""How long and how far it is between points on the ground, without a map.

The great circle times a road factor is driven at a speed that grows with the distance:
a short trip is all streets, a long one mostly motorway.  Good enough to plan with where
no road network is at hand; calibrate it against the runs that were driven before a
citizen is promised a quarter of an hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routes.ground import EARTH_RADIUS_M, Point
from routes.problem import Matrix
from routes.travel.source import Delay, Legs, Numbers, matrix_of

ROAD_FACTOR = 1.3
"""Distance by road over the great circle, for drives between towns.

Held against OSRM 26.10 (its profile for cars) between 300 points on roads each: 1.25
from 10 to 25 km and 1.54 from 3 to 10 km in Liechtenstein, with its mountains and a
river along it; 1.19 from 3 to 10 km and 1.57 from 1 to 3 km in and around Rønne.  So
within a town the estimate is too short.  Which factor fits one's own region is found by
`routes.travel.comparison`.
"""


@dataclass(frozen=True, slots=True)
class SpeedBand:
    """How fast the part of a drive from `beyond_m` on is, up to the next band."""

    beyond_m: int
    kmh: float


SPEEDS = (SpeedBand(0, 30.0), SpeedBand(3_000, 65.0), SpeedBand(25_000, 95.0))
"""Town, country road, motorway.

Assumed, not measured: the general Danish limits are 50, 80 and 130 km/h (færdselsloven
§ 42), from which junctions, parking and slower stretches are taken off.  A drive spends
its first 3 km at the first speed, the next 22 km at the second, the rest at the third.
Over the distances by road, that takes 1.04 of the time OSRM gives in and around Rønne,
and 0.76 of it in Liechtenstein.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The source that is always there.

    Raises:
        ValueError: the bands are not in order from 0 with speeds above 0, or the roads
            are shorter than the great circle.
    """

    road_factor: float = ROAD_FACTOR
    speeds: Sequence[SpeedBand] = SPEEDS

    def __post_init__(self) -> None:
        """Refuse what cannot be driven."""
        starts = [band.beyond_m for band in self.speeds]
        if starts[:1] != [0] or starts != sorted(set(starts)):
            raise ValueError("speed bands begin at 0 and are in order")
        if min(band.kmh for band in self.speeds) <= 0:
            raise ValueError("a speed is above 0")
        if not self.road_factor >= 1:
            raise ValueError("no road is shorter than the great circle")

    @property
    def name(self) -> str:
        """Return what it is called."""
        return "the built-in estimate"

    @property
    def identity(self) -> str:
        """Return its numbers: with others, it answers otherwise."""
        return f"estimate {self.road_factor} {self.speeds}"

    def legs(self, starts: Sequence[Point], ends: Sequence[Point]) -> Legs:
        """Return all legs from `starts` to `ends`; never fails."""
        distance = np.rint(_great_circles_m(starts, ends) * self.road_factor)
        return Legs(travel_s=_drive_s(distance, self.speeds), distance_m=distance)

    def line(self, points: Sequence[Point]) -> list[Point]:
        """Return `points`: it knows no roads."""
        return list(points)


def travel_s(distance_m: float, *, speeds: Sequence[SpeedBand] = SPEEDS) -> int:
    """Return how long it takes to drive `distance_m`, whole seconds.

    >>> travel_s(3_000), travel_s(25_000), travel_s(44_000)
    (360, 1578, 2298)
    """
    return int(_drive_s(np.array([distance_m]), speeds)[0])


def matrices(
    points: Sequence[Point],
    *,
    road_factor: float = ROAD_FACTOR,
    speeds: Sequence[SpeedBand] = SPEEDS,
    delays: Sequence[Delay | None] | None = None,
) -> Matrix:
    """Return the estimate from each of `points` to each, as `matrix_of` does.

    Raises:
        ValueError: there are not as many delays as points, or the bands are not in
            order from 0 with speeds above 0.
    """
    estimate = Estimate(road_factor=road_factor, speeds=speeds)
    return matrix_of(points, estimate, delays=delays)


def _great_circles_m(starts: Sequence[Point], ends: Sequence[Point]) -> Numbers:
    """Return `great_circle_m` of all pairs at once, not rounded."""
    lat, lon = _radians(starts)
    to_lat, to_lon = _radians(ends)
    square = np.sin((lat[:, None] - to_lat) / 2) ** 2
    square += (
        np.cos(lat)[:, None] * np.cos(to_lat) * np.sin((lon[:, None] - to_lon) / 2) ** 2
    )
    angles: Numbers = 2 * np.arcsin(np.sqrt(np.minimum(square, 1.0)))
    return angles * EARTH_RADIUS_M


def _radians(points: Sequence[Point]) -> tuple[Numbers, Numbers]:
    degrees = np.array([(point.lat, point.lon) for point in points], dtype=np.float64)
    lat, lon = np.radians(degrees.reshape(-1, 2)).T
    return lat, lon


def _drive_s(distance_m: Numbers, speeds: Sequence[SpeedBand]) -> Numbers:
    """Return how long each distance takes: each band adds its part, so none is lost."""
    seconds = np.zeros(distance_m.shape)
    ends = [*(band.beyond_m for band in speeds[1:]), np.inf]
    for band, end_m in zip(speeds, ends, strict=True):
        part_m = np.clip(distance_m - band.beyond_m, 0, end_m - band.beyond_m)
        seconds += part_m * 3.6 / band.kmh
    return np.rint(seconds)
