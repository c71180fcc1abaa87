"""Why nobody could do something, even with nothing else to do, in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from routes.plan import Reason, ReasonKind
from routes.problem import Problem, Technician, TimeWindow, Visit
from routes.reasons.hindrance import (
    ORDER,
    Hindrance,
    joined,
    listed,
    minutes,
    plural,
    shift_meets,
)
from routes.timetable.tasks import Request

Clock: TypeAlias = Callable[[int], str]
"""Says a moment of the problem in words."""


@dataclass(frozen=True, slots=True)
class Nobody:
    """Something that nobody could do."""

    problem: Problem
    request: Request
    say: Clock

    def never(self) -> Reason:
        """Say that its windows are on none of the days of its area."""
        halt = self.request.tasks[0].halt
        area = halt.area if isinstance(halt, Visit) else None
        days = self.problem.area_windows.get(area or "", ())
        text = (
            f"Its windows are on none of the fixed days of {area}: "
            f"{joined([self._span(one) for one in days], 'or')}."
            if days
            else f"Nobody goes to {area} on any day."
        )
        return Reason(kind=ReasonKind.FIXED_DAYS, text=text)

    def reason(self, some: Sequence[Hindrance]) -> Reason:
        """Say what keeps those who come closest; the others failed before that."""
        kind = max((one.kind for one in some), key=ORDER.index)
        closest = [one for one in some if one.kind is kind]
        able = [self._technician(one) for one in closest]
        if kind is ReasonKind.SKILLS:
            return self._no_skills()
        if kind in (ReasonKind.NAMES, ReasonKind.AREA):
            return Reason(kind=kind, text=self.sentence(closest))
        if kind is ReasonKind.TOO_BIG:
            return Reason(
                kind=kind, text=f"It is too big for the car of {self.who(able)}."
            )
        if kind is ReasonKind.OUTSIDE_SHIFTS:
            return self._outside_shifts(able)
        if kind is ReasonKind.OUT_OF_REACH:
            return _out_of_reach(closest)
        one = closest[0]
        text = f"Even with nothing else to do, {one.technician} {one.text}."
        return Reason(kind=kind, text=text, technician=one.technician)

    def sentence(self, some: Sequence[Hindrance]) -> str:
        """Say of everybody what is true of them; of many who share it, how many."""
        by_text: dict[str, list[Technician]] = {}
        for one in some:
            technician = self._technician(one)
            by_text.setdefault(one.text, []).append(technician)
        parts = [
            f"{self.who(who)} {text if len(who) == 1 else plural(text)}"
            for text, who in by_text.items()
        ]
        return f"{joined(parts, 'and')}."

    def _no_skills(self) -> Reason:
        skills, everybody = self.request.skills, self.problem.technicians
        known = frozenset[str]().union(*(one.skills for one in everybody))
        missing = skills - known
        if missing:
            text = f"Nobody has {listed(missing)}."
        else:
            text = f"Nobody has all of {listed(skills)} together."
        return Reason(kind=ReasonKind.SKILLS, text=text, skills=missing or skills)

    def _outside_shifts(self, able: Sequence[Technician]) -> Reason:
        """Say when it should begin, and when those who could do it work."""
        tasks = self.request.tasks
        unmet = [
            task.halt.windows
            for task in tasks
            if not any(w.meets(one.shift) for one in able for w in task.halt.windows)
        ]
        halves = unmet or [task.halt.windows for task in tasks]
        asked = [self._span(window) for windows in halves for window in windows]
        shifts = sorted({(one.shift.opens_s, one.shift.closes_s) for one in able})
        work = joined([self._span(TimeWindow(*shift)) for shift in shifts], "or")
        who = f"{self.who(able)} {'works' if len(able) == 1 else 'work'}"
        others = [
            one
            for one in self.problem.technicians
            if shift_meets(one, self.request) and self.request.skills - one.skills
        ]
        between = joined(asked, "or")
        if others:
            text = (
                f"Nobody at work between {between} has {listed(self.request.skills)}; "
                f"{who} between {work}."
            )
        else:
            text = f"It must begin between {between}, and {who} between {work}."
        return Reason(kind=ReasonKind.OUTSIDE_SHIFTS, text=text)

    def _span(self, window: TimeWindow) -> str:
        return f"{self.say(window.opens_s)} and {self.say(window.closes_s)}"

    def who(self, able: Sequence[Technician]) -> str:
        """Name `able`, or say what they have in common if they are many."""
        if len(able) <= 3:
            return joined([one.id for one in able], "and")
        skills = self.request.skills
        shared = skills and all(skills <= one.skills for one in able)
        return f"{len(able)} technicians{f' with {listed(skills)}' if shared else ''}"

    def _technician(self, one: Hindrance) -> Technician:
        return next(t for t in self.problem.technicians if t.id == one.technician)


def _out_of_reach(some: Sequence[Hindrance]) -> Reason:
    nearest = min(some, key=lambda one: one.late_s or 0)
    text = (
        "It cannot be reached, done and left in time, even with nothing else to do: "
        f"{nearest.technician} comes closest, {minutes(nearest.late_s or 0)} late."
    )
    return Reason(
        kind=ReasonKind.OUT_OF_REACH,
        text=text,
        technician=nearest.technician,
        late_s=nearest.late_s,
    )
