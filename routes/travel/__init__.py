"""How long and how far it is between points: an estimate, or somebody who knows roads.

`matrix_of(points, source)` asks any source: `Estimate`, which is always there; a file
of numbers; OSRM or Valhalla over HTTP; a road network of one's own, in this process.
"""

from routes.ground import EARTH_RADIUS_M, Point, great_circle_m
from routes.travel.estimate import (
    ROAD_FACTOR,
    SPEEDS,
    Estimate,
    SpeedBand,
    matrices,
    travel_s,
)
from routes.travel.source import Delay, Legs, NoTravel, Source, matrix_of

__all__ = [
    "EARTH_RADIUS_M",
    "ROAD_FACTOR",
    "SPEEDS",
    "Delay",
    "Estimate",
    "Legs",
    "NoTravel",
    "Point",
    "Source",
    "SpeedBand",
    "great_circle_m",
    "matrices",
    "matrix_of",
    "travel_s",
]
