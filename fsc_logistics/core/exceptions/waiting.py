"""What waits for somebody: held scans, facts that contradict what was known."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, func, not_, or_, select, true
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.ledger.spans import not_declared_wrong
from fsc_logistics.core.tables import (
    Anomaly,
    Device,
    ErrorDeclaration,
    Event,
    LineDeclaration,
    ScanRecord,
    Station,
)
from fsc_logistics.domain.anomalies import (
    ExceptionKind,
    Unrecordable,
    what_to_do,
    what_to_do_with_card,
    what_to_do_without_record,
)
from fsc_logistics.domain.cards import Mode, code_on, read_card
from fsc_logistics.domain.custody import CLOCK_SKEW_MAX
from fsc_logistics.domain.people import is_masked_cpr
from fsc_logistics.domain.sayings import Say, say
from fsc_logistics.domain.station import read_station
from scanner.scan import Outcome

ANOMALY_PREFIX = "A-"
"""What the name of a contradiction begins with; a held scan is called by its own."""
DECLARED_WRONG = "What it is about was declared wrong."


class Which(StrEnum):
    """Which exceptions are asked for."""

    OPEN = "open"
    RESOLVED = "resolved"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Something that waits, or waited, for somebody."""

    id: str
    kind: str
    raised_at: datetime
    device: str | None
    """`None` where nobody knows which."""
    payload: str | None
    """What was scanned, where the scan is held."""
    station: str
    read_point: str | None
    what: str
    todo: str
    event: str | None
    """The event that contradicts; none where nothing was recorded yet."""
    count: int = 1
    """How many say the same of the same; dealing with one deals with all."""
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    how: str | None = None


def list_matters(session: Session, which: Which = Which.OPEN) -> list[Matter]:
    """Return what waits for somebody or was dealt with, oldest first.

    Open ones that say the same of the same device or code are one, with their number.
    """
    found = [*_scans(session, which), *_anomalies(session, which)]
    found.sort(key=lambda matter: matter.raised_at)
    return _together(found)


def _together(matters: Iterable[Matter]) -> list[Matter]:
    kept: dict[tuple[str | None, ...], Matter] = {}
    for matter in matters:
        key: tuple[str | None, ...] = (matter.kind, matter.device)
        if matter.payload is not None:
            # What is known but was brought to two unknown places is two matters.
            key = (matter.kind, matter.payload, matter.what)
        if matter.how is not None or matter.resolved_at is not None:
            key = (matter.id,)
        first = kept.setdefault(key, matter)
        if first is not matter:
            kept[key] = replace(first, count=first.count + 1)
    return list(kept.values())


def kind_of(scan: ScanRecord) -> ExceptionKind:
    """Return why a scan is held."""
    if scan.outcome == Outcome.UNKNOWN:
        return ExceptionKind.UNKNOWN_CODE
    if scan.scanned_at - scan.record_time > CLOCK_SKEW_MAX:
        return ExceptionKind.FROM_THE_FUTURE
    return ExceptionKind.REFUSED_SCAN


def why_unrecordable(scan: ScanRecord) -> Unrecordable | None:
    """Return why a held scan cannot be recorded after all; None where it may be."""
    card = read_card(scan.payload)
    if is_masked_cpr(code_on(card) or scan.payload):
        return Unrecordable.PERSONAL
    if card is not None:
        return Unrecordable.CARD
    station = read_station(scan.context or "")
    builds_nothing = station.mode is Mode.BUILD and station.kit is None
    if station.mode is Mode.LOOK or builds_nothing:
        return Unrecordable.NOTHING_SET
    return None


def _scans(session: Session, which: Which) -> list[Matter]:
    # `= true`, in this form, is what the index over the waiting ones is made for.
    waiting, dealt_with = ScanRecord.waiting == true(), ScanRecord.resolved_at
    wanted = {
        Which.OPEN: waiting,
        Which.RESOLVED: dealt_with.is_not(None),
        Which.ALL: or_(waiting, dealt_with.is_not(None)),
    }[which]
    resolution = aliased(Event)
    rows = session.execute(
        select(
            ScanRecord,
            Station.code,
            Event.uid,
            # The event says it; of one held in the first form only the row does.
            func.coalesce(resolution.record_time, ScanRecord.resolved_at),
            func.coalesce(resolution.actor, ScanRecord.resolved_by),
            resolution.reason,
        )
        .join(Station, Station.id == ScanRecord.station_id)
        .outerjoin(Event, Event.id == ScanRecord.event_id)
        .outerjoin(resolution, resolution.uid == ScanRecord.resolution)
        .where(wanted)
        .order_by(ScanRecord.record_time, ScanRecord.station_seq)
    )
    return [_of_scan(*row) for row in rows]


def _of_scan(
    scan: ScanRecord,
    station: str,
    event: str | None,
    resolved_at: datetime | None,
    resolved_by: str | None,
    how: str | None,
) -> Matter:
    kind, why = kind_of(scan), why_unrecordable(scan)
    todo = ""
    if scan.waiting and why is not None:
        todo = what_to_do_without_record(why, scan.scan_id)
    elif scan.waiting and _knows_its_code(scan):
        todo = what_to_do_with_card(scan.scan_id)
    elif scan.waiting:
        todo = what_to_do(kind, scan.scan_id, None, event)
    return Matter(
        id=scan.scan_id,
        kind=kind,
        raised_at=scan.record_time,
        device=None,
        payload=scan.payload,
        station=station,
        read_point=scan.read_point,
        what=scan.message,
        todo=todo,
        event=event,
        resolved_at=resolved_at,
        resolved_by=resolved_by,
        how=how,
    )


def _knows_its_code(scan: ScanRecord) -> bool:
    """Tell whether not the code of a scan was unknown, but where it should go."""
    unknown = (say(Say.UNKNOWN_CODE), say(Say.KIT_AGAIN))
    return scan.outcome == Outcome.UNKNOWN and scan.message not in unknown


def is_open() -> ColumnElement[bool]:
    """Return the condition that `Anomaly` of the joined `Event` waits for somebody.

    One whose event, or that device of it, was declared wrong is closed by that.
    """
    return Anomaly.resolution_id.is_(None) & _stands()


def _stands() -> ColumnElement[bool]:
    return not_declared_wrong() & ~exists().where(
        LineDeclaration.wrong_event_id == Anomaly.event_id,
        LineDeclaration.device_id == Anomaly.device_id,
    )


def _anomalies(session: Session, which: Which) -> list[Matter]:
    resolution = aliased(Event)
    # Or the event that declared wrong what it is about.
    by_event = func.coalesce(
        Anomaly.resolution_id,
        select(ErrorDeclaration.event_id)
        .where(ErrorDeclaration.wrong_event_id == Anomaly.event_id)
        .scalar_subquery(),
        select(LineDeclaration.event_id)
        .where(
            LineDeclaration.wrong_event_id == Anomaly.event_id,
            LineDeclaration.device_id == Anomaly.device_id,
        )
        .scalar_subquery(),
    )
    query = (
        select(
            Anomaly,
            Device.tag,
            Station.code,
            Event.uid,
            Event.read_point,
            resolution.record_time,
            resolution.actor,
            func.coalesce(resolution.reason, resolution.uid + " says so."),
            _stands().label("stands"),
        )
        .join(Event, Event.id == Anomaly.event_id)
        .join(Station, Station.id == Event.station_id)
        .join(Device, Device.id == Anomaly.device_id)
        .outerjoin(resolution, resolution.id == by_event)
        .order_by(Anomaly.raised_at, Anomaly.id)
    )
    if which is Which.OPEN:
        query = query.where(is_open())
    if which is Which.RESOLVED:
        query = query.where(not_(is_open()))
    return [_of_anomaly(*row) for row in session.execute(query)]


def _of_anomaly(
    anomaly: Anomaly,
    tag: str,
    station: str,
    event: str,
    read_point: str | None,
    resolved_at: datetime | None,
    resolved_by: str | None,
    how: str | None,
    stands: bool,
) -> Matter:
    kind, name = ExceptionKind(anomaly.kind), f"{ANOMALY_PREFIX}{anomaly.id}"
    waits = stands and anomaly.resolution_id is None
    if anomaly.resolution_id is None:
        how = None if stands else DECLARED_WRONG
    return Matter(
        id=name,
        kind=kind,
        raised_at=anomaly.raised_at,
        device=tag,
        payload=None,
        station=station,
        read_point=read_point,
        what=anomaly.detail,
        todo=what_to_do(kind, name, tag, event) if waits else "",
        event=event,
        resolved_at=resolved_at,
        resolved_by=resolved_by,
        how=how,
    )
