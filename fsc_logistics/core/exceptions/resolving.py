"""Dealing with what waits: a word on how, or the scan recorded after all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from fsc_logistics.core.devices.finding import resolve_tagged
from fsc_logistics.core.exceptions.waiting import (
    ANOMALY_PREFIX,
    is_open,
    kind_of,
    why_unrecordable,
)
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.ledger.appending import (
    Line,
    NewEvent,
    known_event,
    lock_station,
)
from fsc_logistics.core.ledger.entering import enter
from fsc_logistics.core.ledger.named import lock, named_devices
from fsc_logistics.core.ledger.recorded import Recorded, tags_of
from fsc_logistics.core.scanning.acts import record_act, with_kit
from fsc_logistics.core.tables import Anomaly, Device, Event, ScanRecord, Stocktake
from fsc_logistics.core.tables import Station as StationRow
from fsc_logistics.domain.anomalies import ExceptionKind, Unrecordable
from fsc_logistics.domain.care import read_reason
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.custody import BizStep, EventKind, Signature
from fsc_logistics.domain.errors import BadInput, NotFound, Refused
from fsc_logistics.domain.scenarios import check_device
from fsc_logistics.domain.station import read_station
from scanner.scan import Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """How something that waited was dealt with."""

    uid: str
    """Of the event that says so."""
    id: str
    count: int
    """How many were dealt with: all that said the same of the same."""
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRecorded:
    """A held scan that was recorded after all."""

    uid: str
    """Of the event that says so, or that said so already."""
    added: bool
    devices: tuple[str, ...]
    resolution: str
    id: str
    contradictions: tuple[str, ...]
    """What it contradicts; that waits in its turn."""


def resolve(
    session: Session, name: str, how: str, *, uid: str, by: Signature
) -> Resolved:
    """Record how an exception was dealt with, and all open ones equal to it.

    Raises:
        NotFound: nothing of that name ever waited.
        BadInput: it is not said how.
        Refused: it does not wait, or no longer.
    """
    return _resolve(session, name, how, uid, by)[0]


def resolve_all(
    session: Session,
    names: Sequence[str],
    how: str,
    *,
    uids: Sequence[str],
    by: Signature,
) -> list[Resolved]:
    """Record how all of `names` were dealt with, each by an event of its own.

    Those that an earlier name has dealt with already are passed over.

    Raises:
        NotFound, BadInput, Refused: as `resolve`.
    """
    done, settled = [], set[str]()
    for name, uid in zip(names, uids, strict=True):
        if name.strip() in settled or name.strip().upper() in settled:
            continue
        resolved, equal = _resolve(session, name, how, uid, by)
        done.append(resolved)
        settled |= equal
    return done


def _resolve(
    session: Session, name: str, how: str, uid: str, by: Signature
) -> tuple[Resolved, set[str]]:
    """Record how an exception was dealt with; return the names of all that were."""
    station = lock_station(session, by.station)
    known = known_event(session, uid)
    if known is not None:
        assert known.reason is not None
        named = known.document or ""
        return Resolved(uid=uid, id=named, count=0, how=known.reason), {named}
    reason = read_reason(how)
    if reason is None:
        raise BadInput("Say how it was dealt with: --how TEXT")
    found = _find(session, name)
    if isinstance(found, ScanRecord):
        named = found.scan_id
        _close(session, station, named, [], reason, uid, by)
        equal = {one.scan_id for one in _settle(session, found, uid, by)}
    else:
        named = f"{ANOMALY_PREFIX}{found.id}"
        event = _close(session, station, named, [found.device_id], reason, uid, by)
        open_ones = _equal_anomalies(session, found)
        for anomaly in open_ones:
            anomaly.resolution_id = event
        equal = {f"{ANOMALY_PREFIX}{one.id}" for one in open_ones}
        session.flush()
    return Resolved(uid=uid, id=named, count=len(equal), how=reason), equal


def record_held(
    session: Session,
    name: str,
    *,
    uid: str,
    by: Signature,
    at: datetime | None = None,
    owners: Collection[str] = (),
) -> HeldRecorded:
    """Record a held scan now, as it was meant when it was made, and resolve it.

    `at` is when it was really made, where the clock of its station went wrong; `uid`
    is that of the event that says it was dealt with.

    Nothing is added for a uid the ledger knows.

    Raises:
        NotFound: nothing of that name waits, or its code or place is still unknown.
        Refused: it is recorded, says nothing that could be, or still cannot be.
    """
    station_id = lock_station(session, by.station)
    known = known_event(session, uid)
    if known is not None:
        return _recorded_before(session, known)
    held = _find(session, name)
    if not isinstance(held, ScanRecord):
        raise Refused(
            f"{name.strip()} is recorded already and contradicts what was known. Deal"
            f" with it: fsc exceptions resolve {name.strip()} --how TEXT"
        )
    done = _record(session, _as_scan(session, held, at), held, by, owners)
    held.event_id = done.event
    how = f"Recorded as {done.uid}." if done.added else f"{done.uid} says so already."
    _close(session, station_id, held.scan_id, [], how, uid, by)
    _settle_one(held, uid, by)
    _close_seen(session, station_id, held, done, uid, by)
    return HeldRecorded(
        uid=done.uid,
        added=done.added,
        devices=done.devices,
        resolution=uid,
        id=held.scan_id,
        contradictions=tuple(said.detail for said in done.contradictions),
    )


def _close_seen(
    session: Session,
    station: int,
    held: ScanRecord,
    done: Recorded,
    uid: str,
    by: Signature,
) -> None:
    """End the search for what was scanned while it was counted, as is known now."""
    sought = session.scalars(
        select(Anomaly)
        .join(Event, Event.id == Anomaly.event_id)
        .join(Device, Device.id == Anomaly.device_id)
        .join(Stocktake, Stocktake.event_id == Event.id)
        .where(
            Device.tag.in_(done.devices),
            Anomaly.kind == ExceptionKind.NOT_SEEN.value,
            is_open(),
            Stocktake.begun_at <= held.scanned_at,
        )
        .order_by(Anomaly.id)
    ).all()
    for number, anomaly in enumerate(sought):
        name, how = f"{ANOMALY_PREFIX}{anomaly.id}", f"Scanned as {held.scan_id}."
        behind = uid + ".seen" + (f".{number + 1}" if number else "")
        anomaly.resolution_id = _close(
            session, station, name, [anomaly.device_id], how, behind, by
        )
    session.flush()


def close_held(
    session: Session, name: str, how: str, *, uid: str, by: Signature
) -> None:
    """Record that one held scan is dealt with; those equal to it still wait.

    Raises:
        NotFound, Refused: nothing of that name waits.
    """
    found = _find(session, name)
    assert isinstance(found, ScanRecord), "a held scan is called by its own name"
    station = lock_station(session, by.station)
    _close(session, station, found.scan_id, [], how, uid, by)
    _settle_one(found, uid, by)


def _recorded_before(session: Session, resolution: Event) -> HeldRecorded:
    """Return what became of the held scan that `resolution` says was recorded."""
    held = session.scalars(
        select(ScanRecord).where(ScanRecord.resolution == resolution.uid)
    ).first()
    if held is None or held.event_id is None:
        raise Refused(
            f"{resolution.uid} is the uid of an event that records no held scan. Give"
            " another."
        )
    event = session.get_one(Event, held.event_id)
    return HeldRecorded(
        uid=event.uid,
        added=False,
        devices=tags_of(session, event.id),
        resolution=resolution.uid,
        id=held.scan_id,
        contradictions=(),
    )


def _find(session: Session, name: str) -> ScanRecord | Anomaly:
    """Return what waits under `name`, locked."""
    asked = name.strip()
    number = asked.upper().removeprefix(ANOMALY_PREFIX)
    is_anomaly = asked.upper().startswith(ANOMALY_PREFIX) and number.isdecimal()
    if is_anomaly and len(number) < 19:
        anomaly = session.get(Anomaly, int(number))
        if anomaly is not None:
            # Also of those equal to it, and against acts that close them.
            lock(session, [anomaly.device_id])
            _check_open(session, anomaly)
            return anomaly
    scan = session.get(ScanRecord, asked, with_for_update=True)
    if scan is None:
        named = shown_code(asked, "of that name")
        raise NotFound(f"There is no exception {named}. See: fsc exceptions")
    if not scan.waiting:
        raise Refused(f"{scan.scan_id} does not wait for anybody.")
    return scan


def _check_open(session: Session, anomaly: Anomaly) -> None:
    open_one = (
        select(Anomaly.id)
        .join(Event, Event.id == Anomaly.event_id)
        .where(Anomaly.id == anomaly.id, is_open())
    )
    if session.scalar(open_one) is None:
        raise Refused(f"{ANOMALY_PREFIX}{anomaly.id} does not wait for anybody.")


def _close(
    session: Session,
    station: int,
    name: str,
    devices: Sequence[int],
    how: str,
    uid: str,
    by: Signature,
) -> int:
    """Append the event that says how it was dealt with; return its number."""
    named = named_devices(session, devices)
    event = NewEvent(
        uid=uid,
        kind=EventKind.RESOLUTION,
        event_time=by.record_time,
        biz_step=BizStep.OTHER,
        document=name,
        reason=how,
        lines=tuple(Line(device=named[device]) for device in devices),
    )
    return enter(session, station, event, by).event


def _equal_anomalies(session: Session, anomaly: Anomaly) -> Sequence[Anomaly]:
    return session.scalars(
        select(Anomaly)
        .join(Event, Event.id == Anomaly.event_id)
        .where(
            Anomaly.device_id == anomaly.device_id,
            Anomaly.kind == anomaly.kind,
            is_open(),
        )
    ).all()


def _settle(
    session: Session, scan: ScanRecord, uid: str, by: Signature
) -> Sequence[ScanRecord]:
    """Note of a scan, and of the waiting ones equal to it, that they are dealt with."""
    kind = kind_of(scan)
    waiting = session.scalars(
        select(ScanRecord).where(
            ScanRecord.waiting == true(),
            ScanRecord.payload == scan.payload,
            ScanRecord.message == scan.message,
        )
    )
    equal = [one for one in waiting if kind_of(one) is kind]
    for one in equal:
        _settle_one(one, uid, by)
    return equal


def _settle_one(scan: ScanRecord, uid: str, by: Signature) -> None:
    scan.waiting = False
    scan.resolved_at = by.record_time
    scan.resolved_by = by.actor
    scan.resolution = uid


def _as_scan(session: Session, held: ScanRecord, at: datetime | None) -> Scan:
    """Return a held scan as it was made, at its true time."""
    station = session.get_one(StationRow, held.station_id).code
    if at is None and kind_of(held) is ExceptionKind.FROM_THE_FUTURE:
        raise Refused(
            f"The clock of {station} was ahead when this was scanned. It was here at"
            f" {held.record_time:%Y-%m-%d %H:%M} UTC; say when it was scanned: --at"
            " TIME"
        )
    return Scan(
        scan_id=held.scan_id,
        station=station,
        station_seq=held.station_seq,
        port=held.port or "",
        read_point=held.read_point,
        scanned_at=at or held.scanned_at,
        raw=b"",
        text=held.payload,
        symbology=held.symbology or "",
        context=held.context or "",
    )


def _record(
    session: Session,
    scan: Scan,
    held: ScanRecord,
    by: Signature,
    owners: Collection[str],
) -> Recorded:
    why = why_unrecordable(held)
    if why is Unrecordable.PERSONAL:
        raise Refused(
            "That was a personal number, and was not kept: there is nothing to record"
            " of it. Once it is dealt with: fsc exceptions resolve"
            f" {scan.scan_id} --how TEXT"
        )
    if why is Unrecordable.CARD:
        raise Refused(
            "That is a card, and there is nothing to record of it. Once it is dealt"
            f" with: fsc exceptions resolve {scan.scan_id} --how TEXT"
        )
    if why is Unrecordable.NOTHING_SET:
        raise Refused(
            "When this was scanned nothing was set that could be recorded. Say where"
            " the device is (fsc move), then: fsc exceptions resolve"
            f" {scan.scan_id} --how TEXT"
        )
    device = resolve_tagged(session, scan.text, scan.symbology)
    if device is None:
        raise NotFound(
            "The code that was scanned is still not known here. Link it to its device"
            " first: fsc device link DEVICE CODE"
        )
    before = custody_as_of(session, device, at=scan.scanned_at)
    # Whoever records it at the desk has read why the operator was told to stop.
    station = with_kit(session, replace(read_station(scan.context), held=False))
    check_device(station)
    return record_act(session, scan, station, device, before, by, owners)
