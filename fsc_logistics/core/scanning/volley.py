"""Several codes on one box, fired together: they are one scan.

A box carries our tag, and codes of its maker that name nothing here, or the same
device.  A hand cannot scan two boxes so fast; so what comes with a device is its box.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, bindparam, select
from sqlalchemy.orm import Session

from fsc_logistics.core.devices.finding import resolve_tagged
from fsc_logistics.core.exceptions.resolving import close_held
from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.ledger.seek import Tagged
from fsc_logistics.core.scanning.answer import Answer
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import ScanRecord
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.errors import BadIdentifier
from fsc_logistics.domain.sayings import Say, say
from fsc_logistics.domain.station import Station
from scanner.scan import Outcome, Scan

TOGETHER = timedelta(milliseconds=300)
"""Codes read so soon after each other are on one box.

Source: inventree-app issue 625, where a scanner that reads several codes at once makes
several scans of one box.
"""
_BACK_MAX = 64
"""So many scans of a station are looked through: other ports scan at the same time."""
_CODES_MAX = 8
"""More codes are on no box."""


class Fired(NamedTuple):
    """A code that was read a moment ago at the same port."""

    scan_id: str
    payload: str
    outcome: str
    message: str
    event_id: int | None
    waiting: bool
    symbology: str | None


def fired_before(
    session: Session, scan: Scan, station: Station, station_id: int, port: str
) -> list[Fired]:
    """Return the codes that were fired with `scan` before it, the last one first.

    The ledger is asked only where the port was in use a moment ago.  A card in between
    ends a volley: somebody has said something else.
    """
    if station.used_at is None or scan.scanned_at - station.used_at > TOGETHER:
        return []
    rows = _FIRED.all(
        session,
        station=station_id,
        seq=scan.station_seq,
        seq_min=scan.station_seq - _BACK_MAX,
        port=port,
        read_point=scan.read_point,
        begun=microseconds(scan.scanned_at - TOGETHER),
        end=microseconds(scan.scanned_at),
    )
    return list(_until_a_card(Fired._make(row) for row in rows))


def _until_a_card(fired: Iterable[Fired]) -> Iterator[Fired]:
    for one in fired:
        if one.payload.startswith("%"):
            return
        yield one


_FIRED = Statement(
    lambda: (
        select(
            ScanRecord.scan_id,
            ScanRecord.payload,
            ScanRecord.outcome,
            ScanRecord.message,
            ScanRecord.event_id,
            ScanRecord.waiting,
            ScanRecord.symbology,
        )
        .where(
            ScanRecord.station_id == bindparam("station", type_=BigInteger),
            ScanRecord.station_seq < bindparam("seq", type_=BigInteger),
            ScanRecord.station_seq >= bindparam("seq_min", type_=BigInteger),
            ScanRecord.port == bindparam("port"),
            # A reader that follows a scanner elsewhere reads no codes of its boxes.
            ScanRecord.read_point == bindparam("read_point"),
            ScanRecord.scanned_at >= bindparam("begun", type_=BigInteger),
            ScanRecord.scanned_at <= bindparam("end", type_=BigInteger),
        )
        .order_by(ScanRecord.station_seq.desc())
        .limit(_CODES_MAX)
    )
)


def same_box(
    session: Session, scan: Scan, device: Tagged | None, fired: Iterable[Fired]
) -> Answer | None:
    """Return the answer to a code on the box of a device that was scanned just now.

    None where it is none: no device was, or this is another one.  A device that was
    refused stays so: a good tone must not follow at its heels.
    """
    for one in fired:
        if one.payload == scan.text or not _may_mean(one, device):
            continue
        other = _device_of(session, one)
        if other is None or (device is not None and device.id != other.id):
            continue
        told = say(Say.SAME_BOX, device=other.tag)
        refused = one.outcome == Outcome.REFUSED
        facts = {"say": Say.SAME_BOX.value, "device": other.tag}
        if refused and one.event_id is not None:
            facts["counts_as"] = Outcome.ALREADY.value
        return Answer(
            outcome=Outcome.REFUSED if refused else Outcome.ALREADY,
            message=one.message if refused else told,
            event=one.event_id,
            is_dealt_with=True,
            facts=facts,
        )
    return None


def close_unknown(
    session: Session, tag: str, fired: Iterable[Fired], by: Signature
) -> None:
    """End the wait of the codes on the box of a device that were not known."""
    waiting = [
        one
        for one in fired
        if one.waiting and one.event_id is None and _device_of(session, one) is None
    ]
    for one in waiting:
        how = say(Say.SAME_BOX, device=tag)
        close_held(session, one.scan_id, how, uid=f"{one.scan_id}.closed", by=by)


def _may_mean(fired: Fired, device: Tagged | None) -> bool:
    """Tell whether it is worth looking up what a code means.

    Whoever scans very fast asks of every scan; and what was answered names its device,
    but where it was refused too early.
    """
    if device is None:
        return fired.outcome != Outcome.UNKNOWN
    return device.tag in fired.message or fired.outcome == Outcome.REFUSED


def _device_of(session: Session, fired: Fired) -> Tagged | None:
    try:
        return resolve_tagged(session, fired.payload, fired.symbology or "")
    except BadIdentifier:  # The serial of several devices.
        return None
