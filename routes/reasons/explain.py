"""Why something is left out of a plan, found by trying, not by guessing.

Everybody is asked which rule keeps them from it with nothing else to do; the reason is
what keeps those who come closest.  For those who could do it alone every place on their
route is tried.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from routes.drafting.draft import Board
from routes.drafting.insert import Obstacle, near_miss
from routes.drafting.placing import cheapest
from routes.plan import Plan, Reason, ReasonKind, Unassigned, clock
from routes.problem import Problem, Technician
from routes.reasons.hindrance import (
    Hindrance,
    hindrance,
    joined,
    minutes,
)
from routes.reasons.nobody import Clock, Nobody
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


def explain(
    problem: Problem, plan: Plan, *, say: Clock = clock, only: str | None = None
) -> tuple[Unassigned, ...]:
    """Return all that `plan`, whoever made it, does not serve, each with its reason.

    Stops that are not in the problem are not looked at.  `say` words a moment.  `only`
    is the id of what alone is asked about.
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
        if (one.tasks[0].kind, one.id) not in done and only in (None, one.id)
    )


def with_reasons(problem: Problem, plan: Plan, *, say: Clock = clock) -> Plan:
    """Return `plan` with the reason for everything that is left out."""
    return replace(plan, unassigned=explain(problem, plan, say=say))


def reason_for(
    board: Board,
    orders: Orders,
    request: Request,
    *,
    say: Clock = clock,
    tries: bool = True,
) -> Reason:
    """Return why `request`, one of `board`, is on none of the routes of `orders`.

    Without `tries` it is not looked for how much is lacking on a full day.
    """
    return _Left(board, orders, request, say).reason(tries=tries)


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
        self.nobody = Nobody(self.problem, request, say)

    def reason(self, *, tries: bool = True) -> Reason:
        problem, request = self.problem, self.request
        if not problem.technicians:
            text = "There are no technicians."
            return Reason(kind=ReasonKind.NO_TECHNICIANS, text=text)
        if request.never:
            return self.nobody.never()
        hindered = hindrances(problem, request)
        names = {one.technician for one in hindered}
        able = [one for one in problem.technicians if one.id not in names]
        if not able:
            return self.nobody.reason(hindered)
        if len({one.who for one in able}) < request.people:
            return self.alone(able[0], hindered)
        unit = self.board.unit_of(request)
        for other in unit:
            if other is not request and (found := self.linked(other)) is not None:
                return found
        if not tries:
            return Reason(kind=ReasonKind.DAY_FULL, text="The day is full.")
        if len(unit) > 1 or request.people > 1:
            return self.together(unit, able)
        return self.day_full(able)

    def alone(self, able: Technician, hindered: Sequence[Hindrance]) -> Reason:
        text = f"It takes two people, and only {able.who} could do it"
        others = [
            one
            for one in hindered
            if self.board.technicians[one.technician].who != able.who
        ]
        text = f"{text}: {self.nobody.sentence(others)}" if others else f"{text}."
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
            why = Nobody(self.problem, other, self.say).never().text
        elif not able:
            why = Nobody(self.problem, other, self.say).reason(hindered).text
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
            least_s = min(late.values(), default=inf)
            miss = near_miss(
                self.problem, technician, tasks, self.request, below_s=least_s
            )
            if miss.late_s is not None:
                late[technician.id] = miss.late_s
            elif not late:
                what = joined([LACKS[one] for one in sorted(miss.obstacles)], "or")
                lacking.setdefault(what, []).append(technician)
        if not late:
            who = self.nobody.who
            parts = [f"{what} for {who(some)}" for what, some in lacking.items()]
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


def _doing(orders: Orders, request: Request) -> list[str]:
    key = (request.tasks[0].kind, request.id)
    return [id_ for id_, row in orders.items() if key in {(t.kind, t.id) for t in row}]
