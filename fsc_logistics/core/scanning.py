"""record_scan: the one function the scanner service is given."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.answers import custody_as_of
from fsc_logistics.core.corrections import declare_wrong
from fsc_logistics.core.custody import Recorded, record_transfer
from fsc_logistics.core.database import Sessions
from fsc_logistics.core.destinations import (
    check_target_exists,
    count_held,
    transfer_for,
)
from fsc_logistics.core.devices import find_device, resolve_device
from fsc_logistics.core.ledger import lock_station
from fsc_logistics.core.tables import (
    ErrorDeclaration,
    Event,
    ScanRecord,
)
from fsc_logistics.core.tables import Station as StationRow
from fsc_logistics.domain.cards import (
    BadCard,
    Card,
    EndCard,
    Mode,
    ModeCard,
    OkCard,
    Target,
    TargetCard,
    UndoCard,
    read_card,
)
from fsc_logistics.domain.custody import (
    CLOCK_SKEW_MAX,
    Custody,
    Disposition,
    EventKind,
    Signature,
    WrongBecause,
)
from fsc_logistics.domain.errors import BadIdentifier, NotFound, Refused
from fsc_logistics.domain.people import looks_like_cpr, mask_cpr
from fsc_logistics.domain.station import (
    UNDO_WITHIN,
    Station,
    awake,
    check_destination,
    check_target,
    read_station,
)
from scanner.scan import Outcome, Scan, Verdict

PAYLOAD_MAX = 200
"""More of an unknown code is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What is said to the operator, and what stands behind it."""

    outcome: Outcome
    message: str
    event: int | None = None


_PRIVATE = _Answer(
    outcome=Outcome.UNKNOWN,
    message="That is a personal number, not a device. It was not kept.",
)


def record_scan(
    sessions: Sessions, scan: Scan, *, now: datetime, idle: timedelta
) -> Verdict:
    """Record what `scan` means, once, and return the verdict for the operator.

    A scan that was recorded before gets the answer it got then.  What is unknown or
    unfit is answered so and waits among the exceptions.

    Raises:
        TryLater, Misconfigured: the database cannot take it now; ask again.
    """
    with sessions.begin() as session:
        station_id = lock_station(session, scan.station)
        known = session.get(ScanRecord, scan.scan_id)
        if known is not None:
            # Kept masked then, so to be forgotten now: the first answer may be lost.
            forget = known.payload != scan.text[:PAYLOAD_MAX]
            return Verdict(Outcome(known.outcome), known.message, forget=forget)
        by = Signature(station=scan.station, actor=scan.port, record_time=now)
        station = awake(read_station(scan.context), scan.scanned_at, idle)
        private = _is_private(session, scan.text)
        answer = _PRIVATE if private else _answered(session, scan, station, by)
        session.add(
            ScanRecord(
                scan_id=scan.scan_id,
                station_id=station_id,
                station_seq=scan.station_seq,
                read_point=scan.read_point,
                scanned_at=scan.scanned_at,
                record_time=now,
                mode=station.mode.value,
                payload=(mask_cpr(scan.text) if private else scan.text)[:PAYLOAD_MAX],
                outcome=answer.outcome.value,
                message=answer.message,
                event_id=answer.event,
                waiting=answer.outcome in (Outcome.UNKNOWN, Outcome.REFUSED),
            )
        )
    return Verdict(answer.outcome, answer.message, forget=private)


def _is_private(session: Session, text: str) -> bool:
    """Tell whether `text` is somebody's number, and not one that a device has too."""
    if not looks_like_cpr(text):
        return False
    try:
        return resolve_device(session, text) is None
    except BadIdentifier:  # The serial of several devices.
        return False


def _answered(session: Session, scan: Scan, station: Station, by: Signature) -> _Answer:
    """Do what the scan asks for; a refusal leaves nothing of it done."""
    try:
        with session.begin_nested():
            _check_clock(scan, by.record_time)
            card = read_card(scan.text)
            if card is not None:
                return _card(session, scan, station, card, by)
            return _device(session, scan, station, by)
    except NotFound as error:
        return _Answer(outcome=Outcome.UNKNOWN, message=str(error))
    except (Refused, BadIdentifier) as error:
        return _Answer(outcome=Outcome.REFUSED, message=str(error))


def _check_clock(scan: Scan, now: datetime) -> None:
    if scan.scanned_at - now > CLOCK_SKEW_MAX:
        raise Refused(
            "The clock of this station is ahead of the ledger's; set it right."
        )


def _card(
    session: Session, scan: Scan, station: Station, card: Card, by: Signature
) -> _Answer:
    match card:
        case ModeCard(mode):
            return _Answer(outcome=Outcome.SET, message=f"{mode}: {_NEXT[mode]}")
        case EndCard():
            return _Answer(outcome=Outcome.SET, message="Done. Back to LOOK.")
        case OkCard():
            return _Answer(outcome=Outcome.SET, message="Understood.")
        case UndoCard():
            return _undo(session, scan, by)
        case TargetCard(target, code):
            if station.mode is Mode.LOOK:
                return _look_into(session, target, code)
            check_target(station, target)
            named = check_target_exists(session, target, code)
            return _Answer(outcome=Outcome.SET, message=f"{station.mode}: {named}")
        case BadCard(text):
            raise NotFound(f"{text} is not a card of this centre.")


_NEXT = {
    Mode.LOOK: "scan a device to see who has it.",
    Mode.IN: "scan what comes in.",
    Mode.OUT: "scan where it goes, then each device.",
    Mode.MOVE: "scan the place, then each device.",
}


def _look_into(session: Session, target: Target, code: str) -> _Answer:
    count, named = count_held(session, target, code)
    return _Answer(
        outcome=Outcome.LOOKED, message=f"{named}: {_count(count, 'device')}."
    )


def _device(session: Session, scan: Scan, station: Station, by: Signature) -> _Answer:
    device = resolve_device(session, scan.text)
    if device is None:
        raise NotFound("This code is not known here; the scan waits for somebody.")
    held = custody_as_of(session, device, at=scan.scanned_at)
    if station.mode is Mode.LOOK:
        return _Answer(outcome=Outcome.LOOKED, message=_told(device.tag, held))
    check_destination(station)
    transfer = transfer_for(session, scan, station, device, held)
    done = record_transfer(session, transfer, by, as_fact=True)
    told = _told(device.tag, custody_as_of(session, device, at=scan.scanned_at))
    if not done.added:
        return _Answer(outcome=Outcome.ALREADY, message=told, event=done.event)
    if held is not None and held.disposition == Disposition.RETIRED:
        return _Answer(
            outcome=Outcome.REFUSED,
            message=f"{device.tag} was retired. It is recorded here; put it aside.",
            event=done.event,
        )
    return _Answer(
        outcome=Outcome.OK, message=_with_parts(told, done), event=done.event
    )


def _told(tag: str, held: Custody | None) -> str:
    if held is None:
        return f"{tag}: nobody had it yet."
    return f"{tag}: {held.custodian} @ {held.location}"


def _with_parts(told: str, done: Recorded) -> str:
    parts = len(done.devices) - 1
    return f"{told} (with {_count(parts, 'part')})" if parts else told


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _undo(session: Session, scan: Scan, by: Signature) -> _Answer:
    """Declare that the last scan recorded at this read point did not occur."""
    last = session.execute(
        select(Event.uid, Event.event_time)
        .join(ScanRecord, ScanRecord.event_id == Event.id)
        .join(StationRow, StationRow.id == ScanRecord.station_id)
        .where(
            StationRow.code == scan.station,
            ScanRecord.read_point == scan.read_point,
            ScanRecord.scan_id == Event.uid,
            Event.kind == EventKind.OBJECT.value,
            ScanRecord.scanned_at >= scan.scanned_at - UNDO_WITHIN,
            ScanRecord.scanned_at <= scan.scanned_at,
            ~select(ErrorDeclaration.event_id)
            .where(ErrorDeclaration.wrong_event_id == Event.id)
            .exists(),
        )
        .order_by(ScanRecord.station_seq.desc())
        .limit(1)
    ).first()
    if last is None:
        raise Refused("Nothing was recorded here in the last two minutes.")
    declared = declare_wrong(
        session,
        last.uid,
        by,
        reason=WrongBecause.DID_NOT_OCCUR,
        declaration_uid=scan.scan_id,
    )
    event = session.scalars(select(Event.id).where(Event.uid == declared.uid)).one()
    device = find_device(session, declared.devices[0])
    told = _told(device.tag, custody_as_of(session, device, at=scan.scanned_at))
    return _Answer(outcome=Outcome.OK, message=f"Undone. {told}", event=event)
