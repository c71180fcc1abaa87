"""What waited before the ledger was told of such things is told to it, once."""

from itertools import groupby
from operator import itemgetter

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fsc_logistics.core.exceptions.telling import (
    Raised,
    new_salt,
    sealed_columns,
    tell_held,
    tell_raised,
    was_held,
)
from fsc_logistics.core.ledger.appending import lock_station
from fsc_logistics.core.ledger.seek import Named
from fsc_logistics.core.tables import Anomaly, Device, Event, ScanRecord, Station
from fsc_logistics.domain.custody import Signature

_ACTOR = "fsc"


def tell_older(session: Session) -> None:
    """Tell the ledger what waits, or waited, before it was told of such things.

    Each where it began, as of then; and behind all that its station has said since.
    """
    _tell_held(session)
    _tell_raised(session)


def _tell_held(session: Session) -> None:
    rows = session.execute(
        select(*sealed_columns(), ScanRecord.record_time.label("at"), Station.code)
        .join(Station, Station.id == ScanRecord.station_id)
        .where(was_held(), ScanRecord.salt.is_(None))
        .order_by(ScanRecord.record_time, ScanRecord.station_seq)
    ).all()
    for row in rows:
        held = row._asdict() | {"salt": new_salt()}
        session.execute(
            update(ScanRecord)
            .where(ScanRecord.scan_id == row.scan_id)
            .values(salt=held["salt"])
        )
        by = Signature(station=row.code, actor=_ACTOR, record_time=row.at)
        tell_held(session, lock_station(session, row.code), held, by)


def _tell_raised(session: Session) -> None:
    rows = session.execute(
        select(
            Event.id,
            Event.uid,
            Station.code,
            Anomaly.raised_at,
            Anomaly.id,
            Anomaly.kind,
            Device.tag,
            Anomaly.detail,
        )
        .join(Event, Event.id == Anomaly.event_id)
        .join(Station, Station.id == Event.station_id)
        .join(Device, Device.id == Anomaly.device_id)
        .order_by(Event.id, Anomaly.id)
    ).all()
    for (number, uid, station, at), group in groupby(rows, key=itemgetter(0, 1, 2, 3)):
        raised = [Raised(*row[4:]) for row in group]
        by = Signature(station=station, actor=_ACTOR, record_time=at)
        station_id = lock_station(session, station)
        tell_raised(session, station_id, Named(number, uid), raised, by)
