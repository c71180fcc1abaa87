"""How long something took, counted by classes: what a thousand scans leave behind."""

import threading
from bisect import bisect_left
from collections.abc import Sequence

BOUNDS_S = (0.001, 0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Latencies:
    """A histogram of seconds; any thread may call it."""

    def __init__(self, bounds_s: Sequence[float] = BOUNDS_S) -> None:
        self._bounds_s = tuple(bounds_s)
        self._counts = [0] * (len(self._bounds_s) + 1)
        self._sum_s = 0.0
        self._lock = threading.Lock()

    def took(self, duration_s: float) -> None:
        """Count one that took so long."""
        with self._lock:
            self._counts[bisect_left(self._bounds_s, duration_s)] += 1
            self._sum_s += duration_s

    def read(self) -> tuple[list[tuple[str, int]], float]:
        """Return how many took at most each bound, and the sum of all in seconds.

        >>> took = Latencies([0.1, 1])
        >>> took.took(0.1); took.took(0.5); took.took(9)
        >>> took.read()
        ([('0.1', 1), ('1', 2), ('+Inf', 3)], 9.6)
        """
        with self._lock:
            counts, sum_s = list(self._counts), self._sum_s
        names = [f"{bound:g}" for bound in self._bounds_s] + ["+Inf"]
        return [
            (name, sum(counts[: number + 1])) for number, name in enumerate(names)
        ], sum_s
