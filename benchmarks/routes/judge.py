"""What an answer is worth, whoever gave it, and what two checkers say of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from benchmarks.routes import day_check, own_check
from benchmarks.routes.distance_check import distance_of, wrong_with
from benchmarks.routes.distance_files import File
from routes.check import violations
from routes.formats.vroom import Document
from routes.formats.vroom_plan import write_plan
from routes.formats.vroom_plan_reader import read_plan
from routes.formats.vroom_reader import read_problem
from routes.plan import Plan, Unassigned
from routes.timetable.schedule import route_of
from routes.timetable.tasks import Task, requests_of

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
        requests = requests_of(problem)
        tasks: dict[tuple[str, str], Task] = {
            (str(task.kind), str(self.document.name(str(task.kind), task.id))): task
            for request in requests
            for task in request.tasks
        }
        made, wrong, done = [], [], set()
        for technician in problem.technicians:
            name = str(self.document.name("vehicle", technician.id))
            steps = routes.get(name, ())
            order = [tasks[kind, str(number)] for kind, number in steps]
            if not order:
                continue
            route = route_of(problem, technician, order)
            if route is None:
                wrong.append(f"Vehicle {name} cannot be in time everywhere.")
                continue
            made.append(route)
            done |= {task.id for task in order}
        left = tuple(
            Unassigned(kind=one.kind, id=one.id)
            for one in requests
            if one.id not in done
        )
        cost = sum(route.cost for route in made)
        return Plan(routes=tuple(made), unassigned=left, cost=cost), tuple(wrong)


def _orders(told: Object) -> list[list[int]]:
    """Return the customers of each route of a plan for an academic file."""
    return [
        [step["id"] for step in route["steps"] if step["type"] in day_check.KINDS]
        for route in told["routes"]
    ]
