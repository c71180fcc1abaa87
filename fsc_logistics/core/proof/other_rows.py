"""What events say of lots and of other events, as it is hashed."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.ledger.event_hash import NOTHING
from fsc_logistics.core.proof.event_texts import BETWEEN, or_nothing, text_of, written
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import (
    Article,
    CountLine,
    Device,
    ErrorDeclaration,
    Event,
    LineDeclaration,
    Location,
    Lot,
    StockLine,
)


def other_rows(session: Session, first: int, last: int) -> dict[int, list[str]]:
    """Return what is hashed of the rows that are about no device, by event."""
    others: dict[int, list[str]] = defaultdict(list)
    for query in _OTHER_ROWS:
        for number, text in query.all(session, first=first, last=last):
            others[number].append(text)
    return others


_lot = Article.code.concat("/").concat(Lot.code)
_to = aliased(Location)
_wrong, _replacement = aliased(Event), aliased(Event)
_OTHER_ROWS = (
    Statement(
        lambda: (
            select(
                StockLine.event_id,
                text_of(
                    written("m"),
                    or_nothing(_lot),
                    or_nothing(Location.code),
                    or_nothing(_to.code),
                    StockLine.quantity,
                ),
            )
            .outerjoin(Lot, Lot.id == StockLine.lot_id)
            .outerjoin(Article, Article.id == Lot.article_id)
            .outerjoin(Location, Location.id == StockLine.from_id)
            .outerjoin(_to, _to.id == StockLine.to_id)
            .where(StockLine.event_id.between(*BETWEEN))
        )
    ),
    Statement(
        lambda: (
            select(
                CountLine.event_id,
                text_of(
                    written("c"),
                    or_nothing(_lot),
                    or_nothing(Location.code),
                    CountLine.counted,
                ),
            )
            .outerjoin(Lot, Lot.id == CountLine.lot_id)
            .outerjoin(Article, Article.id == Lot.article_id)
            .outerjoin(Location, Location.id == CountLine.location_id)
            .where(CountLine.event_id.between(*BETWEEN))
        )
    ),
    Statement(
        lambda: (
            select(
                ErrorDeclaration.event_id,
                text_of(
                    written("w"),
                    or_nothing(_wrong.uid),
                    ErrorDeclaration.reason,
                    or_nothing(_replacement.uid),
                    written(NOTHING),
                ),
            )
            # In the first form the declaration is part of the event's own text.
            .outerjoin(Event, Event.id == ErrorDeclaration.event_id)
            .where(
                ErrorDeclaration.event_id.between(*BETWEEN),
                Event.id.is_(None) | Event.form.is_not(None),
            )
            .outerjoin(_wrong, _wrong.id == ErrorDeclaration.wrong_event_id)
            .outerjoin(_replacement, _replacement.id == ErrorDeclaration.replacement_id)
        )
    ),
    Statement(
        lambda: (
            select(
                LineDeclaration.event_id,
                text_of(
                    written("w"),
                    or_nothing(_wrong.uid),
                    LineDeclaration.reason,
                    or_nothing(_replacement.uid),
                    or_nothing(Device.tag),
                ),
            )
            .outerjoin(_wrong, _wrong.id == LineDeclaration.wrong_event_id)
            .outerjoin(_replacement, _replacement.id == LineDeclaration.replacement_id)
            .outerjoin(Device, Device.id == LineDeclaration.device_id)
            .where(LineDeclaration.event_id.between(*BETWEEN))
        )
    ),
)
