"""Whether the spans are what the events give, without putting the two side by side.

Every span says what one line of one event said.  So the sum of a hash over all lines
that count must be the sum of the same hash over all spans.  Sums are kept for groups
of devices; where they differ, the devices are to be compared one by one, as where two
events of a device fall on one moment and only the last has a span.  A secret number
goes into every hash, and each is multiplied with itself: the hash of a tuple alone is
so plain that two rows with their values exchanged would often sum up to the same.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    bindparam,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.ledger.spans import Table
from fsc_logistics.core.proof.chains import Batch
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    ConditionSpan,
    CustodySpan,
    Device,
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
_DEVICES = 1_000
"""Devices whose spans are read at once."""
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

    def mark(self, device: int) -> None:
        """Mark the group of a device, to be looked at more closely."""
        size = self.devices + 1
        self.marked.add(device * GROUPS // size if 0 < device < size else 0)

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
    wrong = _declared(session, batch.first, batch.last)
    totals, secret, size = sums.sums, sums.secret, sums.devices + 1
    for row in batch.rows:
        device = row[7]
        if device is None:
            continue
        number = row[0]
        if wrong and ((number, 0) in wrong or (number, device) in wrong):
            continue
        at, kind, custodian, location, condition, flag, raised = row[10:17]
        said = one = 0
        if kind == "object":
            one = hash((secret, _CUSTODY, device, at, number, custodian, location))
        elif kind == "aggregation":
            # The hash of None differs between processes.
            one = hash((secret, _KIT, device, at, number, row[8] or 0, 0))
        elif kind == "flag":
            flagged = _NUMBERS.get(flag, 1)
            one = hash((secret, _FLAG, device, at, number, flagged, int(raised or 0)))
        said = one * (one ^ secret)
        if condition is not None and kind in _STATING:
            stated = _NUMBERS.get(condition, 1)
            one = hash((secret, _CONDITION, device, at, number, stated, 0))
            said += one * (one ^ secret)
        # A device beyond the last there is cannot be one of ours; any group will do.
        group = device * GROUPS // size if 0 < device < size else 0
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
    for chain, statement in _SPANS.items():
        for start, end in _devices(session, first, last):
            _add_chain(sums, chain, statement.all(session, first=start, last=end))


def _devices(session: Session, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield ranges that cover `first` to `last`, of so many devices each."""
    start = first
    while start <= last:
        nth = _NTH_DEVICE.first(session, first=start, offset=_DEVICES - 1)
        end = last if nth is None else min(int(nth[0]), last)
        yield start, end
        start = end + 1


def _add_chain(sums: Sums, chain: int, rows: Iterable[tuple[Any, ...]]) -> None:
    """Add the spans of some devices, all of each."""
    totals, secret, size, mark = sums.sums, sums.secret, sums.devices + 1, sums.mark
    plain = chain in (_CUSTODY, _KIT)
    before: tuple[int, Any] = (0, None)
    ends = _OPEN
    for device, start, event, end, link, value, other in rows:
        of = (device, value if chain == _FLAG else None)
        if of == before:
            if not start == ends == link:
                mark(device)
        else:
            if ends != _OPEN:
                mark(before[0])
            if link is not None:
                mark(device)
            before = of
        ends = end
        first = value or 0 if plain else _NUMBERS.get(value, 1)
        one = hash((secret, chain, device, start, event, first, int(other)))
        group = device * GROUPS // size if 0 < device < size else 0
        totals[group] = (totals[group] + one * (one ^ secret)) & _MASK
    if ends != _OPEN:
        mark(before[0])


def _spans(table: Table, *values: Any, key: tuple[Any, ...] = ()) -> Statement:
    columns = ("device_id", "valid_from", "event_id", "valid_to", "prev_to")
    first, last = (
        bindparam("first", type_=BigInteger),
        bindparam("last", type_=BigInteger),
    )
    return Statement(
        lambda: (
            select(
                *(type_coerce(getattr(table, name), BigInteger) for name in columns),
                *values,
            )
            .where(table.device_id.between(first, last))
            .order_by(table.device_id, *key, table.valid_from)
        )
    )


_NTH_DEVICE = Statement(
    lambda: (
        select(Device.id)
        .where(Device.id >= bindparam("first", type_=BigInteger))
        .order_by(Device.id)
        .limit(1)
        .offset(bindparam("offset", type_=BigInteger))
    )
)
_zero: ColumnElement[int] = literal_column("0")
_SPANS = {
    _CUSTODY: _spans(CustodySpan, CustodySpan.custodian_id, CustodySpan.location_id),
    _KIT: _spans(KitSpan, KitSpan.kit_id, _zero),
    _CONDITION: _spans(ConditionSpan, ConditionSpan.condition, _zero),
    _FLAG: _spans(FlagSpan, FlagSpan.flag, FlagSpan.raised, key=(FlagSpan.flag,)),
}
