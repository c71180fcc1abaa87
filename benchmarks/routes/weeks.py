"""Two thousand visits over ten working days, as a process of its own: prints JSON.

    python -m benchmarks.routes.weeks VISITS DAYS SECONDS

A made-up day's people work on all of them and its visits are spread over them: each may
be made from some day to another, at the hours of its own, one area has every other day,
and nobody is to be much busier than others.  `routes.check` reads the plan.
"""

import copy
import json
import resource
import sys
from collections.abc import Iterator
from random import Random
from time import perf_counter, process_time
from typing import Any

from benchmarks.routes.days import TECHNICIANS_PER_DEPOT, made_up
from benchmarks.routes.judge import Case
from benchmarks.routes.runs import together
from benchmarks.table import Measured
from routes.check import violations
from routes.solve import solve

DAY_S = 86_400
TECHNICIANS = 20
OPEN = [8 * 3600, 16 * 3600]
SPAN_DAYS = 4
"""How many days a visit may be made on, on average, about."""
EVENNESS_PRICE = 300
SIZE = ("2000", "10")
SECONDS, LONGER = 120, 5
GAP_MAX = 0.02
MIB_MAX = 1024


def rows() -> Iterator[Measured]:
    """Yield what planning takes, and what planning for longer would have saved."""
    costs = []
    for seconds in (SECONDS, LONGER * SECONDS):
        module = "benchmarks.routes.weeks"
        command = [sys.executable, "-m", module, *SIZE, str(seconds)]
        ran = together([command], limit_s=4.0 * seconds)
        if not ran.answers:
            yield Measured(what=f"2,000 visits: {ran.error}", ours="-", met=False)
            return
        (told,) = ran.answers
        costs.append(told["cost"])
        yield Measured(
            what=f"2,000 visits over ten days, {told['left_out']} left out",
            ours=f"{told['taken_s']:.0f} s, {told['memory_mib']:.0f} MiB",
            aim=f"< {MIB_MAX} MiB, legal",
            met=told["memory_mib"] < MIB_MAX and not told["wrong"],
        )
    gap = costs[0] / costs[1] - 1
    yield Measured(
        what=f"the same, cost above that of {LONGER} times the time",
        ours=f"{100 * gap:.1f} %",
        aim=f"<= {100 * GAP_MAX:g} %",
        met=gap <= GAP_MAX,
    )


def over_days(*, visits: int, days: int) -> dict[str, Any]:
    """Return a made-up day's visits spread over so many, and its people on all."""
    name = f"{visits} over {days}"
    made = made_up(name, visits=visits, technicians=TECHNICIANS, fullness="full")
    chance = Random(f"{name}, by day")
    found = copy.deepcopy(made.problem)
    depots = 1 + made.technicians // TECHNICIANS_PER_DEPOT
    travel = found["matrices"]["car"]["durations"]
    found["vehicles"] = [
        _on_day(one, day) for one in found["vehicles"] for day in range(days)
    ]
    for job in found["jobs"]:
        here = job["location_index"]
        area = min(range(depots), key=lambda depot: travel[depot][here])
        length = min(days, 2 + int(chance.expovariate(1 / (SPAN_DAYS - 2))))
        first = chance.randrange(days - length + 1)
        job["fsc_area"] = f"area {area}"
        job["time_windows"] = [
            [opens + DAY_S * day, closes + DAY_S * day]
            for day in range(first, first + length)
            for opens, closes in job.get("time_windows", [OPEN])
        ]
    every_other = [[DAY_S * day, DAY_S * (day + 1) - 1] for day in range(0, days, 2)]
    found["fsc_area_windows"] = {f"area {depots - 1}": every_other}
    found["fsc_evenness_price"] = EVENNESS_PRICE
    return found


def _on_day(vehicle: dict[str, Any], day: int) -> dict[str, Any]:
    (lunch,) = vehicle["breaks"]
    windows = [[DAY_S * day + one for one in some] for some in lunch["time_windows"]]
    return {
        **vehicle,
        "id": 100 * vehicle["id"] + day,
        "fsc_person": f"person {vehicle['id']}",
        "time_window": [DAY_S * day + one for one in vehicle["time_window"]],
        "breaks": [{**lunch, "time_windows": windows}],
    }


def main() -> None:
    """Measure what the command line names."""
    visits, days, seconds = sys.argv[1:]
    problem = Case(over_days(visits=int(visits), days=int(days))).document.problem
    begun, begun_cpu = perf_counter(), process_time()
    plan = solve(problem, time_limit_s=float(seconds))
    told = {
        "taken_s": perf_counter() - begun,
        "cpu_s": process_time() - begun_cpu,
        "left_out": len(plan.unassigned),
        "cost": plan.cost,
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "wrong": [one.text for one in violations(problem, plan)],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
