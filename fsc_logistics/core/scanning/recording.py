"""record_scans: the one function the scanner service is given."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from fsc_logistics.core.database import Sessions
from fsc_logistics.core.devices.finding import resolve_device
from fsc_logistics.core.exceptions.telling import new_salt, tell_held
from fsc_logistics.core.ledger.appending import lock_station
from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.scanning.answer import Answer
from fsc_logistics.core.scanning.card_answers import answer_card
from fsc_logistics.core.scanning.device_answers import Shop, answer_device
from fsc_logistics.core.scanning.portals import Portals, station_of
from fsc_logistics.core.scanning.signing import actor_of
from fsc_logistics.core.scanning.volley import Fired, fired_before, same_box
from fsc_logistics.core.statements import Statement, attempt
from fsc_logistics.core.tables import ScanRecord
from fsc_logistics.domain.cards import Card, holds_codes_only, kept_card, read_card
from fsc_logistics.domain.counting import is_listed_only
from fsc_logistics.domain.custody import CLOCK_SKEW_MAX, Signature
from fsc_logistics.domain.errors import BadIdentifier, NotFound, Refused
from fsc_logistics.domain.people import holds_cpr, looks_like_cpr, mask_cpr
from fsc_logistics.domain.sayings import Say, say
from fsc_logistics.domain.scenarios import (
    Spoken,
    UnknownCode,
    WrongState,
    why_not_known,
)
from fsc_logistics.domain.station import (
    Station,
    after_card,
    awake,
    read_station,
    write_station,
)
from scanner.scan import Outcome, Scan, Verdict

PAYLOAD_MAX = 200
"""More of an unknown code is not kept."""

_PRIVATE = Answer(
    outcome=Outcome.UNKNOWN,
    message=say(Say.PERSONAL),
    facts={"say": Say.PERSONAL.value},
)
_NO_CARD = Answer(
    outcome=Outcome.UNKNOWN,
    message=say(Say.NO_CARD),
    facts={"say": Say.NO_CARD.value},
)


class _Rules(NamedTuple):
    """What is the same for all scans of a call."""

    now: datetime
    idle: timedelta
    shop: Shop
    bulk: Collection[str]


def record_scans(
    sessions: Sessions,
    scans: Sequence[Scan],
    *,
    now: datetime,
    idle: timedelta,
    owners: Collection[str] = (),
    portals: Portals = MappingProxyType({}),
    bulk: Collection[str] = (),
    followed: Mapping[str, str] = MappingProxyType({}),
) -> list[Verdict]:
    """Record what `scans` mean, each once, all or none; return the verdict for each.

    A scan that was recorded before gets the answer it got then.  What cannot be
    recorded is held and waits among the exceptions, as what contradicts the ledger
    does.  `owners` are those whose devices are ours, where that is known; `portals` are
    the places inside and outside, by port; `bulk` the ports that read many things at
    once: what comes together there is not one box; `followed` is, by the name of a port
    that follows another, the name of that one: they are one place of work.

    Raises:
        TryLater, Misconfigured: the database cannot take them now; ask again.
    """
    shop = Shop(owners=owners, portals=portals, followed=followed)
    rules = _Rules(now=now, idle=idle, shop=shop, bulk=bulk)
    with sessions.begin() as session:
        return [_record(session, scan, rules) for scan in scans]


def _record(session: Session, scan: Scan, rules: _Rules) -> Verdict:
    station_id = lock_station(session, scan.station)
    known = _KNOWN.first(session, scan_id=scan.scan_id)
    if known is not None:
        payload, outcome, message, holds = known
        # Kept masked then, so to be forgotten now: the first answer may be lost.
        forget = payload != scan.text[:PAYLOAD_MAX]
        return Verdict(Outcome(outcome), message, forget=forget, holds=bool(holds))
    station = _station(scan, rules)
    card = read_card(scan.text)
    port = rules.shop.port_of(scan)
    private = _is_private(session, scan.text, card)
    fired: Sequence[Fired] = ()
    if card is None and not _is_bulk(scan, rules):
        fired = fired_before(session, scan, station, station_id, port)
    if private:
        # Some makers' numbers begin with a date; beside a device it is one of those.
        answer = same_box(session, scan, None, fired) or _not_kept(scan.text, card)
    else:
        answer = _answered(session, scan, card, station, fired, rules)
    waits = _waits(answer, card)
    row = {
        "scan_id": scan.scan_id,
        "station_id": station_id,
        "station_seq": scan.station_seq,
        "read_point": scan.read_point,
        "scanned_at": microseconds(scan.scanned_at),
        "record_time": microseconds(rules.now),
        "mode": station.mode.value,
        "payload": (_masked(scan.text, card) if private else scan.text)[:PAYLOAD_MAX],
        "outcome": answer.outcome.value,
        "message": answer.message,
        "event_id": answer.event,
        "waiting": waits,
        "context": write_station(station) if waits else None,
        "symbology": scan.symbology or None,
        "port": port,
        "holds": answer.holds,
        "salt": new_salt() if waits else None,
    }
    _ADD.run(session, **row)
    if waits:
        tell_held(session, station_id, row, _signature(session, scan, station, rules))
    return Verdict(
        answer.outcome,
        answer.message,
        forget=private,
        holds=answer.holds,
        facts={**_set_after(session, scan, station, card), **answer.facts},
    )


def _signature(
    session: Session, scan: Scan, station: Station, rules: _Rules
) -> Signature:
    return Signature(
        station=scan.station,
        actor=actor_of(session, scan, station),
        record_time=rules.now,
    )


def _is_bulk(scan: Scan, rules: _Rules) -> bool:
    """Tell whether many things are read at once where it was scanned."""
    return scan.direction is not None or scan.port in rules.bulk


def _station(scan: Scan, rules: _Rules) -> Station:
    if scan.direction is not None:
        return station_of(scan, rules.shop.portals)
    return awake(read_station(scan.context), scan.scanned_at, rules.idle)


def _set_after(
    session: Session, scan: Scan, station: Station, card: Card | None
) -> dict[str, str]:
    """Return what is set once `scan` was made, for a screen: who signs, too."""
    after = station
    if card is not None:
        after = after_card(station, card, scan.scanned_at)
    chosen = (after.place, after.party, after.order, after.kit)
    names = ("place", "party", "order", "kit")
    told = {name: code for name, code in zip(names, chosen, strict=True) if code}
    if after.operator is not None and after.operator == actor_of(session, scan, after):
        told["operator"] = after.operator
    if after.condition is not None:
        told["condition"] = after.condition.value
    if after.reason is not None:
        told["reason"] = after.reason.value
    if after.since is not None:
        told["since"] = after.since.isoformat()
    return {"mode": after.mode.value} | told


_KNOWN = Statement(
    lambda: select(
        ScanRecord.payload, ScanRecord.outcome, ScanRecord.message, ScanRecord.holds
    ).where(ScanRecord.scan_id == bindparam("scan_id"))
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
    "symbology",
    "port",
    "holds",
    "salt",
)


def _waits(answer: Answer, card: Card | None) -> bool:
    """Tell whether somebody must deal with a scan, beyond the one who made it.

    A card refused is a slip the operator has heard; a device refused is a device that
    went somewhere the ledger does not know.  What was recorded and contradicts the
    ledger waits as that.
    """
    if answer.is_dealt_with:
        return False
    if answer.outcome is Outcome.REFUSED:
        return answer.event is None and card is None
    return answer.outcome is Outcome.UNKNOWN


def _is_private(session: Session, text: str, card: Card | None) -> bool:
    """Tell whether `text` is somebody's number, and not one that a device has too.

    On a card any name, too: somebody may take it for a code.
    """
    if card is not None:
        return not holds_codes_only(card)
    if not looks_like_cpr(text):
        return False
    try:
        return resolve_device(session, text) is None
    except BadIdentifier:  # The serial of several devices.
        return False


def _masked(text: str, card: Card | None) -> str:
    """Return a payload that is somebody's number, or a card with one, to be kept."""
    return mask_cpr(text) if card is None else kept_card(text)


def _not_kept(text: str, card: Card | None) -> Answer:
    """Return what is said of what is not kept."""
    return _PRIVATE if card is None or holds_cpr(text) else _NO_CARD


def _answered(
    session: Session,
    scan: Scan,
    card: Card | None,
    station: Station,
    fired: Sequence[Fired],
    rules: _Rules,
) -> Answer:
    """Do what the scan asks for; a refusal leaves nothing of it done."""
    if scan.scanned_at - rules.now > CLOCK_SKEW_MAX:
        return _refused(say(Say.CLOCK_AHEAD), {"say": Say.CLOCK_AHEAD.value})
    try:
        with attempt(session):
            by = _signature(session, scan, station, rules)
            if card is not None:
                port = rules.shop.port_of(scan)
                return answer_card(session, scan, station, card, by, port)
            return answer_device(session, scan, station, by, rules.shop, fired)
    except NotFound as error:
        if isinstance(error, UnknownCode) and is_listed_only(station, scan.text):
            return Answer(
                outcome=Outcome.UNKNOWN,
                message=say(Say.UNKNOWN_LISTED),
                is_dealt_with=True,
                facts={"say": Say.UNKNOWN_LISTED.value},
            )
        key = (
            error.why
            if isinstance(error, UnknownCode)
            else why_not_known(station, card)
        )
        return Answer(
            outcome=Outcome.UNKNOWN, message=str(error), facts={"say": key.value}
        )
    except Spoken as error:
        return _refused(str(error), error.facts, holds=error.stops)
    except BadIdentifier as error:
        # Which they are is for a desk: whoever stands there has our own tag to scan.
        return _refused(str(error), {"say": Say.SEVERAL.value})
    except Refused as error:
        facts = {"say": Say.REFUSED.value}
        return _refused(str(error), facts, holds=isinstance(error, WrongState))


def _refused(message: str, facts: Mapping[str, str], *, holds: bool = False) -> Answer:
    return Answer(outcome=Outcome.REFUSED, message=message, facts=facts, holds=holds)
