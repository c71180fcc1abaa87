"""Days with every rule of our own, beside a plan that was looked for much longer."""

from collections.abc import Iterator, Sequence
from statistics import fmean

from benchmarks.routes.results import Result
from benchmarks.table import Measured

COST_ABOVE_MAX = 0.01


def aims(results: Sequence[Result]) -> Iterator[Measured]:
    """Yield a line for each day, and how they do in all."""
    if not results:
        return
    short_s = min(one.seconds for one in results)
    broken = sum(not one.legal for one in results)
    yield Measured(
        what="every rule of our own, plans with a violation or none",
        ours=f"{broken} of {len(results)}",
        aim="none",
        met=not broken,
    )
    above = []
    for name in dict.fromkeys(one.name for one in results):
        some = [one for one in results if one.name == name and one.legal]
        short = [one for one in some if one.seconds == short_s]
        longer = [one for one in some if one.seconds > short_s]
        if not short or not longer:
            continue
        yield _day(name, short, longer)
        above.append(_above(short, longer))
    if above:
        yield Measured(
            what=f"cost above a ten times longer run, mean of {len(above)} days",
            ours=f"{100 * fmean(above):.2f} %",
            aim=f"<= {COST_ABOVE_MAX:.0%}",
            met=fmean(above) <= COST_ABOVE_MAX,
        )


def _day(name: str, short: Sequence[Result], longer: Sequence[Result]) -> Measured:
    one, other = short[0], longer[0]
    return Measured(
        what=f"  {name} ({one.kind}), priority and cost",
        ours=_told(one),
        floor=_told(other),
        ratio=1 + _above(short, longer),
    )


def _told(result: Result) -> str:
    worth = result.worth or {}
    return f"{worth['priority']}, {worth['cost']}"


def _above(short: Sequence[Result], longer: Sequence[Result]) -> float:
    """Return how much dearer the shorter runs are; 1 where they serve less."""
    worths = [[one.worth or {} for one in some] for some in (short, longer)]
    served = [fmean(one["priority"] for one in some) for some in worths]
    if served[0] < served[1]:
        return 1.0
    costs = [fmean(one["cost"] for one in some) for some in worths]
    return costs[0] / costs[1] - 1
