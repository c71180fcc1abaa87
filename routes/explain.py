"""Why something is left out of a plan, found by trying, not by guessing.

The questions are asked in turn, each of those technicians only who passed the one
before: who has the skills, the room, a shift at that time, the time to get there, the
limits for it; and, for those who could do it alone, every place on their route.
"""

from collections.abc import Sequence

from routes.insert import Obstacle, near_miss, obstacle
from routes.loads import fits_in_car
from routes.plan import Plan, Reason, ReasonKind, Unassigned, clock, keys_of
from routes.problem import Problem, Technician, TimeWindow
from routes.schedule import late_s
from routes.tasks import Orders, Request, Task, requests_of

LACKS = {
    Obstacle.CAPACITY: "no room in the car",
    Obstacle.TASKS: "no more tasks allowed",
    Obstacle.TRAVEL: "no more driving time allowed",
    Obstacle.DISTANCE: "no more distance allowed",
}
LIMITS = {
    Obstacle.TASKS: (ReasonKind.TASK_LIMIT, "take more tasks than allowed"),
    Obstacle.TRAVEL: (ReasonKind.TRAVEL_LIMIT, "drive longer than allowed"),
    Obstacle.DISTANCE: (ReasonKind.DISTANCE_LIMIT, "drive farther than allowed"),
}


def explain(problem: Problem, plan: Plan) -> tuple[Unassigned, ...]:
    """Return all that `plan`, whoever made it, does not serve, each with its reason.

    Stops that are not in the problem are not looked at.
    """
    requests = requests_of(problem)
    tasks = {(task.kind, task.id): task for one in requests for task in one.tasks}
    orders = {
        technician: [tasks[key] for key in keys if key in tasks]
        for technician, keys in keys_of(plan).items()
    }
    done = {task for order in orders.values() for task in order}
    return tuple(
        Unassigned(kind=one.kind, id=one.id, reason=reason_for(problem, orders, one))
        for one in requests
        if one.tasks[0] not in done
    )


def reason_for(problem: Problem, orders: Orders, request: Request) -> Reason:
    """Return why `request` is on none of the routes that `orders` make."""
    everybody = problem.technicians
    if not everybody:
        text = "There are no technicians."
        return Reason(kind=ReasonKind.NO_TECHNICIANS, text=text)
    skilled = [one for one in everybody if request.skills <= one.skills]
    if not skilled:
        return _no_skills(request, everybody)
    carrying = [one for one in skilled if fits_in_car(one, request.tasks)]
    if not carrying:
        text = f"It is too big for the car of {_who(skilled, request)}."
        return Reason(kind=ReasonKind.TOO_BIG, text=text)
    at_work = [one for one in carrying if _shift_meets(one, request)]
    if not at_work:
        return _outside_shifts(carrying, request)
    missed = {one.id: late_s(problem, one, request.tasks) for one in at_work}
    reaching = [one for one in at_work if not missed[one.id]]
    if not reaching:
        return _out_of_reach(missed)
    alone = [one for one in reaching if obstacle(problem, one, request.tasks) is None]
    if not alone:
        return _over_limit(problem, reaching, request)
    return _day_full(problem, orders, alone, request)


def _no_skills(request: Request, everybody: Sequence[Technician]) -> Reason:
    known = frozenset[str]().union(*(one.skills for one in everybody))
    missing = request.skills - known
    if missing:
        text = f"Nobody has {_listed(missing)}."
    else:
        text = f"Nobody has all of {_listed(request.skills)} together."
    return Reason(kind=ReasonKind.SKILLS, text=text, skills=missing or request.skills)


def _shift_meets(technician: Technician, request: Request) -> bool:
    return all(
        not task.halt.windows
        or any(window.meets(technician.shift) for window in task.halt.windows)
        for task in request.tasks
    )


def _outside_shifts(able: Sequence[Technician], request: Request) -> Reason:
    """Say when it should begin, and when those who could do it work."""
    unmet = [
        task.halt.windows
        for task in request.tasks
        if not any(w.meets(one.shift) for one in able for w in task.halt.windows)
    ]
    halves = unmet or [task.halt.windows for task in request.tasks]
    asked = [_span(window) for windows in halves for window in windows]
    shifts = sorted({_span(one.shift) for one in able})
    text = (
        f"It must begin between {_joined(asked, 'or')}, and {_who(able, request)} "
        f"{'works' if len(able) == 1 else 'work'} between {_joined(shifts, 'or')}."
    )
    return Reason(kind=ReasonKind.OUTSIDE_SHIFTS, text=text)


def _out_of_reach(missed_s: dict[str, int]) -> Reason:
    nearest = min(missed_s, key=lambda one: missed_s[one])
    late = missed_s[nearest]
    text = (
        "It cannot be reached, done and left in time, even with nothing else to do: "
        f"{nearest} comes closest, {_minutes(late)} late."
    )
    return Reason(
        kind=ReasonKind.OUT_OF_REACH, text=text, technician=nearest, late_s=late
    )


def _over_limit(
    problem: Problem, able: Sequence[Technician], request: Request
) -> Reason:
    found = {one.id: obstacle(problem, one, request.tasks) for one in able}
    technician, broken = next(
        (id_, broken) for id_, broken in found.items() if broken is not None
    )
    kind, what = LIMITS[broken]
    text = f"Even with nothing else to do, {technician} would {what}."
    return Reason(kind=kind, text=text, technician=technician)


def _day_full(
    problem: Problem, orders: Orders, able: Sequence[Technician], request: Request
) -> Reason:
    """Try every place on the route of all who could do `request` alone."""
    late: dict[str, int] = {}
    lacking: dict[str, list[Technician]] = {}
    for technician in able:
        tasks: Sequence[Task] = orders.get(technician.id, ())
        miss = near_miss(problem, technician, tasks, request)
        if miss.late_s is None:
            what = _joined([LACKS[one] for one in sorted(miss.obstacles)], "or")
            lacking.setdefault(what, []).append(technician)
        else:
            late[technician.id] = miss.late_s
    if not late:
        parts = [f"{what} for {_who(some, request)}" for what, some in lacking.items()]
        text = f"The day is full: {'; '.join(parts)}."
        return Reason(kind=ReasonKind.DAY_FULL, text=text)
    nearest = min(late, key=lambda one: late[one])
    if late[nearest] == 0:
        text = f"Nothing hinders it: {nearest} has room for it. Plan again."
        return Reason(kind=ReasonKind.HAS_ROOM, text=text, technician=nearest)
    text = (
        f"The day is full: with it {nearest}, who comes closest, would be "
        f"{_minutes(late[nearest])} late at some stop or at the end of the shift."
    )
    return Reason(
        kind=ReasonKind.DAY_FULL, text=text, technician=nearest, late_s=late[nearest]
    )


def _who(able: Sequence[Technician], request: Request) -> str:
    """Name `able`, or say what they have in common if they are many."""
    if len(able) <= 3:
        return _joined([one.id for one in able], "and")
    skills = f" with {_listed(request.skills)}" if request.skills else ""
    return f"{len(able)} technicians{skills}"


def _span(window: TimeWindow) -> str:
    return f"{clock(window.opens_s)} and {clock(window.closes_s)}"


def _minutes(late: int) -> str:
    minutes = -(-late // 60)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def _listed(skills: frozenset[str]) -> str:
    noun = "the skill" if len(skills) == 1 else "the skills"
    return f"{noun} {_joined(sorted(skills), 'and')}"


def _joined(words: Sequence[str], last: str) -> str:
    *most, final = words
    return f"{', '.join(most)} {last} {final}" if most else final
