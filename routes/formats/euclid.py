"""Straight lines between points on paper, to the last digit.

Everything is reckoned in whole numbers: two programs that round alike must come to the
same sum, and a square root that is off by its last bit cuts the wrong digit off.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from math import isqrt
from typing import TypeAlias

from routes.problem import Table

Rounding: TypeAlias = Callable[[int, int], int]
"""From a square's numerator and denominator to its root, rounded."""


def cut(square: int, unit: int) -> int:
    """Return the root of `square` / `unit`, what is after the point cut off.

    >>> cut(8, 1), cut(9, 1)
    (2, 3)
    """
    return isqrt(square // unit)


def nearest(square: int, unit: int) -> int:
    """Return the root of `square` / `unit`, a half upwards.

    >>> nearest(2, 1), nearest(3, 1), nearest(25, 100)
    (1, 2, 1)
    """
    return (isqrt(4 * square // unit) + 1) // 2


def upwards(square: int, unit: int) -> int:
    """Return the root of `square` / `unit`, anything after the point one more.

    >>> upwards(9, 1), upwards(10, 1)
    (3, 4)
    """
    whole = -(-square // unit)
    root = isqrt(whole)
    return root + (root * root < whole)


def euclidean(
    points: Sequence[tuple[Decimal, Decimal]], *, scale: int, rounding: Rounding
) -> Table:
    """Return `scale` times the distance between all `points`, rounded.

    >>> corners = [(Decimal(0), Decimal(0)), (Decimal(1), Decimal(1))]
    >>> euclidean(corners, scale=10, rounding=cut)
    ((0, 14), (14, 0))
    """
    whole, digits = _whole(points)
    stretch, unit = scale * scale, int("1" + "0" * (2 * digits))

    def between(one: tuple[int, int], other: tuple[int, int]) -> int:
        square = (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2
        return rounding(stretch * square, unit)

    return symmetric([[between(a, b) for b in whole[:n]] for n, a in enumerate(whole)])


def manhattan(points: Sequence[tuple[Decimal, Decimal]]) -> Table:
    """Return the distance along the axes, a half upwards."""
    return _by_axes(points, lambda one, other: one + other)


def largest(points: Sequence[tuple[Decimal, Decimal]]) -> Table:
    """Return the distance along the axis that is further apart, a half upwards."""
    return _by_axes(points, max)


def symmetric(below: Sequence[Sequence[int]]) -> Table:
    """Return the table whose part below the diagonal is `below`.

    >>> symmetric([[], [3], [4, 5]])
    ((0, 3, 4), (3, 0, 5), (4, 5, 0))
    """
    # Each number is kept once: a table of 5,000 places would not fit memory otherwise.
    known: dict[int, int] = {}
    rows = [[known.setdefault(one, one) for one in row] for row in below]
    for row in rows:
        row.append(0)
    for n, row in enumerate(rows):
        row.extend(rows[m][n] for m in range(n + 1, len(rows)))
    return tuple(map(tuple, rows))


def _by_axes(
    points: Sequence[tuple[Decimal, Decimal]], join: Callable[[int, int], int]
) -> Table:
    whole, digits = _whole(points)
    unit = int("1" + "0" * digits)

    def between(one: tuple[int, int], other: tuple[int, int]) -> int:
        apart = join(abs(one[0] - other[0]), abs(one[1] - other[1]))
        return (2 * apart + unit) // (2 * unit)

    return symmetric([[between(a, b) for b in whole[:n]] for n, a in enumerate(whole)])


def _whole(
    points: Sequence[tuple[Decimal, Decimal]],
) -> tuple[list[tuple[int, int]], int]:
    """Return `points` in whole units, and how many digits those are after the point."""
    exponents = [
        exponent
        for point in points
        for exponent in (number.as_tuple().exponent for number in point)
        if isinstance(exponent, int)
    ]
    digits = max(0, -min(exponents, default=0))
    return [(int(x.scaleb(digits)), int(y.scaleb(digits))) for x, y in points], digits
