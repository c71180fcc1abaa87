"""What was measured, as a table: ours, the floor beside it, how they compare."""

import os
import platform
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter
from typing import Any

WIDTHS = (60, 19, 19, 5, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One line of the table."""

    what: str
    ours: str
    floor: str = "-"
    ratio: float | None = None
    """How many times the floor ours takes, or how many times less it does."""
    aim: str = "-"
    met: bool | None = None

    def line(self) -> str:
        """Return it as a line of the table."""
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        told = {None: "", True: " met", False: " NOT MET"}[self.met]
        return _line(self.what, self.ours, self.floor, ratio, f"{self.aim}{told}")


def heading() -> list[str]:
    """Return the lines above the table."""
    columns = ("what", "ours", "floor", "ratio", "aim")
    return [_line(*columns), _line(*("-" * width for width in WIDTHS))]


def _line(*cells: str) -> str:
    texts = zip(cells, WIDTHS, strict=True)
    return "  ".join(text.ljust(width) for text, width in texts).rstrip()


def machine(engine: str) -> str:
    """Return what was measured on."""
    versions = f"Python {platform.python_version()}"
    if engine == "sqlite":
        versions += f", SQLite {sqlite3.sqlite_version}"
    return (
        f"{versions}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )


Calls = Iterator[Callable[[], Any]]


def in_turns(ours: Calls, floor: Calls, block: int) -> tuple[list[float], list[float]]:
    """Return how long each call took, in seconds: some of ours, some of the floor's.

    They take turns in small blocks, so that a machine that is busy for a while is busy
    for both.
    """
    taken: tuple[list[float], list[float]] = ([], [])
    calls = (iter(ours), iter(floor))
    while True:
        for some, all_s in zip(calls, taken, strict=True):
            done = 0
            for call in some:
                begun = perf_counter()
                call()
                all_s.append(perf_counter() - begun)
                done += 1
                if done == block:
                    break
            if not done:
                return taken


def percentiles(all_s: Sequence[float]) -> tuple[float, float]:
    """Return median and 99th percentile."""
    cuts = quantiles(all_s, n=100)
    return cuts[49], cuts[98]


def read_line(what: str, ours: Sequence[float], floor: Sequence[float]) -> Measured:
    """Return the line of a question: median and 99th percentile of both."""
    times = median(ours) / median(floor)
    return Measured(
        what=what,
        ours=_spread(ours),
        floor=_spread(floor),
        ratio=times,
        aim="<= 2 times",
        met=times <= 2,
    )


def rate_line(
    what: str, ours: Sequence[float], floor: Sequence[float], each: int = 1
) -> Measured:
    """Return the line of something written: how many a second; `each` by every call.

    By the median of the calls: a disk that is busy for a second says nothing of either.
    """
    ours_rate, floor_rate = each / median(ours), each / median(floor)
    share = ours_rate / floor_rate
    return Measured(
        what=what,
        ours=f"{ours_rate:,.0f} /s",
        floor=f"{floor_rate:,.0f} /s",
        ratio=share,
        aim=">= 0.5 of it",
        met=share >= 0.5,
    )


def _spread(all_s: Sequence[float]) -> str:
    middle, slow = percentiles(all_s)
    return f"{1000 * middle:.3f} / {1000 * slow:.3f} ms"
