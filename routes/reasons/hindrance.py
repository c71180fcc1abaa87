"""Which rule keeps somebody from doing something, even with nothing else to do.

The rules are asked in turn: skills, names, home areas, the car, the shift, the way
there and back, limits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from routes.drafting.insert import Obstacle, obstacle, overdone
from routes.plan import ReasonKind, StopKind
from routes.problem import FOREVER_S, Problem, Technician, TimeWindow, Visit
from routes.timetable.loads import fits_in_car
from routes.timetable.schedule import late_s
from routes.timetable.tasks import Request, Task

ORDER = (
    ReasonKind.SKILLS,
    ReasonKind.NAMES,
    ReasonKind.AREA,
    ReasonKind.TOO_BIG,
    ReasonKind.OUTSIDE_SHIFTS,
    ReasonKind.OUT_OF_REACH,
    ReasonKind.TASK_LIMIT,
    ReasonKind.TRAVEL_LIMIT,
    ReasonKind.DISTANCE_LIMIT,
    ReasonKind.WORK_LIMIT,
)
"""Who fails at a later one comes closer."""

LIMITS = {
    Obstacle.TASKS: (ReasonKind.TASK_LIMIT, "take more tasks than allowed"),
    Obstacle.TRAVEL: (ReasonKind.TRAVEL_LIMIT, "drive longer than allowed"),
    Obstacle.DISTANCE: (ReasonKind.DISTANCE_LIMIT, "drive farther than allowed"),
    Obstacle.WORK: (ReasonKind.WORK_LIMIT, "work longer than allowed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindrance:
    """A rule that keeps one technician from doing something."""

    technician: str
    kind: ReasonKind
    text: str
    """What is true of the technician: "has not the skill ECG"."""
    late_s: int | None = None
    """How late the technician would be, where only time is lacking."""


def hindrance(
    problem: Problem, technician: Technician, request: Request
) -> Hindrance | None:
    """Return what keeps `technician` from doing nothing but `request`, or None."""

    def found(kind: ReasonKind, text: str, late: int | None = None) -> Hindrance:
        return Hindrance(technician=technician.id, kind=kind, text=text, late_s=late)

    if missing := request.skills - technician.skills:
        return found(ReasonKind.SKILLS, f"has not {listed(missing)}")
    if named := _named(problem, technician, request):
        return found(ReasonKind.NAMES, named)
    halt = request.tasks[0].halt
    if isinstance(halt, Visit) and _away(technician, halt):
        return found(ReasonKind.AREA, f"does not go to {halt.area}")
    if not fits_in_car(technician, request.tasks):
        return found(ReasonKind.TOO_BIG, "has too small a car")
    if not shift_meets(technician, request):
        return found(ReasonKind.OUTSIDE_SHIFTS, "is not at work then")
    if missed_s := late_s(problem, technician, request.tasks):
        text = f"would be {minutes(missed_s)} late"
        return found(ReasonKind.OUT_OF_REACH, text, missed_s)
    broken = obstacle(problem, technician, request.tasks)
    if broken is None:
        broken = overdone(problem, technician, request.tasks)
    if broken is None:
        return None
    kind, what = LIMITS[broken]
    return found(kind, f"would {what}")


def _named(problem: Problem, technician: Technician, request: Request) -> str | None:
    """Return how names in the problem keep `technician` from `request`, or None."""
    halt = request.tasks[0].halt
    if request.tasks[0].kind is not StopKind.JOB or not isinstance(halt, Visit):
        return None
    pinned = [
        one.id
        for one in problem.technicians
        if request.id in one.first or request.id in one.last
    ]
    if pinned and technician.id not in pinned:
        return f"is not {pinned[0]}, whose route it is pinned to"
    if technician.names & halt.forbidden:
        return "is forbidden"
    if halt.allowed is not None and not technician.names & halt.allowed:
        return "is not among those allowed"
    return None


def _away(technician: Technician, visit: Visit) -> bool:
    elsewhere = visit.area is not None and technician.areas is not None
    return (
        elsewhere
        and visit.area not in (technician.areas or ())
        and technician.away_price is None
    )


def shift_meets(technician: Technician, request: Request) -> bool:
    """Return whether every window there is to meet meets the shift of `technician`."""
    at_work = TimeWindow(technician.shift.opens_s, technician.latest_end_s)
    return all(
        not task.halt.windows
        or any(_begins(task, window).meets(at_work) for window in task.halt.windows)
        for task in request.tasks
    )


def _begins(task: Task, window: TimeWindow) -> TimeWindow:
    late = task.halt.lateness
    return (
        window
        if late is None
        else TimeWindow(window.opens_s, min(window.closes_s + late.max_s, FOREVER_S))
    )


def minutes(late: int) -> str:
    """Return `late` seconds in words, begun minutes as whole ones.

    >>> minutes(60), minutes(61)
    ('1 minute', '2 minutes')
    """
    whole = -(-late // 60)
    return "1 minute" if whole == 1 else f"{whole} minutes"


def listed(skills: frozenset[str]) -> str:
    """Return `skills` in words."""
    noun = "the skill" if len(skills) == 1 else "the skills"
    return f"{noun} {joined(sorted(skills), 'and')}"


def joined(words: Sequence[str], last: str) -> str:
    """Return `words` with commas, and `last` before the last.

    >>> joined(["a", "b", "c"], "or")
    'a, b or c'
    """
    *most, final = words
    return f"{', '.join(most)} {last} {final}" if most else final


def plural(text: str) -> str:
    """Return what is true of one as what is true of several."""
    verb, _, rest = text.partition(" ")
    return f"{ {'is': 'are', 'has': 'have', 'does': 'do'}.get(verb, verb) } {rest}"
