"""Plan a day: open orders, the solver's answer, saved runs.

Nothing is locked and no transaction is open while the solver thinks.  What changed
meanwhile is found when the runs are saved, and then nothing is.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from fsc_logistics.core.catalogue.technicians import WorkingTechnician
from fsc_logistics.core.config import Planning
from fsc_logistics.core.database import Sessions
from fsc_logistics.core.runs.day_plan import DayPlan, LeftOutOrder, day_plan
from fsc_logistics.core.runs.due import DueVisit, OpenDay, open_day
from fsc_logistics.core.runs.saved import Shortage, save_plan
from fsc_logistics.core.travel import travel_matrix, travel_source
from fsc_logistics.domain.day import OpeningHours, PlanningDay
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.orders import ARRIVE_S, Urgency
from routes.plan import Plan, Progress
from routes.problem import Break, Costs, Problem, Technician, TimeWindow, Visit

NO_CONSENT = (
    "The citizen has not agreed that address and contact go to the technician."
    " Record it: fsc order change {order} --consent"
)
NO_PLACE = (
    "It is not known where the citizen lives. Give a point:"
    " fsc citizen change {citizen} --point LAT,LON"
)
LUNCH = "lunch"
Solve = Callable[..., Plan]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What planning a day gave, and what one should know of it."""

    plan: DayPlan
    shortages: tuple[Shortage, ...] = ()
    notes: tuple[str, ...] = ()


def plan_day(
    sessions: Sessions,
    day: date,
    *,
    hours: OpeningHours,
    planning: Planning,
    now: datetime,
    time_limit_s: float | None = None,
    anyway: bool = False,
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
    solve: Solve | None = None,
) -> Planned:
    """Plan all that is due on `day` for those at work, and save it as runs.

    Runs of the day that are not issued are replaced; issued ones stay as they are, and
    who drives them is not planned again.  With `dry_run` nothing is saved.

    Raises:
        Refused: the day has gone by, nobody works on it (unless `anyway`), or an order
            changed while the plan was made.
        TryLater: somebody else planned the day meanwhile, or the database is away.
        KeyboardInterrupt: whoever waited did not want to wait any longer.
    """
    _check_day(day, hours, now, anyway=anyway)
    with sessions.read() as session:
        before = open_day(session, day, zone=hours.zone, today=hours.day_of(now))
    seconds = PlanningDay(day, hours.zone)
    problem = as_problem(
        before,
        seconds,
        hours=hours,
        planning=planning,
        # What is left of today; of a day to come, all of it.
        from_s=max(0, seconds.seconds(now)),
    )
    limit_s = planning.time_limit_s if time_limit_s is None else time_limit_s
    plan = _solved(problem, solve, limit_s, progress)
    result = day_plan(plan, seconds)
    result = replace(result, unassigned=(*result.unassigned, *_not_planned(before)))
    shortages: tuple[Shortage, ...] = ()
    if not dry_run:
        with sessions.begin() as session:
            shortages = save_plan(
                session, problem, result, plan, before=before, seconds=seconds, now=now
            )
    return Planned(plan=result, shortages=shortages, notes=_notes(before))


def as_problem(
    open_: OpenDay,
    seconds: PlanningDay,
    *,
    hours: OpeningHours,
    planning: Planning,
    from_s: int,
) -> Problem:
    """Return the day, from `from_s` on, as a question to the solver.

    A citizen is a place, whoever lives at the same spot: arriving is counted once for
    all orders of one citizen, and for each of two neighbours.

    Raises:
        BadInput: whoever says how long it takes to drive has no answer.
        TryLater: it is away.
    """
    from routes.travel import Delay, Point

    homes = {visit.citizen: visit for visit in open_.visits}
    depots = {t.start: t.start_point for t in open_.technicians}
    depots |= {t.end: t.end_point for t in open_.technicians}
    points = [Point(point.lat, point.lon) for point in depots.values()]
    delays: list[Delay | None] = [None] * len(points)
    for home in homes.values():
        assert home.point is not None, "visits without a place are not planned"
        points.append(Point(home.point.lat, home.point.lon))
        delayed = home.extra_s > 0
        delays.append(
            Delay(area=home.postcode, extra_s=home.extra_s) if delayed else None
        )
    place = {code: number for number, code in enumerate([*depots, *homes])}
    costs = Costs(per_hour=planning.per_hour, per_km=planning.per_km)
    technicians = (
        _technician(one, place[one.start], place[one.end], seconds, costs, from_s)
        for one in open_.technicians
    )
    return Problem(
        technicians=tuple(one for one in technicians if one is not None),
        visits=tuple(
            _visit(visit, place[visit.citizen], seconds, hours)
            for visit in open_.visits
        ),
        matrices={
            "car": travel_matrix(
                travel_source(planning), points, names=list(place), delays=delays
            )
        },
    )


def _technician(
    one: WorkingTechnician,
    start: int,
    end: int,
    seconds: PlanningDay,
    costs: Costs,
    from_s: int,
) -> Technician | None:
    """Return a technician from `from_s` on, or None when the shift is over by then."""
    shift = _rest(_window(seconds, one.shift_from_s, one.shift_to_s), from_s)
    if shift is None:
        return None
    lunch = _rest(_window(seconds, one.lunch_from_s, one.lunch_to_s), from_s)
    return Technician(
        id=one.code,
        start=start,
        end=end,
        shift=shift,
        breaks=(Break(id=LUNCH, duration_s=one.lunch_s, windows=(lunch,)),)
        if one.lunch_s and lunch is not None
        else (),
        skills=one.skills,
        capacity=(one.capacity_ml,),
        costs=costs,
    )


def _rest(window: TimeWindow, from_s: int) -> TimeWindow | None:
    """Return what is left of a window from `from_s` on."""
    if window.closes_s < from_s:
        return None
    return TimeWindow(max(window.opens_s, from_s), window.closes_s)


def _visit(
    visit: DueVisit, place: int, seconds: PlanningDay, hours: OpeningHours
) -> Visit:
    setup_s = min(ARRIVE_S, visit.service_s)
    if visit.agreed is None:
        window = _window(seconds, hours.open_from_s, hours.open_to_s)
    else:
        opens, closes = (seconds.seconds(moment) for moment in visit.agreed)
        window = TimeWindow(opens, closes)
    return Visit(
        id=visit.order,
        place=place,
        setup_s=setup_s,
        service_s=visit.service_s - setup_s,
        windows=(window,),
        skills=visit.skills,
        deliver=(visit.deliver_ml,),
        collect=(visit.collect_ml,),
        priority=visit.priority,
    )


def _window(seconds: PlanningDay, from_s: int, to_s: int) -> TimeWindow:
    """Return a window given by the clock in seconds that pass."""
    return TimeWindow(seconds.at_clock(from_s), seconds.at_clock(to_s))


def _solved(
    problem: Problem,
    solve: Solve | None,
    time_limit_s: float,
    progress: Callable[[Progress], None] | None,
) -> Plan:
    from routes.check import violations
    from routes.solve import solve as search

    interrupted = threading.Event()
    plan = (solve or search)(
        problem,
        time_limit_s=time_limit_s,
        progress=progress,
        interrupted=interrupted.set,
    )
    if interrupted.is_set():
        # The best plan so far is not what was asked for: it must not be saved.
        raise KeyboardInterrupt
    wrong = violations(problem, plan)
    # A broken rule is a bug of ours: a traceback, and nothing is saved.
    assert not wrong, "; ".join(violation.text for violation in wrong)
    return plan


def _check_day(day: date, hours: OpeningHours, now: datetime, *, anyway: bool) -> None:
    today = hours.day_of(now)
    if day < today:
        raise Refused(f"{day} has gone by; today is {today}.")
    because = hours.calendar.closed_because(day)
    if because is not None and not anyway:
        raise Refused(
            f"{day} is {because}, and nobody works then. To plan all the same:"
            f" fsc plan {day} --anyway"
        )


def _not_planned(open_: OpenDay) -> Sequence[LeftOutOrder]:
    return [
        *(
            LeftOutOrder(order=order, reason=NO_CONSENT.format(order=order))
            for order in open_.without_consent
        ),
        *(
            LeftOutOrder(order=order, reason=NO_PLACE.format(citizen=citizen))
            for order, citizen in open_.without_place
        ),
    ]


def _notes(open_: OpenDay) -> tuple[str, ...]:
    notes = [
        f"{technician} drives the issued run {open_.day}/{technician} and was not"
        " planned again."
        for technician in open_.issued
    ]
    overdue = sum(visit.urgency is Urgency.OVERDUE for visit in open_.visits)
    if overdue:
        are = "order is" if overdue == 1 else "orders are"
        notes.append(f"{overdue} {are} overdue and came first.")
    return tuple(notes)
