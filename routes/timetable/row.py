"""One technician's row of tasks, whose moments are kept so that one more is soon tried.

What comes before a change stays as it was; what comes after is timed again only until
it is as early as it has been.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from math import inf
from typing import NamedTuple

from routes.problem import Problem, Technician
from routes.timetable.tasks import Request, Task, cost_of_drive, drive_of
from routes.timetable.timing import Leg, State, Timing


class Placing(NamedTuple):
    """A request in one place, or its two halves in two places, of a row."""

    extra: int
    """What driving there costs more, and the fixed cost if nobody drove before."""
    first: int
    """So many tasks come before it."""
    last: int
    """The last new task is the one so numbered in `tasks`."""
    tasks: tuple[Task, ...]


class Row(Timing):
    """A row of tasks, each as early as can be, for each number of breaks before it."""

    def __init__(
        self, problem: Problem, technician: Technician, tasks: Sequence[Task]
    ) -> None:
        """Time `tasks`; nothing is asked of them but to keep their windows."""
        super().__init__(problem, technician, tasks)
        self.tasks = tuple(tasks)
        self.states: list[Mapping[int, State]] = [
            {0: State(0, technician.shift.opens_s)}
        ]
        for leg in self.legs:
            self.states.append(self.step(self.states[-1], leg))
        self.drive_s, self.drive_m = drive_of(problem, technician, tasks)
        self.cost = (
            cost_of_drive(technician, self.drive_s, self.drive_m) if tasks else 0
        )

    @property
    def is_kept(self) -> bool:
        """Return whether every window, every break and the shift can be kept."""
        return len(self.breaks) in self.states[-1]

    def step(self, states: Mapping[int, State], leg: Leg) -> dict[int, State]:
        """Return how a stop is left in time, by how many breaks were taken."""
        found: dict[int, State] = {}
        for before, state in states.items():
            for taken in range(before, len(self.breaks) + 1):
                arrival, here = self.drive(state, leg, self.breaks[before:taken])
                if arrival.late_s:
                    break
                left = self.leave(arrival, leg, here)
                if not left.late_s and (taken not in found or left < found[taken]):
                    found[taken] = left
        return found

    def accepts(self, placing: Placing) -> bool:
        """Return whether every window can be kept with what is placed."""
        states: Mapping[int, State] = self.states[placing.first]
        grown = len(placing.tasks) - len(self.tasks)
        for n, leg in enumerate(self.legs_from(placing), start=placing.first):
            states = self.step(states, leg)
            if not states:
                return False
            old = self.states[n - grown + 1]
            if self.is_kept and n > placing.last and _no_later(states, old):
                return True
        return len(self.breaks) in states

    def legs_from(self, placing: Placing) -> Iterator[Leg]:
        """Yield the ways from the first that `placing` changes on, the end's last."""
        here = self._place(placing.tasks, placing.first - 1)
        for task in placing.tasks[placing.first :]:
            yield Leg(here, task.halt.place, task.halt)
            here = task.halt.place
        yield self.legs[-1]._replace(origin=here)

    @cached_property
    def hurried(self) -> list[dict[int, State]]:
        """How each stop is left by who goes on even when late, the start's first."""
        opens_s = self.technician.shift.opens_s
        found = [{0: State(0, opens_s)}]
        for reached in self.reached(opens_s):
            found.append({taken: one.left for taken, one in enumerate(reached)})
        return found

    def late_s(self, placing: Placing, *, below_s: float = inf) -> int | None:
        """Return by how much the worst rule of time is missed; None from `below_s` on.

        As `schedule.late_s` has it.
        """
        found = 0
        for reached in self.going_on(
            self.hurried[placing.first], self.legs_from(placing)
        ):
            found = reached[-1].left.late_s
            if min(one.left.late_s for one in reached) >= below_s:
                return None
        return found if found < below_s else None

    def placings(self, request: Request) -> Iterator[Placing]:
        """Yield every place for `request`, the cheapest to drive to first.

        Nothing is asked of them yet.
        """
        yield from sorted(self._placings(request), key=lambda one: one[:3])

    def _placings(self, request: Request) -> Iterator[Placing]:
        row = self.tasks
        first, *rest = request.tasks
        for i in range(len(row) + 1):
            if not rest:
                placed = (*row[:i], first, *row[i:])
                yield Placing(self.detour(placed, i, i), i, i, placed)
                continue
            for j in range(i, len(row) + 1):
                placed = (*row[:i], first, *row[i:j], *rest, *row[j:])
                yield Placing(self.detour(placed, i, j + 1), i, j + 1, placed)

    def detour(self, tasks: Sequence[Task], first: int, last: int) -> int:
        """Return what driving `tasks` costs more: this row with `first` and `last`."""
        travel_s, distance_m = self.drive_s, self.drive_m
        runs = [(first, last)] if last <= first + 1 else [(first, first), (last, last)]
        for opens, closes in runs:
            added = range(opens, closes + 1)
            here = self._place(tasks, opens - 1)
            there = self._place(tasks, closes + 1)
            ways = [here, *(tasks[n].halt.place for n in added), there]
            for origin, goal in pairwise(ways):
                travel_s += self.problem.travel_s(self.technician, origin, goal)
                distance_m += self.problem.distance_m(self.technician, origin, goal)
            if self.tasks:
                travel_s -= self.problem.travel_s(self.technician, here, there)
                distance_m -= self.problem.distance_m(self.technician, here, there)
        if not self.tasks:
            travel_s, distance_m = drive_of(self.problem, self.technician, tasks)
        return cost_of_drive(self.technician, travel_s, distance_m) - self.cost

    def _place(self, tasks: Sequence[Task], n: int) -> int | None:
        if n < 0:
            return self.technician.start
        return tasks[n].halt.place if n < len(tasks) else self.technician.end


def _no_later(states: Mapping[int, State], known: Mapping[int, State]) -> bool:
    return all(
        taken in states and states[taken] <= state for taken, state in known.items()
    )
