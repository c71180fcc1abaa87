"""What the estimate is worth: held against somebody who knows the roads."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from routes.ground import Point
from routes.problem import Matrix
from routes.travel.estimate import Estimate
from routes.travel.source import NoTravel, Numbers

BANDS_M = (300, 1_000, 3_000, 10_000, 25_000, 100_000)
"""Nearer than the first is one yard; farther than the last nobody drives in a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Pairs of points that are about as far from each other."""

    from_m: int
    """As the crow flies, as is `to_m`."""
    to_m: int
    pairs: int
    road_factor: float
    """All distances by road over all great circles: what the setting should be."""
    time_factor: float
    """All times by road over all that the estimate gives, as it is set now."""


def compared(
    points: Sequence[Point], by_road: Matrix, estimate: Estimate
) -> list[Compared]:
    """Return by distance what `by_road` says of the estimate, and last over all.

    Raises:
        NoTravel: no two points are far enough from each other to say anything.
    """
    circles = Estimate(road_factor=1.0).legs(points, points).distance_m
    estimated_s = estimate.legs(points, points).travel_s
    road_m = np.array(by_road.distance_m, dtype=np.float64)
    road_s = np.array(by_road.travel_s, dtype=np.float64)

    def row(from_m: int, to_m: int) -> Compared | None:
        these = (circles >= from_m) & (circles < to_m)
        if not these.any():
            return None
        return Compared(
            from_m=from_m,
            to_m=to_m,
            pairs=int(these.sum()),
            road_factor=_ratio(road_m[these], circles[these]),
            time_factor=_ratio(road_s[these], estimated_s[these]),
        )

    ends = (*pairwise(BANDS_M), (BANDS_M[0], BANDS_M[-1]))
    rows = [row(*band) for band in ends]
    if rows[-1] is None:
        raise NoTravel("No two places are 300 m from each other: there is no drive.")
    return [one for one in rows if one is not None]


def _ratio(above: Numbers, below: Numbers) -> float:
    return round(float(above.sum() / below.sum()), 3)
