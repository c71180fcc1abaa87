"""Reads routes through an academic file as someone with pencil and paper would.

It knows the file's own numbers only, no matrix, no scale, and nothing of `routes`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import floor, hypot

from benchmarks.routes.distance_files import File, Row

Stops = Sequence[int]
"""The customers of one route, by number, in order."""
SLACK = 1e-6
"""Sums of tenths are not exact in binary."""


def distance_of(file: File, routes: Sequence[Stops]) -> float:
    """Return how far all of `routes` go, each leg as the convention has it."""
    legs = (leg for stops in routes for leg in pairwise([0, *stops, 0]))
    total = sum(_leg(file, file.rows[a], file.rows[b]) for a, b in legs)
    return round(total, 4)


def wrong_with(file: File, routes: Sequence[Stops]) -> Iterator[str]:
    """Yield, one sentence each, what `routes` break; customers missed included."""
    if len(routes) > file.fleet:
        yield f"{len(routes)} routes for {file.fleet} vehicles."
    counts = Counter(number for stops in routes for number in stops)
    for number in range(1, len(file.rows)):
        if counts[number] != 1:
            yield f"Customer {number} is visited {counts[number]} times."
    for stops in routes:
        yield from _late(file, stops)
        yield from _overfull(file, stops)
        yield from _parted(file, stops)


def _leg(file: File, one: Row, other: Row) -> float:
    length = hypot(one.x - other.x, one.y - other.y)
    return length if file.pairs else floor(10 * length) / 10


def _late(file: File, stops: Stops) -> Iterator[str]:
    """Drive at once, wait where it is too early."""
    clock = float(file.rows[0].ready)
    for before, number in pairwise([0, *stops, 0]):
        row = file.rows[number]
        clock += _leg(file, file.rows[before], row)
        if clock > row.due + SLACK:
            yield f"At {number} by {clock:.1f}, which closes at {row.due}."
        clock = max(clock, row.ready) + row.service


def _overfull(file: File, stops: Stops) -> Iterator[str]:
    demands = [file.rows[number].demand for number in stops]
    # Of pairs the second half has the demand of the first, less than nothing.
    load, most = 0, 0 if file.pairs else sum(demands)
    for demand in demands if file.pairs else ():
        load += demand
        most = max(most, load)
    if most > file.capacity:
        yield f"{most} in a vehicle for {file.capacity}."


def _parted(file: File, stops: Stops) -> Iterator[str]:
    order = {number: n for n, number in enumerate(stops)}
    for number in stops:
        first = file.rows[number].pickup
        if file.pairs and first and order.get(first, len(stops)) > order[number]:
            yield f"{number} is not visited after {first} by the same vehicle."
        if file.pairs and not first and file.rows[number].delivery not in order:
            yield f"{number} is fetched and not brought."
