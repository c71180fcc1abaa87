"""The compiled search, asked about a problem and answering in orders."""

from collections.abc import Callable, Sequence

import numpy as np

from routes.bare import bare_rows, drop_pins, filled
from routes.day_arrays import (
    PARTS,
    days_of,
    spans_of,
    step_and_penalties,
)
from routes.kernel import words as w
from routes.kernel.arrays import Array
from routes.kernel.library import Days, Plain, Requests
from routes.kernel.recombine import Fleet
from routes.kernel.team import Leg, Limits, Member, Team
from routes.layout import Layout, layout_of
from routes.plain_arrays import is_plain, plain_of
from routes.problem import Problem
from routes.tasks import Orders, Task

MEAN_COUNT = 10.0
LONGEST = 10
NEAR_MAX = 250
"""Neighbours of a visit that are looked at for strings to take out."""
SHARES = (0.2, 0.1, 0.05, 0.1, 0.1, 0.15)
"""How often each order of putting back is taken; the rest is by chance."""
ROUNDS = (0.55, 0.25, 0.2)
"""Parts of the search, after each of which its members meet."""
HOT, COLD = 0.01, 0.0001
"""Temperatures at the beginning and the end, of what a visit costs on average."""


def searched(
    problem: Problem,
    *,
    start: Orders,
    limits: Limits,
    threads: int,
    seed: int,
    progress: Callable[[int, int], None],
) -> dict[str, list[Task]]:
    """Return the best orders found from `start` on, which keep every rule.

    `progress` is told, about ten times a second, what the best plan costs in whole
    units and how many requests it leaves out.
    """
    found = layout_of(problem)
    step, penalty = step_and_penalties(found)
    rules = [_rules(found, step)]
    own = rules[0] if isinstance(rules[0], Days) else None
    if own is not None and drop_pins(found, own):
        own = days_of(found, step)
        rules = [own]
    rules += [_rules(found, step) for _ in range(threads - 1)]
    requests = _requests(found, penalty)
    fleet = Fleet(bare=bare_rows(found, own), kinds=_kinds(found))
    members = [
        Member(
            one,
            requests,
            fleet,
            seed=seed * 1000 + n,
            mean_count=MEAN_COUNT,
            longest=LONGEST,
        )
        for n, one in enumerate(rules)
    ]
    team = Team(members, requests, fleet)
    rows, _ = team.run(
        filled(fleet.bare, found, own, start),
        None,
        _legs(found, rules[0]),
        limits,
        lambda so_far: progress(so_far.cost * step // PARTS, so_far.absent),
    )
    tasks = [rows.nodes[r, 1 : size + 1].tolist() for r, size in enumerate(rows.size)]
    return found.orders(tasks)


def _rules(found: Layout, step: int) -> Days | Plain:
    plain = plain_of(found, step) if is_plain(found.problem) else None
    return days_of(found, step) if plain is None else plain


def _legs(found: Layout, rules: Days | Plain) -> Sequence[Leg]:
    """Return the parts of the search, with temperatures from what a visit costs."""
    mean = _mean_leg(found, rules)
    legs, temperature = [], HOT * mean * 100
    last = COLD * mean * 100
    for share in ROUNDS:
        legs.append(Leg(share=share, hot=temperature, cold=last))
        temperature = (temperature * last) ** 0.5
    return legs


def _mean_leg(found: Layout, rules: Days | Plain) -> float:
    """Return what a leg to a near place costs on average, in steps."""
    places = np.array([node.place for node in found.nodes[: found.task_count]])
    if len(places) < 2:
        return 1.0
    if isinstance(rules, Plain):
        cost = rules["cost"][: len(places), : len(places)].astype(float)
    else:
        travel = rules["travel"][0][np.ix_(places, places)].astype(float)
        per_s = float(rules["cars"][:, 5].max(initial=0)) / float(rules.step)
        cost = travel * max(per_s, 1e-9)
    near = np.sort(cost, axis=1)[:, 1 : min(11, len(places))]
    return max(1.0, float(near.mean()))


def _kinds(found: Layout) -> Array:
    """Return the kinds of routes, from 0 without gaps."""
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(kind, len(numbers)) for kind in found.kinds])


def _requests(found: Layout, penalty: Array) -> Requests:
    count = len(found.members)
    orders = _orders(found, penalty)
    near = _near(found)
    of = [-1 if node.pinned else node.request for node in found.nodes]
    return Requests(
        count=count,
        order_count=len(SHARES),
        near_count=found.task_count,
        member=np.array([n for some in found.members for n in some] or [0]),
        member_of=spans_of(found.members),
        of=np.array(of),
        penalty=penalty,
        orders=orders,
        shares=np.cumsum(SHARES),
        near=near,
        near_width=near.shape[1],
    )


def _near(found: Layout) -> Array:
    """Return the tasks near each task, the nearest first."""
    count = found.task_count
    places = np.array([node.place for node in found.nodes[:count]], np.int64)
    profile = found.problem.technicians[0].profile
    travel = np.array(found.problem.matrices[profile].travel_s, np.int64)
    away = travel[np.ix_(places, places)]
    away = away + away.T
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
