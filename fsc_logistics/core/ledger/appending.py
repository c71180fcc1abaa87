"""The ledger: appending to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger import seek
from fsc_logistics.core.ledger.event_hash import (
    FORM,
    GENESIS,
    REGISTERING,
    Row,
    chained,
    event_text,
    microseconds,
)
from fsc_logistics.core.ledger.seek import Head
from fsc_logistics.core.ledger.seek import Named as Named
from fsc_logistics.core.statements import Statement, has_one_writer, remembered
from fsc_logistics.core.tables import (
    CountLine,
    ErrorDeclaration,
    Event,
    EventLine,
    LineDeclaration,
    Station,
    StockLine,
)
from fsc_logistics.domain.custody import EventKind, Signature, WrongBecause


class Line(NamedTuple):
    """A device an event is about, and the kit it moved with or was put into."""

    device: Named
    kit: Named | None = None


class Registered(NamedTuple):
    """What is registered of a device besides its tag, and never changes."""

    model: str
    serial: str | None
    owner: str


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


class NewEvent(NamedTuple):
    """What is to be appended; the ledger adds its place in the station's chain.

    A tuple: every scan makes one, and another with what is found out about it.
    """

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
    registered: tuple[Registered, ...] = ()
    """Of each of the lines, where the event brings devices in."""

    @property
    def form(self) -> int:
        """The form it is hashed in."""
        return REGISTERING if self.registered else FORM


def lock_station(session: Session, code: str) -> int:
    """Return the station's number; nobody else appends to it until we commit."""
    known = remembered(session)
    if (key := (Station, code)) in known:
        number: int = known[key]
        return number
    number = known[key] = _locked(session, code)
    return number


def _locked(session: Session, code: str) -> int:
    found = seek.locked_station(session, code)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            session.execute(insert(Station).values(code=code))
    except IntegrityError:
        # Somebody else has just made the same station; it is theirs we wait for.
        pass
    made = seek.locked_station(session, code)
    assert made is not None
    return made


def known_event(session: Session, uid: str) -> Event | None:
    """Return the event of that uid, if the ledger has it.

    Until we commit nobody else can add it, from another station either.
    """
    if not has_one_writer(session):
        _LOCK_UID.run(session, uid=uid)
    number = seek.event(session, uid)
    return None if number is None else session.get(Event, number)


def append(session: Session, station_id: int, event: NewEvent, by: Signature) -> int:
    """Append `event` to the chain of the locked station `by` names; return its number.

    The record time never goes back within a station, whatever its clock does.
    """
    return append_all(session, station_id, [event], by)[0]


def append_all(
    session: Session, station_id: int, events: Sequence[NewEvent], by: Signature
) -> list[int]:
    """Append `events` in their order, as `append` does; return their numbers.

    By few statements, however many there are.
    """
    if not events:
        return []
    # What the station has said last is known while it is locked; but not where the
    # engine refuses what follows.
    known, key = remembered(session), (Event, station_id)
    last = known.pop(key, None) or seek.head(session, station_id)
    seq, before, floor_us = (0, GENESIS, 0) if last is None else last
    record_us = max(microseconds(by.record_time), floor_us)
    numbers = []
    for number, event in enumerate(events, start=seq + 1):
        before = chained(before, text_of(event, by, number, record_us))
        made = _ADD_EVENT.first(
            session,
            uid=event.uid,
            station_id=station_id,
            station_seq=number,
            kind=event.kind.value,
            event_time=microseconds(event.event_time),
            record_time=record_us,
            biz_step=event.biz_step,
            disposition=event.disposition,
            actor=by.actor,
            read_point=event.read_point,
            custodian_id=_id(event.custodian),
            location_id=_id(event.location),
            document=event.document,
            hash=before,
            form=event.form,
            condition=event.condition,
            flag=event.flag,
            raised=event.raised,
            reason=event.reason,
        )
        assert made is not None
        numbers.append(int(made[0]))
    known[key] = Head(seq + len(events), before, record_us)
    _insert_lines(session, list(zip(numbers, events, strict=True)))
    return numbers


def text_of(event: NewEvent, by: Signature, seq: int, record_us: int) -> str:
    """Return what is hashed of an event that is number `seq` of its station."""
    fields = (
        event.uid,
        by.station,
        seq,
        event.kind.value,
        microseconds(event.event_time),
        record_us,
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
    return event_text(fields, _rows(event), form=event.form)


def _rows(event: NewEvent) -> list[Row]:
    rows = _device_rows(event)
    rows += [
        ("m", x.lot.code, x.origin.code, x.target.code, x.quantity) for x in event.moved
    ]
    rows += [("c", x.lot.code, x.location.code, x.counted) for x in event.counted]
    rows += [
        ("w", x.wrong.code, x.reason.value, _code(x.replacement), _code(x.device))
        for x in event.declarations
    ]
    return rows


def _device_rows(event: NewEvent) -> list[Row]:
    rows: list[Row] = [("d", x.device.code, _code(x.kit)) for x in event.lines]
    if not event.registered:
        return rows
    return [(*x, *y) for x, y in zip(rows, event.registered, strict=True)]


def _insert_lines(session: Session, events: Sequence[tuple[int, NewEvent]]) -> None:
    """Insert what each event, by its number, says of devices, lots and other events."""
    lines = [
        {"event_id": number, "device_id": x.device.id, "kit_id": _id(x.kit)}
        for number, event in events
        for x in event.lines
    ]
    _ADD_LINE.many(session, lines)
    _insert_others(session, events)


def _insert_others(session: Session, events: Sequence[tuple[int, NewEvent]]) -> None:
    """Insert what each event says of lots and of other events; most say nothing."""
    if not any(x.moved or x.counted or x.declarations for _, x in events):
        return
    moved = [
        {
            "event_id": number,
            "lot_id": x.lot.id,
            "from_id": x.origin.id,
            "to_id": x.target.id,
            "quantity": x.quantity,
        }
        for number, event in events
        for x in event.moved
    ]
    counted = [
        {
            "event_id": number,
            "lot_id": x.lot.id,
            "location_id": x.location.id,
            "counted": x.counted,
        }
        for number, event in events
        for x in event.counted
    ]
    declared = [(number, x) for number, event in events for x in event.declarations]
    wholes = [_declared(number, x) for number, x in declared if x.device is None]
    parts = [
        {**_declared(number, x), "device_id": x.device.id}
        for number, x in declared
        if x.device is not None
    ]
    for table, rows in (
        (StockLine, moved),
        (CountLine, counted),
        (ErrorDeclaration, wholes),
        (LineDeclaration, parts),
    ):
        if rows:
            session.execute(insert(table), rows)


def _declared(number: int, said: Declaration) -> dict[str, object]:
    return {
        "event_id": number,
        "wrong_event_id": said.wrong.id,
        "reason": said.reason.value,
        "replacement_id": _id(said.replacement),
    }


def _id(named: Named | None) -> int | None:
    return None if named is None else named.id


def _code(named: Named | None) -> str | None:
    return None if named is None else named.code


_LOCK_UID = Statement(
    lambda: select(
        func.pg_advisory_xact_lock(func.hashtextextended(bindparam("uid"), 0))
    )
)
_ADD_EVENT = Statement(
    lambda: insert(Event).returning(Event.id),
    *(column.name for column in Event.__table__.columns if column.name != "id"),
)
_ADD_LINE = Statement(lambda: insert(EventLine), "event_id", "device_id", "kit_id")
