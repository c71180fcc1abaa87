"""Proof that what waits, or waited, is what the ledger was told when that began."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import (
    Row,
    TextClause,
    exists,
    select,
    text,
)
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.catalogue.codes import in_parts
from fsc_logistics.core.exceptions.telling import (
    Raised,
    read_raised,
    seal,
    sealed_columns,
    was_held,
)
from fsc_logistics.core.exceptions.waiting import ANOMALY_PREFIX
from fsc_logistics.core.tables import Anomaly, Device, Event, ScanRecord

_PAGE_ROWS = 500


def beginning_mismatches(session: Session) -> Iterator[str]:
    """Yield what waits, or waited, otherwise than the ledger was told, or untold."""
    yield from _held(session)
    yield from _held_untold(session)
    yield from _raised(session)


def _held(session: Session) -> Iterator[str]:
    """Yield the held scans that are gone, or not as the ledger was told."""
    query = select(
        Event.id,
        Event.uid,
        Event.station_id,
        Event.document,
        Event.reason,
        ScanRecord.station_id.label("of_station"),
        *sealed_columns(),
    ).outerjoin(ScanRecord, ScanRecord.scan_id == Event.document)
    pages = _pages(session, query, "held")
    for event in chain.from_iterable(pages):
        if event.scan_id is None:
            yield _gone(event.document, event.uid)
        elif (event.of_station, seal(event._asdict())) != (
            event.station_id,
            event.reason,
        ):
            yield _otherwise(event.document, event.uid)


def _held_untold(session: Session) -> Iterator[str]:
    """Yield the held scans that the ledger was not told of."""
    told = exists().where(
        Event.uid == ScanRecord.scan_id + ".held",
        Event.document == ScanRecord.scan_id,
        _is("held"),
    )
    rows = session.scalars(
        select(ScanRecord.scan_id).where(was_held(), ~told).order_by(ScanRecord.scan_id)
    )
    for name in rows:
        yield f"exception {name}: no event says that it was held"


def _raised(session: Session) -> Iterator[str]:
    """Yield the contradictions that are gone, changed, or never told."""
    query = select(Event.id, Event.uid, Event.document, Event.event_time, Event.reason)
    told: set[int] = set()
    for page in _pages(session, query, "raised"):
        said = {event.uid: _said(event.reason) for event in page}
        numbers = [one.number for raised in said.values() for one in raised]
        kept = _kept(session, numbers)
        for event in page:
            if not said[event.uid]:
                yield f"event {event.uid} does not say what it raised"
            for one in said[event.uid]:
                name = f"{ANOMALY_PREFIX}{one.number}"
                if one.number not in kept:
                    yield _gone(name, event.uid)
                elif kept[one.number] != (one, event.document, event.event_time):
                    yield _otherwise(name, event.uid)
        told.update(numbers)
    for number in session.scalars(select(Anomaly.id).order_by(Anomaly.id)):
        if number not in told:
            yield (
                f"exception {ANOMALY_PREFIX}{number}: no event says that it was raised"
            )


def _said(reason: str | None) -> list[Raised]:
    """Return what an event raised; nothing where it is not as such an event says it."""
    try:
        return read_raised(reason or "")
    except ValueError:
        return []


def _kept(session: Session, numbers: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """Return what is kept of contradictions: what, of which event, since when."""
    about = aliased(Event)
    query = (
        select(
            Anomaly.id,
            Anomaly.kind,
            Device.tag,
            Anomaly.detail,
            about.uid,
            Anomaly.raised_at,
        )
        .join(Device, Device.id == Anomaly.device_id)
        .join(about, about.id == Anomaly.event_id)
    )
    return {
        row[0]: (Raised(*row[:4]), row[4], row[5])
        for part in in_parts(numbers)
        for row in session.execute(query.where(Anomaly.id.in_(part)))
    }


def _pages(session: Session, query: Any, kind: str) -> Iterator[Sequence[Row[Any]]]:
    """Yield what `query` asks of the events of a kind, in their order."""
    last = 0
    part = query.where(_is(kind)).order_by(Event.id).limit(_PAGE_ROWS)
    while page := session.execute(part.where(Event.id > last)).all():
        yield page
        last = page[-1].id


def _is(kind: str) -> TextClause:
    """Return the condition on the kind of `Event`, as the index over them has it."""
    return text(f"event.kind = '{kind}'")


def _gone(name: str, uid: str) -> str:
    return f"exception {name}: event {uid} says that it waited, and it was removed"


def _otherwise(name: str, uid: str) -> str:
    return f"exception {name}: it is not what event {uid} says of it"
