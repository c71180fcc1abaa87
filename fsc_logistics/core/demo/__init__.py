"""A demonstration centre: what a region of nineteen municipalities would have.

Everything is made through the same use cases as the real thing, from a fixed seed.
The persons are MedCom's fictive test persons, at points near real postcodes' centres.
"""

from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from sqlalchemy.orm import Session

from fsc_logistics.core.demo.care import fill_care
from fsc_logistics.core.demo.catalogue import DEPOTS, TECHNICIANS, fill_catalogue
from fsc_logistics.core.demo.consumables import fill_consumables
from fsc_logistics.core.demo.morning import morning
from fsc_logistics.core.demo.orders import fill_orders
from fsc_logistics.core.demo.people import fill_citizens
from fsc_logistics.core.demo.stock import Lent, fill_devices, lend, spares_at
from fsc_logistics.core.people.sealing import Vault
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.day import OpeningHours

__all__ = [
    "CARD_PARTIES",
    "CARD_PLACES",
    "Lent",
    "Made",
    "fill",
    "morning",
    "spares_at",
]

SEED = 19
CARD_PLACES = tuple(f"{depot}-A1" for depot in DEPOTS)
CARD_PARTIES = tuple(TECHNICIANS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How much was made."""

    municipalities: int
    depots: int
    technicians: int
    citizens: int
    devices: int
    kits: int
    orders: int


def fill(
    session: Session,
    *,
    by: Signature,
    opened: datetime,
    day: date,
    hours: OpeningHours,
    vault: Vault,
) -> tuple[Made, Lent]:
    """Fill an empty database with a centre and its orders for `day`.

    It opened at `opened`, some months before `by.record_time`.
    """
    random = Random(SEED)  # noqa: S311 - the same centre every time, no secret
    catalogue = fill_catalogue(session)
    stock = fill_devices(session, by, opened)
    citizens = fill_citizens(session, by, vault, random)
    lent = lend(session, by, opened, stock, citizens, random)
    fill_care(session, by, lent)
    fill_consumables(session, by, opened)
    orders = fill_orders(session, by, lent, day, hours)
    made = Made(
        municipalities=catalogue.municipalities,
        depots=len(catalogue.depots),
        technicians=len(catalogue.technicians),
        citizens=len(citizens),
        devices=stock.devices,
        kits=len(stock.cases),
        orders=orders,
    )
    return made, lent
