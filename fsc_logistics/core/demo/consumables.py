"""The demonstration's consumables: cuffs, batteries, dressings, by lot and expiry."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from fsc_logistics.core.demo.catalogue import DEPOTS, SUPPLIER_PLACE, TECHNICIANS
from fsc_logistics.core.stock.articles import Consumable, add_article
from fsc_logistics.core.stock.moves import record_receipt, record_stock_move
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.quantities import Occasion
from fsc_logistics.domain.uids import new_uid

ARTICLES = (
    Consumable(article="CUFF-M", name="Manchet, medium", unit="stk"),
    Consumable(article="BAT-AA", name="Batteri AA", unit="stk"),
    Consumable(article="DRESS-10", name="Sårbandage 10 x 10 cm", unit="stk"),
)
LOTS = (("A26", 40), ("B26", 400))
"""Each lot, and for how many days after today it may be used."""
RECEIVED, TAKEN = 60, 8


def fill_consumables(session: Session, by: Signature, opened: datetime) -> None:
    """Put two lots of each article on a shelf of each depot, and some into vehicles."""
    for article in ARTICLES:
        add_article(session, article)
        for depot in DEPOTS:
            for lot, days in LOTS:
                record_receipt(
                    session,
                    article.article,
                    RECEIVED,
                    lot=lot,
                    expires=(by.record_time + timedelta(days=days)).date(),
                    origin=SUPPLIER_PLACE,
                    target=f"{depot}-A4",
                    occasion=_occasion(by, opened),
                    by=by,
                )
    for technician, (_, depot, _) in TECHNICIANS.items():
        record_stock_move(
            session,
            "BAT-AA",
            TAKEN,
            origin=depot,
            target=f"VAN-{technician}",
            occasion=_occasion(by, opened + timedelta(days=30)),
            by=by,
        )


def _occasion(by: Signature, at: datetime) -> Occasion:
    return Occasion(uid=new_uid(by.record_time), at=at, day=at.date())
