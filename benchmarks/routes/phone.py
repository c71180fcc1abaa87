"""What is asked while the caller waits, as a process of its own: prints JSON.

    python -m benchmarks.routes.phone first|insert|without VISITS TECHNICIANS SECONDS

A day that is planned, but for the first plan, in so many seconds, and then once more in
the time a caller waits; reading it and importing what is needed come before.
`routes.check` reads every plan.
"""

import json
import sys
from dataclasses import replace
from time import perf_counter

from benchmarks.routes.days import made_up
from benchmarks.routes.judge import Case
from routes.check import violations
from routes.plan import Plan, keys_of
from routes.problem import Problem, Visit
from routes.solve import solve

SEARCH_S = 0.7
"""Of the second; the rest is for what is around the search."""
WARM_UP_VISITS = 12
URGENT = 100


def main() -> None:
    """Measure what the command line names."""
    what, visits, technicians, seconds = sys.argv[1:]
    plan_s = float(seconds)
    # Whatever is compiled or imported on first use is so once and for all.
    solve(_problem("warm-up", WARM_UP_VISITS, 4), time_limit_s=SEARCH_S)
    problem = _problem("phone", int(visits), int(technicians))
    if what == "first":
        _tell(problem, initial=None)
        return
    if what == "insert":
        urgent = problem.visits[-1]
        before = replace(problem, visits=problem.visits[:-1])
        plan = solve(before, time_limit_s=plan_s)
        _tell(_with_urgent(before, urgent), initial=plan)
    else:
        plan = solve(problem, time_limit_s=plan_s)
        fewer = replace(problem, technicians=problem.technicians[1:])
        _tell(fewer, initial=plan)


def _problem(name: str, visits: int, technicians: int) -> Problem:
    made = made_up(name, visits=visits, technicians=technicians, fullness="even")
    return Case(made.problem).document.problem


def _with_urgent(problem: Problem, visit: Visit) -> Problem:
    urgent = replace(visit, priority=URGENT)
    return replace(problem, visits=(*problem.visits, urgent))


def _tell(problem: Problem, *, initial: Plan | None) -> None:
    begun = perf_counter()
    plan = solve(
        problem,
        time_limit_s=SEARCH_S,
        initial=None if initial is None else keys_of(initial),
    )
    taken_s = perf_counter() - begun
    found = violations(problem, plan)
    told = {
        "taken_s": taken_s,
        "left_out": len(plan.unassigned),
        "wrong": [one.text for one in found],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
