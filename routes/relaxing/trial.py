"""Whether a few visits can be done, found out by trying everything."""

from collections.abc import Iterator
from dataclasses import replace

from routes.drafting.draft import Board
from routes.problem import Problem, Technician
from routes.timetable.row import Row
from routes.timetable.tasks import Request, Task, reload_at

STEPS_MAX = 100_000
"""So many rows are timed before a question is given up as too big."""


class TooBig(Exception):
    """Whether some demands can hold together was not found out."""


def possible(problem: Problem) -> bool:
    """Return whether all visits of `problem` can be done, by trying everything.

    Raises:
        TooBig: that takes too long.
    """
    return _Trial(problem).possible()


class _Trial:
    """All ways to do some visits, tried one after another."""

    def __init__(self, problem: Problem) -> None:
        self.board = Board(problem)
        self.problem = problem
        self.steps = 0
        self.loads = any((*one.deliver, *one.collect) for one in problem.visits)

    def possible(self) -> bool:
        some = [one for one in self.board.requests for _ in range(one.people)]
        return self.onwards(0, {}, some)

    def onwards(
        self, n: int, orders: dict[str, tuple[Task, ...]], left: list[Request]
    ) -> bool:
        """Return whether `left` can be done by the technicians from number `n` on."""
        if not left:
            return self.board.draft(orders) is not None
        if n == len(self.problem.technicians):
            return False
        technician = self.problem.technicians[n]
        before = self.problem.technicians[n - 1] if n else None
        idle = before is not None and not orders[before.id]
        if before is not None and idle and self.alike(technician, before):
            # The one before is as good and does nothing: it was tried with them.
            return False
        return self.row(n, technician, (), orders, left)

    def row(
        self,
        n: int,
        technician: Technician,
        row: tuple[Task, ...],
        orders: dict[str, tuple[Task, ...]],
        left: list[Request],
    ) -> bool:
        """Return whether `row` goes on to a plan: ended here, or with one more."""
        self.steps += 1
        if self.steps > STEPS_MAX:
            raise TooBig("there are too many ways to try")
        if row and not Row(self.problem, technician, row).states[len(row)]:
            return False
        if self.onwards(n + 1, {**orders, technician.id: row}, left):
            return True
        for task, rest in self.more(technician, row, left):
            if self.row(n, technician, (*row, task), orders, rest):
                return True
        return False

    def more(
        self, technician: Technician, row: tuple[Task, ...], left: list[Request]
    ) -> Iterator[tuple[Task, list[Request]]]:
        done = {(task.kind, task.id) for task in row}
        for n, request in enumerate(left):
            task = request.tasks[0]
            again = (task.kind, task.id) in done or request in left[:n]
            if not again and self.board.price(technician, task) is not None:
                yield task, left[:n] + left[n + 1 :]
        reload = technician.reload
        reloads = sum(key[0] == "reload" for key in done)
        if self.loads and row and reload is not None and reloads < reload.times_max:
            for place in reload.places:
                yield reload_at(technician, place), left

    def alike(self, one: Technician, other: Technician) -> bool:
        """Return whether both could do each other's route."""
        named = any(
            (self.board.price(one, request.tasks[0]) is None)
            != (self.board.price(other, request.tasks[0]) is None)
            for request in self.board.requests
        )
        same = replace(one, id="", person=None) == replace(other, id="", person=None)
        return same and not named and one.who != other.who
