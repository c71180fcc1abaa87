"""A plan in which something left out is done, as one rule gave way: seen, not said."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from routes.drafting.draft import Board, Draft
from routes.drafting.placing import cheapest
from routes.plan import Plan, StopKind, keys_of
from routes.problem import (
    Problem,
    Technician,
)
from routes.reasons.nobody import Clock
from routes.solve import solve
from routes.timetable.tasks import Request

STEP_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """A rule that gave way, and the plan that proves that this is enough."""

    rule: str
    """begin, overtime, driving, distance, work, tasks, room, link, names, area or
    skills."""
    text: str
    """One plain English sentence."""
    technician: str
    """Who does it then."""
    plan: Plan
    """Of the relaxed problem; serves all that was served before, and this."""
    problem: Problem
    """The problem with that rule relaxed."""


class Proofs:
    """What is asked to see whether one more visit fits a plan."""

    def __init__(
        self, problem: Problem, plan: Plan, visit: str, *, search_s: float, say: Clock
    ) -> None:
        """Read `plan` as a draft."""
        self.problem = problem
        self.search_s = search_s
        self.say = say
        self.visit = next(one for one in problem.visits if one.id == visit)
        board = Board(problem)
        self.orders = board.orders(plan)
        self.keys = keys_of(plan)
        if board.draft(self.orders) is None:
            raise ValueError("the plan breaks a rule")
        self.served = {task for row in self.orders.values() for task in row}
        if (StopKind.JOB, visit) in {(task.kind, task.id) for task in self.served}:
            raise ValueError(f"visit {visit} is in the plan")

    def proof(self, relaxed: Problem, *, search: bool = False) -> Draft | None:
        """Return a draft of `relaxed` with the visit and all that was served, if any.

        `search` also plans again for a short while.
        """
        board = Board(relaxed)
        request = board.request_of[StopKind.JOB, self.visit.id]
        orders = {
            id_: [board.task_of.get((task.kind, task.id), task) for task in row]
            for id_, row in self.orders.items()
        }
        draft = board.draft(orders)
        if draft is None:
            return None
        found = cheapest(draft, board.unit_of(request))
        if found is None and search and self.search_s > 0:
            plan = solve(relaxed, time_limit_s=self.search_s, initial=self.keys)
            found = board.draft(board.orders(plan))
            if found is not None and not self.serves(found):
                found = None
        return found

    def serves(self, draft: Draft) -> bool:
        """Return whether `draft` has the visit and all that was served before."""
        done = {(task.kind, task.id) for row in draft.orders.values() for task in row}
        before = {(task.kind, task.id) for task in self.served}
        before = {key for key in before if key[0] is not StopKind.RELOAD}
        return before | {(StopKind.JOB, self.visit.id)} <= done

    def told(self, rule: str, draft: Draft, text: str) -> Relaxation:
        """Return `draft` as the proof of `text`, where {} is who does it."""
        who = self.doer(draft).id
        return Relaxation(
            rule=rule,
            text=text.replace("{}", who, 1),
            technician=who,
            plan=draft.plan(),
            problem=draft.board.problem,
        )

    def doer(self, draft: Draft) -> Technician:
        """Return who begins the visit in `draft`."""
        return next(
            draft.board.technicians[id_]
            for id_, row in draft.orders.items()
            if any((t.kind, t.id) == (StopKind.JOB, self.visit.id) for t in row)
        )

    def with_visit(self, **changes: Any) -> Problem:
        """Return the problem with the visit changed."""
        changed = replace(self.visit, **changes)
        visits = tuple(
            changed if one is self.visit else one for one in self.problem.visits
        )
        return replace(self.problem, visits=visits)

    def with_technicians(self, change: Callable[[Technician], Technician]) -> Problem:
        """Return the problem with every technician changed."""
        changed = tuple(change(one) for one in self.problem.technicians)
        return replace(self.problem, technicians=changed)

    def least(self, relaxed: Callable[[int], Problem], most_s: int) -> Draft | None:
        """Return the proof for the least number of steps that has one, or None."""
        best = self.proof(relaxed(most_s), search=True)
        if best is None:
            return None
        low, high = 0, most_s // STEP_S
        while high - low > 1:
            middle = (low + high) // 2
            found = self.proof(relaxed(middle * STEP_S))
            if found is None:
                low = middle
            else:
                best, high = found, middle
        return best

    def request(self) -> Request:
        """Return the visit as it is asked for."""
        return Board(self.problem).request_of[StopKind.JOB, self.visit.id]
