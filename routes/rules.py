"""What every part of a problem must keep, said once."""

from collections import Counter
from collections.abc import Hashable, Iterable

from routes.amounts import Amounts

FOREVER_S = 2**40
PRIORITY_MAX = 100
SPEED_FACTOR_MIN = 0.05
"""Slower, the longest leg there may be would not fit the 32 bits of the search."""
SPEED_FACTOR_MAX = 5.0
DURATION_MAX_S = 10**8
"""Three years: longer work, drives and limits are slips of the pen."""
DISTANCE_MAX_M = 10**9
"""To the moon and back: sums of such legs still fit 64 bits."""
AMOUNT_MAX = 10**12
PRICE_MAX = 10**9


class BadProblem(ValueError):
    """A file does not hold a problem or a plan; the text says where and why."""


def check(right: bool, sentence: str) -> None:
    """Raise `ValueError` with `sentence` unless `right`."""
    if not right:
        raise ValueError(sentence)


def check_span(noun: str, span_s: int) -> None:
    """Refuse a duration that is negative or absurd."""
    check(span_s >= 0, f"{noun} lasts less than nothing")
    check(span_s <= DURATION_MAX_S, f"{noun} lasts more than three years")


def check_limit(noun: str, limit: int | None, most: int) -> None:
    """Refuse a limit that is negative or absurd; None is none."""
    if limit is not None:
        check(limit >= 0, f"{noun} is less than nothing")
        check(limit <= most, f"{noun} is more than {most}")


def check_price(noun: str, price: int) -> None:
    """Refuse a price that is negative or would drown every other."""
    check(price >= 0, f"{noun} is less than nothing")
    check(price <= PRICE_MAX, f"{noun} is more than {PRICE_MAX}")


def check_amounts(amounts: Amounts) -> None:
    """Refuse negative and absurd amounts."""
    check(min(amounts, default=0) >= 0, "an amount is less than nothing")
    check(max(amounts, default=0) <= AMOUNT_MAX, f"an amount is over {AMOUNT_MAX}")


def check_priority(priority: int) -> None:
    """Refuse a priority out of range."""
    fits = 0 <= priority <= PRIORITY_MAX
    check(fits, f"a priority is between 0 and {PRIORITY_MAX}, not {priority}")


def check_unique(noun: str, ids: Iterable[Hashable]) -> None:
    """Refuse an id that is given twice."""
    for id_, count in Counter(ids).items():
        check(count == 1, f"two of the same {noun}: {id_}")
