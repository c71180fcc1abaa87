"""How early each stop of a row can begin and be left, by breaks taken before it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from routes.problem import Problem, Technician
from routes.timetable.tasks import Task
from routes.timetable.timing import Leg, Reached, Timing


class Begun(NamedTuple):
    """The earliest moments at which one visit can begin and can be left."""

    begin_s: int
    done_s: int


class Earliest(Timing):
    """A timing that takes down how early each stop can begin and be left."""

    def __init__(
        self,
        problem: Problem,
        technician: Technician,
        tasks: Sequence[Task],
        *,
        taken: Mapping[int, int],
    ) -> None:
        """`taken` says of stops, by their place, how many breaks come before them."""
        super().__init__(problem, technician, tasks)
        self.taken = taken
        self.begun: list[Begun] = []
        """Of each stop that is reached in time, the end last."""

    def reached(self, leave_s: int) -> Iterator[list[Reached]]:
        """Yield how each stop is left, in vain where other breaks were asked for."""
        for n, (leg, row) in enumerate(
            zip(self.legs, super().reached(leave_s), strict=True)
        ):
            if n in self.taken:
                # In place: what comes after is reached from what this list holds.
                row[:] = [
                    one if taken == self.taken[n] else _in_vain(one)
                    for taken, one in enumerate(row)
                ]
            moments = [
                Begun(
                    one.left.time_s - self.work_after(leg, one, taken), one.left.time_s
                )
                for taken, one in enumerate(row)
                if not one.left.late_s
            ]
            if moments:
                begins, ends = zip(*moments, strict=True)
                self.begun.append(Begun(min(begins), min(ends)))
            yield row

    def work_after(self, leg: Leg, reached: Reached, taken: int) -> int:
        """Return how long the work is after the breaks on the way to it."""
        here = leg.origin
        for pause in self.breaks[reached.breaks_before : taken]:
            here = here if pause.place is None else pause.place
        return self.work_s(leg, here)


def _in_vain(reached: Reached) -> Reached:
    late = reached.left._replace(late_s=max(1, reached.left.late_s))
    return reached._replace(left=late)
