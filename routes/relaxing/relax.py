"""The nearest rule to give way so that what is left out can be done, seen to work.

Each way out is tried: the problem is asked again with that one rule relaxed by the
least that helps, first by finding a place in the plan as it is, then by planning again
for a short while.  What was not seen to work is not said.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from routes.plan import Plan, StopKind, clock
from routes.problem import (
    ALWAYS,
    FOREVER_S,
    Amounts,
    Problem,
    Technician,
    TimeWindow,
    at,
)
from routes.reasons.hindrance import hindrance, listed, minutes
from routes.reasons.nobody import Clock
from routes.relaxing.proof import Proofs, Relaxation
from routes.rules import AMOUNT_MAX, DURATION_MAX_S
from routes.timetable.loads import loads

SHIFT_MAX_S = 6 * 3600
"""Nobody calls a visit moved further than this nearly fitting."""
SEARCH_S = 1.0


def relaxations(
    problem: Problem,
    plan: Plan,
    visit: str,
    *,
    search_s: float = SEARCH_S,
    say: Clock = clock,
) -> Iterator[Relaxation]:
    """Yield every single rule that could give way for `visit`, the nearest kind first.

    `plan` must keep every rule of `problem`.  `search_s` is how long to plan again for
    each kind of rule where no place is found in the plan as it is; 0 does not.  `say`
    words a moment.

    Raises:
        KeyError: there is no such visit.
        ValueError: `plan` breaks a rule, or does it already.
    """
    ways = Ways(problem, plan, visit, search_s=search_s, say=say)
    yield from ways.found()


class Ways(Proofs):
    """What is tried to make one more visit fit."""

    def found(self) -> Iterator[Relaxation]:
        """Yield what was proved to help; nothing where nothing has to give way."""
        if self.proof(self.problem) is not None:
            return
        for kind in (self.begin, self.overtime):
            if (found := kind()) is not None:
                yield found
        for rule, field, what in (
            ("driving", "travel_max_s", "drive"),
            ("work", "work_max_s", "work"),
            ("distance", "distance_max_m", "drive"),
            ("tasks", "tasks_max", "do"),
        ):
            if (limited := self.limit(rule, field, what)) is not None:
                yield limited
        for kind in (self.room, self.link, self.names, self.area, self.skills):
            if (found := kind()) is not None:
                yield found

    def begin(self) -> Relaxation | None:
        """Move the visit by the least: it may begin earlier or later."""
        if self.problem.windows_of(self.visit) == ():
            return None

        def moved(by_s: int) -> Problem:
            wide = _widened(self.visit.windows or (ALWAYS,), by_s)
            return self.with_visit(windows=wide)

        draft = self.least(moved, SHIFT_MAX_S)
        if draft is None:
            return None
        who = self.doer(draft).id
        begin_s = next(
            stop.service_start_s
            for stop in draft.routes[who].stops
            if stop.kind is StopKind.JOB and stop.id == self.visit.id
        )
        text = f"It fits {{}} if it may start at {self.say(begin_s)}."
        return self.told("begin", draft, text)

    def overtime(self) -> Relaxation | None:
        """Let somebody work longer, by the least."""
        most_s = {one.id: self.overtime_most_s(one) for one in self.problem.technicians}

        def longer(by_s: int) -> Problem:
            return self.with_technicians(
                lambda one: replace(
                    one,
                    overtime_max_s=min(one.overtime_max_s + by_s, most_s[one.id]),
                )
            )

        draft = self.least(longer, SHIFT_MAX_S)
        if draft is None:
            return None
        over = [
            (id_, route.stops[-1].departure_s)
            for id_, route in draft.routes.items()
            if route.stops[-1].departure_s
            > next(o for o in self.problem.technicians if o.id == id_).latest_end_s
        ]
        ends = [f"{id_} may end at {self.say(end_s)}" for id_, end_s in over]
        words = " and ".join(ends)
        return (
            self.told("overtime", draft, f"It fits {{}} if {words}.") if over else None
        )

    def overtime_most_s(self, one: Technician) -> int:
        """Return the longest overtime there may be: a person's next shift ends it."""
        closes_s = one.shift.closes_s
        following = [
            other.shift.opens_s
            for other in self.problem.technicians
            if other is not one
            and other.who == one.who
            and other.shift.opens_s >= closes_s
        ]
        return min(min(following, default=FOREVER_S) - closes_s, DURATION_MAX_S)

    def limit(self, rule: str, field: str, what: str) -> Relaxation | None:
        """Take away a limit; say how much of it is needed."""
        if all(getattr(one, field) is None for one in self.problem.technicians):
            return None
        free: dict[str, Any] = {field: None}
        unlimited = self.with_technicians(lambda one: replace(one, **free))
        draft = self.proof(unlimited, search=True)
        if draft is None:
            return None
        before = {one.id: getattr(one, field) for one in self.problem.technicians}
        parts = []
        for id_, route in draft.routes.items():
            needs = {
                "travel_max_s": route.travel_s,
                "work_max_s": route.work_s,
                "distance_max_m": route.distance_m,
                "tasks_max": sum(
                    task.kind is not StopKind.RELOAD for task in draft.orders[id_]
                ),
            }[field]
            if before[id_] is not None and needs > before[id_]:
                much = _worded(rule, needs), _worded(rule, before[id_])
                parts.append(f"{id_} may {what} {much[0]} instead of {much[1]}")
        if not parts:
            return None
        return self.told(rule, draft, f"It fits {{}} if {' and '.join(parts)}.")

    def room(self) -> Relaxation | None:
        """Make cars bigger; say how big they have to be."""
        amounts = [one for v in self.problem.visits for one in (v.deliver, v.collect)]
        amounts += [one.amount for one in self.problem.shipments]
        amounts += [one.aboard for one in self.problem.technicians]
        width = max(map(len, amounts), default=0)
        if not width:
            return None
        big = (AMOUNT_MAX,) * width
        draft = self.proof(
            self.with_technicians(
                lambda one: replace(
                    one,
                    capacity=big,
                    used_capacity=None if one.used_capacity is None else big,
                )
            ),
            search=True,
        )
        if draft is None:
            return None
        parts = []
        for one in self.problem.technicians:
            carried = loads(one, draft.orders.get(one.id, ()))
            clean = _peak([load.clean for load in carried])
            used = _peak([load.used for load in carried])
            parts += [
                f"{one.id} had room for {needed} instead of {at(room, d)} "
                f"of amount {d + 1}{kind}"
                for most, room, kind in (
                    (clean, one.capacity, ""),
                    (used, one.used_capacity or (), " that is used"),
                )
                for d, needed in enumerate(most)
                if needed > at(room, d)
            ]
        if not parts:
            return None
        return self.told("room", draft, f"It fits {{}} if {' and '.join(parts)}.")

    def link(self) -> Relaxation | None:
        """Do without what links it with other visits."""
        mine = [
            one
            for one in self.problem.links
            if self.visit.id in (one.first, one.second)
        ]
        if not mine:
            return None
        others = sorted({id_ for one in mine for id_ in (one.first, one.second)})
        others.remove(self.visit.id)
        left = tuple(one for one in self.problem.links if one not in mine)
        draft = self.proof(replace(self.problem, links=left), search=True)
        if draft is None:
            return None
        text = f"It fits {{}} without its link to {' and '.join(others)}."
        return self.told("link", draft, text)

    def names(self) -> Relaxation | None:
        """Ask nobody's name."""
        if self.visit.allowed is None and not self.visit.forbidden:
            return None
        draft = self.proof(
            self.with_visit(allowed=None, forbidden=frozenset()), search=True
        )
        if draft is None:
            return None
        return self.told("names", draft, "It fits {} if they may do it.")

    def area(self) -> Relaxation | None:
        """Send somebody who is at home elsewhere."""
        if self.visit.area is None:
            return None
        draft = self.proof(self.with_visit(area=None), search=True)
        if draft is None:
            return None
        doer = self.doer(draft)
        if hindrance(self.problem, doer, self.request()) is None:
            text = f"It fits {{}} outside the fixed days of {self.visit.area}."
            return self.told("area", draft, text)
        text = f"It fits {{}} if they may go to {self.visit.area}."
        return self.told("area", draft, text)

    def skills(self) -> Relaxation | None:
        """Ask for no skills; say which of them who does it has not."""
        if not self.visit.skills:
            return None
        draft = self.proof(self.with_visit(skills=frozenset()), search=True)
        if draft is None:
            return None
        missing = self.visit.skills - self.doer(draft).skills
        if not missing:
            return None
        return self.told("skills", draft, f"It fits {{}} with {listed(missing)}.")


def _widened(windows: tuple[TimeWindow, ...], by_s: int) -> tuple[TimeWindow, ...]:
    """Return `windows` longer by `by_s` at both ends, those that meet as one."""
    found: list[TimeWindow] = []
    for one in windows:
        opens_s = max(0, one.opens_s - by_s)
        closes_s = min(FOREVER_S, one.closes_s + by_s)
        if found and found[-1].closes_s >= opens_s:
            opens_s = found.pop().opens_s
        found.append(TimeWindow(opens_s, closes_s))
    return tuple(found)


def _peak(carried: list[Amounts]) -> Amounts:
    width = max((len(one) for one in carried), default=0)
    return tuple(max(at(one, d) for one in carried) for d in range(width))


def _worded(rule: str, amount: int) -> str:
    if rule == "distance":
        return f"{amount} m"
    if rule == "tasks":
        return "1 task" if amount == 1 else f"{amount} tasks"
    return minutes(amount)
