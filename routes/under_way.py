"""A plan in the middle of the day: what is still to be done, by whom, from where.

A technician stands where the last stop was left.  What they have set out for since is
done next: nobody turns round on the road for a better idea.  What they have with them
is brought by them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from routes.plan import Plan, Route, Stop, StopKind, TaskKey
from routes.problem import (
    ALWAYS,
    Amounts,
    Given,
    Link,
    Problem,
    Technician,
    TimeWindow,
    Visit,
    add,
)
from routes.windows import common

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is left of a day."""

    problem: Problem
    keys: Mapping[str, Sequence[TaskKey]] = field(default_factory=dict)
    """Who was to do what of it, in order."""
    done: frozenset[TaskKey] = frozenset()


def rest_of(
    problem: Problem, plan: Plan, at_s: int, *, without: frozenset[str] = frozenset()
) -> Rest:
    """Return what is left of `plan` at `at_s`, without those named in `without`.

    `without` names shifts or persons; what they have not done, even what is in their
    car, is for anybody then.  The rest of the plan is what is given: moving it costs
    what `problem.changes` says.

    Raises:
        ValueError: somebody in `plan` or `without` is not in `problem`.
    """
    known = {one.id: one for one in problem.technicians}
    names = frozenset[str]().union(*(one.names for one in problem.technicians))
    for name in without:
        if name not in names:
            raise ValueError(f"there is no technician {name}")
    routes = {route.technician: route for route in plan.routes}
    for id_ in routes:
        if id_ not in known:
            raise ValueError(f"the plan names {id_}, who is not there")
    two = {one.id for one in problem.visits if one.people > 1}
    standing = {
        one.id: _standing(problem, one, routes.get(one.id), at_s, two)
        for one in problem.technicians
        if not one.names & without
    }
    gone = [routes[id_] for id_ in routes if id_ not in standing]
    done_stops = [stop for one in standing.values() for stop in one.done]
    done_stops += [s for route in gone for s in route.stops if s.departure_s <= at_s]
    done = {(s.kind, s.id): s for s in done_stops if s.id is not None}
    return _Making(problem, plan, standing, done).rest()


def _standing(
    problem: Problem,
    technician: Technician,
    route: Route | None,
    at_s: int,
    two: set[str],
) -> Standing:
    shift = technician.shift
    if route is None or route.stops[0].departure_s > at_s:
        left = () if route is None else route.stops[1:-1]
        opens_s = min(max(shift.opens_s, at_s), shift.closes_s)
        later = replace(technician, shift=TimeWindow(opens_s, shift.closes_s))
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
    return _on_the_road(problem, technician, done, left, at_s)


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
    opens_s = last.departure_s
    if last.kind is StopKind.END:
        opens_s = max(opens_s, at_s)
    elif following is not None and following.kind is StopKind.END:
        # On the way home: who is called back drives as long to where they came from.
        opens_s = at_s + max(0, at_s - last.departure_s)
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
        **_limits_left(problem, technician, done),
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


def _limits_left(
    problem: Problem, technician: Technician, done: Sequence[Stop]
) -> dict[str, Any]:
    """Return what is left of the limits after `done`."""
    places = [
        s.place for s in done if s.kind is not StopKind.BREAK or s.place is not None
    ]
    ways = list(pairwise(places))
    driven_s = sum(problem.travel_s(technician, *way) for way in ways)
    driven_m = sum(problem.distance_m(technician, *way) for way in ways)
    unpaid = {one.id for one in technician.breaks if not one.is_paid}
    rested_s = sum(
        stop.service_s
        for stop in done
        if stop.kind is StopKind.BREAK and stop.id in unpaid
    )
    worked_s = done[-1].departure_s - done[0].departure_s - rested_s
    tasks = sum(
        s.kind in (StopKind.JOB, StopKind.PICKUP, StopKind.DELIVERY) for s in done
    )
    return {
        "travel_max_s": _minus(technician.travel_max_s, driven_s),
        "distance_max_m": _minus(technician.distance_max_m, driven_m),
        "work_max_s": _minus(technician.work_max_s, worked_s),
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


class _Making:
    """The problem of the rest of the day, made of where everybody stands."""

    def __init__(
        self,
        problem: Problem,
        plan: Plan,
        standing: Mapping[str, Standing],
        done: Mapping[TaskKey, Stop],
    ) -> None:
        self.problem = problem
        self.plan = plan
        self.standing = standing
        self.done = done
        self.names = frozenset[str]().union(
            *(one.technician.names for one in standing.values())
        )
        self.keeper = {
            id_: one.technician.id for one in standing.values() for id_ in one.loaded
        }
        self.going = {one.going_to: one.technician.id for one in standing.values()}
        self.planned = {
            stop.id: (route.technician, stop.service_start_s)
            for route in plan.routes
            for stop in route.stops
            if stop.kind is StopKind.JOB
        }

    def rest(self) -> Rest:
        problem = self.problem
        visits = [
            self.visit(one)
            for one in problem.visits
            if (StopKind.JOB, one.id) not in self.done
        ]
        shipments = []
        for one in problem.shipments:
            if (StopKind.DELIVERY, one.id) in self.done:
                continue
            keeper = next(
                (s.technician for s in self.standing.values() if one.id in s.carried),
                None,
            )
            if keeper is None:
                shipments.append(one)
                continue
            # It is in a car: nothing is left of it but to bring it.
            visits.append(
                Visit(
                    id=one.id,
                    place=one.delivery.place,
                    setup_s=one.delivery.setup_s,
                    service_s=one.delivery.service_s,
                    windows=one.delivery.windows,
                    lateness=one.delivery.lateness,
                    deliver=one.amount,
                    priority=one.priority,
                    allowed=frozenset((keeper.id,)),
                )
            )
        there = {one.id for one in visits}
        technicians = tuple(
            replace(
                one.technician,
                first=tuple(id_ for id_ in one.technician.first if id_ in there),
                last=tuple(id_ for id_ in one.technician.last if id_ in there),
            )
            for one in self.standing.values()
        )
        left = replace(
            problem,
            technicians=technicians,
            visits=tuple(visits),
            shipments=tuple(shipments),
            links=tuple(
                one for one in problem.links if {one.first, one.second} <= there
            ),
        )
        return Rest(problem=left, keys=dict(self.keys(left)), done=frozenset(self.done))

    def visit(self, one: Visit) -> Visit:
        """Return what is left to say of a visit that is still to be done."""
        windows = one.windows
        for link in self.problem.links:
            first = self.done.get((StopKind.JOB, link.first))
            if link.second == one.id and first is not None:
                windows = _after(windows, link, first.departure_s)
        if one.id in self.going:
            # They have left for it: it begins when the plan said, whatever it costs.
            begin_s = self.planned[one.id][1]
            windows = (TimeWindow(begin_s, begin_s),)
            one = replace(one, area=None, lateness=None)
        allowed = one.allowed
        keeper = self.going.get(one.id)
        if keeper is None and any(one.deliver):
            keeper = self.keeper.get(one.id)
        if keeper is not None and one.people == 1:
            allowed = frozenset((keeper,))
        given = one.given
        if one.id in self.planned:
            technician, begin_s = self.planned[one.id]
            given = Given(technician=technician, begin_s=begin_s)
        return replace(
            one,
            windows=windows,
            allowed=None if allowed is None else allowed & self.names,
            forbidden=one.forbidden & self.names,
            given=given,
        )

    def keys(self, left: Problem) -> Iterator[tuple[str, tuple[TaskKey, ...]]]:
        jobs = {one.id for one in left.visits}
        pairs = {one.id for one in left.shipments}
        for id_, one in self.standing.items():
            row: list[TaskKey] = []
            for stop in one.left:
                if stop.kind is StopKind.RELOAD:
                    row.append((stop.kind, str(stop.place)))
                elif stop.id is None or stop.kind is StopKind.BREAK:
                    continue
                elif stop.kind is StopKind.JOB or stop.id in pairs:
                    row.append((stop.kind, stop.id))
                elif stop.id in jobs:
                    row.append((StopKind.JOB, stop.id))
            yield id_, tuple(row)


def _after(
    windows: tuple[TimeWindow, ...], link: Link, done_s: int
) -> tuple[TimeWindow, ...]:
    """Return `windows` as far as they keep `link` to a visit done at `done_s`."""
    closes_s = ALWAYS.closes_s if link.most_s is None else done_s + link.most_s
    within = TimeWindow(done_s + link.least_s, closes_s)
    # Where nothing is left of them the visit waits in vain, and is said to be left out.
    return common(windows or (ALWAYS,), (within,)) or (
        TimeWindow(ALWAYS.closes_s, ALWAYS.closes_s),
    )
