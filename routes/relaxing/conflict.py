"""A smallest set of demands that cannot hold together.

One demand after the other is left out; what is still impossible without it did not need
it.  What is left at the end is small, and whether it can be done is searched to the
end, so that each of them is needed: without any one of them the rest can be done.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from routes.plan import TaskKind
from routes.problem import ALWAYS, Problem, Technician
from routes.reasons.hindrance import joined
from routes.relaxing.trial import TooBig, possible
from routes.rules import AMOUNT_MAX
from routes.solve import solve

SEARCH_S = 0.5
TRIED_MAX = 12
"""Of more visits not all ways are tried: nobody would wait for the end of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Demands that cannot hold together; without any one of them the rest can."""

    visits: tuple[str, ...]
    rules: tuple[str, ...]
    """In words: "the windows of 7", "the shifts"."""

    @property
    def text(self) -> str:
        """Return one plain English sentence."""
        names = joined(self.visits, "and")
        if len(self.visits) == 1:
            what = f"Visit {names} cannot be done"
        else:
            what = f"Visits {names} cannot all be done"
        if not self.rules:
            return f"{what}."
        return f"{what} with {joined(self.rules, 'and')} as they are."


def conflict(
    problem: Problem, must: Sequence[str], *, search_s: float = SEARCH_S
) -> Conflict | None:
    """Return a smallest set of demands among `must` that cannot hold; None if they can.

    `must` are visits that have to be done; what they are linked with counts only where
    it is among them.  `search_s` is how long to look for a plan of many visits.

    Raises:
        KeyError: one is not in the problem.
        TooBig: it was not found out.
    """
    known = {one.id for one in problem.visits}
    for id_ in must:
        if id_ not in known:
            raise KeyError(id_)
    asked = only(problem, must)
    if _found(asked, search_s):
        return None
    visits = narrowed(
        list(dict.fromkeys(must)), lambda some: _found(only(problem, some), search_s)
    )
    if len(visits) > TRIED_MAX:
        raise TooBig(
            f"no plan was found for {joined(visits, 'and')}, which are too many to try"
            " all ways"
        )
    # What a short search does not find may still be there: the last word is exact, and
    # takes out what a search that is unlucky left in.
    visits = _filtered(visits, lambda some: possible(only(problem, some)))
    core = only(problem, visits)
    if possible(core):
        raise TooBig("no plan was found for them, and no proof that there is none")
    rules = dict(_rules(core))
    kept = _filtered(
        list(rules),
        lambda some: possible(_relaxed(core, rules, set(rules) - set(some))),
    )
    return Conflict(visits=tuple(visits), rules=tuple(kept))


def only(problem: Problem, visits: Sequence[str]) -> Problem:
    """Return `problem` with nothing to do but `visits`."""
    there = set(visits)

    def fewer(one: Technician) -> Technician:
        return replace(
            one,
            first=tuple(id_ for id_ in one.first if id_ in there),
            last=tuple(id_ for id_ in one.last if id_ in there),
        )

    return replace(
        problem,
        technicians=tuple(fewer(one) for one in problem.technicians),
        visits=tuple(one for one in problem.visits if one.id in there),
        shipments=(),
        links=tuple(one for one in problem.links if {one.first, one.second} <= there),
    )


def _filtered(
    demands: list[str], can_hold: Callable[[Sequence[str]], bool]
) -> list[str]:
    """Return `demands` without those that are not needed for them to be impossible.

    Without any one of what is returned, the rest can hold.
    """
    needed = list(demands)
    for one in demands:
        fewer = [other for other in needed if other != one]
        if not can_hold(fewer):
            needed = fewer
    return needed


def narrowed(
    demands: list[str], can_hold: Callable[[Sequence[str]], bool]
) -> list[str]:
    """Return `demands` as `_filtered` does, with fewer questions where few are needed.

    Parts of them are left out at once, and smaller parts when none can be.
    """
    needed, size = list(demands), len(demands) // 2
    while size > 1:
        first = 0
        while first < len(needed) and size < len(needed):
            fewer = needed[:first] + needed[first + size :]
            if can_hold(fewer):
                first += size
            else:
                needed = fewer
        size //= 2
    return _filtered(needed, can_hold)


def _found(problem: Problem, search_s: float) -> bool:
    """Return whether a plan that does everything was found."""
    if len(problem.visits) <= 3:
        return possible(problem)
    plan = solve(problem, time_limit_s=search_s)
    return not any(one.kind is TaskKind.VISIT for one in plan.unassigned)


Relaxed = Callable[[Problem], Problem]


def _rules(problem: Problem) -> Iterator[tuple[str, Relaxed]]:
    """Yield what is demanded, in words, and the problem without it."""
    for visit in problem.visits:
        asked: list[tuple[str, bool, dict[str, object]]] = [
            ("windows", bool(visit.windows), {"windows": (), "lateness": None}),
            ("skills", bool(visit.skills), {"skills": frozenset()}),
            (
                "names",
                visit.allowed is not None or bool(visit.forbidden),
                {"allowed": None, "forbidden": frozenset()},
            ),
            ("area", visit.area is not None, {"area": None}),
            ("second person", visit.people > 1, {"people": 1}),
        ]
        for noun, is_asked, changes in asked:
            if is_asked:
                yield f"the {noun} of {visit.id}", _of_visit(visit.id, changes)
    for link in problem.links:
        left = tuple(one for one in problem.links if one is not link)
        yield (
            f"the link from {link.first} to {link.second}",
            lambda one, left=left: replace(one, links=left),  # type: ignore[misc]
        )
    free: dict[str, dict[str, object]] = {
        "the shifts": {"shift": ALWAYS, "overtime_max_s": 0},
        "the breaks": {"breaks": ()},
        "the limits": dict.fromkeys(
            ("travel_max_s", "distance_max_m", "work_max_s", "tasks_max")
        ),
        "the pins": {"first": (), "last": ()},
    }
    for noun, changes in free.items():
        yield noun, _of_everybody(changes)
    width = max((len(v.deliver + v.collect) for v in problem.visits), default=0)
    room = (AMOUNT_MAX,) * width
    yield "the cars", _of_everybody({"capacity": room, "used_capacity": None})


def _of_visit(id_: str, changes: dict[str, object]) -> Relaxed:
    def relaxed(problem: Problem) -> Problem:
        visits = tuple(
            replace(one, **changes) if one.id == id_ else one  # type: ignore[arg-type]
            for one in problem.visits
        )
        return replace(problem, visits=visits)

    return relaxed


def _of_everybody(changes: dict[str, object]) -> Relaxed:
    def relaxed(problem: Problem) -> Problem:
        some = problem.technicians
        if "shift" in changes:
            # Shifts of one person would meet: somebody who works always has one.
            first = {one.who: one for one in reversed(some)}
            some = tuple(one for one in some if first[one.who] is one)
        technicians = tuple(
            replace(one, **changes)  # type: ignore[arg-type]
            for one in some
        )
        return replace(problem, technicians=technicians)

    return relaxed


def _relaxed(problem: Problem, rules: dict[str, Relaxed], without: set[str]) -> Problem:
    for name, relaxed in rules.items():
        if name in without:
            problem = relaxed(problem)
    return problem
