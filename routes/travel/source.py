"""What every source of travel times has in common, and a matrix out of any.

A source answers for a rectangle of points; whole numbers, delays and the words for what
cannot be driven are made here, once for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from routes.ground import Point
from routes.problem import Matrix

Numbers = NDArray[np.float64]
NAMED_MAX = 3
"""So many pairs are named where there is no road; the rest are counted."""
OFF_ROAD_MAX_M = 5_000
"""A home farther from every road is not in this network.

OSRM takes the nearest road however far it is: asked for Aarhus, a network of
Liechtenstein answers from a road 985 km away.
"""


class NoTravel(Exception):
    """A source cannot say how long it takes; the text says what happened."""

    def __init__(self, text: str, *, is_passing: bool = False) -> None:
        super().__init__(text)
        self.is_passing = is_passing
        """The same question may be answered later."""


class UnknownPoint(NoTravel):
    """The source says nothing of a point, wherever it is."""

    def __init__(self, text: str, point: Point) -> None:
        super().__init__(text)
        self.point = point


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """How long and how far it is from each start (a row) to each end (a column)."""

    travel_s: Numbers
    """Not-a-number where there is no road."""
    distance_m: Numbers
    starts_off_m: Numbers | None = None
    """How far each start is from the road it was put on; None: nobody said."""
    ends_off_m: Numbers | None = None


class Source(Protocol):
    """Something that knows how long it takes to drive."""

    @property
    def name(self) -> str:
        """What it is called in a sentence; no password is in it."""

    @property
    def identity(self) -> str:
        """What its answers depend on: another identity, other answers."""

    def legs(self, starts: Sequence[Point], ends: Sequence[Point]) -> Legs:
        """Return all legs from `starts` to `ends`.

        Raises:
            NoTravel: it cannot be asked, or its answer is none.
        """

    def line(self, points: Sequence[Point]) -> list[Point]:
        """Return the way from the first of `points` by way of all to the last.

        A source that knows no roads returns `points` themselves.

        Raises:
            NoTravel: it cannot be asked, or its answer is none.
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


def matrix_of(
    points: Sequence[Point],
    source: Source,
    *,
    names: Sequence[str] | None = None,
    delays: Sequence[Delay | None] | None = None,
) -> Matrix:
    """Return how long and how far it is from each of `points` to each.

    `names` says what each point is called where something is wrong with it, "point 4"
    otherwise.  `delays` says, point by point, which area each lies in: leaving an area
    and arriving in one both take its time on top.  Between two points on the same spot
    it is always 0 s and 0 m.

    Raises:
        NoTravel: the source cannot say, knows no road between two points, or one is
            farther than `OFF_ROAD_MAX_M` from every road it knows.
        ValueError: there are not as many delays or names as points.
    """
    for given, what in ((delays, "delays"), (names, "names")):
        if given is not None and len(given) != len(points):
            raise ValueError(f"{len(given)} {what} for {len(points)} points")
    called = names or [f"point {number}" for number in range(1, len(points) + 1)]
    try:
        legs = source.legs(points, points)
    except UnknownPoint as unknown:
        name = called[points.index(unknown.point)]
        raise NoTravel(f"{source.name} does not know where {name} is.") from None
    _check_near(legs, called, source)
    _check_reached(legs, called, source)
    distance, travel = np.rint(legs.distance_m), np.rint(legs.travel_s)
    if points:
        same = _same_spots(points)
        distance[same] = travel[same] = 0
        if delays is not None:
            travel += _extra_s(delays)
            travel[same] = 0
    return Matrix(
        travel_s=tuple(map(tuple, travel.astype(int).tolist())),
        distance_m=tuple(map(tuple, distance.astype(int).tolist())),
    )


def _check_near(legs: Legs, names: Sequence[str], source: Source) -> None:
    for off_m in (legs.starts_off_m, legs.ends_off_m):
        if off_m is None or not off_m.size or off_m.max() <= OFF_ROAD_MAX_M:
            continue
        far = int(off_m.argmax())
        raise NoTravel(
            f"{names[far]} is {off_m[far] / 1000:.0f} km from every road that"
            f" {source.name} knows."
        )


def _check_reached(legs: Legs, names: Sequence[str], source: Source) -> None:
    cut = np.isnan(legs.travel_s) | np.isnan(legs.distance_m)
    np.fill_diagonal(cut, False)
    if not cut.any():
        return
    others = len(names) - 1
    for number, name in enumerate(names):
        if others > 1 and (cut[number].sum(), cut[:, number].sum()) == (others, others):
            raise NoTravel(f"{source.name} knows no road to or from {name}.")
    pairs = [f"from {names[a]} to {names[b]}" for a, b in np.argwhere(cut)]
    told = pairs[:NAMED_MAX]
    if more := len(pairs) - len(told):
        told.append(f"of {more} more pairs" if more > 1 else "of one more pair")
    raise NoTravel(f"{source.name} knows no road {', '.join(told)}.")


def _same_spots(points: Sequence[Point]) -> NDArray[np.bool_]:
    number: dict[Point, int] = {}
    spots = np.array([number.setdefault(point, len(number)) for point in points])
    same: NDArray[np.bool_] = spots[:, None] == spots
    return same


def _extra_s(delays: Sequence[Delay | None]) -> Numbers:
    extra = np.array([0 if delay is None else delay.extra_s for delay in delays])
    areas = [None if delay is None else delay.area for delay in delays]
    numbers = {area: n for n, area in enumerate(dict.fromkeys(areas))}
    area = np.array([numbers[one] for one in areas])
    both: Numbers = (extra[:, None] + extra).astype(np.float64)
    both[area[:, None] == area] = 0
    return both
