"""A route of a plan, and what the problem says of each of its stops."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from routes.checking.violation import ViolationKind
from routes.plan import Plan, Route, Stop, StopKind
from routes.problem import (
    ALWAYS,
    Amounts,
    Break,
    Halt,
    Problem,
    Technician,
    TimeWindow,
    Visit,
)

Finding: TypeAlias = tuple[ViolationKind, str, str | None]
"""What is wrong on one route: which rule, in words, and at which stop."""

ENDS = (StopKind.START, StopKind.END)


class Work(NamedTuple):
    """What the problem says of one visit or half a shipment."""

    halt: Halt
    skills: frozenset[str]
    amount: Amounts
    """Of a shipment."""
    visit: Visit | None
    """None: half a shipment."""


Works: TypeAlias = Mapping[tuple[StopKind, str], Work]


def works_of(problem: Problem) -> Works:
    """Return all that there is to do in `problem`."""
    works: dict[tuple[StopKind, str], Work] = {}
    for visit in problem.visits:
        works[StopKind.JOB, visit.id] = Work(visit, visit.skills, (), visit)
    for one in problem.shipments:
        for kind, halt in (
            (StopKind.PICKUP, one.pickup),
            (StopKind.DELIVERY, one.delivery),
        ):
            works[kind, one.id] = Work(halt, one.skills, one.amount, None)
    return works


@dataclass(frozen=True)
class Reading:
    """One route, read with the problem at hand; never trusted to be right."""

    problem: Problem
    technician: Technician
    route: Route
    works: Works

    def work(self, stop: Stop) -> Work | None:
        """Return what is to be done at `stop`; None where it is no task, or unknown."""
        return self.works.get((stop.kind, stop.id or ""))

    def pause(self, stop: Stop) -> Break | None:
        """Return which break `stop` is; None where it is none, or unknown."""
        if stop.kind is not StopKind.BREAK:
            return None
        return self._pauses.get(stop.id or "")

    @cached_property
    def _pauses(self) -> Mapping[str, Break]:
        return {pause.id: pause for pause in self.technician.breaks}

    def halt(self, stop: Stop) -> Halt | None:
        """Return what is to be done at a task or a reload; None if it is neither."""
        if stop.kind is StopKind.RELOAD:
            return self._reload(stop)
        work = self.work(stop)
        return None if work is None else work.halt

    def _reload(self, stop: Stop) -> Halt | None:
        rule = self.technician.reload
        if rule is None or stop.place is None or stop.place not in rule.places:
            return None
        return Halt(place=stop.place, service_s=rule.duration_s, windows=rule.windows)

    @cached_property
    def tasks(self) -> Sequence[Stop]:
        """The visits and halves of shipments that are in the problem."""
        return [stop for stop in self.route.stops if self.work(stop) is not None]

    def is_somewhere(self, stop: Stop) -> bool:
        """Return whether `stop` is driven to: all but breaks on the road are."""
        pause = self.pause(stop)
        if pause is not None:
            return pause.place is not None
        return stop.kind in ENDS or self.halt(stop) is not None

    def place(self, stop: Stop) -> int | None:
        """Return where the problem, not the plan, says that `stop` is."""
        if stop.kind in ENDS:
            one = self.technician
            return one.start if stop.kind is StopKind.START else one.end
        pause, halt = self.pause(stop), self.halt(stop)
        if pause is not None:
            return pause.place
        return None if halt is None else halt.place

    @cached_property
    def driven(self) -> tuple[int, int]:
        """Seconds and metres from place to place, by the matrices."""
        places = [self.place(one) for one in self.route.stops if self.is_somewhere(one)]
        legs = list(pairwise(places))
        return (
            sum(self.problem.travel_s(self.technician, *leg) for leg in legs),
            sum(self.problem.distance_m(self.technician, *leg) for leg in legs),
        )

    @cached_property
    def work_s(self) -> int:
        """How long from leaving the start to the end, less breaks that are not paid."""
        if not self.route.stops:
            return 0
        span_s = self.route.stops[-1].departure_s - self.route.stops[0].departure_s
        for stop in self.route.stops:
            pause = self.pause(stop)
            if pause is not None and not pause.is_paid:
                span_s -= stop.service_s
        return span_s

    @cached_property
    def overtime_s(self) -> int:
        """How long after the shift closes the route ends."""
        if not self.route.stops:
            return 0
        return max(0, self.route.stops[-1].departure_s - self.technician.shift.closes_s)

    def windows(self, stop: Stop) -> Sequence[TimeWindow]:
        """Return when `stop` may begin, whatever its area; always if there are none."""
        pause, halt = self.pause(stop), self.halt(stop)
        if pause is not None:
            return pause.windows
        return () if halt is None else halt.windows

    def days(self, stop: Stop) -> Sequence[TimeWindow] | None:
        """Return when the area of `stop` is visited; None where nothing is fixed."""
        work = self.work(stop)
        if work is None or work.visit is None or work.visit.area is None:
            return None
        return self.problem.area_windows.get(work.visit.area)

    def lateness_s(self, stop: Stop) -> int | None:
        """Return how long after its window `stop` begins; None before all of them.

        The last window that has opened counts: of a visit in an area with fixed days,
        what is left of its windows on those.
        """
        if not self.windows(stop) and self.days(stop) is None:
            return 0
        opened = [one for one in self.open(stop) if one[0] <= stop.service_start_s]
        return max(0, stop.service_start_s - max(opened)[1]) if opened else None

    def open(self, stop: Stop) -> list[tuple[int, int]]:
        """Return from when to when `stop` may begin, its area's days looked at."""
        days = self.days(stop)
        found = []
        for own in self.windows(stop) or (ALWAYS,):
            for day in (ALWAYS,) if days is None else days:
                opens_s = max(own.opens_s, day.opens_s)
                closes_s = min(own.closes_s, day.closes_s)
                if opens_s <= closes_s:
                    found.append((opens_s, closes_s))
        return found


def readings_of(problem: Problem, plan: Plan) -> list[Reading]:
    """Return the routes of `plan` that are those of technicians in `problem`."""
    works = works_of(problem)
    technicians = {one.id: one for one in problem.technicians}
    return [
        Reading(problem, technicians[route.technician], route, works)
        for route in plan.routes
        if route.technician in technicians
    ]
