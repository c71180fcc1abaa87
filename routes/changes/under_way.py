"""A plan in the middle of the day: what is still to be done, by whom, from where.

A technician stands where the last stop was left.  What they have set out for since is
done next: nobody turns round on the road for a better idea.  What they have with them
is brought by them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from routes.changes.standing import Standing, standing_of
from routes.plan import Plan, Route, Stop, StopKind, TaskKey
from routes.problem import (
    ALWAYS,
    Given,
    Link,
    Problem,
    TimeWindow,
    Visit,
)
from routes.windows import common


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
        ValueError: somebody or some place in `plan`, or somebody in `without`, is not
            in `problem`.
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
        _check_places(problem, routes[id_])
    two = {one.id for one in problem.visits if one.people > 1}
    standing = {
        one.id: standing_of(problem, one, routes.get(one.id), at_s, two)
        for one in problem.technicians
        if not one.names & without
    }
    gone = [routes[id_] for id_ in routes if id_ not in standing]
    done_stops = [stop for one in standing.values() for stop in one.done]
    done_stops += [s for route in gone for s in route.stops if s.departure_s <= at_s]
    done = {(s.kind, s.id): s for s in done_stops if s.id is not None}
    return _Making(problem, plan, standing, done).rest()


def _check_places(problem: Problem, route: Route) -> None:
    """Refuse a stop that is nowhere in `problem`: nobody can go on from there."""
    count = min(len(one.travel_s) for one in problem.matrices.values())
    for stop in route.stops:
        if stop.place is not None and not 0 <= stop.place < count:
            what = str(stop.kind) if stop.id is None else f"{stop.kind} {stop.id}"
            raise ValueError(f"the {what} of {route.technician} is at no known place")


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
                if link.same_person and one.people == 1:
                    one = replace(one, allowed=self.who_may_go_on(link.first, one))
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

    def who_may_go_on(self, first: str, second: Visit) -> frozenset[str]:
        """Return which of those who did `first` may do `second` after it."""
        who = {one.id: one.who for one in self.problem.technicians}
        doers = {
            who[route.technician]
            for route in self.plan.routes
            for stop in route.stops
            if stop.kind is StopKind.JOB and stop.id == first
        }
        there = (one.technician for one in self.standing.values())
        return frozenset(
            one.id
            for one in there
            if one.who in doers
            and (second.allowed is None or one.names & second.allowed)
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
