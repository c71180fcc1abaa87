"""Large tables, asked in blocks that a service takes."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from routes.ground import Point
from routes.travel.service import TooMany
from routes.travel.source import Legs, Numbers

Ask = Callable[[Sequence[Point], Sequence[Point]], Legs]


def blockwise(
    ask: Ask, starts: Sequence[Point], ends: Sequence[Point], *, side: int
) -> Legs:
    """Return all legs, asked `side` starts by `side` ends at a time.

    A service that takes fewer says `TooMany`: it is asked again in blocks of half the
    side, down to one leg at a time.

    Raises:
        NoTravel: as `ask` does.
    """
    while True:
        try:
            return _asked(ask, starts, ends, side)
        except TooMany:
            side = min(side, max(len(starts), len(ends))) // 2
            if not side:
                raise


def _asked(ask: Ask, starts: Sequence[Point], ends: Sequence[Point], side: int) -> Legs:
    shape = len(starts), len(ends)
    travel, distance = np.empty(shape), np.empty(shape)
    starts_off, ends_off = np.zeros(len(starts)), np.zeros(len(ends))
    for rows in _slices(len(starts), side):
        for columns in _slices(len(ends), side):
            legs = ask(starts[rows], ends[columns])
            travel[rows, columns] = legs.travel_s
            distance[rows, columns] = legs.distance_m
            starts_off[rows] = np.maximum(starts_off[rows], _known(legs.starts_off_m))
            ends_off[columns] = np.maximum(ends_off[columns], _known(legs.ends_off_m))
    return Legs(
        travel_s=travel,
        distance_m=distance,
        starts_off_m=starts_off,
        ends_off_m=ends_off,
    )


def _slices(count: int, side: int) -> Iterator[slice]:
    return (slice(start, start + side) for start in range(0, count, side))


def _known(off_m: Numbers | None) -> Numbers | float:
    return 0.0 if off_m is None else off_m
