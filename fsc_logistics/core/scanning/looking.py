"""What is told of a device, a place, a person or an order, and changes nothing."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from fsc_logistics.core.kits.state import kit_words
from fsc_logistics.core.ledger.seek import Tagged
from fsc_logistics.core.scanning.answer import Answer
from fsc_logistics.core.scanning.destinations import count_held
from fsc_logistics.domain.cards import Target
from fsc_logistics.domain.care import unfit_because
from fsc_logistics.domain.custody import Custody
from scanner.scan import Outcome, Scan


def look_into(session: Session, target: Target, code: str) -> Answer:
    """Return how many devices are at a place, with somebody or ordered."""
    count, named = count_held(session, target, code)
    return Answer(
        outcome=Outcome.LOOKED, message=f"{named}: {_count(count, 'device')}."
    )


def look_up(
    session: Session, scan: Scan, device: Tagged, held: Custody | None
) -> Answer:
    """Return who has a device, and why it cannot go out if so."""
    unfit = unfit_because(held.condition, held.flags) if held is not None else ()
    told = told_of(device.tag, held)
    looked = f"{told}, {', '.join(unfit)}" if unfit else told
    return Answer(
        outcome=Outcome.LOOKED, message=with_kit(session, looked, device, scan)
    )


def told_of(tag: str, held: Custody | None) -> str:
    """Return who has a device and where, in words."""
    if held is None:
        return f"{tag}: nobody had it yet."
    return f"{tag}: {held.custodian} @ {held.location}"


def with_kit(
    session: Session,
    told: str,
    device: Tagged,
    scan: Scan,
    moved: Collection[str] = (),
) -> str:
    """Return what is told of a device, with what there is to say of its kit."""
    words = kit_words(session, device, moved, at=scan.scanned_at)
    return f"{told} ({words})" if words else told


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
