"""Whether the spans are what the events give, without putting the two side by side.

Every span says what one line of one event said.  So the sum of a hash over all lines
that count must be the sum of the same hash over all spans.  Sums are kept for groups
of devices; where they differ, the devices are to be compared one by one, as where two
events of a device fall on one moment and only the last has a span.

The hash is a sum of the values, each times a secret number, which is then multiplied
with itself: without that, two rows with their values exchanged would sum up to the
same.  `c/sums.h` has it too.
"""

import hashlib
import struct
from array import array
from collections import defaultdict
from collections.abc import Iterator
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
from fsc_logistics.core.proof.batches import Batch
from fsc_logistics.core.proof.event_texts import BETWEEN
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
OPEN = microseconds(OPEN_ENDED)
_DEVICES = 1_000
"""Devices whose spans are read at once."""
CUSTODY, KIT, CONDITION, FLAG = range(4)
WORDS = tuple(word.value for word in (*Condition, *Flag))
NUMBERS = {word: number for number, word in enumerate(WORDS, start=2)}
"""Conditions and flags as numbers; any other word is 1."""
_STATING = frozenset({EventKind.OBJECT.value, EventKind.CONDITION.value})


@dataclass(slots=True)
class Sums:
    """A sum for each group of devices; groups out of order are marked."""

    secret: int
    devices: int
    """The highest number of a device."""
    sums: "array[int]" = field(default_factory=lambda: array("Q", bytes(8 * GROUPS)))
    marked: set[int] = field(default_factory=set)
    keys: tuple[int, ...] = field(init=False)
    """What a hash begins with; those of chain, device, moment, event and two values;
    what goes into it last."""

    def __post_init__(self) -> None:
        """Make the keys, which are secret too."""
        self.keys = struct.unpack("<8Q", hashlib.sha512(b"%d" % self.secret).digest())

    def group(self, device: int) -> int:
        """Return the group of a device; one that is not there may be in any."""
        size = self.devices + 1
        return device * GROUPS // size if 0 < device < size else 0

    def mark(self, device: int) -> None:
        """Mark the group of a device, to be looked at more closely."""
        self.marked.add(self.group(device))

    def say(
        self, chain: int, device: int, at: int, event: int, first: int, second: int
    ) -> None:
        """Add what is said of a device from a moment on, in two values."""
        keys = self.keys
        one = keys[0] + keys[1] * chain + keys[2] * device + keys[3] * at
        one += keys[4] * event + keys[5] * first + keys[6] * second
        one &= _MASK
        one ^= one >> 32
        group = self.group(device)
        self.sums[group] = (self.sums[group] + one * (one ^ keys[7])) & _MASK

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
    wrong = declared_wrong(session, batch.first, batch.last)
    for row in batch.rows:
        device = row[7]
        if device is None:
            continue
        number = row[0]
        declared = wrong.get(number)
        if declared and (0 in declared or device in declared):
            continue
        at, kind, custodian, location, condition, flag, raised = row[10:17]
        if kind == "object":
            sums.say(CUSTODY, device, at, number, custodian or 0, location or 0)
        elif kind == "aggregation":
            sums.say(KIT, device, at, number, row[8] or 0, 0)
        elif kind == "flag":
            sums.say(FLAG, device, at, number, NUMBERS.get(flag, 1), int(raised or 0))
        if condition is not None and kind in _STATING:
            sums.say(CONDITION, device, at, number, NUMBERS.get(condition, 1), 0)


def declared_wrong(session: Session, first: int, last: int) -> dict[int, set[int]]:
    """Return the events declared wrong, and for which devices; 0 stands for all."""
    found: dict[int, set[int]] = defaultdict(set)
    whole = session.scalars(
        select(ErrorDeclaration.wrong_event_id).where(
            ErrorDeclaration.wrong_event_id.between(first, last)
        )
    )
    for event in whole:
        found[event].add(0)
    lines = session.execute(
        select(LineDeclaration.wrong_event_id, LineDeclaration.device_id).where(
            LineDeclaration.wrong_event_id.between(first, last)
        )
    )
    for event, device in lines:
        found[event].add(device)
    return found


def device_ranges(session: Session, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield ranges that cover `first` to `last`, of so many devices each."""
    start = first
    while start <= last:
        nth = _NTH_DEVICE.first(session, first=start, offset=_DEVICES - 1)
        end = last if nth is None else min(int(nth[0]), last)
        yield start, end
        start = end + 1


def add_spans(sums: Sums, session: Session, chain: int, first: int, last: int) -> int:
    """Add what the spans of a chain of devices say; return how many there are.

    Where one does not begin as the one before it ends, its group is marked.
    """
    rows = _SPANS[chain].all(session, first=first, last=last)
    plain = chain in (CUSTODY, KIT)
    before: tuple[int, Any] = (0, None)
    ends = OPEN
    for device, start, event, end, link, value, other in rows:
        of = (device, value if chain == FLAG else None)
        if of == before:
            if not start == ends == link:
                sums.mark(device)
        else:
            if ends != OPEN:
                sums.mark(before[0])
            if link is not None:
                sums.mark(device)
            before = of
        ends = end
        said = value or 0 if plain else NUMBERS.get(value, 1)
        sums.say(chain, device, start, event, said, int(other))
    if ends != OPEN:
        sums.mark(before[0])
    return len(rows)


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
SPANS: dict[int, tuple[Table, Any, Any]] = {
    CUSTODY: (CustodySpan, CustodySpan.custodian_id, CustodySpan.location_id),
    KIT: (KitSpan, KitSpan.kit_id, _zero),
    CONDITION: (ConditionSpan, ConditionSpan.condition, _zero),
    FLAG: (FlagSpan, FlagSpan.flag, FlagSpan.raised),
}
"""The table of each chain, and the two values of its spans."""


ORDER: dict[int, tuple[Any, ...]] = {
    chain: (table.device_id, *key, table.valid_from)
    for chain, (table, *_) in SPANS.items()
    for key in [(FlagSpan.flag,) if chain == FLAG else ()]
}
"""In which one span of a device follows another."""


def _spans(chain: int) -> Statement:
    table, first, second = SPANS[chain]
    names = ("device_id", "valid_from", "event_id", "valid_to", "prev_to")
    columns = [type_coerce(getattr(table, name), BigInteger) for name in names]
    return Statement(
        lambda: (
            select(*columns, first, second)
            .where(table.device_id.between(*BETWEEN))
            .order_by(*ORDER[chain])
        )
    )


_SPANS = {chain: _spans(chain) for chain in SPANS}
