"""The compiled search, asked about a problem and answering in orders."""

from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np

from routes.kernel import words as w
from routes.kernel.arrays import Array
from routes.kernel.library import Days, Plain, Requests
from routes.kernel.recombine import Fleet, Rows
from routes.kernel.team import Found, Leg, Limits, Member, Team
from routes.problem import Problem
from routes.search.bare import bare_rows, drop_pins, filled
from routes.search.bound import least_cost
from routes.search.day_arrays import PARTS, days_of, spans_of
from routes.search.layout import Layout, layout_of
from routes.search.plain_arrays import is_plain, plain_of
from routes.search.weights import penalties_of, step_of
from routes.timetable.tasks import Orders, Task

MEAN_COUNT, DAY_MEAN_COUNT = 10.0, 15.0
"""How many visits are taken out at once, on average; on technicians' days more, whose
routes are shorter and change places only together."""
LONGEST, DAY_LONGEST = 10, 7
"""Of which so many stand one after the other at most."""
NEAR_MAX = 250
"""Neighbours of a visit that are looked at for strings to take out."""
FAR_APART_S = 2**40
SHARES = (0.2, 0.1, 0.05, 0.1, 0.1, 0.15)
"""How often each order of putting back is taken; the rest is by chance."""
DAY_SHARES = (0.1, 0.05, 0.05, 0.05, 0.05, 0.6)
"""The same on technicians' days.

That by weight is taken most: between equals those come first that were left out
longest, and days that are too full are searched best from where those fit.
"""
ROUNDS = ((0.8, 2.0, 0.01), (0.1, 0.1, 0.01), (0.1, 0.032, 0.01))
"""Parts of the search, after each of which its members meet: which part of the whole
it is, and its temperatures at the beginning and the end, of what a leg to a near place
costs on average."""
LENIENT_FROM, LEAVING_OUT = 0.1, 4.0
"""While it is warmer, where not all can be served, leaving out what weighs least counts
as so many such legs: else full routes hardly change."""
LARGE = 1000
LARGE_ROUNDS = ((0.55, 0.3, 0.01), (0.25, 0.1, 0.01), (0.2, 0.032, 0.01))
"""From so many requests on there are too few iterations for each to begin as hot, or to
take out as many."""
AGAIN = (0.15, 0.2, 0.004)
"""The same of the later parts on plain problems; the first has what is left, and begins
the hotter the longer routes are."""
MANY = 250
"""From so many requests on there is one later part, below that there are two."""
HOT_A_VISIT, HOT_LEAST, HOT_MOST = 0.15, 1.0, 8.0
"""How hot the first begins for every visit on a route, and its limits."""
COOLING = 150.0
"""How many times colder the first ends than it began."""
PROBE = 1000
"""Iterations that tell how long routes are."""


def searched(
    problem: Problem,
    *,
    start: Orders,
    limits: Limits,
    threads: int,
    seed: int,
    progress: Callable[[int, int, int | None], None] | None = None,
) -> dict[str, list[Task]]:
    """Return the best orders found from `start` on, which keep every rule.

    `progress` is told, about ten times a second, what the best plan costs in whole
    units, how many requests it leaves out, and what none that leaves out nothing can
    cost less than.
    """
    found, step = laid_out(problem)
    rules = _rules(found, step)
    own = rules if isinstance(rules, Days) else None
    if own is not None and drop_pins(found, own):
        rules = own = days_of(found, step)
    penalty = penalties_of(found, step)
    # What nobody may do weighs nothing and is never tried.
    hopeless = [] if own is None else _hopeless(found, own)
    penalty[hopeless] = 0
    requests = _requests(found, penalty, own)
    fleet = Fleet(bare=bare_rows(found, own), kinds=_kinds(found))
    wide = own is not None and len(found.members) < LARGE
    mean_count = DAY_MEAN_COUNT if wide else MEAN_COUNT
    longest = DAY_LONGEST if wide else LONGEST
    members = [
        Member(
            rules.twin(),
            requests,
            fleet,
            seed=seed * 1000 + n,
            mean_count=mean_count,
            longest=longest,
        )
        for n in range(threads)
    ]
    team = Team(members, requests, fleet)
    begin = filled(fleet.bare, found, own, start)
    rows, _ = team.run(
        begin,
        None if own is None else own["agreed"].copy(),
        _legs(found, members[0], begin, penalty),
        limits,
        _teller(found, step, len(hopeless), progress),
    )
    return found.orders(_whole(found, rows))


def _whole(found: Layout, rows: Rows) -> list[list[int]]:
    """Return the nodes of each route, without what is pinned and lacks its others."""
    tasks = [rows.nodes[r, 1 : size + 1].tolist() for r, size in enumerate(rows.size)]
    there = {n for row in tasks for n in row}
    halves = {n for some in found.members if not there.issuperset(some) for n in some}
    return [[n for n in row if n not in halves] for row in tasks]


def laid_out(problem: Problem) -> tuple[Layout, int]:
    """Return a problem's layout, and how many parts of a unit make a step of cost."""
    found = layout_of(problem)
    return found, step_of(found)


def _teller(
    found: Layout,
    step: int,
    hopeless: int,
    progress: Callable[[int, int, int | None], None] | None,
) -> Callable[[Found], None]:
    if progress is None:
        return lambda _: None
    tell = progress
    # Asked for when the search is under way, so that nothing waits for it.
    bound = cache(partial(least_cost, found))
    return lambda so_far: tell(
        so_far.cost * step // PARTS, so_far.absent + hopeless, bound()
    )


def _hopeless(found: Layout, own: Days) -> list[int]:
    """Return the requests of which nobody may do some part."""
    count = len(found.problem.technicians)
    may = (own["price"][:, :count] != w.NEVER).any(axis=1)
    return [n for n, some in enumerate(found.members) if not may[some].all()]


def _rules(found: Layout, step: int) -> Days | Plain:
    plain = plain_of(found, step) if is_plain(found.problem) else None
    return days_of(found, step) if plain is None else plain


def _legs(found: Layout, member: Member, begin: Rows, penalty: Array) -> Sequence[Leg]:
    """Return the parts of the search, with temperatures from what a leg costs.

    On plain problems `member` searches for a moment, to see how long routes are.
    """
    mean = _mean_leg(found, member.rules) + _mean_spread(found, member.rules)
    rounds: Sequence[tuple[float, float, float]] = ROUNDS
    if len(found.members) >= LARGE:
        rounds = LARGE_ROUNDS
    if isinstance(member.rules, Plain):
        member.begin(begin, None)
        member.anneal(PROBE, mean, mean / 10)
        member.iterations = 0
        size = member.best().size
        length = float(size.sum()) / max(1, int(np.count_nonzero(size)))
        hot = min(HOT_MOST, max(HOT_LEAST, HOT_A_VISIT * length))
        again = [AGAIN] * (1 if len(found.members) >= MANY else 2)
        rounds = [(1.0 - len(again) * AGAIN[0], hot, hot / COOLING), *again]
    weighing = penalty[penalty > 0]
    least = float(weighing.min()) if len(weighing) else 1.0
    return [
        Leg(
            share=share,
            hot=hot * mean,
            cold=cold * mean,
            lenient_from=LENIENT_FROM * mean,
            part=min(1.0, LEAVING_OUT * mean / least),
        )
        for share, hot, cold in rounds
    ]


def _mean_leg(found: Layout, rules: Days | Plain) -> float:
    """Return what a leg to a near place costs on average, in steps."""
    places = np.array([node.place for node in found.nodes[: found.task_count]])
    if len(places) < 2:
        return 1.0
    if isinstance(rules, Plain):
        cost = rules["cost"][: len(places), : len(places)].astype(float)
    else:
        travel, metres = (
            rules[name][0][np.ix_(places, places)].astype(float)
            for name in ("travel", "distance")
        )
        per_s, per_m = rules["cars"][:, [w.PER_S, w.PER_M]].max(axis=0)
        cost = (per_s * travel + per_m * metres) / rules.step
    near = np.sort(cost, axis=1)[:, 1 : min(11, len(places))]
    return max(1.0, float(near.mean()))


def _mean_spread(found: Layout, rules: Days | Plain) -> float:
    """Return how far apart the prices are, on average, for which people do a visit.

    Where somebody is preferred or away from home, it costs that much to try others.
    """
    if isinstance(rules, Plain) or not found.task_count:
        return 0.0
    price = rules["price"][: found.task_count]
    may = price != w.NEVER
    least = price.min(axis=1, where=may, initial=w.DEAR)
    most = price.max(axis=1, where=may, initial=0)
    return float(np.where(may.any(axis=1), most - least, 0).mean())


def _kinds(found: Layout) -> Array:
    """Return the kinds of routes, from 0 without gaps."""
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(kind, len(numbers)) for kind in found.kinds])


def _requests(found: Layout, penalty: Array, own: Days | None) -> Requests:
    count = len(found.members)
    shares = SHARES if own is None else DAY_SHARES
    orders = _orders(found, penalty)
    near = _near(found, own)
    of = [-1 if node.pinned else node.request for node in found.nodes]
    return Requests(
        count=count,
        order_count=len(shares),
        near_count=found.task_count,
        member=np.array([n for some in found.movable for n in some] or [0]),
        member_of=spans_of(found.movable),
        of=np.array(of),
        penalty=penalty,
        orders=orders,
        shares=np.cumsum(shares),
        near=near,
        near_width=near.shape[1],
    )


def _near(found: Layout, own: Days | None) -> Array:
    """Return the tasks near each task, the nearest first.

    Those that nobody could do on one route, as they are days apart, come last.
    """
    count = found.task_count
    places = np.array([node.place for node in found.nodes[:count]], np.int64)
    profile = found.problem.technicians[0].profile
    travel = np.array(found.problem.matrices[profile].travel_s, np.int64)
    away = travel[np.ix_(places, places)]
    away = away + away.T
    if own is not None:
        may = (own["price"][:count] != w.NEVER).astype(np.float32)
        away[may @ may.T == 0] += FAR_APART_S
    np.fill_diagonal(away, np.iinfo(np.int64).max)
    near: Array = np.argsort(away, axis=1, kind="stable")[:, : max(1, count - 1)]
    return near[:, :NEAR_MAX]


def _orders(found: Layout, penalty: Array) -> Array:
    """Return the orders of putting back: the smaller the number, the sooner."""
    problem = found.problem
    profile = problem.technicians[0].profile
    travel = np.array(problem.matrices[profile].travel_s, np.int64)
    depot = next((one.start for one in problem.technicians if one.start is not None), 0)
    firsts = [found.nodes[some[0]] for some in found.members]
    places = np.array([node.place for node in firsts], np.int64)
    away = travel[depot, places] if len(places) else np.zeros(0)
    windows = [node.halt.windows if node.halt else () for node in firsts]
    length = [
        sum(one.closes_s - one.opens_s for one in some) if some else w.FAR_S
        for some in windows
    ]
    opens = [some[0].opens_s if some else 0 for some in windows]
    amount = [
        -float(sum(node.task.deliver + node.task.collect + node.task.amount))
        if node.task is not None
        else 0.0
        for node in firsts
    ]
    return np.stack(
        [amount, -away, away, length, opens, -penalty[: len(firsts)]]
    ).astype(np.float64)
