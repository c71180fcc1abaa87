"""record_scans: the one function the scanner service is given."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, or_, select
from sqlalchemy.orm import Session

from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.database import Sessions
from fsc_logistics.core.devices.finding import (
    find_device,
    resolve_device,
    resolve_tagged,
)
from fsc_logistics.core.kits.state import kit_words
from fsc_logistics.core.ledger.acts import has_standing_line, others_standing
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.ledger.appending import lock_station
from fsc_logistics.core.ledger.custody import Recorded, record_transfer
from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.ledger.seek import Tagged
from fsc_logistics.core.ledger.spans import not_declared_wrong
from fsc_logistics.core.scanning.destinations import (
    check_target_exists,
    count_held,
    transfer_for,
)
from fsc_logistics.core.statements import Statement, attempt
from fsc_logistics.core.tables import (
    Event,
    ScanRecord,
)
from fsc_logistics.core.tables import Station as StationRow
from fsc_logistics.domain.anomalies import BAD_TONE, ExceptionKind
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
from fsc_logistics.domain.care import unfit_because
from fsc_logistics.domain.custody import (
    CLOCK_SKEW_MAX,
    Custody,
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
    write_station,
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


def record_scans(
    sessions: Sessions,
    scans: Sequence[Scan],
    *,
    now: datetime,
    idle: timedelta,
    owners: Collection[str] = (),
) -> list[Verdict]:
    """Record what `scans` mean, each once, all or none; return the verdict for each.

    A scan that was recorded before gets the answer it got then.  What cannot be
    recorded is held and waits among the exceptions, as what contradicts the ledger
    does.  `owners` are those whose devices are ours, where that is known.

    Raises:
        TryLater, Misconfigured: the database cannot take them now; ask again.
    """
    with sessions.begin() as session:
        return [_record(session, scan, now, idle, owners) for scan in scans]


def _record(
    session: Session,
    scan: Scan,
    now: datetime,
    idle: timedelta,
    owners: Collection[str],
) -> Verdict:
    station_id = lock_station(session, scan.station)
    known = _KNOWN.first(session, scan_id=scan.scan_id)
    if known is not None:
        payload, outcome, message = known
        # Kept masked then, so to be forgotten now: the first answer may be lost.
        forget = payload != scan.text[:PAYLOAD_MAX]
        return Verdict(Outcome(outcome), message, forget=forget)
    by = Signature(station=scan.station, actor=scan.port, record_time=now)
    station = awake(read_station(scan.context), scan.scanned_at, idle)
    private = _is_private(session, scan.text)
    answer = _PRIVATE
    if not private:
        answer = _answered(session, scan, station, by, owners)
    waits = _waits(answer, scan)
    _ADD.run(
        session,
        scan_id=scan.scan_id,
        station_id=station_id,
        station_seq=scan.station_seq,
        read_point=scan.read_point,
        scanned_at=microseconds(scan.scanned_at),
        record_time=microseconds(now),
        mode=station.mode.value,
        payload=(_masked(scan.text) if private else scan.text)[:PAYLOAD_MAX],
        outcome=answer.outcome.value,
        message=answer.message,
        event_id=answer.event,
        waiting=waits,
        context=write_station(station) if waits else None,
    )
    return Verdict(answer.outcome, answer.message, forget=private)


_KNOWN = Statement(
    lambda: select(ScanRecord.payload, ScanRecord.outcome, ScanRecord.message).where(
        ScanRecord.scan_id == bindparam("scan_id")
    )
)
_ADD = Statement(
    lambda: insert(ScanRecord),
    "scan_id",
    "station_id",
    "station_seq",
    "read_point",
    "scanned_at",
    "record_time",
    "mode",
    "payload",
    "outcome",
    "message",
    "event_id",
    "waiting",
    "context",
)


def _waits(answer: _Answer, scan: Scan) -> bool:
    """Tell whether somebody must deal with a scan, beyond the one who made it.

    A card refused is a slip the operator has heard; a device refused is a device that
    went somewhere the ledger does not know.  What was recorded and contradicts the
    ledger waits as that.
    """
    if answer.outcome is Outcome.REFUSED:
        return answer.event is None and read_card(scan.text) is None
    return answer.outcome is Outcome.UNKNOWN


def _is_private(session: Session, text: str) -> bool:
    """Tell whether `text` is somebody's number, and not one that a device has too.

    On a card too: somebody may take a personal number for a code.
    """
    card = read_card(text)
    if isinstance(card, TargetCard):
        return looks_like_cpr(card.code)
    if isinstance(card, BadCard) or not looks_like_cpr(text):
        return False
    try:
        return resolve_device(session, text) is None
    except BadIdentifier:  # The serial of several devices.
        return False


def _masked(text: str) -> str:
    """Return a payload that is somebody's number, or a card with one, to be kept."""
    card = read_card(text)
    code = card.code if isinstance(card, TargetCard) else text
    return text.strip().upper().replace(code, mask_cpr(code))


def _answered(
    session: Session,
    scan: Scan,
    station: Station,
    by: Signature,
    owners: Collection[str],
) -> _Answer:
    """Do what the scan asks for; a refusal leaves nothing of it done."""
    try:
        with attempt(session):
            _check_clock(scan, by.record_time)
            card = read_card(scan.text)
            if card is not None:
                return _card(session, scan, station, card, by)
            return _device(session, scan, station, by, owners)
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


def _device(
    session: Session,
    scan: Scan,
    station: Station,
    by: Signature,
    owners: Collection[str],
) -> _Answer:
    device = resolve_tagged(session, scan.text)
    if device is None:
        raise NotFound("This code is not known here; the scan waits for somebody.")
    held = custody_as_of(session, device, at=scan.scanned_at)
    if station.mode is Mode.LOOK:
        looked = _with_kit(session, _looked(device.tag, held), device, scan)
        return _Answer(outcome=Outcome.LOOKED, message=looked)
    check_destination(station)
    transfer = transfer_for(session, scan, station, device, held)
    done = record_transfer(session, transfer, by, as_fact=True, owners=owners)
    told = _told(device.tag, custody_as_of(session, device, at=scan.scanned_at))
    told = _with_kit(session, told, device, scan, done.devices)
    if not done.added:
        return _Answer(outcome=Outcome.ALREADY, message=told, event=done.event)
    if done.contradictions:
        return _contradicted(done)
    return _Answer(outcome=Outcome.OK, message=told, event=done.event)


def _contradicted(done: Recorded) -> _Answer:
    """Return what is said of a scan that is recorded and cannot be all there is."""
    worst = min(done.contradictions, key=lambda said: said.kind not in BAD_TONE)
    if worst.kind in BAD_TONE:
        alive = worst.kind is ExceptionKind.SCRAPPED_ALIVE
        what = "put it aside" if alive else "take it back"
        return _Answer(
            outcome=Outcome.REFUSED,
            message=f"{worst.detail} Recorded all the same; {what}.",
            event=done.event,
        )
    return _Answer(
        outcome=Outcome.OK,
        message=f"{worst.detail} Recorded; somebody will look into it.",
        event=done.event,
    )


def _looked(tag: str, held: Custody | None) -> str:
    unfit = unfit_because(held.condition, held.flags) if held is not None else ()
    told = _told(tag, held)
    return f"{told}, {', '.join(unfit)}" if unfit else told


def _told(tag: str, held: Custody | None) -> str:
    if held is None:
        return f"{tag}: nobody had it yet."
    return f"{tag}: {held.custodian} @ {held.location}"


def _with_kit(
    session: Session,
    told: str,
    device: Tagged,
    scan: Scan,
    moved: Collection[str] = (),
) -> str:
    """Return what is told of a device, with what there is to say of its kit."""
    words = kit_words(session, device, moved, at=scan.scanned_at)
    return f"{told} ({words})" if words else told


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _undo(session: Session, scan: Scan, by: Signature) -> _Answer:
    """Declare that the last device scanned at this read point was not.

    Of what was undone already, as a whole or device by device, the one before counts.
    A last scan that recorded nothing is not passed over: the operator means that one,
    not an earlier device.
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
    told = _told(device.tag, custody_as_of(session, device, at=scan.scanned_at))
    return _Answer(outcome=Outcome.OK, message=f"Undone. {told}", event=event)
