"""What is in the car on one route: clean, used, shipments, and what reloading does."""

from collections.abc import Iterator, Sequence

from routes.checking.reading import Finding, Reading
from routes.checking.times import name_of
from routes.checking.violation import ViolationKind
from routes.plan import Stop, StopKind
from routes.problem import Amounts, add, at


def wrong_loads(reading: Reading) -> Iterator[Finding]:
    """Yield where too much is in the car of a route, or not what the plan says."""
    technician = reading.technician
    own = technician.used_capacity
    clean, used = _to_deliver(reading, reading.route.stops), technician.aboard
    for n, stop in enumerate(reading.route.stops):
        if stop.kind is StopKind.RELOAD:
            # What is fetched and not brought yet stays; `_reloads` says it may not.
            clean = add(_carried(reading, n), _to_deliver(reading, _after(reading, n)))
            used = ()
        work = reading.work(stop)
        if work is not None:
            sign = -1 if stop.kind is StopKind.DELIVERY else 1
            clean = add(clean, work.amount, sign=sign)
            if work.visit is not None:
                clean = add(clean, work.visit.deliver, sign=-1)
                used = add(used, work.visit.collect)
        where = f"after {name_of(stop)}" if stop.id else f"at the {stop.kind}"
        both = add(clean, used) if own is None else clean
        for kind, load, room, what in (
            (ViolationKind.CAPACITY, both, technician.capacity, "car"),
            (ViolationKind.USED_CAPACITY, used, own, "compartment for used"),
        ):
            if room is not None and _over(load, room):
                text = f"has {list(load)} in a {what} for {list(room)} {where}."
                yield kind, text, stop.id
        # A plan need not say what is loaded; what it says must be so.
        apart = () if own is None else used
        for said, right, what in (
            (stop.load, both, "car"),
            (stop.used, apart, "compartment for used"),
        ):
            if said and any(add(said, right, sign=-1)):
                text = f"has {list(right)}, not {list(said)}, in the {what} {where}."
                yield ViolationKind.LOAD, text, stop.id


def _over(load: Amounts, room: Amounts) -> bool:
    return any(amount > at(room, d) for d, amount in enumerate(load))


def _after(reading: Reading, n: int) -> Sequence[Stop]:
    return reading.route.stops[n + 1 :]


def _to_deliver(reading: Reading, stops: Sequence[Stop]) -> Amounts:
    """Return what visits are brought until the next reload."""
    found: Amounts = ()
    for stop in stops:
        if stop.kind is StopKind.RELOAD:
            break
        work = reading.work(stop)
        if work is not None and work.visit is not None:
            found = add(found, work.visit.deliver)
    return found


def _carried(reading: Reading, n: int) -> Amounts:
    """Return the shipments in the car on coming to stop number `n`."""
    found: Amounts = ()
    for stop in reading.route.stops[:n]:
        work = reading.work(stop)
        if work is not None:
            sign = -1 if stop.kind is StopKind.DELIVERY else 1
            found = add(found, work.amount, sign=sign)
    return found


def wrong_reloads(reading: Reading) -> Iterator[Finding]:
    """Yield reloads too many, and shipments that are in the car at one."""
    stops, rule = reading.route.stops, reading.technician.reload
    reloads = [n for n, stop in enumerate(stops) if stop.kind is StopKind.RELOAD]
    if rule is not None and len(reloads) > rule.times_max:
        text = f"reloads {len(reloads)} times; {rule.times_max} are allowed."
        yield ViolationKind.RELOADS_MAX, text, None
    for n in reloads:
        fetched = {one.id for one in stops[:n] if one.kind is StopKind.PICKUP}
        brought = {one.id for one in stops[:n] if one.kind is StopKind.DELIVERY}
        for id_ in sorted(map(str, fetched - brought)):
            text = f"has shipment {id_} in the car at the {name_of(stops[n])}."
            yield ViolationKind.SHIPMENT_RELOAD, text, id_


def wrong_pairs(reading: Reading) -> Iterator[Finding]:
    """Yield shipments of which only half is on a route, or not in their order."""
    tasks = list(enumerate(reading.tasks))
    picked = {s.id: n for n, s in tasks if s.kind is StopKind.PICKUP}
    brought = {s.id: n for n, s in tasks if s.kind is StopKind.DELIVERY}
    for id_ in sorted({str(one) for one in picked.keys() | brought.keys()}):
        if id_ not in picked or id_ not in brought:
            text = f"has only one half of shipment {id_}."
            yield ViolationKind.SPLIT_SHIPMENT, text, id_
        elif picked[id_] > brought[id_]:
            text = f"brings shipment {id_} before fetching it."
            yield ViolationKind.SHIPMENT_ORDER, text, id_
