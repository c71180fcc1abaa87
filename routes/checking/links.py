"""Which visit comes after which, whoever does them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from routes.checking.reading import Reading
from routes.checking.violation import Violation, ViolationKind
from routes.plan import Plan, StopKind, TaskKind
from routes.problem import Link, Problem


class Done(NamedTuple):
    """A visit, by all who do it."""

    people: frozenset[str]
    begins_s: tuple[int, int]
    """The first of them, and the last."""
    done_s: int
    """When the last of them leaves."""


def wrong_links(
    problem: Problem, plan: Plan, readings: Sequence[Reading]
) -> Iterator[Violation]:
    """Yield links of which one visit is missing, or comes at a wrong time."""
    served = {
        stop.id
        for route in plan.routes
        for stop in route.stops
        if stop.kind is StopKind.JOB
    }
    left = {one.id for one in plan.unassigned if one.kind is TaskKind.VISIT}
    found = _done(readings)
    for link in problem.links:
        first, second = found.get(link.first), found.get(link.second)
        if first is not None and second is not None:
            yield from _times(link, first, second)
            continue
        # What is neither done nor left out is forgotten, and said to be so elsewhere.
        for one, other in ((link.first, link.second), (link.second, link.first)):
            if one in served and other in left - served:
                text = f"Visit {one} is done and visit {other}, linked to it, is not."
                yield Violation(kind=ViolationKind.LINK_SPLIT, text=text, stop=other)


def _done(readings: Sequence[Reading]) -> dict[str, Done]:
    found: dict[str, Done] = {}
    for reading in readings:
        who = frozenset([reading.technician.person or reading.technician.id])
        for stop in reading.tasks:
            if stop.kind is not StopKind.JOB:
                continue
            begin_s, id_ = stop.service_start_s, stop.id or ""
            one = found.get(id_, Done(who, (begin_s, begin_s), stop.departure_s))
            earliest_s, latest_s = one.begins_s
            found[id_] = Done(
                one.people | who,
                (min(earliest_s, begin_s), max(latest_s, begin_s)),
                max(one.done_s, stop.departure_s),
            )
    return found


def _times(link: Link, first: Done, second: Done) -> Iterator[Violation]:
    earliest_s, latest_s = second.begins_s
    after_s = earliest_s - first.done_s
    pair = f"Visit {link.second} begins"
    if after_s < link.least_s:
        text = (
            f"{pair} {after_s} s after visit {link.first} is done;"
            f" {link.least_s} s is the least."
        )
        kind = ViolationKind.LINK_EARLY
        yield Violation(kind=kind, text=text, stop=link.second)
    after_s = latest_s - first.done_s
    if link.most_s is not None and after_s > link.most_s:
        text = (
            f"{pair} {after_s} s after visit {link.first} is done;"
            f" {link.most_s} s is the most."
        )
        yield Violation(kind=ViolationKind.LINK_LATE, text=text, stop=link.second)
    # Where one is for two people and the other for one, one of the two does both.
    fewer, more = sorted((first.people, second.people), key=len)
    if link.same_person and not fewer <= more:
        text = f"Visits {link.first} and {link.second} are not done by the same person."
        yield Violation(kind=ViolationKind.LINK_PERSON, text=text, stop=link.second)
