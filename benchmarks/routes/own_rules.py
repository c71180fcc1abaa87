"""The frozen days again, with every rule of our own switched on.

No peer can be asked these: what they say beyond VROOM stands in keys that begin with
`fsc_`, as docs/routes.md has them, so that a plan is compared only with one that was
looked for ten times longer.
"""

import copy
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from benchmarks.routes.days import TECHNICIANS_PER_DEPOT, Day

Object = dict[str, Any]
HOUR_S = 3600
EVENING = (18 * HOUR_S, 21 * HOUR_S)
LATENESS = {"max": 1800, "per_hour": 7200}
CHANGES = {"per_technician": 600, "per_hour": 300}
AREA_OPEN = (8 * HOUR_S, 14 * HOUR_S)


def with_every_rule(day: Day) -> Day:
    """Return `day` with every rule that VROOM has no words for."""
    chance = Random(f"{day.name}, every rule")
    problem = copy.deepcopy(day.problem)
    depots = 1 + day.technicians // TECHNICIANS_PER_DEPOT
    (matrix,) = problem["matrices"].values()
    travel = matrix["durations"]
    vehicles, jobs = problem["vehicles"], problem["jobs"]
    for vehicle in vehicles:
        nearest = _nearest(travel, depots, vehicle["start_index"])
        vehicle |= _rules_of_vehicle(chance, vehicle, nearest)
    for job in jobs:
        nearest = _nearest(travel, depots, job["location_index"])
        job |= _rules_of_job(chance, job, nearest, vehicles)
    problem["fsc_links"] = _links(chance, jobs)
    problem["shipments"] = _shipments(chance, jobs)
    problem["fsc_changes"] = CHANGES
    problem["fsc_evenness_price"] = 300
    problem["fsc_area_windows"] = {_area(depots - 1): [list(AREA_OPEN)]}
    _pin(chance, jobs, vehicles)
    vehicles.append(_second_shift(vehicles[-1]))
    return replace(day, name=f"{day.name}, every rule", problem=problem)


def _nearest(travel: Sequence[Sequence[int]], depots: int, place: int) -> int:
    return min(range(depots), key=lambda depot: travel[depot][place])


def _area(depot: int) -> str:
    return f"around depot {depot}"


def _rules_of_vehicle(chance: Random, vehicle: Object, depot: int) -> Object:
    clean, used = vehicle["capacity"]
    lunch = {**vehicle["breaks"][0], "fsc_paid": False}
    found: Object = {
        "costs": {
            "fixed": 0,
            "per_hour": 3600,
            "fsc_per_work_hour": 600,
            "fsc_per_overtime_hour": 5400,
        },
        "fsc_person": f"person {vehicle['id']}",
        "breaks": [lunch],
    }
    if chance.random() < 0.4:
        found["fsc_overtime"] = HOUR_S
    if chance.random() < 0.3:
        found["fsc_max_work_time"] = 7 * HOUR_S
    if chance.random() < 0.1:
        lunch["fsc_location_index"] = depot
    if chance.random() < 0.5:
        found |= {"capacity": [clean, 0], "fsc_used_capacity": [0, used]}
    if chance.random() < 0.3:
        reload = {"location_indexes": [depot], "service": 900, "max": 1}
        found |= {"capacity": [12, 12], "fsc_reload": reload}
        found["fsc_aboard"] = [0, 1]
    if chance.random() < 0.5:
        found |= {"fsc_areas": [_area(depot)], "fsc_away_price": 900}
    return found


def _rules_of_job(
    chance: Random, job: Object, depot: int, vehicles: Sequence[Object]
) -> Object:
    found: Object = {"fsc_area": _area(depot)}
    skills = set(job.get("skills", ()))
    able = [one for one in vehicles if skills <= set(one["skills"])]
    person = able[chance.randrange(len(able))]["fsc_person"]
    if job.get("time_windows") and chance.random() < 0.4:
        found["fsc_lateness"] = LATENESS
    kind = chance.random()
    if kind < 0.03 and len(able) > 1:
        found["fsc_people"] = 2
    elif kind < 0.06:
        found["fsc_allowed"] = [person]
    elif kind < 0.12:
        found["fsc_forbidden"] = [person]
    elif kind < 0.30:
        found |= {"fsc_preferred": [person], "fsc_preferred_price": 600}
    elif kind < 0.50:
        found["fsc_given"] = {"vehicle": person, "begin": _promised(chance, job)}
    return found


def _promised(chance: Random, job: Object) -> int:
    if windows := job.get("time_windows"):
        return int(windows[0][0])
    return 8 * HOUR_S + 900 * chance.randrange(25)


def _free(jobs: Sequence[Object]) -> list[Object]:
    """Return the visits that nothing but their place ties down."""
    ties = ("time_windows", "skills", "fsc_people", "fsc_allowed", "fsc_forbidden")
    return [job for job in jobs if not any(tie in job for tie in ties)]


def _links(chance: Random, jobs: Sequence[Object]) -> list[Object]:
    """Return pairs in order: within hours of each other, some by the same person."""
    free = _free(jobs)[2:]
    pairs = list(zip(free[::2], free[1::2], strict=False))[: max(1, len(jobs) // 30)]
    return [
        {
            "first": first["id"],
            "second": second["id"],
            "least": 1800,
            "most": 3 * HOUR_S,
            **({"same_person": True} if chance.random() < 0.5 else {}),
        }
        for first, second in pairs
    ]


def _shipments(chance: Random, jobs: Sequence[Object]) -> list[Object]:
    """Return what is fetched at one door and brought to another."""
    count, first = max(1, len(jobs) // 40), 1 + max(job["id"] for job in jobs)
    found = []
    for n in range(count):
        ends = [jobs[chance.randrange(len(jobs))]["location_index"] for _ in range(2)]
        fetched, brought = (
            {"id": first + 2 * n + half, "location_index": at, "service": 300}
            for half, at in enumerate(ends)
        )
        found.append(
            {"pickup": fetched, "delivery": brought, "amount": [1, 0], "priority": 10}
        )
    return found


def _pin(chance: Random, jobs: Sequence[Object], vehicles: Sequence[Object]) -> None:
    """Have two technicians begin or end with a visit."""
    pinned = _free(jobs)[:2]
    for key, job in zip(("fsc_first", "fsc_last"), pinned, strict=False):
        vehicle = vehicles[chance.randrange(len(vehicles))]
        vehicle[key] = [job["id"]]


def _second_shift(vehicle: Object) -> Object:
    """Return an evening of somebody who has worked that day already."""
    kept = ("profile", "start_index", "end_index", "skills", "costs", "fsc_person")
    return {
        "id": vehicle["id"] + 1,
        **{key: vehicle[key] for key in kept},
        "time_window": list(EVENING),
        "capacity": [10, 10],
        "max_tasks": 5,
        "max_travel_time": 2 * HOUR_S,
    }
