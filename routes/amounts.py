"""How much of what is in a car: pieces, litres, …, one number a dimension."""

from itertools import zip_longest
from typing import TypeAlias

Amounts: TypeAlias = tuple[int, ...]
"""How much, in each dimension; what is left out at the end is 0."""


def add(one: Amounts, other: Amounts, *, sign: int = 1) -> Amounts:
    """Return `one` plus (or, with sign -1, minus) `other`, in each dimension.

    >>> add((1, 2), (3,))
    (4, 2)
    """
    return tuple(a + sign * b for a, b in zip_longest(one, other, fillvalue=0))


def at(amounts: Amounts, dimension: int) -> int:
    """Return what `amounts` says of `dimension`."""
    return amounts[dimension] if dimension < len(amounts) else 0


def holds(capacity: Amounts, load: Amounts) -> bool:
    """Return whether `load` fits `capacity` in every dimension.

    >>> holds((4,), (4, 0)), holds((4,), (4, 1))
    (True, False)
    """
    return all(amount <= at(capacity, d) for d, amount in enumerate(load))
