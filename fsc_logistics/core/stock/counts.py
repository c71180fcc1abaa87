"""Counts of consumables: how many there are, whatever the books said."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.places import find_location
from fsc_logistics.core.ledger.appending import (
    Counted,
    Named,
    NewEvent,
    known_event,
    lock_station,
)
from fsc_logistics.core.ledger.entering import enter
from fsc_logistics.core.stock import spans as stock_spans
from fsc_logistics.core.stock.articles import find_lot, find_said
from fsc_logistics.core.tables import Article, CountLine, Location, Lot
from fsc_logistics.domain.custody import BizStep, EventKind, Signature, check_time
from fsc_logistics.domain.errors import BadInput, Refused
from fsc_logistics.domain.quantities import OUTSIDE, Occasion, check_quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class LotCounted:
    """How many of a lot there were, and should have been."""

    article: str
    lot: str
    location: str
    expected: int | None
    """With the difference, `None` where the count was declared wrong since."""
    counted: int
    difference: int | None
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCounted:
    """What became of a count."""

    uid: str
    added: bool
    lots: tuple[LotCounted, ...]


def record_count(
    session: Session,
    place: str,
    counts: Sequence[tuple[str, int]],
    *,
    occasion: Occasion,
    by: Signature,
) -> StockCounted:
    """Record how many of each named lot there are at a place.

    Raises:
        NotFound: a lot or the place is not registered.
        BadInput: a lot is named twice, or it is no quantity.
        Refused: it lies in the future, the place has no balance, or what left later
            would have been too many.
    """
    station = lock_station(session, by.station)
    if (known := known_event(session, occasion.uid)) is not None:
        return _counted(session, known.id, known.uid, added=False)
    check_time(occasion.at, by.record_time)
    where = find_location(session, place)
    if where.kind in OUTSIDE:
        raise Refused(
            f"{where.code} is a {where.kind} place and has no balance. Count what is at"
            " a place of ours."
        )
    found = _read(session, where, counts)
    stock_spans.lock(session, [each.lot.id for each in found])
    event = NewEvent(
        uid=occasion.uid,
        kind=EventKind.COUNT,
        event_time=occasion.at,
        biz_step=BizStep.STOCK_TAKING,
        document=occasion.document_code(),
        counted=found,
    )
    done = enter(session, station, event, by)
    return _counted(session, done.event, done.uid, added=True)


def _read(
    session: Session, where: Location, counts: Sequence[tuple[str, int]]
) -> tuple[Counted, ...]:
    """Return what was counted, each lot once."""
    found: dict[int, Counted] = {}
    for text, quantity in counts:
        check_quantity(quantity, 0)
        said = find_said(session, text)
        lot = find_lot(session, said)
        name = Named(lot.id, str(said.name()))
        if lot.id in found:
            raise BadInput(f"{name.code} is counted twice. Add the numbers up.")
        place = Named(where.id, where.code)
        found[lot.id] = Counted(lot=name, location=place, counted=quantity)
    return tuple(found.values())


def _counted(session: Session, event_id: int, uid: str, *, added: bool) -> StockCounted:
    """Return what an event of the ledger says of counts, and what was expected."""
    rows = session.execute(
        select(
            CountLine.lot_id,
            CountLine.location_id,
            Article.code.label("article"),
            Lot.code.label("lot"),
            Location.code.label("location"),
            CountLine.counted,
            Article.unit,
        )
        .join(Lot, Lot.id == CountLine.lot_id)
        .join(Article, Article.id == Lot.article_id)
        .join(Location, Location.id == CountLine.location_id)
        .where(CountLine.event_id == event_id)
        .order_by(Article.code, Lot.code)
    ).all()
    expected = stock_spans.expected_by(
        session, event_id, [(row.lot_id, row.location_id) for row in rows]
    )
    lots = []
    for row in rows:
        before = expected.get((row.lot_id, row.location_id))
        lots.append(
            LotCounted(
                article=row.article,
                lot=row.lot,
                location=row.location,
                expected=before,
                counted=row.counted,
                difference=None if before is None else row.counted - before,
                unit=row.unit,
            )
        )
    return StockCounted(uid=uid, added=added, lots=tuple(lots))
