"""What is different between two plans: for whoever has to tell people."""

from collections.abc import Iterator
from dataclasses import dataclass

from routes.plan import TASKS, Plan, StopKind, TaskKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A stop that another technician makes, or at another moment, or that is new."""

    kind: StopKind
    id: str
    before: str | None
    """Who made it; None: nobody."""
    before_s: int | None
    """When work began."""
    after: str | None
    after_s: int | None

    @property
    def moved_s(self) -> int:
        """Return how much later work begins; 0 where it did or does not happen."""
        if self.before_s is None or self.after_s is None:
            return 0
        return self.after_s - self.before_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What another plan changes."""

    extra: int
    """What it costs more."""
    shifts: tuple[Shift, ...]
    """By technician and moment; what is left out last."""


def difference(before: Plan, after: Plan) -> Difference:
    """Return what `after` changes of `before`.

    A visit for two people is told of for each of them.
    """
    was, now = dict(_stops(before)), dict(_stops(after))
    shifts = []
    for key in was.keys() | now.keys():
        old, new = was.get(key, []), now.get(key, [])
        same = {id_ for id_, _ in old} & {id_ for id_, _ in new}
        pairs = [(id_, dict(old)[id_], id_, dict(new)[id_]) for id_ in same]
        gone = [one for one in old if one[0] not in same]
        come = [one for one in new if one[0] not in same]
        for n in range(max(len(gone), len(come))):
            one = gone[n] if n < len(gone) else (None, None)
            other = come[n] if n < len(come) else (None, None)
            shifts.append(_shift(key, *one, *other))
        shifts += [_shift(key, *pair) for pair in pairs if pair[1] != pair[3]]
    return Difference(
        extra=after.cost - before.cost, shifts=tuple(sorted(shifts, key=_place))
    )


def _stops(plan: Plan) -> Iterator[tuple[TaskKey, list[tuple[str, int]]]]:
    found: dict[TaskKey, list[tuple[str, int]]] = {}
    for route in plan.routes:
        for stop in route.stops:
            if stop.kind in TASKS and stop.id is not None:
                at = (route.technician, stop.service_start_s)
                found.setdefault((stop.kind, stop.id), []).append(at)
    yield from found.items()


def _shift(
    key: TaskKey,
    before: str | None,
    before_s: int | None,
    after: str | None,
    after_s: int | None,
) -> Shift:
    return Shift(
        kind=key[0],
        id=key[1],
        before=before,
        before_s=before_s,
        after=after,
        after_s=after_s,
    )


def _place(one: Shift) -> tuple[bool, str, int, str]:
    return one.after is None, one.after or "", one.after_s or 0, one.id
