"""Events of the ledger, read back as they would be told today."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.ledger.appending import Counted, Line, Moved, Named, NewEvent
from fsc_logistics.core.ledger.spans import (
    STATED_CONDITION,
    line_counts,
    not_declared_wrong,
)
from fsc_logistics.core.tables import (
    Article,
    CountLine,
    Device,
    Event,
    EventLine,
    Location,
    Lot,
    Party,
    StockLine,
)
from fsc_logistics.domain.custody import EventKind


class Standing(NamedTuple):
    """An event by its number, and what it says of the devices it still speaks for."""

    id: int
    event: NewEvent


def standing(session: Session, events: Sequence[int]) -> list[Standing]:
    """Return what the events of these numbers still say, in the order of the numbers.

    What was declared wrong is left out, be it an event or one device of it; so are
    events that say nothing of any device or lot.  An event of the first form is told in
    the second, where it says its condition itself.  No more than `spans.BATCH` at once.
    """
    lines = _by_event(_lines(session, events))
    moved = _by_event(_moved(session, events))
    counted = _by_event(_counted(session, events))
    told = [
        Standing(
            row.id,
            NewEvent(
                uid=row.uid,
                kind=EventKind(row.kind),
                event_time=row.event_time,
                biz_step=row.biz_step,
                disposition=row.disposition,
                custodian=_named(row.custodian_id, row.custodian),
                location=_named(row.location_id, row.location),
                document=row.document,
                read_point=row.read_point,
                condition=row.stated,
                flag=row.flag,
                raised=row.raised,
                reason=row.reason,
                lines=tuple(lines.get(row.id, ())),
                moved=tuple(moved.get(row.id, ())),
                counted=tuple(counted.get(row.id, ())),
            ),
        )
        for row in session.execute(
            select(
                Event.id,
                Event.uid,
                Event.kind,
                Event.event_time,
                Event.biz_step,
                Event.disposition,
                Event.custodian_id,
                Party.code.label("custodian"),
                Event.location_id,
                Location.code.label("location"),
                Event.document,
                Event.read_point,
                STATED_CONDITION.label("stated"),
                Event.flag,
                Event.raised,
                Event.reason,
            )
            .outerjoin(Party, Party.id == Event.custodian_id)
            .outerjoin(Location, Location.id == Event.location_id)
            .where(Event.id.in_(events), not_declared_wrong())
            .order_by(Event.id)
        )
    ]
    return [x for x in told if x.event.lines or x.event.moved or x.event.counted]


def _by_event(said: Iterable[tuple[int, Any]]) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for event, line in said:
        found.setdefault(event, []).append(line)
    return found


def _lines(session: Session, events: Sequence[int]) -> Iterable[tuple[int, Line]]:
    kit = aliased(Device)
    for row in session.execute(
        select(
            EventLine.event_id,
            EventLine.device_id,
            Device.tag,
            EventLine.kit_id,
            kit.tag.label("kit"),
        )
        .join(Event, Event.id == EventLine.event_id)
        .join(Device, Device.id == EventLine.device_id)
        .outerjoin(kit, kit.id == EventLine.kit_id)
        .where(EventLine.event_id.in_(events), line_counts())
        .order_by(EventLine.event_id, EventLine.device_id)
    ):
        device = Named(row.device_id, row.tag)
        yield row.event_id, Line(device=device, kit=_named(row.kit_id, row.kit))


def _moved(session: Session, events: Sequence[int]) -> Iterable[tuple[int, Moved]]:
    origin, target = aliased(Location), aliased(Location)
    for row in session.execute(
        select(
            StockLine.event_id,
            StockLine.lot_id,
            Article.code.label("article"),
            Lot.code.label("lot"),
            StockLine.from_id,
            origin.code.label("origin"),
            StockLine.to_id,
            target.code.label("target"),
            StockLine.quantity,
        )
        .join(Lot, Lot.id == StockLine.lot_id)
        .join(Article, Article.id == Lot.article_id)
        .join(origin, origin.id == StockLine.from_id)
        .join(target, target.id == StockLine.to_id)
        .where(StockLine.event_id.in_(events))
    ):
        yield (
            row.event_id,
            Moved(
                lot=Named(row.lot_id, f"{row.article}/{row.lot}"),
                origin=Named(row.from_id, row.origin),
                target=Named(row.to_id, row.target),
                quantity=row.quantity,
            ),
        )


def _counted(session: Session, events: Sequence[int]) -> Iterable[tuple[int, Counted]]:
    for row in session.execute(
        select(
            CountLine.event_id,
            CountLine.lot_id,
            Article.code.label("article"),
            Lot.code.label("lot"),
            CountLine.location_id,
            Location.code.label("location"),
            CountLine.counted,
        )
        .join(Lot, Lot.id == CountLine.lot_id)
        .join(Article, Article.id == Lot.article_id)
        .join(Location, Location.id == CountLine.location_id)
        .where(CountLine.event_id.in_(events))
    ):
        yield (
            row.event_id,
            Counted(
                lot=Named(row.lot_id, f"{row.article}/{row.lot}"),
                location=Named(row.location_id, row.location),
                counted=row.counted,
            ),
        )


def _named(number: int | None, code: str | None) -> Named | None:
    return None if number is None or code is None else Named(number, code)
