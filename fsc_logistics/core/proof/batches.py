"""Batches of the ledger, in the order it was written: so many events at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    bindparam,
    case,
    func,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger.spans import STATED_CONDITION
from fsc_logistics.core.proof.event_texts import (
    BETWEEN,
    DEVICE_LINE,
    event_fields,
    hides_on_postgresql,
    hides_on_sqlite,
    text_of,
    with_places,
    with_tags,
)
from fsc_logistics.core.proof.other_rows import other_rows
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import Event, EventLine, Station

BATCH = 20_000
"""Events read at once."""
_LINES_MAX = 2 * BATCH


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events of the ledger, in the order they were written."""

    first: int
    last: int
    rows: Sequence[tuple[Any, ...]]
    """A row for each device of an event, at least one for each event: its `id`,
    `station_id`, `station`, `seq`, `form`, `hash` and `text`; `device_id`, `kit_id` and
    `text` of the line; what spans are made of: `at` in microseconds, `kind`,
    `custodian_id`, `location_id`, `condition`, `flag`, `raised`; and whether a word of
    it holds what would hide a change."""
    others: dict[int, list[str]]
    """What is hashed of the rows that are about no device, by event."""
    lost: Sequence[tuple[int, str]]
    """Events that are not there though rows of theirs are, and what such a row says."""

    @property
    def events(self) -> int:
        """How many there are."""
        return len({row[0] for row in self.rows})


def last_event(session: Session) -> int:
    """Return the number of the newest event of the ledger, 0 where there is none."""
    return session.scalar(select(func.max(Event.id))) or 0


def read_batch(session: Session, first: int, last: int, lines: int) -> Batch:
    """Return the events numbered `first` to `last`, which have so many lines."""
    between = {"first": first, "last": last}
    rows = _EVENTS[session.get_bind().dialect.name].all(session, **between)
    others = other_rows(session, first, last)
    joined = sum(row[7] is not None for row in rows)
    lost = [] if lines == joined else _LOST_LINES.all(session, **between)
    if others:
        known = {row[0] for row in rows}
        for number in [n for n in others if n not in known]:
            lost += [(number, text) for text in others.pop(number)]
    return Batch(first, last, rows, others, lost)


def event_ranges(
    session: Session, first: int, last: int
) -> Iterator[tuple[int, int, int]]:
    """Yield first and last event of each batch, and how many lines they have.

    Fewer events where they have many lines, as those of an import do, or where numbers
    were left out; but never none, however far apart their numbers are.
    """
    start, size = first, BATCH
    while start <= last:
        there = _NEXT_EVENT.first(session, first=start)
        end = last if there is None else min(int(there[0]) + size - 1, last)
        found = _LINE_COUNT.first(session, first=start, last=end)
        lines = 0 if found is None else int(found[0])
        if lines > _LINES_MAX and end > start:
            size = max(1, size // 2)
            continue
        yield start, end, lines
        start, size = end + 1, min(BATCH, size * 2)


def _events(odd: Callable[[], Any]) -> Statement:
    def asked() -> Select[Any]:
        query: Select[Any] = select(
            Event.id,
            Event.station_id,
            Station.code,
            Event.station_seq,
            Event.form,
            Event.hash,
            text_of(Event.form, *event_fields()),
            EventLine.device_id,
            EventLine.kit_id,
            case((EventLine.device_id.is_not(None), DEVICE_LINE)),
            type_coerce(Event.event_time, BigInteger),
            Event.kind,
            Event.custodian_id,
            Event.location_id,
            STATED_CONDITION,
            Event.flag,
            Event.raised,
            odd(),
        )
        with_lines = (
            with_places(query.select_from(Event))
            .outerjoin(Station, Station.id == Event.station_id)
            .outerjoin(EventLine, EventLine.event_id == Event.id)
        )
        return (
            with_tags(with_lines).where(Event.id.between(*BETWEEN)).order_by(Event.id)
        )

    return Statement(asked)


_EVENTS = {
    "sqlite": _events(hides_on_sqlite),
    "postgresql": _events(hides_on_postgresql),
}
_NEXT_EVENT = Statement(
    lambda: (
        select(Event.id)
        .where(Event.id >= bindparam("first", type_=BigInteger))
        .order_by(Event.id)
        .limit(1)
    )
)


_LINE_COUNT = Statement(
    lambda: (
        select(func.count())
        .select_from(EventLine)
        .where(EventLine.event_id.between(*BETWEEN))
    )
)
_LOST_LINES = Statement(
    lambda: (
        with_tags(select(EventLine.event_id, DEVICE_LINE).select_from(EventLine))
        .outerjoin(Event, Event.id == EventLine.event_id)
        .where(EventLine.event_id.between(*BETWEEN), Event.id.is_(None))
    )
)
