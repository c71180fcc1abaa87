"""What an answer is worth, whoever gave it, and what two checkers say of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from benchmarks.routes import day_check, own_check
from benchmarks.routes.distance_check import distance_of, wrong_with
from benchmarks.routes.distance_files import File
from routes.check import violations
from routes.drafting.draft import Board, left_out
from routes.formats.vroom import Document
from routes.formats.vroom_plan import write_plan
from routes.formats.vroom_plan_reader import read_plan
from routes.formats.vroom_reader import read_problem
from routes.plan import Plan
from routes.timetable.evenness import cost_of_evenness
from routes.timetable.schedule import route_of
from routes.timetable.tasks import Task
from routes.timetable.together import together

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a plan does, in whole numbers of the question's units."""

    priority: int
    visits: int
    left_out: int
    driving: int
    routes: int
    cost: int
    """As the plan says, which `routes.check` reads too."""
    distance: float | None = None
    """By the academic file itself, in its units."""
    wrong: tuple[str, ...] = ()
    """What `routes.check` found."""
    wrong_too: tuple[str, ...] = ()
    """What the second checker found."""


class Case:
    """A question, written down once for everybody, and how answers to it are judged."""

    def __init__(self, problem: Object, *, file: File | None = None) -> None:
        self.problem = problem
        self.file = file
        self.text = json.dumps(problem, separators=(",", ":"))

    @cached_property
    def document(self) -> Document:
        """Return the question as `routes` reads it."""
        return read_problem(self.text)

    def worth(self, answer: Object) -> Worth:
        """Return what an answer is worth: a plan with times, or an order of stops."""
        told, wrong = self.told(answer)
        plan = read_plan(json.dumps(told), self.document)
        found = violations(self.document.problem, plan)
        return Worth(
            priority=day_check.priority_of(self.problem, told),
            visits=day_check.visits_of(told),
            left_out=len(told["unassigned"]),
            driving=day_check.driving_s(self.problem, told),
            routes=len(told["routes"]),
            cost=plan.cost,
            distance=self._distance(told),
            wrong=(*wrong, *(one.text for one in found)),
            wrong_too=(*wrong, *self._wrong_too(told)),
        )

    def told(self, answer: Object) -> tuple[Object, tuple[str, ...]]:
        """Return an answer as a plan as VROOM writes it, and who cannot be in time.

        Times of a plan are taken as told.  An order is timed here, exactly: if there is
        any legal timing it gets one.
        """
        if "plan" in answer:
            return answer["plan"], ()
        plan, wrong = self._timed(answer["routes"])
        return write_plan(self.document, plan), wrong

    def _distance(self, told: Object) -> float | None:
        return None if self.file is None else distance_of(self.file, _orders(told))

    def _wrong_too(self, told: Object) -> tuple[str, ...]:
        if self.file is None:
            checker = own_check if "fsc_links" in self.problem else day_check
            return tuple(checker.wrong_with(self.problem, told))
        return tuple(wrong_with(self.file, _orders(told)))

    def _timed(
        self, routes: Mapping[str, Sequence[tuple[str, int]]]
    ) -> tuple[Plan, tuple[str, ...]]:
        """Return an order of stops as a plan, and who cannot keep theirs."""
        problem = self.document.problem
        board = Board(problem)
        tasks: dict[tuple[str, str], Task] = {
            (kind, str(self.document.name(kind, id_))): task
            for (kind, id_), task in board.task_of.items()
        }
        orders: dict[str, list[Task]] = {}
        names = {
            one.id: str(self.document.name("vehicle", one.id))
            for one in problem.technicians
        }
        for technician in problem.technicians:
            steps = routes.get(names[technician.id], ())
            orders[technician.id] = [tasks[kind, str(number)] for kind, number in steps]
        held, made, wrong = together(problem, orders) or orders, [], []
        for technician in problem.technicians:
            order = held[technician.id]
            if not order:
                continue
            route = route_of(problem, technician, order)
            if route is None:
                name = names[technician.id]
                wrong.append(f"Vehicle {name} cannot be in time everywhere.")
                continue
            prices = sum(board.price(technician, task) or 0 for task in order)
            made.append(replace(route, cost=route.cost + prices))
        busy_s = {route.technician: route.busy_s for route in made}
        plan = Plan(
            routes=tuple(made),
            unassigned=left_out(board, {id_: orders[id_] for id_ in busy_s}),
            cost=sum(route.cost for route in made) + cost_of_evenness(problem, busy_s),
        )
        return plan, tuple(wrong)


def _orders(told: Object) -> list[list[int]]:
    """Return the customers of each route of a plan for an academic file."""
    return [
        [step["id"] for step in route["steps"] if step["type"] in day_check.KINDS]
        for route in told["routes"]
    ]
