"""PyVRP: one search, so that two of them with different seeds take two cores."""

from typing import Any

import numpy as np
import pyvrp
from pyvrp.stop import MaxRuntime

from benchmarks.routes.peers.question import (
    Question,
    Steps,
    answer,
    asked,
    not_able,
    refuse_what_cannot_be_said,
)


def main() -> None:
    """Solve what the command line asks."""
    question = asked()
    refuse_what_cannot_be_said(question, able=set())
    found = pyvrp.solve(
        _data(question),
        stop=MaxRuntime(question.seconds),
        seed=question.seed,
        collect_stats=False,
    ).best
    answer(_routes(question, found) if found.is_feasible() else {})


def _data(question: Question) -> Any:
    travel = np.array(question.travel, dtype=np.int64)
    vehicles = question.vehicles
    first = vehicles[0]
    for one in vehicles:
        if {**one, "id": 0} != {**first, "id": 0}:
            not_able("vehicles that differ, as this harness tells PyVRP")
    opens, closes = first["time_window"]
    capacity = first.get("capacity", [])
    clients = [
        pyvrp.Client(
            job["location_index"],
            delivery=job.get("delivery") or [0] * len(capacity),
            service_duration=job.get("service", 0),
            **_window(job, opens, closes),
        )
        for job in question.jobs
    ]
    fleet = pyvrp.VehicleType(
        len(vehicles),
        capacity=capacity,
        fixed_cost=first.get("costs", {}).get("fixed", 0),
        tw_early=opens,
        tw_late=closes,
    )
    return pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in travel],
        clients,
        [pyvrp.Depot(first["start_index"])],
        [fleet],
        [travel],
        [travel],
    )


def _window(job: dict[str, Any], opens: int, closes: int) -> dict[str, int]:
    (window,) = job.get("time_windows") or [[opens, closes]]
    return {"tw_early": window[0], "tw_late": window[1]}


def _routes(question: Question, solution: Any) -> dict[int, Steps]:
    routes = {}
    for vehicle, route in zip(question.vehicles, solution.routes(), strict=False):
        visited = [one.idx for one in route if one.is_client()]
        routes[vehicle["id"]] = [("job", question.jobs[n]["id"]) for n in visited]
    return routes


if __name__ == "__main__":
    main()
