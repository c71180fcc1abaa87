"""Several searches side by side, which meet and go on from the best they have."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from ctypes import byref
from dataclasses import dataclass, field
from time import monotonic

import numpy as np

from routes.kernel.arrays import Array
from routes.kernel.library import (
    DAYS,
    LIBRARY,
    PLAIN,
    Days,
    Plain,
    Requests,
    Search,
    empty_pool,
    empty_solution,
)
from routes.kernel.partition import load
from routes.kernel.recombine import Fleet, Rows, recombined
from routes.kernel.words import PLAIN_ROWS, PLAIN_SUMS, RICH_SUMS, rich_rows

TOLD_EVERY_S = 0.1
SLICE_S = 0.02
"""How long a member searches between two looks at the clock, about."""
SLICE = 500
"""Iterations between two looks where their number ends the search."""
POOL_MARGIN = 1.05
"""Routes are kept of solutions that cost at most so many times the best."""
POOL_ROOM = 40_000
RECOMBINE_FROM_S = 1.0
"""With less time left, OR-Tools would hardly be imported before it is up."""
FEW = 12
"""So few requests are searched through without recombining."""
LONGEST_KEPT = 150
"""Routes with more nodes are not kept."""
RECOMBINE_SHARE = 0.5
"""Of the time that is left, what recombining may take."""


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A part of the search, from a temperature to a lower one."""

    share: float
    """Of the whole time, or of all iterations."""
    hot: float
    """In steps of cost."""
    cold: float
    lenient_from: float = np.inf
    """Down to this temperature only a part of penalties counts."""
    part: float = 1.0
    """That part."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When a search is over; at least one of the first two is given.

    With a number of iterations the same seed gives the same plan, unless the time is
    up first or somebody stops it.
    """

    time_limit_s: float | None = None
    began_s: float = field(default_factory=monotonic)
    """When the time began to count, on the clock of `time.monotonic`."""
    iterations: int | None = None
    """Of every member."""
    enough: int | None = None
    """Iterations of every member after which nothing better is to be hoped for."""
    effort: float = 2.0
    """How hard the routes are recombined, in OR-Tools' deterministic seconds."""
    stop: Callable[[], bool] = lambda: False
    """Asked by every member between two slices."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search has found so far."""

    cost: int
    """Of the best plan, in steps, without what it leaves out."""
    absent: int
    """How many requests that leaves out."""


class Member:
    """One search: everything it changes is its own."""

    def __init__(
        self,
        rules: Days | Plain,
        requests: Requests,
        fleet: Fleet,
        *,
        seed: int,
        mean_count: float,
        longest: int,
    ) -> None:
        nodes = int(rules.node_count)
        dimensions = int(rules.dimensions)
        plain = isinstance(rules, Plain)
        bare = fleet.bare
        ends = bare.nodes[np.arange(len(bare.size)), bare.size + 1]
        self.rules = rules
        self.solution = empty_solution(
            bare.nodes[:, 0],
            ends,
            nodes=nodes,
            requests=int(requests.count),
            rows=_rows_of(rules),
            sums=PLAIN_SUMS + dimensions if plain else RICH_SUMS,
        )
        self.pool = empty_pool(
            nodes, min(nodes, LONGEST_KEPT), fleet.kinds, room=POOL_ROOM
        )
        dice = np.random.default_rng(seed).integers(1, 2**63, dtype=np.uint64)
        self.search = Search(
            solution=self.solution,
            requests=requests,
            pool=self.pool,
            rules=rules,
            kind=PLAIN if plain else DAYS,
            dice=int(dice),
            mean_count=mean_count,
            longest=longest,
            keys=np.zeros(int(requests.count) + 1),
            missed=np.zeros(int(requests.count) + 1),
            best_nodes=self.solution["nodes"].copy(),
            best_size=np.zeros(len(bare.size)),
            cost=0,
            best_cost=0,
            best_absent=0,
            best_weight=0,
            pool_margin=POOL_MARGIN,
        )
        self.iterations = 0
        # The first puts everything in; how long that takes tells the next.
        self.slice = 1

    def begin(self, start: Rows, agreed: Array | None) -> int:
        """Go on from `start` and what is agreed on there; return what it costs."""
        width = start.nodes.shape[1]
        self.search["best_nodes"][:, :width] = start.nodes
        self.search["best_size"][:] = start.size
        if agreed is not None:
            for name in ("agreed", "kept_agreed", "best_agreed"):
                self.rules[name][:] = agreed
        return int(LIBRARY.fsc_begin(byref(self.search)))

    def best(self) -> Rows:
        """Return the best routes this one has found."""
        return Rows(
            nodes=self.search["best_nodes"].copy(),
            size=self.search["best_size"].copy(),
        )

    def agreed(self) -> Array | None:
        """Return the moments that are agreed on in the best routes."""
        if isinstance(self.rules, Plain):
            return None
        return self.rules["best_agreed"].copy()

    def anneal(
        self, iterations: int, hot: float, cold: float, part: float = 1.0
    ) -> None:
        """Search on, for so many iterations; `part` of penalties counts."""
        LIBRARY.fsc_anneal(byref(self.search), iterations, hot, cold, part)
        self.iterations += iterations

    def complete(self) -> tuple[Rows, Array | None]:
        """Return the routes this one goes on from, with all that still fits."""
        self.rules.blink = 0.0
        LIBRARY.fsc_complete(byref(self.search))
        return self.best(), self.agreed()

    def trim(self) -> None:
        """Forget the less promising half of the pool where it is nearly full."""
        size = int(self.pool.entries)
        if size >= POOL_ROOM * 9 // 10:
            worth = self.pool["worth"][:size]
            limit = int(np.partition(worth, size // 2)[size // 2])
            LIBRARY.fsc_pool_keep(byref(self.pool), limit)


def _rows_of(rules: Days | Plain) -> int:
    """Return how many rows the state of a route has."""
    if isinstance(rules, Plain):
        return PLAIN_ROWS
    return rich_rows(
        int(rules.wide), int(rules.dimensions), given=rules.moved_price > 0
    )


class Team:
    """Members that search the same problem, each in a thread of its own."""

    def __init__(
        self, members: Sequence[Member], requests: Requests, fleet: Fleet
    ) -> None:
        self.members = members
        self.requests = requests
        self.fleet = fleet
        # A route with linked visits holds only with the moments agreed on elsewhere.
        rules = members[0].rules
        self.recombines = isinstance(rules, Plain) or rules.linked_count == 0
        self.recombines = self.recombines and int(requests.count) > FEW
        self.cost = 0

    def run(
        self,
        start: Rows,
        agreed: Array | None,
        legs: Sequence[Leg],
        limits: Limits,
        progress: Callable[[Found], None],
    ) -> tuple[Rows, Array | None]:
        """Return the best routes found from `start` on, and what is agreed on in them.

        The shares of `legs` add up to one.  After each the members meet: the routes
        they saw are put together in the best way, and all go on from the best plan.
        `progress` is told of it now and then, in the thread that calls.
        """
        clock = _Clock(limits)
        self.cost = self._send(start, agreed)
        best, begun = (start, agreed), 0.0
        with ThreadPoolExecutor(len(self.members) + 1) as threads:
            if self.recombines and clock.left_s() >= RECOMBINE_FROM_S:
                # While the first part is searched, so that nobody waits for it.
                threads.submit(load)
            for leg in legs:
                walks = [
                    threads.submit(self._walk, member, leg, begun, clock)
                    for member in self.members
                ]
                while wait(walks, TOLD_EVERY_S).not_done:
                    progress(self._found())
                for walk in walks:
                    walk.result()
                begun += leg.share
                best = self._meet(best, clock)
                progress(self._found())
                if clock.over():
                    break
        # The chance by which places are overlooked may have left out what fits.
        return self.members[0].complete()

    def _found(self) -> Found:
        """Return what the best plan so far comes to."""
        best = min(self.members, key=lambda one: one.search.best_cost).search
        return Found(
            cost=int(best.best_cost - best.best_weight), absent=int(best.best_absent)
        )

    def _send(self, start: Rows, agreed: Array | None) -> int:
        """Let all go on from `start`; return what it costs."""
        costs = [member.begin(start, agreed) for member in self.members]
        return costs[0]

    def _walk(self, member: Member, leg: Leg, begun: float, clock: "_Clock") -> None:
        """Let `member` search through `leg`, a slice at a time."""
        at, step = clock.done(member), 0.0
        until = begun + leg.share
        while at < until - 1e-9 and not clock.over():
            hot, cold = (
                leg.hot * (leg.cold / leg.hot) ** min(1.0, (x - begun) / leg.share)
                for x in (at, at + step)
            )
            count = clock.slice(member, until)
            began_s = monotonic()
            part = leg.part if hot >= leg.lenient_from else 1.0
            member.anneal(count, hot, cold, part)
            if clock.limits.iterations is None:
                took_s = max(1e-6, monotonic() - began_s)
                fitting = count * SLICE_S / took_s
                member.slice = max(1, min(20_000, int((count + fitting) / 2)))
            member.trim()
            before, at = at, clock.done(member)
            step = at - before

    def _meet(
        self, best: tuple[Rows, Array | None], clock: "_Clock"
    ) -> tuple[Rows, Array | None]:
        """Return the best of what is known, what was found and what that combines to.

        All members go on from it.
        """
        for member in self.members:
            if member.search.best_cost < self.cost:
                best = member.best(), member.agreed()
                self.cost = int(member.search.best_cost)
        if self.recombines and clock.left_s() >= RECOMBINE_FROM_S:
            absent = self._absent(best[0])
            weight = int(self.requests["penalty"][absent].sum()) if absent else 0
            found = recombined(
                [member.pool for member in self.members],
                self.fleet,
                self.requests,
                cost=self.cost - weight,
                absent=absent,
                effort=clock.limits.effort,
                time_limit_s=min(1e6, clock.left_s() * RECOMBINE_SHARE),
            )
            if found is not None:
                cost = self._send(found, best[1])
                if cost < self.cost:
                    self.cost = cost
                    return found, best[1]
        self._send(*best)
        return best

    def _absent(self, rows: Rows) -> list[int]:
        """Return the requests that `rows` leave out."""
        there = {
            int(node)
            for route, size in enumerate(rows.size)
            for node in rows.nodes[route, 1 : size + 1]
        }
        spans, member = self.requests["member_of"], self.requests["member"]
        return [
            n for n, (begin, _) in enumerate(spans) if int(member[begin]) not in there
        ]


class _Clock:
    """How far a search is, by its iterations or else by the time."""

    def __init__(self, limits: Limits) -> None:
        if limits.time_limit_s is None and limits.iterations is None:
            raise ValueError("a search needs a time or a number of iterations to end")
        self.limits = limits
        self.began_s = monotonic()
        # What was laid out before has taken its part of the time.
        self.time_limit_s = (
            None
            if limits.time_limit_s is None
            else max(1e-9, limits.began_s + limits.time_limit_s - self.began_s)
        )

    def done(self, member: Member) -> float:
        """Return which part of the whole `member` has done."""
        if self.limits.iterations is not None:
            return member.iterations / max(1, self.limits.iterations)
        assert self.time_limit_s is not None
        part = (monotonic() - self.began_s) / self.time_limit_s
        if self.limits.enough is None:
            return part
        return max(part, member.iterations / max(1, self.limits.enough))

    def slice(self, member: Member, until: float) -> int:
        """Return how many iterations `member` does before it looks again."""
        if self.limits.iterations is None:
            return member.slice
        left = round(until * self.limits.iterations) - member.iterations
        return max(1, min(SLICE, left))

    def left_s(self) -> float:
        """Return the time that is left, in seconds."""
        if self.time_limit_s is None:
            return float("inf")
        return max(0.0, self.began_s + self.time_limit_s - monotonic())

    def over(self) -> bool:
        """Return whether it is time to end."""
        return self.left_s() <= 0 or self.limits.stop()
