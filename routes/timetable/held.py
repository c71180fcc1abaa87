"""A halt that others wait for: its work begins within a narrower window."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from routes.problem import ALWAYS, Halt, Lateness, TimeWindow
from routes.windows import common


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Halt):
    """A halt whose work begins within `windows` only, as others wait for it."""

    asked: Halt
    """What the problem says: being late is counted by this."""

    def late_s(self, begin_s: int) -> int | None:
        """Return how late work that begins at `begin_s` is; None if it may not begin.

        Lateness that is allowed is in `windows` already.
        """
        if any(one.opens_s <= begin_s <= one.closes_s for one in self.windows):
            return self.asked.late_s(begin_s)
        return None


def held(halt: Halt, within: TimeWindow) -> Held | None:
    """Return `halt` to begin `within` only, or None if it may not begin then."""
    windows = common(tuple(_open(halt)), (within,))
    if not windows:
        return None
    price = 0 if halt.lateness is None else halt.lateness.per_hour
    return Held(
        place=halt.place,
        setup_s=halt.setup_s,
        service_s=halt.service_s,
        windows=windows,
        lateness=Lateness(max_s=0, per_hour=price),
        asked=halt.asked if isinstance(halt, Held) else halt,
    )


def _open(halt: Halt) -> Iterator[TimeWindow]:
    """Yield when work may begin, lateness that is allowed included."""
    if not halt.windows:
        yield ALWAYS
        return
    most_s = 0 if halt.lateness is None else halt.lateness.max_s
    for one, following in pairwise((*halt.windows, None)):
        assert one is not None
        closes_s = min(one.closes_s + most_s, ALWAYS.closes_s)
        if following is not None:
            closes_s = min(closes_s, following.opens_s - 1)
        yield TimeWindow(one.opens_s, closes_s)
