"""UNDO: the last device scanned at a read point was not."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.ledger.acts import has_standing_line, others_standing
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.ledger.spans import not_declared_wrong
from fsc_logistics.core.scanning.answer import Answer
from fsc_logistics.core.scanning.looking import told_of
from fsc_logistics.core.tables import Event, ScanRecord
from fsc_logistics.core.tables import Station as StationRow
from fsc_logistics.domain.custody import Signature, WrongBecause
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.station import UNDO_WITHIN
from scanner.scan import Outcome, Scan


def undo(session: Session, scan: Scan, by: Signature) -> Answer:
    """Declare that the last device scanned at this read point was not.

    Of what was undone already, as a whole or device by device, the one before counts.
    A last scan that recorded nothing is not passed over: the operator means that one,
    not an earlier device.

    Raises:
        Refused: there is nothing to undo.
    """
    last = session.execute(
        select(ScanRecord.scan_id, ScanRecord.payload, Event.uid)
        .outerjoin(Event, Event.id == ScanRecord.event_id)
        .join(StationRow, StationRow.id == ScanRecord.station_id)
        .where(
            StationRow.code == scan.station,
            ScanRecord.read_point == scan.read_point,
            ScanRecord.scanned_at >= scan.scanned_at - UNDO_WITHIN,
            ScanRecord.scanned_at <= scan.scanned_at,
            ~ScanRecord.payload.startswith("%", autoescape=True),
            or_(Event.id.is_(None), not_declared_wrong() & has_standing_line()),
        )
        .order_by(ScanRecord.station_seq.desc())
        .limit(1)
    ).first()
    if last is None:
        raise Refused("Nothing was recorded here in the last two minutes.")
    if last.uid != last.scan_id:
        raise Refused("The last scan recorded nothing, so there is nothing to undo.")
    wrong = [last.uid, *(other.uid for other in others_standing(session, last.uid))]
    for number, uid in enumerate(wrong, start=1):
        declare_wrong(
            session,
            uid,
            by,
            reason=WrongBecause.DID_NOT_OCCUR,
            declaration_uid=scan.scan_id if number == 1 else f"{scan.scan_id}.{number}",
        )
    event = session.scalars(select(Event.id).where(Event.uid == scan.scan_id)).one()
    device = find_device(session, last.payload)
    told = told_of(device.tag, custody_as_of(session, device, at=scan.scanned_at))
    return Answer(outcome=Outcome.OK, message=f"Undone. {told}", event=event)
