"""What was scanned before OK, or before it was set where it goes, and then again."""

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from fsc_logistics.core.devices.finding import resolve_tagged
from fsc_logistics.core.exceptions.resolving import close_held
from fsc_logistics.core.ledger.seek import Tagged
from fsc_logistics.core.tables import ScanRecord
from fsc_logistics.core.tables import Station as StationRow
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.errors import BadIdentifier
from fsc_logistics.domain.station import Station, read_station
from scanner.scan import Outcome, Scan


def close_missed(
    session: Session,
    scan: Scan,
    station: Station,
    device: Tagged,
    by: Signature,
    port: str,
) -> None:
    """End the wait of earlier scans of a recorded device that came too early.

    Of those that meant what it means where `station` is set, or nothing yet in its
    mode: another act with it is not the one that waits.
    """
    waiting = session.scalars(
        select(ScanRecord)
        .join(StationRow, StationRow.id == ScanRecord.station_id)
        .where(
            ScanRecord.waiting == true(),
            StationRow.code == scan.station,
            ScanRecord.port == port,
            ScanRecord.mode == station.mode.value,
            ScanRecord.outcome == Outcome.REFUSED.value,
            ScanRecord.event_id.is_(None),
            ScanRecord.scanned_at <= scan.scanned_at,
        )
    ).all()
    for one in waiting:
        meant = read_station(one.context or "")
        if _came_too_early(meant, station) and _means(session, one, device):
            close_held(
                session,
                one.scan_id,
                f"Scanned again as {scan.scan_id}.",
                uid=f"{one.scan_id}.closed",
                by=by,
            )


def _came_too_early(meant: Station, station: Station) -> bool:
    if not meant.is_set:
        return meant.mode is station.mode
    return meant.held and _act(meant) == _act(station)


def _act(station: Station) -> tuple[object, ...]:
    """Return what becomes of a device that is scanned there."""
    goes = (station.place, station.party, station.order, station.kit)
    return (station.mode, *goes, station.condition)


def _means(session: Session, waiting: ScanRecord, device: Tagged) -> bool:
    try:
        named = resolve_tagged(session, waiting.payload, waiting.symbology or "")
    except BadIdentifier:  # The serial of several devices.
        return False
    return named is not None and named.id == device.id
