"""Why something is left out of a plan, found by trying, not by guessing.

Everybody is asked which rule keeps them from it with nothing else to do; the reason is
what keeps those who come closest.  For those who could do it alone every place on their
route is tried.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from routes.drafting.draft import Board
from routes.drafting.insert import Obstacle, near_miss
from routes.drafting.placing import cheapest
from routes.plan import Plan, Reason, ReasonKind, Unassigned, clock
from routes.problem import Problem, Technician, TimeWindow, Visit
from routes.reasons.hindrance import (
    ORDER,
    Hindrance,
    hindrance,
    joined,
    listed,
    minutes,
    plural,
    shift_meets,
)
from routes.timetable.tasks import Orders, Request, Task

LACKS = {
    Obstacle.CAPACITY: "no room in the car",
    Obstacle.TASKS: "no more tasks allowed",
    Obstacle.TRAVEL: "no more driving time allowed",
    Obstacle.DISTANCE: "no more distance allowed",
    Obstacle.WORK: "no more working time allowed",
    Obstacle.PINS: "no place beside what is pinned",
    Obstacle.SHIPMENTS: "no place beside the reloads",
    Obstacle.RELOADS: "no more reloads allowed",
}
Clock = Callable[[int], str]
"""Says a moment of the problem in words."""


def explain(
    problem: Problem, plan: Plan, *, say: Clock = clock
) -> tuple[Unassigned, ...]:
    """Return all that `plan`, whoever made it, does not serve, each with its reason.

    Stops that are not in the problem are not looked at.  `say` words a moment.
    """
    board = Board(problem)
    orders = board.orders(plan)
    done = {(task.kind, task.id) for row in orders.values() for task in row}
    return tuple(
        Unassigned(
            kind=one.kind,
            id=one.id,
            reason=_Left(board, orders, one, say).reason(),
        )
        for one in board.requests
        if (one.tasks[0].kind, one.id) not in done
    )


def with_reasons(problem: Problem, plan: Plan, *, say: Clock = clock) -> Plan:
    """Return `plan` with the reason for everything that is left out."""
    return replace(plan, unassigned=explain(problem, plan, say=say))


def reason_for(
    board: Board, orders: Orders, request: Request, *, say: Clock = clock
) -> Reason:
    """Return why `request`, one of `board`, is on none of the routes of `orders`."""
    return _Left(board, orders, request, say).reason()


def hindrances(problem: Problem, request: Request) -> tuple[Hindrance, ...]:
    """Return which rule keeps whom from `request` with nothing else to do."""
    asked = (hindrance(problem, one, request) for one in problem.technicians)
    return tuple(one for one in asked if one is not None)


class _Left:
    """Something left out of a plan."""

    def __init__(
        self, board: Board, orders: Orders, request: Request, say: Clock
    ) -> None:
        self.board = board
        self.problem = board.problem
        self.orders = orders
        self.request = request
        self.say = say

    def reason(self) -> Reason:
        problem, request = self.problem, self.request
        if not problem.technicians:
            text = "There are no technicians."
            return Reason(kind=ReasonKind.NO_TECHNICIANS, text=text)
        if request.never:
            return self.never()
        hindered = hindrances(problem, request)
        names = {one.technician for one in hindered}
        able = [one for one in problem.technicians if one.id not in names]
        if not able:
            return self.hindered(hindered)
        if len({one.who for one in able}) < request.people:
            return self.alone(able[0], hindered)
        unit = self.board.unit_of(request)
        for other in unit:
            if other is not request and (found := self.linked(other)) is not None:
                return found
        if len(unit) > 1 or request.people > 1:
            return self.together(unit, able)
        return self.day_full(able)

    def never(self) -> Reason:
        halt = self.request.tasks[0].halt
        area = halt.area if isinstance(halt, Visit) else None
        days = self.problem.area_windows.get(area or "", ())
        text = (
            f"Its windows are on none of the fixed days of {area}: "
            f"{joined([self.span(one) for one in days], 'or')}."
            if days
            else f"Nobody goes to {area} on any day."
        )
        return Reason(kind=ReasonKind.FIXED_DAYS, text=text)

    def hindered(self, some: Sequence[Hindrance]) -> Reason:
        """Say what keeps those who come closest; the others failed before that."""
        kind = max((one.kind for one in some), key=ORDER.index)
        closest = [one for one in some if one.kind is kind]
        able = [self.board.technicians[one.technician] for one in closest]
        if kind is ReasonKind.SKILLS:
            return self.no_skills()
        if kind in (ReasonKind.NAMES, ReasonKind.AREA):
            return Reason(kind=kind, text=self.sentence(closest))
        if kind is ReasonKind.TOO_BIG:
            return Reason(
                kind=kind, text=f"It is too big for the car of {self.who(able)}."
            )
        if kind is ReasonKind.OUTSIDE_SHIFTS:
            return self.outside_shifts(able)
        if kind is ReasonKind.OUT_OF_REACH:
            return _out_of_reach(closest)
        one = closest[0]
        text = f"Even with nothing else to do, {one.technician} {one.text}."
        return Reason(kind=kind, text=text, technician=one.technician)

    def sentence(self, some: Sequence[Hindrance]) -> str:
        """Say of everybody what is true of them; of many who share it, how many."""
        by_text: dict[str, list[Technician]] = {}
        for one in some:
            technician = self.board.technicians[one.technician]
            by_text.setdefault(one.text, []).append(technician)
        parts = []
        for text, who in by_text.items():
            said = text if len(who) == 1 else plural(text)
            parts.append(f"{self.who(who)} {said}")
        words = joined(parts, "and")
        return f"{words[0].upper()}{words[1:]}." if words[0].isdigit() else f"{words}."

    def no_skills(self) -> Reason:
        skills, everybody = self.request.skills, self.problem.technicians
        known = frozenset[str]().union(*(one.skills for one in everybody))
        missing = skills - known
        if missing:
            text = f"Nobody has {listed(missing)}."
        else:
            text = f"Nobody has all of {listed(skills)} together."
        return Reason(kind=ReasonKind.SKILLS, text=text, skills=missing or skills)

    def outside_shifts(self, able: Sequence[Technician]) -> Reason:
        """Say when it should begin, and when those who could do it work."""
        tasks = self.request.tasks
        unmet = [
            task.halt.windows
            for task in tasks
            if not any(w.meets(one.shift) for one in able for w in task.halt.windows)
        ]
        halves = unmet or [task.halt.windows for task in tasks]
        asked = [self.span(window) for windows in halves for window in windows]
        shifts = sorted({(one.shift.opens_s, one.shift.closes_s) for one in able})
        work = joined([self.span(TimeWindow(*shift)) for shift in shifts], "or")
        who = f"{self.who(able)} {'works' if len(able) == 1 else 'work'}"
        others = [
            one
            for one in self.problem.technicians
            if shift_meets(one, self.request) and self.request.skills - one.skills
        ]
        between = joined(asked, "or")
        if others:
            text = (
                f"Nobody at work between {between} has {listed(self.request.skills)}; "
                f"{who} between {work}."
            )
        else:
            text = f"It must begin between {between}, and {who} between {work}."
        return Reason(kind=ReasonKind.OUTSIDE_SHIFTS, text=text)

    def alone(self, able: Technician, hindered: Sequence[Hindrance]) -> Reason:
        text = f"It takes two people, and only {able.who} could do it"
        others = [
            one
            for one in hindered
            if self.board.technicians[one.technician].who != able.who
        ]
        text = f"{text}: {self.sentence(others)}" if others else f"{text}."
        return Reason(kind=ReasonKind.TWO_PEOPLE, text=text, technician=able.id)

    def linked(self, other: Request) -> Reason | None:
        """Say why what it is linked with cannot be done by anybody, if so."""
        hindered = hindrances(self.problem, other)
        able = {one.id for one in self.problem.technicians}
        able -= {one.technician for one in hindered}
        people = {self.board.technicians[id_].who for id_ in able}
        if len(people) >= other.people and not other.never:
            return None
        if other.never:
            why = _Left(self.board, self.orders, other, self.say).never().text
        elif not able:
            left = _Left(self.board, self.orders, other, self.say)
            why = left.hindered(hindered).text
        else:
            why = f"It takes two people, and only {min(people)} could do it."
        text = f"It is linked with {other.id}, which cannot be done: {why}"
        return Reason(kind=ReasonKind.LINK, text=text)

    def together(self, unit: Sequence[Request], able: Sequence[Technician]) -> Reason:
        """Try to place all that is done as a whole."""
        others = [one.id for one in unit if one is not self.request]
        what = f"together with {joined(others, 'and')}" if others else "for two people"
        draft = self.board.draft(self.without(unit))
        found = None if draft is None else cheapest(draft, tuple(unit))
        if found is not None:
            who = joined(_doing(found.orders, self.request), "and")
            text = f"Nothing hinders it: {who} has room for it {what}. Plan again."
            if not others:
                text = f"Nothing hinders it: {who} have room for it. Plan again."
            return Reason(kind=ReasonKind.HAS_ROOM, text=text)
        kind = ReasonKind.LINK if others else ReasonKind.TWO_PEOPLE
        text = f"The day is full: no moment was found for it {what}."
        return Reason(kind=kind, text=text)

    def without(self, unit: Sequence[Request]) -> dict[str, tuple[Task, ...]]:
        ids = {(task.kind, task.id) for one in unit for task in one.tasks}
        return {
            id_: tuple(task for task in row if (task.kind, task.id) not in ids)
            for id_, row in self.orders.items()
        }

    def day_full(self, able: Sequence[Technician]) -> Reason:
        """Try every place on the route of all who could do it alone."""
        late: dict[str, int] = {}
        lacking: dict[str, list[Technician]] = {}
        for technician in able:
            tasks: Sequence[Task] = self.orders.get(technician.id, ())
            miss = near_miss(self.problem, technician, tasks, self.request)
            if miss.late_s is None:
                what = joined([LACKS[one] for one in sorted(miss.obstacles)], "or")
                lacking.setdefault(what, []).append(technician)
            else:
                late[technician.id] = miss.late_s
        if not late:
            parts = [f"{what} for {self.who(some)}" for what, some in lacking.items()]
            text = f"The day is full: {'; '.join(parts)}."
            return Reason(kind=ReasonKind.DAY_FULL, text=text)
        nearest = min(late, key=lambda one: late[one])
        if late[nearest] == 0:
            return self.has_room(nearest)
        text = (
            f"The day is full: with it {nearest}, who comes closest, would be "
            f"{minutes(late[nearest])} late at some stop or at the end of the shift."
        )
        return Reason(
            kind=ReasonKind.DAY_FULL,
            text=text,
            technician=nearest,
            late_s=late[nearest],
        )

    def has_room(self, nearest: str) -> Reason:
        """Say that it fits, unless routes that wait for each other keep it out."""
        if self.board.tied:
            draft = self.board.draft(self.orders)
            found = None if draft is None else cheapest(draft, (self.request,))
            if draft is not None and found is None:
                text = (
                    f"The day is full: {nearest} has room for it, but not with all"
                    " that routes wait for."
                )
                return Reason(kind=ReasonKind.LINK, text=text, technician=nearest)
            if found is not None:
                (nearest,) = _doing(found.orders, self.request)
        text = f"Nothing hinders it: {nearest} has room for it. Plan again."
        return Reason(kind=ReasonKind.HAS_ROOM, text=text, technician=nearest)

    def span(self, window: TimeWindow) -> str:
        return f"{self.say(window.opens_s)} and {self.say(window.closes_s)}"

    def who(self, able: Sequence[Technician]) -> str:
        """Name `able`, or say what they have in common if they are many."""
        if len(able) <= 3:
            return joined([one.id for one in able], "and")
        skills = self.request.skills
        shared = skills and all(skills <= one.skills for one in able)
        return f"{len(able)} technicians{f' with {listed(skills)}' if shared else ''}"


def _out_of_reach(some: Sequence[Hindrance]) -> Reason:
    nearest = min(some, key=lambda one: one.late_s or 0)
    text = (
        "It cannot be reached, done and left in time, even with nothing else to do: "
        f"{nearest.technician} comes closest, {minutes(nearest.late_s or 0)} late."
    )
    return Reason(
        kind=ReasonKind.OUT_OF_REACH,
        text=text,
        technician=nearest.technician,
        late_s=nearest.late_s,
    )


def _doing(orders: Orders, request: Request) -> list[str]:
    key = (request.tasks[0].kind, request.id)
    return [id_ for id_, row in orders.items() if key in {(t.kind, t.id) for t in row}]
