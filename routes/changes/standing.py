"""Where one technician is in the middle of the day, and what is left of their route."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from routes.plan import TASKS, Route, Stop, StopKind
from routes.problem import Amounts, Problem, Technician, TimeWindow, add

ENDS = (StopKind.START, StopKind.END)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one technician is."""

    technician: Technician
    """As they begin the rest of the day."""
    going_to: str | None
    """The visit they have set out for, or are at."""
    done: tuple[Stop, ...]
    """What is behind them, and halves of shipments and the like they are at."""
    left: tuple[Stop, ...]
    """What they have not done, in the order of the plan."""
    loaded: frozenset[str]
    """The visits whose equipment is in the car."""
    carried: frozenset[str]
    """The shipments that are in the car."""


def standing_of(
    problem: Problem,
    technician: Technician,
    route: Route | None,
    at_s: int,
    two: set[str],
) -> Standing:
    """Return where `technician` is at `at_s` on `route`; None: they have none.

    `two` are the visits that two people make.
    """
    shift = technician.shift
    if route is None or route.stops[0].departure_s > at_s:
        left = () if route is None else route.stops[1:-1]
        opens_s = min(max(shift.opens_s, at_s), shift.closes_s)
        later = replace(
            technician,
            shift=TimeWindow(opens_s, shift.closes_s),
            # Whose lunch is over by then had it, with nothing to do.
            breaks=tuple(
                one
                for one in technician.breaks
                if not one.windows or one.windows[-1].closes_s >= opens_s
            ),
        )
        return Standing(
            technician=later,
            going_to=None,
            done=(),
            left=left,
            loaded=frozenset(),
            carried=frozenset(),
        )
    count = sum(stop.departure_s <= at_s for stop in route.stops)
    # Half a shipment, a reload or two people's visit that one has set out for cannot be
    # said of a route's beginning: it counts as done, and the rest begins after it.
    while count < len(route.stops) and _is_begun(route.stops[count], two):
        count += 1
    done, left = route.stops[:count], route.stops[count:]
    if left and left[0].kind is StopKind.BREAK and left[0].arrival_s <= at_s:
        onwards = next(stop.kind for stop in left if stop.kind is not StopKind.BREAK)
        if onwards is StopKind.END:
            # So does a break on the way home: who turns round has had it.
            done, left = (*done, left[0]), left[1:]
    return _on_the_road(
        problem, technician, done, left, max(at_s, done[-1].departure_s)
    )


def _is_begun(stop: Stop, two: set[str]) -> bool:
    if stop.kind is StopKind.JOB:
        return stop.id in two
    return stop.kind in (StopKind.PICKUP, StopKind.DELIVERY, StopKind.RELOAD)


def _on_the_road(
    problem: Problem,
    technician: Technician,
    done: tuple[Stop, ...],
    left: tuple[Stop, ...],
    at_s: int,
) -> Standing:
    last = done[-1]
    here = next((s.place for s in reversed(done) if s.place is not None), None)
    following = next((s for s in left if s.kind is not StopKind.BREAK), None)
    # What was driven before a break on the road is driven still, from the last place.
    opens_s = last.departure_s - _driven_since_a_place_s(done, last.departure_s)
    worked_s, back_s = opens_s - done[0].departure_s, 0
    if last.kind is StopKind.END:
        opens_s = at_s
    elif following is not None and following.kind is StopKind.END:
        # On the way home: who is called back drives as long to where they came from.
        back_s = _driven_since_a_place_s(done, at_s)
        opens_s = at_s + back_s
        worked_s = opens_s - done[0].departure_s
    rested = {stop.id for stop in done if stop.kind is StopKind.BREAK}
    pausing = left[0] if left and left[0].kind is StopKind.BREAK else None
    breaks = tuple(
        replace(one, windows=(TimeWindow(*(pausing.service_start_s,) * 2),))
        if pausing is not None
        and one.id == pausing.id
        and pausing.service_start_s <= at_s
        else one
        for one in technician.breaks
        if one.id not in rested
    )
    going_to = None
    if following is not None and following.kind is StopKind.JOB:
        going_to = following.id
    still = {stop.id for stop in left if stop.kind is StopKind.JOB} - {going_to}
    first = tuple(id_ for id_ in technician.first if id_ in still)
    opens_s = min(opens_s, technician.latest_end_s)
    closes_s = max(technician.shift.closes_s, opens_s)
    there = replace(
        technician,
        start=here,
        shift=TimeWindow(opens_s, closes_s),
        overtime_max_s=technician.latest_end_s - closes_s,
        breaks=breaks,
        first=first if going_to is None else (going_to, *first),
        last=tuple(one for one in technician.last if one != going_to),
        aboard=_aboard(problem, technician, done),
        costs=replace(technician.costs, fixed=0),
        **_limits_left(problem, technician, done, worked_s=worked_s, back_s=back_s),
    )
    onwards = _until_reload(left)
    loaded = {stop.id for stop in onwards if stop.kind is StopKind.JOB}
    fetched = {stop.id for stop in done if stop.kind is StopKind.PICKUP}
    brought = {stop.id for stop in done if stop.kind is StopKind.DELIVERY}
    return Standing(
        technician=there,
        going_to=going_to,
        done=done,
        left=tuple(stop for stop in left if stop.kind not in ENDS),
        loaded=frozenset(id_ for id_ in loaded if id_ is not None),
        carried=frozenset(id_ for id_ in fetched - brought if id_ is not None),
    )


def _until_reload(left: Sequence[Stop]) -> Iterator[Stop]:
    for stop in left:
        if stop.kind is StopKind.RELOAD:
            return
        yield stop


def _driven_since_a_place_s(done: Sequence[Stop], at_s: int) -> int:
    """Return for how long somebody has driven since they left a place, breaks aside."""
    found_s = at_s
    for stop in reversed(done):
        if stop.place is not None:
            return found_s - stop.departure_s
        found_s -= stop.departure_s - stop.arrival_s
    return 0


def _limits_left(
    problem: Problem,
    technician: Technician,
    done: Sequence[Stop],
    *,
    worked_s: int,
    back_s: int,
) -> dict[str, Any]:
    """Return what is left of the limits after `done`, and `back_s` there and back."""
    places = [
        s.place for s in done if s.kind is not StopKind.BREAK or s.place is not None
    ]
    ways = list(pairwise(places))
    driven_s = sum(problem.travel_s(technician, *way) for way in ways) + 2 * back_s
    driven_m = sum(problem.distance_m(technician, *way) for way in ways)
    if back_s:
        home = places[-1], technician.end
        home_s = max(1, problem.travel_s(technician, *home))
        driven_m += -(-2 * back_s * problem.distance_m(technician, *home) // home_s)
    unpaid = {one.id for one in technician.breaks if not one.is_paid}
    rested_s = sum(
        stop.service_s
        for stop in done
        if stop.kind is StopKind.BREAK and stop.id in unpaid
    )
    tasks = sum(s.kind in TASKS for s in done)
    return {
        "travel_max_s": _minus(technician.travel_max_s, driven_s),
        "distance_max_m": _minus(technician.distance_max_m, driven_m),
        "work_max_s": _minus(technician.work_max_s, worked_s - rested_s),
        "tasks_max": _minus(technician.tasks_max, tasks),
    }


def _minus(limit: int | None, used: int) -> int | None:
    return None if limit is None else max(0, limit - used)


def _aboard(problem: Problem, technician: Technician, done: Sequence[Stop]) -> Amounts:
    """Return what is used and in the car after `done`."""
    collect = {one.id: one.collect for one in problem.visits}
    aboard = technician.aboard
    for stop in done:
        if stop.kind is StopKind.RELOAD:
            aboard = ()
        elif stop.kind is StopKind.JOB and stop.id is not None:
            aboard = add(aboard, collect.get(stop.id, ()))
    return aboard
