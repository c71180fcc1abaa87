"""A second reader of days: the documents as they are written, nothing of `routes`.

It walks through each route of a plan with a clock in its hand, and believes of the plan
only in which order things are done and when work begins.  Of the rules of our own only
those are read here that show in the steps, a reload and two people at one visit;
`own_check` reads the rest.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

Object = Mapping[str, Any]
KINDS = ("job", "pickup", "delivery")


def wrong_with(problem: Object, plan: Object) -> Iterator[str]:
    """Yield, one sentence each, what a plan breaks."""
    halts = halts_of(problem)
    vehicles = {one["id"]: one for one in problem["vehicles"]}
    seen = Counter(key_of(step) for route in plan["routes"] for step in route["steps"])
    left = Counter((one.get("type", "job"), one["id"]) for one in plan["unassigned"])
    for key in halts:
        people = halts[key].get("fsc_people", 1)
        if (seen[key], left[key]) not in ((people, 0), (0, 1)):
            yield f"{key} is done {seen[key]} times and left out {left[key]} times."
    for key in (seen.keys() | left.keys()) - halts.keys():
        if key[0] in KINDS:
            yield f"{key} is made up."
    drivers = Counter(route["vehicle"] for route in plan["routes"])
    for vehicle, count in drivers.items():
        if count > 1 or vehicle not in vehicles:
            yield f"Vehicle {vehicle} has {count} routes."
    for route in plan["routes"]:
        vehicle = vehicles.get(route["vehicle"])
        if vehicle is not None:
            table = problem["matrices"][vehicle.get("profile", "car")]["durations"]
            steps = [step for step in route["steps"] if key_of(step) in halts]
            yield from _wrong_times(vehicle, table, halts, route["steps"])
            yield from _wrong_breaks(vehicle, route["steps"])
            yield from _wrong_loads(vehicle, [halts[key_of(step)] for step in steps])
            shipments = problem.get("shipments", ())
            yield from _wrong_pairs(shipments, [key_of(step) for step in steps])


def priority_of(problem: Object, plan: Object) -> int:
    """Return how much priority a plan serves, as VROOM counts."""
    halts = halts_of(problem)
    steps = (step for route in plan["routes"] for step in route["steps"])
    return sum(
        halts[key_of(one)].get("priority", 0) for one in steps if key_of(one) in halts
    )


def visits_of(plan: Object) -> int:
    """Return how many stops a plan makes, breaks and ends not counted."""
    return sum(
        step["type"] in KINDS for route in plan["routes"] for step in route["steps"]
    )


def driving_s(problem: Object, plan: Object) -> int:
    """Return how long all routes of a plan drive, by the matrices."""
    vehicles = {one["id"]: one for one in problem["vehicles"]}
    halts, total = halts_of(problem), 0
    for route in plan["routes"]:
        vehicle = vehicles[route["vehicle"]]
        table = problem["matrices"][vehicle.get("profile", "car")]["durations"]
        places = [_place(vehicle, halts, step) for step in route["steps"]]
        known = [place for place in places if place is not None]
        total += sum(table[a][b] for a, b in pairwise(known))
    return total


def key_of(step: Object) -> tuple[str, Any]:
    """Return the kind and id of a step."""
    return (step["type"], step.get("id"))


def halts_of(problem: Object) -> dict[tuple[str, Any], Object]:
    """Return all that is to be done at some place, by kind and id."""
    found = {("job", one["id"]): one for one in problem.get("jobs", ())}
    for one in problem.get("shipments", ()):
        amount = one.get("amount", [])
        for kind, sign in (("pickup", 1), ("delivery", -1)):
            moved = [sign * each for each in amount]
            shared = {key: one[key] for key in ("skills", "priority") if key in one}
            found[kind, one[kind]["id"]] = {**one[kind], **shared, "moved": moved}
    return found


def _place(vehicle: Object, halts: Mapping[Any, Object], step: Object) -> int | None:
    ends: dict[str, int | None] = {
        "start": vehicle.get("start_index"),
        "end": vehicle.get("end_index"),
    }
    if step["type"] in ends:
        return ends[step["type"]]
    if step["type"] == "reload":
        return int(step["location_index"])
    halt = halts.get(key_of(step))
    return None if halt is None else halt["location_index"]


def _wrong_times(
    vehicle: Object,
    table: Sequence[Sequence[int]],
    halts: Mapping[Any, Object],
    steps: Sequence[Object],
) -> Iterator[str]:
    """Drive from step to step; a break only stops the clock of the drive."""
    opens, closes = vehicle.get("time_window", (0, 2**40))
    if steps[0]["arrival"] < opens:
        yield f"Vehicle {vehicle['id']} leaves at {steps[0]['arrival']}."
    here, free, driven = None, steps[0]["arrival"], 0
    for step in steps:
        place, begins = _place(vehicle, halts, step), step["arrival"]
        begins += step.get("waiting_time", 0)
        if step["type"] == "break":
            # Where on the way it is nobody says; what was driven before it counts.
            driven += step["arrival"] - free
            free = begins + step["service"]
            continue
        travel = 0 if here is None or place is None else table[here][place]
        driven += step["arrival"] - free
        if step["arrival"] < free or driven < travel:
            yield f"{key_of(step)} is reached at {step['arrival']}, too early."
        halt = halts.get(key_of(step))
        if halt is not None:
            yield from _wrong_stop(vehicle, halt, step, begins)
            setup = 0 if place == here else halt.get("setup", 0)
            begins += setup + halt.get("service", 0)
        elif step["type"] == "reload":
            begins += step.get("service", 0)
        here, free, driven = place, begins, 0
    if free > closes:
        yield f"Vehicle {vehicle['id']} is at home at {free}."


def _wrong_stop(
    vehicle: Object, halt: Object, step: Object, begins: int
) -> Iterator[str]:
    windows = halt.get("time_windows") or [[0, 2**40]]
    if not any(opens <= begins <= closes for opens, closes in windows):
        yield f"{key_of(step)} begins at {begins}, outside {windows}."
    if missing := set(halt.get("skills", ())) - set(vehicle.get("skills", ())):
        yield f"{key_of(step)} needs {missing}."


def _wrong_breaks(vehicle: Object, steps: Sequence[Object]) -> Iterator[str]:
    taken = Counter(step["id"] for step in steps if step["type"] == "break")
    known = {pause["id"]: pause for pause in vehicle.get("breaks", ())}
    for name in known.keys() | taken.keys():
        if name not in known or taken[name] != 1:
            yield f"Vehicle {vehicle['id']} takes break {name} {taken[name]} times."
    for step in steps:
        if step["type"] != "break" or step["id"] not in known:
            continue
        pause = known[step["id"]]
        begins = step["arrival"] + step.get("waiting_time", 0)
        windows = pause.get("time_windows") or [[0, 2**40]]
        if not any(opens <= begins <= closes for opens, closes in windows):
            yield f"Vehicle {vehicle['id']} has break {step['id']} at {begins}."
        if step["service"] != pause["service"]:
            yield f"Vehicle {vehicle['id']} cuts break {step['id']} short."


def _wrong_loads(vehicle: Object, done: Sequence[Object]) -> Iterator[str]:
    capacity = vehicle.get("capacity", [])
    keys = ("delivery", "pickup", "moved")
    length = max([len(one.get(key, ())) for one in done for key in keys], default=0)
    for d in range(length):
        most = load = sum(amount_at(one, "delivery", d) for one in done)
        for one in done:
            load += amount_at(one, "pickup", d) + amount_at(one, "moved", d)
            load -= amount_at(one, "delivery", d)
            most = max(most, load)
        if most > (capacity[d] if d < len(capacity) else 0):
            yield f"Vehicle {vehicle['id']} has {most} of {d} in it."


def amount_at(halt: Object, key: str, d: int) -> int:
    """Return how much of dimension `d` a halt has under `key`."""
    amounts = halt.get(key, ())
    return amounts[d] if d < len(amounts) else 0


def _wrong_pairs(
    shipments: Sequence[Object], keys: Sequence[tuple[str, Any]]
) -> Iterator[str]:
    order = {key: n for n, key in enumerate(keys)}
    for one in shipments:
        fetched = order.get(("pickup", one["pickup"]["id"]))
        brought = order.get(("delivery", one["delivery"]["id"]))
        if fetched is None and brought is None:
            continue
        if fetched is None or brought is None or fetched > brought:
            yield f"Shipment {one['pickup']['id']} is parted or brought too early."
