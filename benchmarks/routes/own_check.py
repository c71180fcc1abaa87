"""A second reader of days with rules of our own: the documents, nothing of `routes`.

What VROOM has words for is read by `day_check`, with windows and shifts as wide as
lateness and overtime make them; the rest is read here.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from benchmarks.routes import day_check

Object = Mapping[str, Any]
NO_LIMIT = 2**40


class Done(NamedTuple):
    """One visit in a plan."""

    vehicle: Object
    begins: int
    ends: int


def wrong_with(problem: Object, plan: Object) -> Iterator[str]:
    """Yield, one sentence each, what a plan breaks."""
    yield from day_check.wrong_with(_widened(problem), plan)
    vehicles = {one["id"]: one for one in problem["vehicles"]}
    routes = [(vehicles.get(one["vehicle"]), one["steps"]) for one in plan["routes"]]
    known = [(vehicle, steps) for vehicle, steps in routes if vehicle is not None]
    done = _done(problem, known)
    for job in problem["jobs"]:
        yield from _wrong_job(problem, job, done.get(job["id"], []))
    for link in problem.get("fsc_links", ()):
        yield from _wrong_link(link, done)
    for vehicle, steps in known:
        yield from _wrong_pins(vehicle, steps, done)
        yield from _wrong_limits(problem, vehicle, steps)
        yield from _wrong_reloads(vehicle, steps)
        yield from _wrong_loads(problem, vehicle, steps)


def _widened(problem: Object) -> Object:
    """Return `problem` with the latest there may be, and endless cars."""
    jobs = [{**job, **_windows(job)} for job in problem["jobs"]]
    dimensions = max(len(one["capacity"]) for one in problem["vehicles"])
    vehicles = []
    for one in problem["vehicles"]:
        opens, closes = one["time_window"]
        window = [opens, closes + one.get("fsc_overtime", 0)]
        capacity = [NO_LIMIT] * dimensions
        vehicles.append({**one, "time_window": window, "capacity": capacity})
    return {**problem, "jobs": jobs, "vehicles": vehicles}


def _windows(job: Object) -> Object:
    late = job.get("fsc_lateness", {}).get("max", 0)
    windows = job.get("time_windows", ())
    return {"time_windows": [[opens, closes + late] for opens, closes in windows]}


def _done(
    problem: Object, routes: Sequence[tuple[Object, Sequence[Object]]]
) -> dict[int, list[Done]]:
    jobs = {job["id"]: job for job in problem["jobs"]}
    found: dict[int, list[Done]] = {}
    for vehicle, steps in routes:
        for step in steps:
            if step["type"] == "job" and step["id"] in jobs:
                begins = step["arrival"] + step.get("waiting_time", 0)
                lasts = step.get("setup", 0) + jobs[step["id"]].get("service", 0)
                one = Done(vehicle, begins, begins + lasts)
                found.setdefault(step["id"], []).append(one)
    return found


def _names(vehicle: Object) -> set[Any]:
    return {vehicle["id"], vehicle.get("fsc_person", vehicle["id"])}


def _wrong_job(problem: Object, job: Object, done: Sequence[Done]) -> Iterator[str]:
    name, area = f"Job {job['id']}", job.get("fsc_area")
    fixed = problem.get("fsc_area_windows", {}).get(area)
    late = job.get("fsc_lateness", {}).get("max", 0)
    for one in done:
        names = _names(one.vehicle)
        if names & set(job.get("fsc_forbidden", ())):
            yield f"{name} is done by somebody forbidden."
        if "fsc_allowed" in job and not names & set(job["fsc_allowed"]):
            yield f"{name} is done by somebody who is not allowed."
        homes = one.vehicle.get("fsc_areas")
        away = homes is not None and area is not None and area not in homes
        if away and "fsc_away_price" not in one.vehicle:
            yield f"{name} is in an area that is not its technician's."
        if fixed and not any(a <= one.begins <= b + late for a, b in fixed):
            yield f"{name} begins at {one.begins}, outside its area's days."
    if len(done) > 1:
        if len({one.begins for one in done}) > 1:
            yield f"{name} is not begun together."
        people = [one.vehicle.get("fsc_person", one.vehicle["id"]) for one in done]
        if len(set(people)) < len(people):
            yield f"{name} is done by one person twice."


def _wrong_link(link: Object, done: Mapping[int, Sequence[Done]]) -> Iterator[str]:
    first, second = (done.get(link[key], ()) for key in ("first", "second"))
    name = f"Jobs {link['first']} and {link['second']}"
    if bool(first) != bool(second):
        yield f"{name} are linked and not both done."
    for before in first:
        for after in second:
            between = after.begins - before.ends
            if not link.get("least", 0) <= between <= link.get("most", NO_LIMIT):
                yield f"{name} are {between} s apart."
    if link.get("same_person") and first and second:
        people = {one.vehicle.get("fsc_person") for one in (*first, *second)}
        if len(people) > 1:
            yield f"{name} are not done by the same person."


def _wrong_pins(
    vehicle: Object, steps: Sequence[Object], done: Mapping[int, Sequence[Done]]
) -> Iterator[str]:
    order = [
        (one["type"], one["id"]) for one in steps if one["type"] in day_check.KINDS
    ]
    first, last = (
        [("job", id_) for id_ in vehicle.get(key, ()) if id_ in done]
        for key in ("fsc_first", "fsc_last")
    )
    if order[: len(first)] != first:
        yield f"Vehicle {vehicle['id']} does not begin with what is pinned."
    if last and order[-len(last) :] != last:
        yield f"Vehicle {vehicle['id']} does not end with what is pinned."


def _wrong_limits(
    problem: Object, vehicle: Object, steps: Sequence[Object]
) -> Iterator[str]:
    breaks = {one["id"]: one for one in vehicle.get("breaks", ())}
    taken = [
        breaks[s["id"]] for s in steps if s["type"] == "break" and s["id"] in breaks
    ]
    unpaid = sum(one["service"] for one in taken if not one.get("fsc_paid", True))
    works = steps[-1]["arrival"] - steps[0]["arrival"] - unpaid
    tasks = sum(step["type"] in day_check.KINDS for step in steps)
    drives = day_check.driving_s(
        problem, {"routes": [{"vehicle": vehicle["id"], "steps": steps}]}
    )
    for key, found in (
        ("fsc_max_work_time", works),
        ("max_tasks", tasks),
        ("max_travel_time", drives),
    ):
        if found > vehicle.get(key, NO_LIMIT):
            yield f"Vehicle {vehicle['id']} has {found} of {key} {vehicle[key]}."
    for step in steps:
        if step["type"] == "break" and step["id"] in breaks:
            place = breaks[step["id"]].get("fsc_location_index")
            if place is not None and step.get("location_index") != place:
                yield f"Vehicle {vehicle['id']} has its break in another place."


def _wrong_reloads(vehicle: Object, steps: Sequence[Object]) -> Iterator[str]:
    rule = vehicle.get("fsc_reload", {"location_indexes": [], "max": 0})
    reloads = [step for step in steps if step["type"] == "reload"]
    if len(reloads) > rule.get("max", 1):
        yield f"Vehicle {vehicle['id']} reloads {len(reloads)} times."
    for step in reloads:
        if step.get("location_index") not in rule["location_indexes"]:
            yield f"Vehicle {vehicle['id']} reloads where it may not."
        if step.get("service", 0) != rule.get("service", 0):
            yield f"Vehicle {vehicle['id']} reloads in {step.get('service', 0)} s."


def _wrong_loads(
    problem: Object, vehicle: Object, steps: Sequence[Object]
) -> Iterator[str]:
    """Load anew at the start and at each reload; what is used leaves the car there."""
    halts = day_check.halts_of(problem)
    cuts = [n for n, step in enumerate(steps) if step["type"] == "reload"]
    used = list(vehicle.get("fsc_aboard", ()))
    for a, b in pairwise([0, *cuts, len(steps)]):
        keys = [day_check.key_of(step) for step in steps[a:b]]
        done = [halts[key] for key in keys if key in halts]
        yield from _wrong_between(vehicle, done, used)
        used = []


def _wrong_between(
    vehicle: Object, done: Sequence[Object], used: Sequence[int]
) -> Iterator[str]:
    room, room_used = vehicle["capacity"], vehicle.get("fsc_used_capacity")
    for d in range(max(len(room), len(used))):
        clean = sum(day_check.amount_at(one, "delivery", d) for one in done)
        dirty = used[d] if d < len(used) else 0
        most = [(clean, dirty)]
        for one in done:
            clean += day_check.amount_at(one, "moved", d)
            clean -= day_check.amount_at(one, "delivery", d)
            dirty += day_check.amount_at(one, "pickup", d)
            most.append((clean, dirty))
        fits = (
            all(sum(both) <= room[d] for both in most)
            if room_used is None
            else all(one <= room[d] and two <= room_used[d] for one, two in most)
        )
        if not fits:
            yield f"Vehicle {vehicle['id']} has more of {d} than it can take."
