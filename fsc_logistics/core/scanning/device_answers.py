"""What a scanned device is answered, and what is recorded of it."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from fsc_logistics.core.devices.finding import resolve_tagged
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.ledger.custody import Recorded, record_transfer
from fsc_logistics.core.scanning.answer import Answer
from fsc_logistics.core.scanning.destinations import transfer_for
from fsc_logistics.core.scanning.looking import look_up, told_of, with_kit
from fsc_logistics.domain.anomalies import BAD_TONE, ExceptionKind
from fsc_logistics.domain.cards import Mode
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.errors import NotFound
from fsc_logistics.domain.scenarios import check_device
from fsc_logistics.domain.station import Station
from scanner.scan import Outcome, Scan


def answer_device(
    session: Session,
    scan: Scan,
    station: Station,
    by: Signature,
    owners: Collection[str],
) -> Answer:
    """Answer a scan that is no card, and record what it means.

    Raises:
        NotFound, BadIdentifier, Refused: nothing answers to it, or it cannot be
            recorded so.
    """
    device = resolve_tagged(session, scan.text)
    if device is None:
        raise NotFound("This code is not known here; the scan waits for somebody.")
    held = custody_as_of(session, device, at=scan.scanned_at)
    if station.mode is Mode.LOOK:
        return look_up(session, scan, device, held)
    check_device(station)
    transfer = transfer_for(session, scan, station, device, held)
    done = record_transfer(session, transfer, by, as_fact=True, owners=owners)
    told = told_of(device.tag, custody_as_of(session, device, at=scan.scanned_at))
    told = with_kit(session, told, device, scan, done.devices)
    if not done.added:
        return Answer(outcome=Outcome.ALREADY, message=told, event=done.event)
    if done.contradictions:
        return _contradicted(done)
    return Answer(outcome=Outcome.OK, message=told, event=done.event)


def _contradicted(done: Recorded) -> Answer:
    """Return what is said of a scan that is recorded and cannot be all there is."""
    worst = min(done.contradictions, key=lambda said: said.kind not in BAD_TONE)
    if worst.kind in BAD_TONE:
        alive = worst.kind is ExceptionKind.SCRAPPED_ALIVE
        what = "put it aside" if alive else "take it back"
        return Answer(
            outcome=Outcome.REFUSED,
            message=f"{worst.detail} Recorded all the same; {what}.",
            event=done.event,
        )
    return Answer(
        outcome=Outcome.OK,
        message=f"{worst.detail} Recorded; somebody will look into it.",
        event=done.event,
    )
