"""Scans that were not good, waiting for somebody to deal with them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from fsc_logistics.core.tables import Event, ScanRecord, Station
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.errors import NotFound, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanException:
    """A scan of an unknown or unfit code, and what was said to the operator."""

    scan: str
    scanned_at: datetime
    station: str
    read_point: str
    mode: str
    payload: str
    outcome: str
    message: str
    event: str | None
    resolved_at: datetime | None
    resolved_by: str | None


def list_exceptions(session: Session, *, resolved: bool = False) -> list[ScanException]:
    """Return the scans that wait, oldest first; with `resolved`, those dealt with."""
    # `= true`, in this form, is what the index over the waiting ones is made for.
    waiting = ScanRecord.waiting == true()
    wanted = ScanRecord.resolved_at.is_not(None) if resolved else waiting
    rows = session.execute(
        select(ScanRecord, Station.code, Event.uid)
        .join(Station, Station.id == ScanRecord.station_id)
        .outerjoin(Event, Event.id == ScanRecord.event_id)
        .where(wanted)
        .order_by(ScanRecord.record_time, ScanRecord.station_seq)
    )
    return [
        ScanException(
            scan=scan.scan_id,
            scanned_at=scan.scanned_at,
            station=station,
            read_point=scan.read_point,
            mode=scan.mode,
            payload=scan.payload,
            outcome=scan.outcome,
            message=scan.message,
            event=event,
            resolved_at=scan.resolved_at,
            resolved_by=scan.resolved_by,
        )
        for scan, station, event in rows
    ]


def resolve_exception(session: Session, scan_id: str, by: Signature) -> None:
    """Note that somebody has dealt with a scan.

    Raises:
        NotFound: there is no such scan.
        Refused: it does not wait, or no longer.
    """
    scan = session.get(ScanRecord, scan_id)
    if scan is None:
        named = shown_code(scan_id, "of that name")
        raise NotFound(f"There is no scan {named}. See: fsc scanner exceptions")
    if not scan.waiting:
        raise Refused(f"Scan {scan_id} does not wait for anybody.")
    scan.waiting = False
    scan.resolved_at = by.record_time
    scan.resolved_by = by.actor
