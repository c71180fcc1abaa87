"""Gaps to the best known, by class and in all, and the aims beside them."""

from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

from benchmarks.routes.distance_files import (
    HOMBERGER_200,
    HOMBERGER_400,
    LI_LIM,
    SOLOMON,
    TUNED_ON,
)
from benchmarks.routes.results import Result
from benchmarks.routes.runs import OURS
from benchmarks.table import Measured

GAP_MAX = {
    (SOLOMON, 10.0): 0.20,
    (SOLOMON, 30.0): 0.12,
    (HOMBERGER_200, 30.0): 0.4,
    (HOMBERGER_400, 30.0): 1.0,
}
"""Mean gaps in per cent that are aimed at, by set and seconds."""
CLASS_BEHIND_MAX = 0.3
BETTER_SHARE = 0.95
LI_LIM_GAP_MAX = 3.0
SAME = 1e-9

Results = Sequence[Result]


def tables(results: Results) -> Iterator[str]:
    """Yield, for each time limit, the lines of a table of mean gaps."""
    for seconds in sorted({one.seconds for one in results}):
        yield ""
        some = [one for one in results if one.seconds == seconds]
        yield from _table(f"Mean gap to the best known, %, {seconds:g} s", some)


def aims(results: Results) -> Iterator[Measured]:
    """Yield how what was found compares with what is aimed at."""
    for seconds in sorted({one.seconds for one in results}):
        some = [one for one in results if one.seconds == seconds]
        plain = [one for one in some if one.group != LI_LIM]
        yield from _of_sets(plain, seconds)
        yield from _beside_pyvrp(plain, seconds)
        for who in ("vroom", "ortools"):
            yield from _better_than(plain, who, seconds)
        yield from _of_pairs([one for one in some if one.group == LI_LIM], seconds)


def _table(title: str, results: Results) -> Iterator[str]:
    solvers = _solvers(results)
    plain = [one for one in results if one.group != LI_LIM]
    columns = "".join(f"{who:>20}" for who in solvers)
    yield f"{title:<42}{columns}"
    for group in dict.fromkeys(one.group for one in plain):
        of_group = [one for one in results if one.group == group]
        tuned = " (tuned on these)" if group in TUNED_ON else ""
        for kind in sorted({one.kind for one in of_group}):
            rows = [one for one in of_group if one.kind == kind]
            yield _row(f"  {group} {kind}", rows, solvers)
        yield _row(f"{group}{tuned}", of_group, solvers)
    if plain:
        yield _row("all", plain, solvers)
        yield _row("  files better / same / worse", plain, solvers, cell=_beside_ours)
        yield _row("  mean wall s / CPU s", plain, solvers, cell=_taken)
    if pairs := [one for one in results if one.group == LI_LIM]:
        yield _row(f"{LI_LIM}, routes above / gap", pairs, solvers, cell=_pairs_cell)


def _row(
    title: str,
    results: Results,
    solvers: Sequence[str],
    cell: Callable[[Results, str], str] | None = None,
) -> str:
    count = len({(one.group, one.name) for one in results})
    head = f"{title}, {count} files" if cell is None else title
    cells = (f"{(cell or _mean_cell)(results, who):>20}" for who in solvers)
    return f"{head:<42}" + "".join(cells)


def _mean_cell(results: Results, who: str) -> str:
    gaps = _gaps(results, who)
    if not gaps:
        return "-"
    legal = [gap for gap in gaps.values() if gap != float("inf")]
    text = f"{fmean(legal):.3f}" if legal else "none"
    missing = len(gaps) - len(legal)
    return f"{text} ({missing} not legal)" if missing else text


def _beside_ours(results: Results, who: str) -> str:
    ours, theirs = _gaps(results, OURS), _gaps(results, who)
    pairs = [(ours[name], gap) for name, gap in theirs.items() if name in ours]
    if who == OURS or not pairs:
        return "-"
    better = sum(our < gap - SAME for our, gap in pairs)
    worse = sum(our > gap + SAME for our, gap in pairs)
    return f"{better} / {len(pairs) - better - worse} / {worse}"


def _taken(results: Results, who: str) -> str:
    some = [one for one in results if one.who == who and not one.not_able]
    if not some:
        return "-"
    wall_s, cpu_s = fmean(one.wall_s for one in some), fmean(one.cpu_s for one in some)
    return f"{wall_s:.1f} / {cpu_s:.1f}"


def _pairs_cell(results: Results, who: str) -> str:
    """Return routes above the best known in all, and the gap where there are none."""
    some = [one for one in results if one.who == who and one.legal]
    if not some:
        return "-"
    gaps = [one.gap for one in some if not _routes_above(one)]
    mean = f"{fmean(gaps):.3f}" if gaps else "-"
    return f"+{sum(map(_routes_above, some))} / {mean}"


def _routes_above(result: Result) -> int:
    return int((result.worth or {})["routes"]) - (result.best_routes or 0)


def _solvers(results: Results) -> list[str]:
    return list(dict.fromkeys(one.who for one in results))


def _gaps(results: Results, who: str) -> dict[tuple[str, str], float]:
    """Return the mean over the seeds of each file's gap, where `who` was able."""
    found: dict[tuple[str, str], list[float]] = {}
    for one in results:
        if one.who == who and not one.not_able:
            found.setdefault((one.group, one.name), []).append(one.gap)
    return {name: fmean(gaps) for name, gaps in found.items()}


def _mean(gaps: dict[tuple[str, str], float]) -> float:
    return fmean(gaps.values()) if gaps else float("inf")


def _of_sets(results: Results, seconds: float) -> Iterator[Measured]:
    for group in dict.fromkeys(one.group for one in results):
        gaps = _gaps([one for one in results if one.group == group], OURS)
        most = GAP_MAX.get((group, seconds))
        if gaps:
            yield Measured(
                what=f"{group}, mean gap at {seconds:g} s, {len(gaps)} files",
                ours=f"{_mean(gaps):.3f} %",
                aim="-" if most is None else f"< {most:g} %",
                met=None if most is None else _mean(gaps) < most,
            )


def _beside_pyvrp(results: Results, seconds: float) -> Iterator[Measured]:
    ours, theirs = _gaps(results, OURS), _gaps(results, "pyvrp")
    if not ours or not theirs:
        return
    yield Measured(
        what=f"mean gap of all at {seconds:g} s, beside PyVRP",
        ours=f"{_mean(ours):.3f} %",
        floor=f"{_mean(theirs):.3f} %",
        aim="below it",
        met=_mean(ours) < _mean(theirs),
    )
    kinds = {one.name: one.kind for one in results}
    behind = {
        kind: _mean({name: gap for name, gap in ours.items() if kinds[name[1]] == kind})
        - _mean({name: gap for name, gap in theirs.items() if kinds[name[1]] == kind})
        for kind in sorted(set(kinds.values()))
    }
    worst = max(behind, key=lambda kind: behind[kind])
    yield Measured(
        what=f"the class furthest behind PyVRP at {seconds:g} s, {worst}",
        ours=f"{behind[worst]:+.3f} points",
        aim=f"<= {CLASS_BEHIND_MAX:g} points",
        met=behind[worst] <= CLASS_BEHIND_MAX,
    )


def _better_than(results: Results, who: str, seconds: float) -> Iterator[Measured]:
    ours, theirs = _gaps(results, OURS), _gaps(results, who)
    names = [name for name in theirs if name in ours]
    if not names:
        return
    better = sum(ours[name] < theirs[name] - SAME for name in names)
    # Nobody can be better than a peer that found the best known plan.
    open_to = [name for name in names if theirs[name] > SAME or ours[name] > SAME]
    share = better / len(open_to) if open_to else 1.0
    yield Measured(
        what=f"files better than {who} at {seconds:g} s, unless both best",
        ours=f"{better} of {len(open_to)}",
        floor=f"{_mean(theirs):.3f} %",
        aim=f">= {BETTER_SHARE:.0%}",
        met=share >= BETTER_SHARE,
    )


def _of_pairs(results: Results, seconds: float) -> Iterator[Measured]:
    ours = [one for one in results if one.who == OURS]
    if not ours:
        return
    broken = sum(not one.legal for one in ours)
    yield Measured(
        what=f"{LI_LIM}, plans with a violation at {seconds:g} s",
        ours=f"{broken} of {len(ours)}",
        aim="none",
        met=not broken,
    )
    legal = [one for one in ours if one.legal]
    most = max(map(_routes_above, legal), default=0)
    gaps = [one.gap for one in legal if not _routes_above(one)]
    yield Measured(
        what=f"{LI_LIM}, most routes above the best known at {seconds:g} s",
        ours=f"{most}",
        aim="<= 1",
        met=bool(legal) and most <= 1,
    )
    # A plan with another number of routes has another distance to be compared with.
    mean = fmean(gaps) if gaps else float("inf")
    yield Measured(
        what=f"{LI_LIM}, mean gap of {len(gaps)} with as many routes at {seconds:g} s",
        ours=f"{mean:.3f} %",
        aim=f"< {LI_LIM_GAP_MAX:g} %",
        met=mean < LI_LIM_GAP_MAX,
    )
