"""UNDO in COUNT: what was seen there was not, though the ledger has no word of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, or_, select, update
from sqlalchemy.orm import Session

from fsc_logistics.core.devices.finding import find_tagged, resolve_tagged
from fsc_logistics.core.ledger.seek import Tagged
from fsc_logistics.core.scanning.answer import Answer
from fsc_logistics.core.tables import (
    Event,
    Location,
    ScanRecord,
    Stocktake,
    StocktakeLine,
)
from fsc_logistics.core.tables import Station as StationRow
from fsc_logistics.domain.cards import Mode
from fsc_logistics.domain.counting import Result
from fsc_logistics.domain.errors import BadIdentifier
from fsc_logistics.domain.sayings import Say, say
from fsc_logistics.domain.scenarios import Spoken
from fsc_logistics.domain.station import UNDO_WITHIN
from scanner.scan import Outcome, Scan


def was_seen(mode: str, outcome: str) -> bool:
    """Tell whether a scan has counted a device."""
    return mode == Mode.COUNT and outcome in (Outcome.OK, Outcome.ALREADY)


def lately_scanned(scan: Scan, port: str) -> Select[*tuple[Any, ...]]:
    """Return the question what was scanned at `port` that UNDO may still reach.

    The last first, cards left out; with the uid of the event that each made, if any.
    """
    return (
        select(
            ScanRecord.scan_id,
            ScanRecord.payload,
            ScanRecord.symbology,
            ScanRecord.mode,
            ScanRecord.outcome,
            ScanRecord.scanned_at,
            Event.uid,
        )
        .outerjoin(Event, Event.id == ScanRecord.event_id)
        .join(StationRow, StationRow.id == ScanRecord.station_id)
        .where(
            StationRow.code == scan.station,
            ScanRecord.port == port,
            ScanRecord.scanned_at >= scan.scanned_at - UNDO_WITHIN,
            ScanRecord.scanned_at <= scan.scanned_at,
            ~ScanRecord.payload.startswith("%", autoescape=True),
        )
        .order_by(ScanRecord.station_seq.desc())
    )


def taken_back(session: Session, scan: Scan, port: str) -> list[str]:
    """Return the last sightings at `port` without an event that no longer count."""
    rows = session.execute(
        lately_scanned(scan, port).where(
            or_(Event.id.is_(None), Event.uid != ScanRecord.scan_id)
        )
    )
    found = []
    for one in rows:
        if not was_seen(one.mode, one.outcome):
            break
        try:
            device = resolve_tagged(session, one.payload, one.symbology or "")
        except BadIdentifier:  # The serial of several devices by now.
            break
        if device is None or _line(session, scan, device, one.scanned_at) is not None:
            break
        found.append(one.scan_id)
    return found


def take_back(
    session: Session, scan: Scan, payload: str, symbology: str, at: datetime
) -> Answer:
    """Take a sighting at `at` that made no event out of its count.

    Raises:
        Refused: the count has ended.
    """
    device = find_tagged(session, payload, symbology)
    line = _line(session, scan, device, at)
    if line is None or line.ended_at is not None:
        raise Spoken(Say.COUNT_ENDED)
    uncount(session, scan, device, at)
    count = session.execute(
        select(Location.code, Stocktake.found_count, Stocktake.expected_count)
        .join(Location, Location.id == Stocktake.location_id)
        .where(Stocktake.id == line.id)
    ).one()
    facts = {
        "device": device.tag,
        "place": count.code,
        "found": str(count.found_count),
        "expected": str(max(count.expected_count, count.found_count)),
    }
    return Answer(
        outcome=Outcome.OK,
        message=say(Say.UNCOUNTED, **facts),
        facts=facts | {"say": Say.UNCOUNTED.value},
    )


def uncount(session: Session, scan: Scan, device: Tagged, at: datetime) -> None:
    """Leave a device that was seen at `at` out of the count, if that goes on."""
    line = _line(session, scan, device, at)
    if line is None or line.ended_at is not None:
        return
    session.execute(
        delete(StocktakeLine).where(
            StocktakeLine.stocktake_id == line.id, StocktakeLine.device_id == device.id
        )
    )
    is_stray = line.result == Result.STRAY
    number = Stocktake.stray_count if is_stray else Stocktake.found_count
    session.execute(
        update(Stocktake).where(Stocktake.id == line.id).values({number: number - 1})
    )


def _line(
    session: Session, scan: Scan, device: Tagged, at: datetime
) -> Row[int, datetime | None, str] | None:
    """Return the last count of this station that says it has seen a device."""
    return session.execute(
        select(Stocktake.id, Stocktake.ended_at, StocktakeLine.result)
        .join(StocktakeLine, StocktakeLine.stocktake_id == Stocktake.id)
        .join(StationRow, StationRow.id == Stocktake.station_id)
        .where(
            StationRow.code == scan.station,
            StocktakeLine.device_id == device.id,
            StocktakeLine.result != Result.MISSING.value,
            Stocktake.begun_at <= at,
            Stocktake.seen_at >= at,
        )
        .order_by(Stocktake.begun_at.desc(), Stocktake.id.desc())
        .limit(1)
    ).first()
