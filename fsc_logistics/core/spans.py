"""The derived spans: apply one event, rebuild a device's, compare with the ledger.

A span is what one event says, from its moment until the next event's.  Of the events
of one device that are not declared wrong, the last at a moment counts; ties go to the
higher number.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from fsc_logistics.core.tables import (
    OPEN_ENDED,
    CustodySpan,
    Device,
    ErrorDeclaration,
    Event,
    EventLine,
    KitSpan,
)
from fsc_logistics.domain.custody import EventKind

BATCH = 1_000
"""Devices handled at once, so that memory does not grow with their number."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A span table, and where its values come from."""

    table: type[CustodySpan] | type[KitSpan]
    kind: EventKind
    values: Mapping[str, InstrumentedAttribute[Any]]


CUSTODY = Chain(
    CustodySpan,
    EventKind.OBJECT,
    {"custodian_id": Event.custodian_id, "location_id": Event.location_id},
)
KIT = Chain(KitSpan, EventKind.AGGREGATION, {"kit_id": EventLine.kit_id})
CHAINS = (CUSTODY, KIT)


def not_declared_wrong() -> ColumnElement[bool]:
    """Return the condition that nobody has declared `Event` wrong."""
    return ~exists().where(ErrorDeclaration.wrong_event_id == Event.id)


def apply(
    session: Session,
    chain: Chain,
    devices: Sequence[int],
    *,
    event_id: int,
    at: datetime,
    values: Mapping[str, int | None],
) -> None:
    """Enter one new event into the spans of `devices`.

    Whenever it happened, it splits the one span it falls in; what came after it
    stands.  The event must be the newest of the ledger.
    """
    table = chain.table
    said = {"event_id": event_id, **values}
    covering = _covering(session, table, devices, at)
    firsts = _firsts(session, table, [d for d in devices if d not in covering])
    added = []
    for device in devices:
        if (span := covering.get(device)) is not None:
            if span.valid_from == at:
                session.execute(_span(table, device, at).values(said))
                continue
            session.execute(_span(table, device, span.valid_from).values(valid_to=at))
            start, end = at, span.valid_to
        elif (first := firsts.get(device)) is not None:
            session.execute(_span(table, device, first).values(prev_to=first))
            start, end = None, first
        else:
            start, end = None, OPEN_ENDED
        added.append(
            {
                "device_id": device,
                "valid_from": at,
                "valid_to": end,
                "prev_to": start,
                **said,
            }
        )
    if added:
        session.execute(insert(table), added)


def rebuild(session: Session, chain: Chain, devices: Sequence[int]) -> int:
    """Make the spans of `devices` anew from the ledger; return how many there are."""
    spans = [
        span for rows in _expected(session, chain, devices).values() for span in rows
    ]
    session.execute(delete(chain.table).where(chain.table.device_id.in_(devices)))
    if spans:
        session.execute(insert(chain.table), spans)
    return len(spans)


def mismatches(session: Session, chain: Chain, devices: Sequence[int]) -> Iterator[str]:
    """Yield where the spans of `devices` are not what their events give."""
    table = chain.table
    columns = ["device_id", "valid_from", "valid_to", "prev_to", "event_id"]
    columns += chain.values
    stored: dict[int, list[dict[str, Any]]] = {}
    for row in session.execute(
        select(*(getattr(table, column) for column in columns))
        .where(table.device_id.in_(devices))
        .order_by(table.device_id, table.valid_from)
    ):
        stored.setdefault(row.device_id, []).append(
            dict(zip(columns, row, strict=True))
        )
    expected = _expected(session, chain, devices)
    tags = {
        row.id: row.tag
        for row in session.execute(
            select(Device.id, Device.tag).where(Device.id.in_(devices))
        )
    }
    for device in devices:
        if stored.get(device, []) != expected.get(device, []):
            yield (
                f"device {tags[device]}: its {table.__tablename__}s are not what its"
                " events say"
            )


def device_batches(session: Session) -> Iterator[list[int]]:
    """Yield the numbers of all devices, `BATCH` at a time."""
    last = 0
    while batch := list(
        session.scalars(
            select(Device.id).where(Device.id > last).order_by(Device.id).limit(BATCH)
        )
    ):
        yield batch
        last = batch[-1]


def _span(
    table: type[CustodySpan] | type[KitSpan], device: int, start: datetime
) -> Any:
    return update(table).where(table.device_id == device, table.valid_from == start)


def _covering(
    session: Session,
    table: type[CustodySpan] | type[KitSpan],
    devices: Sequence[int],
    at: datetime,
) -> dict[int, Any]:
    """Return the span of each device that `at` falls in, where there is one."""
    found: dict[int, Any] = {}
    for start in range(0, len(devices), BATCH):
        for row in session.execute(
            select(table.device_id, table.valid_from, table.valid_to).where(
                table.device_id.in_(devices[start : start + BATCH]),
                table.valid_from <= at,
                table.valid_to > at,
            )
        ):
            found[row.device_id] = row
    return found


def _firsts(
    session: Session, table: type[CustodySpan] | type[KitSpan], devices: Sequence[int]
) -> dict[int, datetime]:
    """Return when the chain of each device begins, where there is one."""
    found: dict[int, datetime] = {}
    for start in range(0, len(devices), BATCH):
        for row in session.execute(
            select(table.device_id, table.valid_from).where(
                table.device_id.in_(devices[start : start + BATCH]),
                table.prev_to.is_(None),
            )
        ):
            found[row.device_id] = row.valid_from
    return found


def _expected(
    session: Session, chain: Chain, devices: Sequence[int]
) -> dict[int, list[dict[str, Any]]]:
    """Return the spans that the events of `devices` give."""
    rows = session.execute(
        select(
            EventLine.device_id,
            Event.event_time,
            Event.id.label("event_id"),
            *(column.label(name) for name, column in chain.values.items()),
        )
        .join(Event, Event.id == EventLine.event_id)
        .where(
            EventLine.device_id.in_(devices),
            Event.kind == chain.kind.value,
            not_declared_wrong(),
        )
        .order_by(EventLine.device_id, Event.event_time, Event.id)
    ).mappings()
    return {
        device: _spans([dict(event) for event in events], chain)
        for device, events in groupby(rows, key=itemgetter("device_id"))
    }


def _spans(events: Sequence[Mapping[str, Any]], chain: Chain) -> list[dict[str, Any]]:
    """Return the spans of one device's events, which are in their order."""
    last_at = {event["event_time"]: event for event in events}
    ends = [*last_at, OPEN_ENDED]
    return [
        {
            "device_id": last_at[start]["device_id"],
            "valid_from": start,
            "valid_to": end,
            "prev_to": start if index else None,
            "event_id": last_at[start]["event_id"],
            **{name: last_at[start][name] for name in chain.values},
        }
        for index, (start, end) in enumerate(pairwise(ends))
    ]
