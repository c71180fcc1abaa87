"""The books of a lot: what came, what went, what was counted."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.catalogue.places import find_location
from fsc_logistics.core.ledger.declared import declarations
from fsc_logistics.core.proof.stock_books import is_kept, lines
from fsc_logistics.core.stock.articles import find_lot, find_said
from fsc_logistics.core.tables import Event, Location, Station


@dataclass(frozen=True, slots=True, kw_only=True)
class StockEntry:
    """One line of the books of a lot at a place."""

    event: str
    event_time: datetime
    record_time: datetime
    biz_step: str
    location: str
    other: str | None
    """Where it came from or went to; `None` for a count."""
    change: int | None
    """What came or went; for a count, how many more there were than expected.

    With `quantity`, `None` where the event is declared wrong."""
    counted: int | None
    quantity: int | None
    """How many there were then."""
    document: str | None
    station: str
    declared_wrong: str | None


def stock_history(
    session: Session,
    lot: str,
    *,
    place: str | None = None,
    known_at: datetime | None = None,
) -> list[StockEntry]:
    """Return the books of a lot, at one place or at all, oldest entry first.

    A move between two places with a balance has an entry at each.  With `known_at`, as
    the ledger stood then.

    Raises:
        NotFound: the lot or the place is not registered.
    """
    found = find_lot(session, find_said(session, lot))
    where = find_location(session, place).id if place is not None else None
    there: defaultdict[str, int] = defaultdict(int)
    entries = _entries(session, found.id, where, known_at)
    return [_reckoned(entry, there) for entry in entries]


def _reckoned(entry: StockEntry, there: defaultdict[str, int]) -> StockEntry:
    """Return `entry` with what there was after it, and keep that in `there`."""
    if entry.declared_wrong is not None:
        return replace(entry, change=None)
    change = entry.change or 0
    if entry.counted is not None:
        change = entry.counted - there[entry.location]
    there[entry.location] += change
    return replace(entry, change=change, quantity=there[entry.location])


def _entries(
    session: Session, lot_id: int, place_id: int | None, known_at: datetime | None
) -> list[StockEntry]:
    """Return the lines about a lot in the order they happened."""

    def ours(lot: Any, place: Any) -> ColumnElement[bool]:
        meant: ColumnElement[bool] = lot == lot_id
        return meant if place_id is None else meant & (place == place_id)

    said, other, declared = lines(ours), aliased(Location), declarations(known_at)
    query = (
        select(
            Event.uid.label("event"),
            Event.event_time,
            Event.record_time,
            Event.biz_step,
            Location.code.label("location"),
            other.code.label("other"),
            said.c.change,
            said.c.counted,
            Event.document,
            Station.code.label("station"),
            declared.c.reason.label("declared_wrong"),
        )
        .select_from(said)
        .join(Event, Event.id == said.c.event_id)
        .join(Station, Station.id == Event.station_id)
        .join(Location, Location.id == said.c.location_id)
        .outerjoin(other, other.id == said.c.other_id)
        .outerjoin(declared, declared.c.wrong_event_id == Event.id)
        .where(is_kept(Location.kind))
        .order_by(Event.event_time, Event.id, said.c.location_id, said.c.other_id)
    )
    if known_at is not None:
        query = query.where(Event.record_time <= known_at)
    rows = session.execute(query)
    return [StockEntry(**row._mapping, quantity=None) for row in rows]
