"""Several searches side by side, which meet and go on from the best they have."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import Any

import numpy as np

from routes.kernel.anneal import Search, Settings
from routes.kernel.arrays import Array
from routes.kernel.dice import dice_of
from routes.kernel.pool import empty_pool, trim
from routes.kernel.recombine import Fleet, recombined
from routes.kernel.requests import Requests
from routes.kernel.solution import Sequences, Solution

SLICE = 2000
"""Iterations between two looks at the clock."""
POOL_MARGIN = 1.05
"""Routes are kept of solutions that cost at most so many times the best."""
POOL_ENTRIES = 40_000
LONGEST_KEPT = 150
"""Routes with more visits are not kept."""
RECOMBINE_SHARE = 0.5
"""Of the time that is left, what recombining may take."""


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A part of the search, from a temperature to a lower one."""

    share: float
    """Of the whole time, or of all iterations."""
    hot: float
    """In units of cost."""
    cold: float


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When a search is over; at least one of them is given.

    With a number of iterations the same seed gives the same plan, unless the time is
    up first or somebody stops it.
    """

    time_limit_s: float | None = None
    iterations: int | None = None
    """Of every member."""
    effort: float = 2.0
    """How hard the routes are recombined, in OR-Tools' deterministic seconds."""
    stop: Callable[[], bool] = lambda: False
    """Asked by every member between two slices."""


class Member:
    """One search: everything it changes is its own."""

    def __init__(
        self, data: Any, solution: Solution, fleet: Fleet, *, seed: int
    ) -> None:
        visits = solution.route_of.shape[0]
        self.data = data
        self.solution = solution
        self.pool = empty_pool(
            visits, min(visits, LONGEST_KEPT), fleet.kinds, entries=POOL_ENTRIES
        )
        self.dice = dice_of(seed)
        self.keys = np.zeros(solution.absent.shape[0] + 1)
        self.best = Sequences(solution.nodes.copy(), solution.size.copy())
        self.best_cost = self.cost = 0
        self.iterations = 0


class Team:
    """Members that search the same problem, each in a thread of its own."""

    def __init__(
        self,
        search: Search,
        members: Sequence[Member],
        requests: Requests,
        near: Array,
        fleet: Fleet,
        *,
        settings: Settings,
    ) -> None:
        self.search = search
        self.members = members
        self.requests = requests
        self.near = near
        self.fleet = fleet
        self.settings = settings

    def run(
        self,
        start: Sequences,
        legs: Sequence[Leg],
        limits: Limits,
        progress: Callable[[int], None] = lambda _: None,
    ) -> tuple[Sequences, int]:
        """Return the best routes found from `start` on, and what they cost.

        The shares of `legs` add up to one.  After each the members meet: the routes
        they saw are put together in the best way, and all go on from the best plan.
        `progress` is told its cost, in the thread that calls.
        """
        clock = _Clock(limits)
        best, cost, begun = start, self._send(start), 0.0
        with ThreadPoolExecutor(len(self.members)) as threads:
            for leg in legs:
                walks = [
                    threads.submit(self._walk, member, leg, begun, clock)
                    for member in self.members
                ]
                for walk in walks:
                    walk.result()
                begun += leg.share
                best, cost = self._meet(best, cost, clock)
                progress(cost)
                if clock.over():
                    break
        return best, cost

    def _send(self, start: Sequences) -> int:
        """Let all go on from `start`; return what it costs."""
        for member in self.members:
            member.best = start.copy()
            member.best_cost = member.cost = int(
                self.search.begin(member.data, member.solution, self.requests, start)
            )
        return self.members[0].cost

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
            member.cost, member.best_cost = self.search.anneal(
                member.data,
                member.solution,
                self.requests,
                self.near,
                self.settings,
                member.dice,
                member.pool,
                member.best,
                count,
                hot,
                cold,
                member.cost,
                member.best_cost,
                int(member.best_cost * POOL_MARGIN),
                member.keys,
            )
            member.iterations += count
            trim(member.pool)
            before, at = at, clock.done(member)
            step = at - before

    def _meet(
        self, best: Sequences, cost: int, clock: "_Clock"
    ) -> tuple[Sequences, int]:
        """Return the best of what is known, what was found and what that combines to.

        All members go on from it.
        """
        for member in self.members:
            if member.best_cost < cost:
                best, cost = member.best.copy(), member.best_cost
        better = recombined(
            [member.pool for member in self.members],
            self.fleet,
            self.requests,
            known=cost,
            effort=clock.limits.effort,
            time_limit_s=clock.left_s() * RECOMBINE_SHARE,
        )
        best = best if better is None else better
        return best, self._send(best)


class _Clock:
    """How far a search is, by its iterations or else by the time."""

    def __init__(self, limits: Limits) -> None:
        if limits.time_limit_s is None and limits.iterations is None:
            raise ValueError("a search needs a time or a number of iterations to end")
        self.limits = limits
        self.began_s = monotonic()

    def done(self, member: Member) -> float:
        """Return which part of the whole `member` has done."""
        if self.limits.iterations is not None:
            return member.iterations / max(1, self.limits.iterations)
        assert self.limits.time_limit_s is not None
        return (monotonic() - self.began_s) / max(1e-9, self.limits.time_limit_s)

    def slice(self, member: Member, until: float) -> int:
        """Return how many iterations `member` does before it looks again."""
        if self.limits.iterations is None:
            return SLICE
        left = round(until * self.limits.iterations) - member.iterations
        return max(1, min(SLICE, left))

    def left_s(self) -> float:
        """Return the time that is left, in seconds."""
        if self.limits.time_limit_s is None:
            return float("inf")
        return max(0.0, self.began_s + self.limits.time_limit_s - monotonic())

    def over(self) -> bool:
        """Return whether it is time to end."""
        return self.left_s() <= 0 or self.limits.stop()
