"""How early each stop of a row can be left, for each number of breaks taken before it.

Driving and working never get better by starting later, so the earliest time at which a
stop can be left, for each number of breaks already taken, is all that has to be known
to go on from there: exact, however many windows there are.  What may be late at a price
is begun as soon as it can be; between two ways that are as early, the cheaper counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from routes.problem import Break, Halt, Problem, Technician, TimeWindow
from routes.timetable.tasks import Task


class State(NamedTuple):
    """How a moment on a route is reached: the less, the better."""

    late_s: int
    """By how much the worst rule of time so far was missed."""
    time_s: int
    price: int = 0
    """Of lateness that is allowed, in units times seconds an hour."""


class Leg(NamedTuple):
    """The way to a stop, and the work there."""

    origin: int | None
    place: int | None
    halt: Halt


class Reached(NamedTuple):
    """How a stop is left."""

    left: State
    breaks_before: int
    """How many breaks were taken on leaving the stop before."""


def legs_of(technician: Technician, tasks: Sequence[Task]) -> list[Leg]:
    """Return the ways to each of `tasks` and to the end."""
    found, here = [], technician.start
    for task in tasks:
        found.append(Leg(here, task.halt.place, task.halt))
        here = task.halt.place
    ends = TimeWindow(technician.shift.opens_s, technician.latest_end_s)
    # Where an open route ends does not matter: nothing is driven there.
    end = Halt(place=technician.end or 0, windows=(ends,))
    return [*found, Leg(here, technician.end, end)]


def begin(halt: Halt, time_s: int) -> State:
    """Return when work may begin that one is ready for at `time_s`.

    Between two windows one waits for the next, unless late for the first is allowed.
    """
    most_s, per_hour = (
        (0, 0)
        if halt.lateness is None
        else (halt.lateness.max_s, halt.lateness.per_hour)
    )
    for n, window in enumerate(halt.windows):
        if time_s <= window.closes_s:
            return State(0, max(time_s, window.opens_s))
        late_s = time_s - window.closes_s
        later = halt.windows[n + 1 : n + 2]
        if late_s <= most_s and not (later and later[0].opens_s <= time_s):
            return State(0, time_s, late_s * per_hour)
    if not halt.windows:
        return State(0, time_s)
    return State(time_s - halt.windows[-1].closes_s - most_s, time_s)


def begin_break(pause: Break, time_s: int) -> tuple[int, int]:
    """Return by how much `pause` misses its windows, and when it begins."""
    for window in pause.windows:
        if time_s <= window.closes_s:
            return 0, max(time_s, window.opens_s)
    return (time_s - pause.windows[-1].closes_s if pause.windows else 0), time_s


class Timing:
    """One technician's row of tasks, asked when it could be done."""

    def __init__(
        self, problem: Problem, technician: Technician, tasks: Sequence[Task]
    ) -> None:
        self.problem = problem
        self.technician = technician
        self.breaks = technician.breaks
        self.legs = legs_of(technician, tasks)

    def work_s(self, leg: Leg, here: int | None) -> int:
        """Return how long the work at the end of `leg` takes for one who was `here`."""
        setup_s = 0 if here == leg.halt.place else leg.halt.setup_s
        return setup_s + leg.halt.service_s

    def drive(
        self, state: State, leg: Leg, due: Sequence[Break]
    ) -> tuple[State, int | None]:
        """Return the earliest arrival with the breaks `due` on the way.

        And the last place before the stop: another than `leg.origin` after a break that
        is at a place.
        """
        late_s, time_s, price = state
        here, rest = leg.origin, list(due)
        while rest:
            here, time_s, late_s, rest = self._to_break(leg, here, time_s, late_s, rest)
        travel_s = self.problem.travel_s(self.technician, here, leg.place)
        if not due or due[-1].place is not None:
            return State(late_s, time_s + travel_s, price), here
        return State(late_s, time_s, price), here

    def _to_break(
        self,
        leg: Leg,
        here: int | None,
        time_s: int,
        late_s: int,
        rest: list[Break],
    ) -> tuple[int | None, int, int, list[Break]]:
        """Drive to the next break at a place, or to the stop, with those before it."""
        cut = next((n for n, one in enumerate(rest) if one.place is not None), None)
        anywhere = rest if cut is None else rest[:cut]
        goal = leg.place if cut is None else rest[cut].place
        travel_s = self.problem.travel_s(self.technician, here, goal)
        for pause in anywhere:
            missed_s, begin_s = begin_break(pause, time_s)
            travel_s -= min(travel_s, begin_s - time_s)
            time_s = begin_s + pause.duration_s
            late_s = max(late_s, missed_s)
        time_s += travel_s
        if cut is None:
            return here, time_s, late_s, []
        missed_s, begin_s = begin_break(rest[cut], time_s)
        time_s = begin_s + rest[cut].duration_s
        return goal, time_s, max(late_s, missed_s), rest[cut + 1 :]

    def reached(self, leave_s: int) -> Iterator[list[Reached]]:
        """Yield, for each leg and each number of breaks taken, how its stop is left."""
        yield from self.going_on({0: State(0, leave_s)}, self.legs)

    def going_on(
        self, states: Mapping[int, State], legs: Iterable[Leg]
    ) -> Iterator[list[Reached]]:
        """Yield how the stop of each of `legs` is left, set out on from `states`.

        Those are by how many breaks were taken.
        """
        count = len(self.breaks)
        for leg in legs:
            reached = []
            for taken in range(count + 1):
                ways = (
                    (*self.drive(state, leg, self.breaks[before:taken]), before)
                    for before, state in states.items()
                    if before <= taken
                )
                reached.append(
                    min(
                        Reached(self.leave(arrival, leg, here), before)
                        for arrival, here, before in ways
                    )
                )
            yield reached
            states = {taken: one.left for taken, one in enumerate(reached)}

    def leave(self, arrival: State, leg: Leg, here: int | None) -> State:
        """Return how the stop is left that is reached by `arrival` from `here`."""
        late_s, begin_s, price = begin(leg.halt, arrival.time_s)
        return State(
            max(arrival.late_s, late_s),
            begin_s + self.work_s(leg, here),
            arrival.price + price,
        )

    def done(self, leave_s: int) -> State:
        """Return how the end is reached, with all breaks taken, left at `leave_s`."""
        *_, reached = self.reached(leave_s)
        return reached[-1].left

    def latest_leave_s(self, finish: State) -> int:
        """Return the latest start that ends as early and cheaply as `finish`."""
        low_s, high_s = self.technician.shift.opens_s, finish.time_s
        while low_s < high_s:
            middle_s = (low_s + high_s + 1) // 2
            there = self.done(middle_s)
            if all(one <= other for one, other in zip(there, finish, strict=True)):
                low_s = middle_s
            else:
                high_s = middle_s - 1
        return low_s
