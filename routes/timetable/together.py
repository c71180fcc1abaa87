"""When things happen on routes that wait for each other.

Links and visits of two people tie routes together.  The moments at which tied visits
begin are raised from below, route by route, until nothing has to be raised any more:
no other timing begins any of them earlier.  Then each is held at the moment found, and
every route can be timed for itself again, leaving late and taking breaks late.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter

from routes.plan import Route, StopKind
from routes.problem import ALWAYS, Link, Problem, TimeWindow
from routes.timetable.earliest import Begun, Earliest
from routes.timetable.held import held
from routes.timetable.schedule import route_of
from routes.timetable.tasks import Orders, Task

ROUNDS_MAX = 500
"""Routes that push each other on by a second at a time are given up after so many."""


def tied(problem: Problem) -> frozenset[str]:
    """Return the visits whose moments depend on other routes, or on a link."""
    linked = {id_ for one in problem.links for id_ in (one.first, one.second)}
    return frozenset(linked | {one.id for one in problem.visits if one.people > 1})


def together(problem: Problem, orders: Orders) -> Orders | None:
    """Return `orders` with tied visits held at moments that keep every link.

    Routes timed one by one (`schedule.route_of`) then keep them too.  None if no
    timing does, or if routes push each other on for ever.  Only times are looked at:
    a link is nothing to keep where one of its visits is left out, and who does what
    is not asked.  Without tied visits `orders` come back as they are.
    """
    ties = tied(problem)
    if not any(task.id in ties for task in _jobs(orders)):
        return orders
    found = _Together(problem, orders, ties).held({})
    given = {
        task.id: task.given.begin_s
        for task in _jobs(orders)
        if task.id in ties and task.given and task.given.begin_s is not None
    }
    if found is None or not given or not problem.changes.per_hour:
        return found
    # As for routes alone: what was given is kept to where that is cheaper.
    kept = _Together(problem, orders, ties).held(given)
    if kept is None or _cost(problem, kept) >= _cost(problem, found):
        return found
    return kept


def routes_of(problem: Problem, orders: Orders) -> dict[str, Route] | None:
    """Return the timed routes of all who do something; None if they cannot be kept."""
    held = together(problem, orders)
    if held is None:
        return None
    found = {}
    for one in problem.technicians:
        if tasks := held.get(one.id):
            route = route_of(problem, one, tasks)
            if route is None:
                return None
            found[one.id] = route
    return found


def _jobs(orders: Orders) -> Iterator[Task]:
    for tasks in orders.values():
        yield from (task for task in tasks if task.kind is StopKind.JOB)


def _cost(problem: Problem, orders: Orders) -> int:
    technicians = {one.id: one for one in problem.technicians}
    routes = (route_of(problem, technicians[id_], row) for id_, row in orders.items())
    return sum(route.cost for route in routes if route is not None)


class _Together:
    def __init__(self, problem: Problem, orders: Orders, ties: frozenset[str]) -> None:
        self.problem = problem
        self.orders = orders
        self.technicians = {one.id: one for one in problem.technicians}
        self.rows: dict[str, list[str]] = {}
        """The tied visits of each route that has any."""
        for id_, tasks in orders.items():
            row = [t.id for t in tasks if t.kind is StopKind.JOB and t.id in ties]
            if row:
                self.rows[id_] = row
        there = {visit for row in self.rows.values() for visit in row}
        self.links = [one for one in problem.links if {one.first, one.second} <= there]
        self.work_s = {
            task.id: task.halt.setup_s + task.halt.service_s
            for task in _jobs(orders)
            if task.id in there
        }
        self.taken: dict[tuple[str, str], int] = {}
        """How many breaks somebody has before a visit, where that was decided."""
        self.rounds = 0

    def backwards(self) -> bool:
        """Return whether one route does the second of a link before the first.

        Two that take no time at all can be done so at one moment.
        """
        return any(
            {one.first, one.second} <= set(row)
            and row.index(one.second) < row.index(one.first)
            and self.takes_time(one)
            for row in self.rows.values()
            for one in self.links
        )

    def takes_time(self, link: Link) -> bool:
        """Return whether some time passes between the two of `link`."""
        return link.least_s + self.work_s[link.first] + self.work_s[link.second] > 0

    def held(self, least_s: Mapping[str, int]) -> Orders | None:
        """Return the orders with tied visits held, none begun before `least_s`."""
        raised: dict[str, int] = dict(least_s)
        while not self.backwards():
            begins = self.settled(raised)
            if begins is None:
                return None
            frozen = self.frozen(begins, raised)
            if frozen is None:
                return None
            again = self.missed(frozen)
            if again is None:
                return None
            if not again:
                return self.narrowed(raised, frozen)
            raised.update(again)
        return None

    def frozen(
        self, begins: dict[str, int], raised: Mapping[str, int]
    ) -> dict[str, int] | None:
        """Return moments that all routes can keep at once, `begins` if that goes.

        Where a break is taken decides how early one visit begins, and another choice
        how early the next does.  With breaks counted before every one of them there is
        nothing left to choose, so that is tried visit by visit on routes in the way.
        """
        stuck = [id_ for id_ in self.rows if self.timed(id_, raised, begins) is None]
        if not stuck:
            return begins
        free = [
            (begins[visit], visit, id_)
            for id_ in stuck
            for visit in self.rows[id_]
            if (id_, visit) not in self.taken
        ]
        if not free:
            return None
        _, visit, id_ = min(free)
        ways = []
        for taken in range(len(self.technicians[id_].breaks) + 1):
            self.taken[id_, visit] = taken
            found = self.settled(raised)
            if found is not None:
                ways.append((sum(found.values()), taken, found))
        for _, taken, found in sorted(ways, key=itemgetter(0, 1)):
            self.taken[id_, visit] = taken
            frozen = self.frozen(found, raised)
            if frozen is not None:
                return frozen
        del self.taken[id_, visit]
        return None

    def settled(self, raised: Mapping[str, int]) -> dict[str, int] | None:
        """Return the earliest moments that keep every link; None if there are none."""
        least_s = dict(raised)
        begun: dict[str, dict[str, Begun]] = {}
        changed = set(self.rows)
        while changed:
            for id_ in sorted(changed):
                self.rounds += 1
                found = self.timed(id_, least_s, {})
                if found is None or self.rounds > ROUNDS_MAX:
                    return None
                begun[id_] = found
            higher = dict(self.higher(begun, least_s))
            least_s.update(higher)
            changed = {
                id_ for id_, row in self.rows.items() if higher.keys() & set(row)
            }
        return {
            visit: max(
                found[visit].begin_s for found in begun.values() if visit in found
            )
            for row in self.rows.values()
            for visit in row
        }

    def higher(
        self, begun: Mapping[str, Mapping[str, Begun]], least_s: Mapping[str, int]
    ) -> Iterator[tuple[str, int]]:
        """Yield what has to begin later than it could, and when."""
        begins: dict[str, int] = {}
        done: dict[str, int] = {}
        for found in begun.values():
            for visit, one in found.items():
                begins[visit] = max(begins.get(visit, 0), one.begin_s)
                done[visit] = max(done.get(visit, 0), one.done_s)
        needed = dict(begins)
        for link in self.links:
            earliest_s = done[link.first] + link.least_s
            needed[link.second] = max(needed[link.second], earliest_s)
            if link.most_s is not None:
                latest_s = needed[link.second] - link.most_s - self.work_s[link.first]
                needed[link.first] = max(needed[link.first], latest_s)
        for visit, moment_s in needed.items():
            alone = [found[visit].begin_s for found in begun.values() if visit in found]
            if min(alone) < moment_s and least_s.get(visit, -1) < moment_s:
                yield visit, moment_s

    def timed(
        self, id_: str, least_s: Mapping[str, int], fixed: Mapping[str, int]
    ) -> dict[str, Begun] | None:
        """Return how early a route can do its tied visits; None if not in time."""
        technician = self.technicians[id_]
        tasks = self.narrowed_row(id_, least_s, fixed)
        if tasks is None:
            return None
        taken = {
            n: self.taken[id_, task.id]
            for n, task in enumerate(tasks)
            if task.kind is StopKind.JOB and (id_, task.id) in self.taken
        }
        timing = Earliest(self.problem, technician, tasks, taken=taken)
        if timing.done(technician.shift.opens_s).late_s:
            return None
        tied_here = set(self.rows[id_])
        return {
            task.id: begun
            for task, begun in zip(tasks, timing.begun[: len(tasks)], strict=True)
            if task.kind is StopKind.JOB and task.id in tied_here
        }

    def narrowed_row(
        self, id_: str, least_s: Mapping[str, int], fixed: Mapping[str, int]
    ) -> list[Task] | None:
        tied_here = set(self.rows.get(id_, ()))
        found = []
        for task in self.orders[id_]:
            if task.kind is not StopKind.JOB or task.id not in tied_here:
                found.append(task)
                continue
            opens_s = max(least_s.get(task.id, 0), fixed.get(task.id, 0))
            closes_s = fixed.get(task.id, ALWAYS.closes_s)
            if opens_s > closes_s:
                return None
            halt = held(task.halt, TimeWindow(opens_s, closes_s))
            if halt is None:
                return None
            found.append(replace(task, halt=halt))
        return found

    def narrowed(
        self, least_s: Mapping[str, int], fixed: Mapping[str, int]
    ) -> dict[str, list[Task]]:
        rows = {id_: self.narrowed_row(id_, least_s, fixed) for id_ in self.orders}
        return {id_: row for id_, row in rows.items() if row is not None}

    def missed(self, fixed: Mapping[str, int]) -> dict[str, int] | None:
        """Return what must begin later after all, as routes are really timed.

        A break at a place makes the visit after it longer: setting up counts again.
        None if a route cannot be kept so.
        """
        done: dict[str, int] = {}
        for id_ in self.rows:
            tasks = self.narrowed_row(id_, {}, fixed)
            route = None
            if tasks is not None:
                route = route_of(self.problem, self.technicians[id_], tasks)
            if route is None:
                return None
            for stop in route.stops:
                if stop.kind is StopKind.JOB and stop.id is not None:
                    done[stop.id] = max(done.get(stop.id, 0), stop.departure_s)
        return dict(_missed(self.links, fixed, done))


def _missed(
    links: Sequence[Link], begins: Mapping[str, int], done: Mapping[str, int]
) -> Iterator[tuple[str, int]]:
    for link in links:
        between_s = begins[link.second] - done[link.first]
        if between_s < link.least_s:
            yield link.second, done[link.first] + link.least_s
        elif link.most_s is not None and between_s > link.most_s:
            yield link.first, begins[link.first] + between_s - link.most_s
