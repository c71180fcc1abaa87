"""The hand-over receipt: what a citizen was given, and what was taken home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fsc_logistics.core.printing.page import compile_page
from fsc_logistics.core.printing.sheet import RunSheet, SheetDevice
from fsc_logistics.domain.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One page for one citizen."""

    order: str
    day: date
    name: str
    address: str
    postcode: str
    town: str
    technician: str
    centre: str
    centre_phone: str
    delivered: tuple[SheetDevice, ...] = ()
    collected: tuple[SheetDevice, ...] = ()
    protected: bool = False
    """Name and address are protected by law: only the order's code is printed."""


def receipts_of(sheet: RunSheet) -> tuple[Receipt, ...]:
    """Return the receipts a run needs: one for each stop where devices change hands."""
    return tuple(
        Receipt(
            order=stop.order,
            day=sheet.day,
            name=stop.name,
            address=stop.address,
            postcode=stop.postcode,
            town=stop.town,
            technician=sheet.technician,
            centre=sheet.centre,
            centre_phone=sheet.centre_phone,
            delivered=stop.bring,
            collected=stop.take_back,
            protected=stop.protected,
        )
        for stop in sheet.stops
        if stop.bring or stop.take_back
    )


def receipts_pdf(receipts: Sequence[Receipt], language: str = "da") -> bytes:
    """Return a page for each citizen, all in one file.

    Raises:
        BadInput: there are no receipts, or there is no paper in `language`.
    """
    if not receipts:
        raise BadInput("There are no receipts to print: no device changes hands.")
    return compile_page("receipt", language, {"receipts": receipts}, ())
