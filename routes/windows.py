"""When something may begin."""

from dataclasses import dataclass
from itertools import pairwise

from routes.rules import FOREVER_S, check


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """From `opens_s` to `closes_s`, both included."""

    opens_s: int
    closes_s: int

    def __post_init__(self) -> None:
        """Refuse a window that closes before it opens, and moments out of range."""
        check(self.opens_s <= self.closes_s, "a time window closes before it opens")
        near = self.opens_s >= 0 and self.closes_s <= FOREVER_S
        check(near, "a time window is before the beginning or after the end of time")

    def meets(self, other: "TimeWindow") -> bool:
        """Return whether some moment is in both."""
        return self.opens_s <= other.closes_s and other.opens_s <= self.closes_s


ALWAYS = TimeWindow(0, FOREVER_S)


def check_windows(windows: tuple[TimeWindow, ...]) -> None:
    """Refuse windows that overlap or are out of order."""
    for one, following in pairwise(windows):
        apart = one.closes_s < following.opens_s
        check(apart, "time windows overlap or are not in order")


def common(
    some: tuple[TimeWindow, ...], others: tuple[TimeWindow, ...]
) -> tuple[TimeWindow, ...]:
    """Return the moments that are in one of `some` and in one of `others`.

    >>> common((TimeWindow(0, 9),), (TimeWindow(2, 4), TimeWindow(8, 12)))
    (TimeWindow(opens_s=2, closes_s=4), TimeWindow(opens_s=8, closes_s=9))
    """
    return tuple(
        TimeWindow(max(one.opens_s, other.opens_s), min(one.closes_s, other.closes_s))
        for one in some
        for other in others
        if one.meets(other)
    )
