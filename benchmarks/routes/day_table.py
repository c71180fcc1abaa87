"""Days side by side: what is served, how far is driven, and the aims beside them.

A day is planned with several seeds: the median of them speaks, the best seed does not.
"""

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any

from benchmarks.routes.results import Result
from benchmarks.routes.runs import OURS
from benchmarks.table import Measured

NEVER_ABOVE = ("vroom", 10.0)
BELOW_ON_AVERAGE = {("vroom", 30.0): 0.05, ("ortools", 30.0): 0.12}
"""By how much less is to be driven than by whom, in how many seconds."""

NOTHING = {"priority": -1, "visits": -1, "driving": 0}

Results = Sequence[Result]


def tables(results: Results) -> Iterator[str]:
    """Yield, for each time limit, a line for each day."""
    for seconds in sorted({one.seconds for one in results}):
        some = [one for one in results if one.seconds == seconds]
        solvers = list(dict.fromkeys(one.who for one in some))
        yield ""
        title = f"priority / visits / driving min, {seconds:g} s"
        yield f"{title:<44}" + "".join(f"{who:>24}" for who in solvers)
        days = {one.name: one.kind for one in some}
        for name, kind in days.items():
            cells = (f"{_cell(_median(some, name, who)):>24}" for who in solvers)
            yield f"{f'{name}, {kind}':<44}" + "".join(cells)


def aims(results: Results) -> Iterator[Measured]:
    """Yield how what was found compares with what is aimed at."""
    for seconds in sorted({one.seconds for one in results}):
        some = [one for one in results if one.seconds == seconds]
        yield _violations(some, seconds)
        for who in dict.fromkeys(one.who for one in some if one.who != OURS):
            pairs = list(_pairs(some, who))
            if not pairs:
                able = any(not one.not_able for one in some if one.who == who)
                told = "found no legal plan" if able else "not able"
                yield Measured(
                    what=f"days, {who} at {seconds:g} s", ours="-", floor=told
                )
                continue
            yield _priority(pairs, who, seconds)
            yield from _driving(pairs, who, seconds)


def _cell(result: Result | None) -> str:
    if result is None:
        return "-"
    if result.not_able:
        return "not able"
    if result.worth is None:
        return "failed"
    worth = result.worth
    text = f"{worth['priority']} / {worth['visits']} / {worth['driving'] / 60:.0f}"
    return text if result.legal else f"{text} ILLEGAL"


def _median(results: Results, name: str, who: str) -> Result | None:
    """Return the middle one of what `who` made of a day; the worse of two middles."""
    some = [one for one in results if (one.name, one.who) == (name, who)]
    if not some:
        return None
    return sorted(some, key=_badness)[len(some) // 2]


def _badness(result: Result) -> tuple[Any, ...]:
    if result.worth is None:
        return (True,)
    worth = result.worth
    return (not result.legal, -worth["priority"], -worth["visits"], worth["driving"])


def _pairs(results: Results, who: str) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield our worth and theirs, for each day on which they have a legal plan.

    No legal plan of ours is less than any plan.
    """
    for name in dict.fromkeys(one.name for one in results):
        ours, theirs = (_median(results, name, one) for one in (OURS, who))
        if ours is None or theirs is None or not theirs.legal:
            continue
        yield (ours.worth if ours.legal else None) or NOTHING, theirs.worth or {}


def _violations(results: Results, seconds: float) -> Measured:
    ours = [one for one in results if one.who == OURS]
    broken = [one for one in ours if not one.legal]
    others = [one for one in results if one.who != OURS and one.worth is not None]
    theirs = sum(not one.legal for one in others)
    return Measured(
        what=f"days, plans with a violation or none at {seconds:g} s",
        ours=f"{len(broken)} of {len(ours)}",
        floor=f"{theirs} of {len(others)}",
        aim="none",
        met=not broken,
    )


def _priority(
    pairs: Sequence[tuple[dict[str, Any], Any]], who: str, seconds: float
) -> Measured:
    less = sum(ours["priority"] < theirs["priority"] for ours, theirs in pairs)
    more = sum(ours["priority"] > theirs["priority"] for ours, theirs in pairs)
    return Measured(
        what=f"days with less priority served than {who} at {seconds:g} s",
        ours=f"{less} of {len(pairs)}",
        floor=f"{more} the other way",
        aim="none",
        met=not less,
    )


def _driving(
    pairs: Sequence[tuple[dict[str, Any], Any]], who: str, seconds: float
) -> Iterator[Measured]:
    """Compare the driving where both serve as much, to the last visit."""
    same = [
        (ours["driving"], theirs["driving"])
        for ours, theirs in pairs
        if all(ours[key] == theirs[key] for key in ("priority", "visits"))
    ]
    if not same:
        return
    less = fmean(1 - ours / theirs for ours, theirs in same)
    aimed = BELOW_ON_AVERAGE.get((who, seconds))
    yield Measured(
        what=f"driving below {who} at {seconds:g} s, mean of {len(same)} days",
        ours=f"{100 * less:.1f} %",
        aim="-" if aimed is None else f">= {aimed:.0%}",
        met=None if aimed is None else less >= aimed,
    )
    above = sum(ours > theirs for ours, theirs in same)
    judged = (who, seconds) == NEVER_ABOVE
    yield Measured(
        what=f"days with more driving than {who} at {seconds:g} s",
        ours=f"{above} of {len(same)}",
        aim="none" if judged else "-",
        met=not above if judged else None,
    )
