"""What became of a receipt or a move of consumables, read from the ledger."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.tables import Article, Location, Lot, StockLine


@dataclass(frozen=True, slots=True, kw_only=True)
class LotMoved:
    """So many of a lot that went from one place to another."""

    article: str
    lot: str
    expires: date | None
    origin: str
    target: str
    quantity: int
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockMoved:
    """What became of a receipt or a move."""

    uid: str
    added: bool
    """No: the ledger had an event of that uid already, and this is what it says."""
    lots: tuple[LotMoved, ...]


def stock_moved(
    session: Session, event_id: int, uid: str, *, added: bool
) -> StockMoved:
    """Return what an event of the ledger says of moves."""
    origin, target = aliased(Location), aliased(Location)
    rows = session.execute(
        select(
            Article.code.label("article"),
            Lot.code.label("lot"),
            Lot.expires,
            origin.code.label("origin"),
            target.code.label("target"),
            StockLine.quantity,
            Article.unit,
        )
        .select_from(StockLine)
        .join(Lot, Lot.id == StockLine.lot_id)
        .join(Article, Article.id == Lot.article_id)
        .join(origin, origin.id == StockLine.from_id)
        .join(target, target.id == StockLine.to_id)
        .where(StockLine.event_id == event_id)
        .order_by(Lot.expires.is_(None), Lot.expires, Lot.code, origin.code)
    )
    lots = tuple(LotMoved(**row._mapping) for row in rows)
    return StockMoved(uid=uid, added=added, lots=lots)
