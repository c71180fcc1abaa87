"""Points on the ground, and how far it is between two of them; no library needed.

Apart from `routes.travel`, for whoever asks for one distance need not wait for NumPy.
"""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_009  # IUGG mean radius (2a + b) / 3, WGS 84


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the ground, WGS 84 degrees."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        """Refuse what is not on the earth, not-a-number included."""
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            raise ValueError(f"there is no point at {self.lat}, {self.lon}")


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
