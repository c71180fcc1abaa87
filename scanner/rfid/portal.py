"""Which way a tag went between two antennas: whose signal has its centre later.

Which antenna saw a tag first, or last, says little: both see it from far away, and miss
it close by.  The centre of an antenna's reads in time, each weighted by its signal, is
when the tag passed it; of two antennas a metre apart that tells nearly every walk
(`tests/scanner/test_portal.py`).  Where it does not, the answer is that nobody knows.
"""

import math
from dataclasses import dataclass

from scanner.scan import Direction

FADE_PER_PRESENCE = 0.75
"""A read counts for 1/e after so much of the presence window.

What moved last is what matters: a trolley that stood in the gate for an hour went
where it went then.  Less than 1, so that a tag that one antenna alone has seen for a
whole window is on the side of that antenna, however long it has been there.
"""
_REFERENCE_DBM = -50.0
_FADED = 1e-9
"""Less weight than that is long ago: 40 s, at a window of 2 s."""
ONE_READ_SHARE = 0.8
"""Where one read has so much of the weight, there is hardly another."""


@dataclass(slots=True)
class _Side:
    """What one antenna saw of a tag: sums that fade, so that memory does not grow."""

    weight: float = 0.0
    moment_s: float = 0.0
    spread_s2: float = 0.0
    weight_squared: float = 0.0
    seen_at_s: float = -math.inf

    def add(self, weight: float, at_s: float) -> None:
        self.weight += weight
        self.moment_s += weight * at_s
        self.spread_s2 += weight * at_s**2
        self.weight_squared += weight**2
        self.seen_at_s = at_s

    def fade(self, factor: float) -> None:
        self.weight *= factor
        self.moment_s *= factor
        self.spread_s2 *= factor
        self.weight_squared *= factor**2

    def centre_s(self) -> float:
        return self.moment_s / self.weight

    def error_s2(self) -> float:
        """Return how uncertain the centre is, as a variance; of one read, endless."""
        share = self.weight_squared / self.weight**2  # 1 over how many reads count.
        if share > ONE_READ_SHARE:
            return math.inf
        variance_s2 = max(0.0, self.spread_s2 / self.weight - self.centre_s() ** 2)
        return variance_s2 * share / (1 - share)


class Passage:
    """One tag in a portal, from its coming to its leaving."""

    def __init__(self, *, at_s: float, presence_s: float, apart_s: float) -> None:
        """Begin at `at_s`, on the clock of the reads that follow."""
        self._begun_at_s = self._faded_at_s = at_s
        self._presence_s = presence_s
        self._apart_s = apart_s
        self._inside = _Side()
        self._outside = _Side()
        self._told: Direction | None = None

    def add(self, *, is_inside: bool, rssi_dbm: float | None, at_s: float) -> None:
        """Take a read by one of the two antennas."""
        factor = math.exp(
            (self._faded_at_s - at_s) / (FADE_PER_PRESENCE * self._presence_s)
        )
        self._faded_at_s = at_s
        for side in (self._inside, self._outside):
            side.fade(factor)
        # By the field strength, not its power: a power of two or three strong reads
        # outweighs all others, and it is those that reflections make.
        weight = 1.0
        if rssi_dbm is not None:
            weight = 10 ** ((rssi_dbm - _REFERENCE_DBM) / 20)
        side = self._inside if is_inside else self._outside
        side.add(weight, at_s - self._begun_at_s)

    def passed(self) -> Direction | None:
        """Return where a tag went that is still seen, by one antenna alone.

        None if it has not passed, or that was said before.
        """
        apart_s = abs(self._inside.seen_at_s - self._outside.seen_at_s)
        if not self._presence_s < apart_s < math.inf:
            return None
        return self._news(self._direction())

    def left(self) -> Direction | None:
        """Return where a tag went that is seen no more; None if that was said before.

        Of each tag that was there something is said: UNKNOWN is an answer too.
        """
        direction = self._direction()
        if direction is Direction.UNKNOWN and self._told is not None:
            return None
        return direction if direction is not self._told else None

    def _news(self, direction: Direction) -> Direction | None:
        if direction in (Direction.UNKNOWN, self._told):
            return None
        self._told = direction
        return direction

    def _direction(self) -> Direction:
        if min(self._inside.weight, self._outside.weight) < _FADED:
            return Direction.UNKNOWN
        later_s = self._inside.centre_s() - self._outside.centre_s()
        error_s = math.sqrt(self._inside.error_s2() + self._outside.error_s2())
        if abs(later_s) < max(self._apart_s, error_s):
            return Direction.UNKNOWN
        return Direction.IN if later_s > 0 else Direction.OUT
