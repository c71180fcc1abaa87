"""record_scans: the one function the scanner service is given."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from fsc_logistics.core.database import Sessions
from fsc_logistics.core.devices.finding import resolve_device
from fsc_logistics.core.ledger.appending import lock_station
from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.scanning.answer import Answer
from fsc_logistics.core.scanning.card_answers import answer_card
from fsc_logistics.core.scanning.device_answers import answer_device
from fsc_logistics.core.statements import Statement, attempt
from fsc_logistics.core.tables import ScanRecord
from fsc_logistics.domain.cards import BadCard, code_on, read_card
from fsc_logistics.domain.custody import CLOCK_SKEW_MAX, Signature
from fsc_logistics.domain.errors import BadIdentifier, NotFound, Refused
from fsc_logistics.domain.people import looks_like_cpr, mask_cpr
from fsc_logistics.domain.station import Station, awake, read_station, write_station
from scanner.scan import Outcome, Scan, Verdict

PAYLOAD_MAX = 200
"""More of an unknown code is not kept."""

_PRIVATE = Answer(
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


def _waits(answer: Answer, scan: Scan) -> bool:
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
    if (code := code_on(card)) is not None:
        return looks_like_cpr(code)
    if isinstance(card, BadCard) or not looks_like_cpr(text):
        return False
    try:
        return resolve_device(session, text) is None
    except BadIdentifier:  # The serial of several devices.
        return False


def _masked(text: str) -> str:
    """Return a payload that is somebody's number, or a card with one, to be kept."""
    code = code_on(read_card(text)) or text
    return text.strip().upper().replace(code, mask_cpr(code))


def _answered(
    session: Session,
    scan: Scan,
    station: Station,
    by: Signature,
    owners: Collection[str],
) -> Answer:
    """Do what the scan asks for; a refusal leaves nothing of it done."""
    try:
        with attempt(session):
            _check_clock(scan, by.record_time)
            card = read_card(scan.text)
            if card is not None:
                return answer_card(session, scan, station, card, by)
            return answer_device(session, scan, station, by, owners)
    except NotFound as error:
        return Answer(outcome=Outcome.UNKNOWN, message=str(error))
    except (Refused, BadIdentifier) as error:
        return Answer(outcome=Outcome.REFUSED, message=str(error))


def _check_clock(scan: Scan, now: datetime) -> None:
    if scan.scanned_at - now > CLOCK_SKEW_MAX:
        raise Refused(
            "The clock of this station is ahead of the ledger's; set it right."
        )
