"""Reinterpretcat's solver, through its wheel `vrp-cli`, in its pragmatic format.

What is equal is said in other words: deliveries and collections of a visit fill
compartments that never mix, so that only their sums over a route count, which one
delivery of both says as well; driving is what costs, so seconds are its distance.
A break that may interrupt a drive needs a fixed start of the shift: waiting is free, so
that loses nothing.
"""

import json
from datetime import UTC, datetime
from typing import Any

import vrp_cli

from benchmarks.routes.peers.question import (
    Question,
    Steps,
    answer,
    asked,
    refuse_what_cannot_be_said,
)

GENERATIONS_MAX = 10**9
ABLE = {"several windows", "skills", "priorities", "breaks"}
PRICE = {"fixed": 0.0, "distance": 1.0, "time": 0.0}


def main() -> None:
    """Solve what the command line asks."""
    question = asked()
    refuse_what_cannot_be_said(question, able=ABLE)
    flat = [seconds for row in question.travel for seconds in row]
    told = vrp_cli.solve_pragmatic(
        problem=json.dumps(_problem(question)),
        matrices=[
            json.dumps({"profile": "car", "travelTimes": flat, "distances": flat})
        ],
        config=json.dumps(_limits(question)),
    )
    answer(_routes(question, json.loads(told)))


def _limits(question: Question) -> dict[str, Any]:
    pools = {"numThreadPools": 1, "threadsPerPool": question.threads}
    return {
        "termination": {
            "maxTime": max(1, round(question.seconds)),
            "maxGenerations": GENERATIONS_MAX,
        },
        "environment": {"parallelism": pools, "logging": {"enabled": False}},
    }


def _problem(question: Question) -> dict[str, Any]:
    goals = ["maximize-value", "minimize-unassigned", "minimize-cost"]
    if not any(job.get("priority") for job in question.jobs):
        goals.remove("maximize-value")
    return {
        "plan": {"jobs": [_job(job) for job in question.jobs]},
        "fleet": {
            "vehicles": [_vehicles(some) for some in _alike(question.vehicles)],
            "profiles": [{"name": "car"}],
        },
        # A list of lists: each inner one holds goals of the same rank.
        "objectives": [[{"type": goal}] for goal in goals],
    }


def _job(job: dict[str, Any]) -> dict[str, Any]:
    place: dict[str, Any] = {
        "location": {"index": job["location_index"]},
        "duration": float(job.get("service", 0) + job.get("setup", 0)),
    }
    if windows := job.get("time_windows"):
        place["times"] = [[_moment(s) for s in window] for window in windows]
    both = (job.get("delivery", []), job.get("pickup", []))
    length = max(map(len, both), default=0)
    amounts = [[*one, *([0] * (length - len(one)))] for one in both]
    demand = [max(pair) for pair in zip(*amounts, strict=True)]
    found: dict[str, Any] = {
        "id": str(job["id"]),
        "deliveries": [{"places": [place], "demand": demand}],
    }
    if skills := job.get("skills"):
        found["skills"] = {"allOf": [str(one) for one in skills]}
    if priority := job.get("priority"):
        found["value"] = float(priority)
    return found


def _alike(vehicles: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return vehicles that differ only in their ids together: it looks at each type."""
    types: dict[str, list[dict[str, Any]]] = {}
    for one in vehicles:
        key = json.dumps({**one, "id": None}, sort_keys=True)
        types.setdefault(key, []).append(one)
    return list(types.values())


def _vehicles(alike: list[dict[str, Any]]) -> dict[str, Any]:
    vehicle = alike[0]
    opens, closes = (_moment(s) for s in vehicle["time_window"])
    start = {"earliest": opens, "location": {"index": vehicle["start_index"]}}
    shift: dict[str, Any] = {
        "start": start,
        "end": {"latest": closes, "location": {"index": vehicle["end_index"]}},
    }
    if breaks := vehicle.get("breaks"):
        start["latest"] = opens
        shift["breaks"] = [_break(one) for one in breaks]
    names = [str(one["id"]) for one in alike]
    found = {
        "typeId": names[0],
        "vehicleIds": names,
        "profile": {"matrix": "car"},
        "costs": {**PRICE, "fixed": float(vehicle.get("costs", {}).get("fixed", 0))},
        "shifts": [shift],
        "capacity": vehicle.get("capacity", [0]),
    }
    if skills := vehicle.get("skills"):
        found["skills"] = [str(one) for one in skills]
    return found


def _break(pause: dict[str, Any]) -> dict[str, Any]:
    ((opens, closes),) = pause["time_windows"]
    time = {"earliest": _moment(opens), "latest": _moment(closes)}
    return {"time": time, "duration": float(pause["service"])}


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _routes(question: Question, told: dict[str, Any]) -> dict[int, Steps]:
    known = {str(job["id"]): int(job["id"]) for job in question.jobs}
    return {
        int(tour["vehicleId"]): [
            ("job", known[activity["jobId"]])
            for stop in tour["stops"]
            for activity in stop["activities"]
            if activity["jobId"] in known
        ]
        for tour in told["tours"]
    }


if __name__ == "__main__":
    main()
