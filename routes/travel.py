"""How long and how far it is between points on the ground, without a map.

The great circle times a road factor is driven at a speed that grows with the distance:
a short trip is all streets, a long one mostly motorway.  Good enough to plan with where
no road network is at hand; calibrate it against the runs that were driven before a
citizen is promised a quarter of an hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from routes.problem import Matrix

EARTH_RADIUS_M = 6_371_009  # IUGG mean radius (2a + b) / 3, WGS 84
ROAD_FACTOR = 1.3


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the ground, WGS 84 degrees."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        """Refuse what is not on the earth, not-a-number included."""
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            raise ValueError(f"there is no point at {self.lat}, {self.lon}")


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
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """What it takes to get into or out of where a place lies.

    A ferry to an island, a bridge that is often up, the middle of a city.
    """

    area: str
    """Between two places of one area there is no delay."""
    extra_s: int

    def __post_init__(self) -> None:
        """Refuse a delay that saves time."""
        if self.extra_s < 0:
            raise ValueError(f"the delay of {self.area} is less than nothing")


def great_circle_m(start: Point, end: Point) -> int:
    """Return the distance from `start` to `end` over the ground, whole metres.

    The earth is taken as a sphere, wrong by up to 0.5 %; roads differ more.

    Source: R. W. Sinnott, "Virtues of the Haversine", Sky & Telescope 68 (2),
    1984, p. 159.

    >>> great_circle_m(Point(55.8617, 9.8530), Point(56.1567, 10.2108))
    39632
    """
    latitudes = radians(start.lat), radians(end.lat)
    half_lat = (latitudes[1] - latitudes[0]) / 2
    half_lon = radians(end.lon - start.lon) / 2
    square = sin(half_lat) ** 2
    square += cos(latitudes[0]) * cos(latitudes[1]) * sin(half_lon) ** 2
    return round(2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, square))))


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
    """Return how long and how far it is from each of `points` to each.

    `delays` says, point by point, which area each lies in: leaving an area and
    arriving in one both take its time on top.  Between two points on the same spot it
    is always 0 s and 0 m.

    Raises:
        ValueError: there are not as many delays as points, or the bands are not in
            order from 0 with speeds above 0.
    """
    _check_bands(speeds, road_factor)
    if delays is not None and len(delays) != len(points):
        raise ValueError(f"{len(delays)} delays for {len(points)} points")
    distance = np.rint(_great_circles_m(points) * road_factor)
    travel = _drive_s(distance, speeds)
    if delays is not None:
        travel += _extra_s(delays)
        travel[distance == 0] = 0
    return Matrix(
        travel_s=tuple(map(tuple, travel.astype(int).tolist())),
        distance_m=tuple(map(tuple, distance.astype(int).tolist())),
    )


def _check_bands(speeds: Sequence[SpeedBand], road_factor: float) -> None:
    starts = [band.beyond_m for band in speeds]
    if starts[:1] != [0] or starts != sorted(set(starts)):
        raise ValueError("speed bands begin at 0 and are in order")
    if min(band.kmh for band in speeds) <= 0:
        raise ValueError("a speed is above 0")
    if road_factor < 1:
        raise ValueError("no road is shorter than the great circle")


def _great_circles_m(points: Sequence[Point]) -> NDArray[np.float64]:
    """Return `great_circle_m` of all pairs at once, not rounded."""
    lat = np.radians(np.array([point.lat for point in points], dtype=np.float64))
    lon = np.radians(np.array([point.lon for point in points], dtype=np.float64))
    square = np.sin((lat[:, None] - lat) / 2) ** 2
    square += np.cos(lat)[:, None] * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    angles: NDArray[np.float64] = 2 * np.arcsin(np.sqrt(np.minimum(square, 1.0)))
    return angles * EARTH_RADIUS_M


def _drive_s(
    distance_m: NDArray[np.float64], speeds: Sequence[SpeedBand]
) -> NDArray[np.float64]:
    """Return how long each distance takes: each band adds its part, so none is lost."""
    seconds = np.zeros(distance_m.shape)
    ends = [*(band.beyond_m for band in speeds[1:]), np.inf]
    for band, end_m in zip(speeds, ends, strict=True):
        part_m = np.clip(distance_m - band.beyond_m, 0, end_m - band.beyond_m)
        seconds += part_m * 3.6 / band.kmh
    return np.rint(seconds)


def _extra_s(delays: Sequence[Delay | None]) -> NDArray[np.float64]:
    extra = np.array([0 if delay is None else delay.extra_s for delay in delays])
    areas = [None if delay is None else delay.area for delay in delays]
    numbers = {area: n for n, area in enumerate(dict.fromkeys(areas))}
    area = np.array([numbers[one] for one in areas])
    both: NDArray[np.float64] = (extra[:, None] + extra).astype(np.float64)
    both[area[:, None] == area] = 0
    return both
