"""The ledger: appending to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fsc_logistics.core.event_hash import (
    FORM,
    GENESIS,
    Row,
    chained,
    event_text,
    microseconds,
)
from fsc_logistics.core.tables import (
    CountLine,
    ErrorDeclaration,
    Event,
    EventLine,
    LineDeclaration,
    Station,
    StockLine,
)
from fsc_logistics.core.tables.base import EPOCH
from fsc_logistics.domain.custody import EventKind, Signature, WrongBecause


class Named(NamedTuple):
    """A record by its number, which rows refer to, and its code, which is hashed."""

    id: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A device an event is about, and the kit it moved with or was put into."""

    device: Named
    kit: Named | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """So many of a lot went from one place to another."""

    lot: Named
    """Its code is ARTICLE/LOT."""
    origin: Named
    target: Named
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """So many of a lot were found at a place."""

    lot: Named
    """Its code is ARTICLE/LOT."""
    location: Named
    counted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Which event, or which device of one, is wrong, why, and what is right instead."""

    wrong: Named
    """Its code is its uid."""
    reason: WrongBecause
    replacement: Named | None = None
    device: Named | None = None
    """None: the whole event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """What is to be appended; the ledger adds its place in the station's chain."""

    uid: str
    kind: EventKind
    event_time: datetime
    biz_step: str
    disposition: str | None = None
    custodian: Named | None = None
    location: Named | None = None
    document: str | None = None
    read_point: str | None = None
    condition: str | None = None
    flag: str | None = None
    raised: bool | None = None
    reason: str | None = None
    lines: tuple[Line, ...] = ()
    moved: tuple[Moved, ...] = ()
    counted: tuple[Counted, ...] = ()
    declarations: tuple[Declaration, ...] = ()


def lock_station(session: Session, code: str) -> int:
    """Return the station's number; nobody else appends to it until we commit."""
    # key_share: whoever merely refers to the station need not wait for us.
    locked = (
        select(Station.id).where(Station.code == code).with_for_update(key_share=True)
    )
    found = session.scalar(locked)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            session.execute(insert(Station).values(code=code))
    except IntegrityError:
        # Somebody else has just made the same station; it is theirs we wait for.
        pass
    return session.scalars(locked).one()


def known_event(session: Session, uid: str) -> Event | None:
    """Return the event of that uid, if the ledger has it.

    Until we commit nobody else can add it, from another station either.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(uid, 0)))
        )
    return session.scalar(select(Event).where(Event.uid == uid))


def append(session: Session, station_id: int, event: NewEvent, by: Signature) -> int:
    """Append `event` to the chain of the locked station `by` names; return its number.

    The record time never goes back within a station, whatever its clock does.
    """
    last = session.execute(
        select(Event.station_seq, Event.hash, Event.record_time)
        .where(Event.station_id == station_id)
        .order_by(Event.station_seq.desc())
        .limit(1)
    ).first()
    seq, before, floor = (
        (1, GENESIS, EPOCH) if last is None else (last[0] + 1, *last[1:])
    )
    record_time = max(by.record_time, floor)
    digest = chained(before, text_of(event, by, seq, record_time))
    event_id = session.execute(
        insert(Event)
        .values(
            uid=event.uid,
            station_id=station_id,
            station_seq=seq,
            kind=event.kind.value,
            event_time=event.event_time,
            record_time=record_time,
            biz_step=event.biz_step,
            disposition=event.disposition,
            actor=by.actor,
            read_point=event.read_point,
            custodian_id=_id(event.custodian),
            location_id=_id(event.location),
            document=event.document,
            hash=digest,
            form=FORM,
            condition=event.condition,
            flag=event.flag,
            raised=event.raised,
            reason=event.reason,
        )
        .returning(Event.id)
    ).scalar_one()
    _insert_lines(session, event_id, event)
    return event_id


def text_of(event: NewEvent, by: Signature, seq: int, record_time: datetime) -> str:
    """Return what is hashed of an event that is number `seq` of its station."""
    fields = (
        event.uid,
        by.station,
        seq,
        event.kind.value,
        microseconds(event.event_time),
        microseconds(record_time),
        event.biz_step,
        event.disposition,
        by.actor,
        event.read_point,
        _code(event.custodian),
        _code(event.location),
        event.document,
        event.condition,
        event.flag,
        None if event.raised is None else int(event.raised),
        event.reason,
    )
    return event_text(fields, _rows(event))


def _rows(event: NewEvent) -> list[Row]:
    rows: list[Row] = [("d", x.device.code, _code(x.kit)) for x in event.lines]
    rows += [
        ("m", x.lot.code, x.origin.code, x.target.code, x.quantity) for x in event.moved
    ]
    rows += [("c", x.lot.code, x.location.code, x.counted) for x in event.counted]
    rows += [
        ("w", x.wrong.code, x.reason.value, _code(x.replacement), _code(x.device))
        for x in event.declarations
    ]
    return rows


def _insert_lines(session: Session, event_id: int, event: NewEvent) -> None:
    if event.lines:
        session.execute(
            insert(EventLine),
            [
                {"event_id": event_id, "device_id": x.device.id, "kit_id": _id(x.kit)}
                for x in event.lines
            ],
        )
    if event.moved:
        session.execute(
            insert(StockLine),
            [
                {
                    "event_id": event_id,
                    "lot_id": x.lot.id,
                    "from_id": x.origin.id,
                    "to_id": x.target.id,
                    "quantity": x.quantity,
                }
                for x in event.moved
            ],
        )
    if event.counted:
        session.execute(
            insert(CountLine),
            [
                {
                    "event_id": event_id,
                    "lot_id": x.lot.id,
                    "location_id": x.location.id,
                    "counted": x.counted,
                }
                for x in event.counted
            ],
        )
    for x in event.declarations:
        said = {
            "event_id": event_id,
            "wrong_event_id": x.wrong.id,
            "reason": x.reason.value,
            "replacement_id": _id(x.replacement),
        }
        if x.device is None:
            session.execute(insert(ErrorDeclaration).values(said))
        else:
            session.execute(insert(LineDeclaration).values(said, device_id=x.device.id))


def _id(named: Named | None) -> int | None:
    return None if named is None else named.id


def _code(named: Named | None) -> str | None:
    return None if named is None else named.code
