"""A matrix in a file: measured, bought or kept from a service.

JSON with the keys `locations` ([longitude, latitude] of each place), `durations`
(seconds, a row for each start) and `distances` (metres); null where there is no road.
Below `locations` it is what OSRM answers and what VROOM calls a matrix.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from routes.formats.entry import Entry, entry_of
from routes.ground import Point
from routes.problem import BadProblem, Matrix
from routes.travel.service import table
from routes.travel.source import Legs, NoTravel, UnknownPoint

DECIMALS = 5
"""Points that agree to 0.00001 degrees, about a metre, are one."""


class MatrixFile:
    """A file of travel times and distances between the points it names.

    Raises:
        NoTravel: it cannot be read or is no matrix; the text says where and why.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            root = entry_of(path.read_bytes())
            points = [_point(one) for one in root.need("locations").items()]
        except OSError as error:
            raise NoTravel(f"{path} cannot be read: {error.strerror}.") from None
        except BadProblem as error:
            raise NoTravel(f"{path}: {error}") from None
        size = len(points)
        name = str(path)
        self.travel_s = table(root.value.get("durations"), size, size, "times", name)
        self.distance_m = table(
            root.value.get("distances"), size, size, "distances", name
        )
        self.number = {_spot(point): n for n, point in enumerate(points)}

    @property
    def name(self) -> str:
        """Return the file."""
        return str(self.path)

    @property
    def identity(self) -> str:
        """Return the file and when it was written."""
        return f"file {self.path.resolve()} {self.path.stat().st_mtime_ns}"

    def legs(self, starts: Sequence[Point], ends: Sequence[Point]) -> Legs:
        """Return all legs from `starts` to `ends`.

        Raises:
            NoTravel: a point is not in the file.
        """
        pairs = np.ix_(self._numbers(starts), self._numbers(ends))
        return Legs(travel_s=self.travel_s[pairs], distance_m=self.distance_m[pairs])

    def line(self, points: Sequence[Point]) -> list[Point]:
        """Return `points`: numbers know no roads."""
        return list(points)

    def _numbers(self, points: Sequence[Point]) -> list[int]:
        for point in points:
            if _spot(point) not in self.number:
                raise UnknownPoint(f"{self.path} does not know every point.", point)
        return [self.number[_spot(point)] for point in points]


def matrix_file(points: Sequence[Point], matrix: Matrix) -> dict[str, Any]:
    """Return what stands in a file that `MatrixFile` reads, ready for JSON."""
    found: dict[str, Any] = {
        "locations": [[point.lon, point.lat] for point in points],
        "durations": [list(row) for row in matrix.travel_s],
    }
    if matrix.distance_m is not None:
        found["distances"] = [list(row) for row in matrix.distance_m]
    return found


def _point(entry: Entry) -> Point:
    numbers = [one.number() for one in entry.items()]
    if len(numbers) != 2:
        entry.refuse("should be [longitude, latitude]")
    with entry.blamed():
        return Point(numbers[1], numbers[0])


def _spot(point: Point) -> tuple[float, float]:
    return round(point.lat, DECIMALS), round(point.lon, DECIMALS)
