"""Whether the spans are what the events give, without putting the two side by side.

Every span says what one line of one event said.  So the sum of a hash over all lines
that count must be the sum of the same hash over all spans.  Sums are kept for groups
of devices; where they differ, the devices are to be compared one by one, as where two
events of a device fall on one moment and only the last has a span.  A secret number
goes into every hash, so that nobody can make up rows that cancel out.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, literal, select, type_coerce
from sqlalchemy.orm import Session

from fsc_logistics.core.chains import Batch
from fsc_logistics.core.event_hash import microseconds
from fsc_logistics.core.spans import Table
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    ConditionSpan,
    CustodySpan,
    ErrorDeclaration,
    FlagSpan,
    KitSpan,
    LineDeclaration,
)
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import EventKind

GROUPS = 1 << 16
"""How many sums there are, however many devices."""

_MASK = (1 << 64) - 1
_OPEN = microseconds(OPEN_ENDED)
_BATCH = 20_000
_CUSTODY, _KIT, _CONDITION, _FLAG = range(4)
_NUMBERS = {word.value: n for n, word in enumerate([*Condition, *Flag], start=2)}
"""Words as numbers: the hash of a text differs between processes."""
_STATING = frozenset({EventKind.OBJECT.value, EventKind.CONDITION.value})


@dataclass(slots=True)
class Sums:
    """A sum for each group of devices; groups out of order are marked."""

    secret: int
    devices: int
    """The highest number of a device."""
    sums: "array[int]" = field(default_factory=lambda: array("Q", bytes(8 * GROUPS)))
    marked: set[int] = field(default_factory=set)

    def group(self, device: int) -> int:
        """Return the group a device belongs to."""
        return min(max(device * GROUPS // (self.devices + 1), 0), GROUPS - 1)

    def add(self, other: "Sums") -> None:
        """Add another's sums to these."""
        pairs = zip(self.sums, other.sums, strict=True)
        self.sums = array("Q", ((ours + theirs) & _MASK for ours, theirs in pairs))
        self.marked |= other.marked

    def differing(self, other: "Sums") -> Iterator[tuple[int, int]]:
        """Yield the first and last number of the devices of groups that differ."""
        marked = self.marked | other.marked
        size = self.devices + 1
        pairs = zip(self.sums, other.sums, strict=True)
        for group, (ours, theirs) in enumerate(pairs):
            if ours != theirs or group in marked:
                yield -(-group * size // GROUPS), -(-(group + 1) * size // GROUPS) - 1


def add_lines(sums: Sums, session: Session, batch: Batch) -> None:
    """Add what the lines of a batch of events say, where they count."""
    if not batch.events:
        return
    wrong = _declared(session, batch.events[0][0], batch.events[-1][0])
    events = {event[0]: event for event in batch.events}
    totals, secret, group_of = sums.sums, sums.secret, sums.group
    for number, device, kit, _ in batch.lines:
        event = events.get(number)
        if event is None:
            continue
        if wrong and ((number, 0) in wrong or (number, device) in wrong):
            continue
        at, kind, custodian, location, condition, flag, raised = event[7:14]
        said = 0
        if kind == "object":
            said += hash((secret, _CUSTODY, device, at, number, custodian, location))
        elif kind == EventKind.AGGREGATION:
            said += hash((secret, _KIT, device, at, number, kit, 0))
        elif kind == EventKind.FLAG:
            flagged = _NUMBERS.get(flag, 1)
            said += hash((secret, _FLAG, device, at, number, flagged, bool(raised)))
        if condition is not None and kind in _STATING:
            stated = _NUMBERS.get(condition, 1)
            said += hash((secret, _CONDITION, device, at, number, stated, 0))
        group = group_of(device)
        totals[group] = (totals[group] + said) & _MASK


def _declared(session: Session, first: int, last: int) -> set[tuple[int, int]]:
    """Return what is declared wrong: event and device, or event and 0 for all of it."""
    whole = session.scalars(
        select(ErrorDeclaration.wrong_event_id).where(
            ErrorDeclaration.wrong_event_id.between(first, last)
        )
    )
    lines = session.execute(
        select(LineDeclaration.wrong_event_id, LineDeclaration.device_id).where(
            LineDeclaration.wrong_event_id.between(first, last)
        )
    )
    return {(event, 0) for event in whole} | {
        (event, device) for event, device in lines
    }


def add_spans(sums: Sums, session: Session, first: int, last: int) -> None:
    """Add what the spans of the devices numbered `first` to `last` say.

    Where one does not begin as the one before it ends, its group is marked.
    """
    for chain, (table, key, values) in _SPANS.items():
        columns = ("device_id", "valid_from", "event_id", "valid_to", "prev_to")
        query = (
            select(
                *(type_coerce(getattr(table, name), BigInteger) for name in columns),
                *values,
            )
            .where(table.device_id.between(first, last))
            .order_by(table.device_id, *key, table.valid_from)
        )
        found = session.connection().execute(
            query, execution_options={"yield_per": _BATCH}
        )
        rows = (row for part in found.partitions() for row in part)
        _add_chain(sums, chain, rows)


def _add_chain(sums: Sums, chain: int, rows: Iterable[Any]) -> None:
    totals, secret, group_of = sums.sums, sums.secret, sums.group
    words = chain in (_CONDITION, _FLAG)
    before, ends = None, _OPEN
    for device, start, event, end, link, first, second in rows:
        of = (device, first) if chain == _FLAG else device
        group = group_of(device)
        if of == before:
            if not start == ends == link:
                sums.marked.add(group)
        elif link is not None or ends != _OPEN:
            sums.marked.add(group)
            if before is not None:
                last = before[0] if isinstance(before, tuple) else before
                sums.marked.add(group_of(last))
        before, ends = of, end
        said = _NUMBERS.get(first, 1) if words else first
        value = bool(second) if chain == _FLAG else second
        number = hash((secret, chain, device, start, event, said, value))
        totals[group] = (totals[group] + number) & _MASK
    if ends != _OPEN and before is not None:
        last = before[0] if isinstance(before, tuple) else before
        sums.marked.add(group_of(last))


_none: ColumnElement[int] = literal(0, literal_execute=True)
_SPANS: dict[int, tuple[Table, tuple[Any, ...], tuple[Any, ...]]] = {
    _CUSTODY: (CustodySpan, (), (CustodySpan.custodian_id, CustodySpan.location_id)),
    _KIT: (KitSpan, (), (KitSpan.kit_id, _none)),
    _CONDITION: (ConditionSpan, (), (ConditionSpan.condition, _none)),
    _FLAG: (FlagSpan, (FlagSpan.flag,), (FlagSpan.flag, FlagSpan.raised)),
}
