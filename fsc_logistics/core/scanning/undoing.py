"""UNDO: the last device scanned at a port was not."""

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.devices.finding import find_tagged
from fsc_logistics.core.ledger.acts import has_standing_line, others_standing
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.ledger.spans import not_declared_wrong
from fsc_logistics.core.scanning.answer import Answer
from fsc_logistics.core.scanning.looking import facts_of, told_of
from fsc_logistics.core.scanning.uncounting import (
    lately_scanned,
    take_back,
    taken_back,
    uncount,
    was_seen,
)
from fsc_logistics.core.tables import Event, ScanRecord
from fsc_logistics.core.tables import Station as StationRow
from fsc_logistics.domain.cards import Mode
from fsc_logistics.domain.custody import Signature, WrongBecause
from fsc_logistics.domain.sayings import Say
from fsc_logistics.domain.scenarios import Spoken
from fsc_logistics.domain.station import UNDO_WITHIN
from scanner.scan import Outcome, Scan


def undo(session: Session, scan: Scan, by: Signature, port: str) -> Answer:
    """Declare that the last device scanned at `port` was not.

    Of what was undone already, as a whole or device by device, the one before counts.
    A last scan that recorded nothing is not passed over: the operator means that one,
    not an earlier device.  Another code on the box of a device means the device, and so
    does the device scanned once more.

    Raises:
        Refused: there is nothing to undo.
    """
    last = _last(session, scan, port)
    if isinstance(last, Answer):
        return last
    uid, payload, symbology = last
    device = find_tagged(session, payload, symbology or "")
    before = custody_as_of(session, device, at=scan.scanned_at)
    wrong = [uid, *(other.uid for other in others_standing(session, uid))]
    for number, one in enumerate(wrong, start=1):
        declare_wrong(
            session,
            one,
            by,
            reason=WrongBecause.DID_NOT_OCCUR,
            declaration_uid=scan.scan_id if number == 1 else f"{scan.scan_id}.{number}",
        )
    event = session.scalars(select(Event.id).where(Event.uid == scan.scan_id)).one()
    after = custody_as_of(session, device, at=scan.scanned_at)
    recorded = session.execute(
        select(ScanRecord.outcome, ScanRecord.mode, ScanRecord.scanned_at).where(
            ScanRecord.scan_id == uid
        )
    ).first()
    told = {}
    if recorded is not None:
        told = _taken_back(uid, recorded.outcome)
    if recorded is not None and recorded.mode == Mode.COUNT:
        uncount(session, scan, device, recorded.scanned_at)
    return Answer(
        outcome=Outcome.OK,
        message=f"Undone. {told_of(device.tag, after)}",
        event=event,
        facts=facts_of(device, before, after) | {"say": Say.UNDONE.value} | told,
    )


def _taken_back(scan_id: str, outcome: str) -> dict[str, str]:
    """Return for a count of scans what is taken off it.

    What made an event was recorded, however it sounded.
    """
    counted = Outcome.OK.value if outcome == Outcome.REFUSED else outcome
    return {"takes_back": counted, "taken_back": scan_id}


def _last(
    session: Session, scan: Scan, port: str
) -> tuple[str, str, str | None] | Answer:
    """Return the uid of the event to be undone, and the code that was scanned for it.

    With the kind of symbol that the code stood in.  The answer where a device was seen
    in a count, which made no event.

    Raises:
        Refused: nothing was scanned, or what was recorded nothing.
    """
    last = session.execute(
        lately_scanned(scan, port)
        .where(
            Event.id.is_(None) | not_declared_wrong() & has_standing_line(),
            ScanRecord.scan_id.not_in(taken_back(session, scan, port)),
        )
        .limit(1)
    ).first()
    if last is None:
        raise Spoken(Say.NOTHING_TO_UNDO)
    if last.uid == last.scan_id:
        return last.uid, last.payload, last.symbology
    made_by = None if last.uid is None else _made_by(session, scan, port, last)
    if made_by is None and was_seen(last.mode, last.outcome):
        seen = take_back(
            session, scan, last.payload, last.symbology or "", last.scanned_at
        )
        told = _taken_back(last.scan_id, Outcome.OK)
        return seen._replace(facts={**seen.facts, **told})
    if made_by is None:
        raise Spoken(Say.NOTHING_RECORDED)
    return made_by.scan_id, made_by.payload, made_by.symbology


def _made_by(
    session: Session, scan: Scan, port: str, last: Row[*tuple[Any, ...]]
) -> Row[str, str, str | None] | None:
    """Return the scan that made the event which `last` found to say so already.

    If it was made here, just now, and meant the same: not another act, long ago.
    """
    # Of an act of several events the first has the name of its scan.
    named = (last.uid, last.uid.rpartition(".")[0])
    return session.execute(
        select(ScanRecord.scan_id, ScanRecord.payload, ScanRecord.symbology)
        .join(Event, Event.uid == ScanRecord.scan_id)
        .join(StationRow, StationRow.id == ScanRecord.station_id)
        .where(
            ScanRecord.scan_id.in_(named),
            StationRow.code == scan.station,
            ScanRecord.port == port,
            ScanRecord.mode == last.mode,
            ScanRecord.scanned_at >= scan.scanned_at - UNDO_WITHIN,
            ScanRecord.scanned_at <= scan.scanned_at,
            not_declared_wrong(),
        )
    ).first()
