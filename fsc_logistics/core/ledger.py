"""The ledger: appending to it, and proving that nothing in it was changed."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fsc_logistics.core.tables import ErrorDeclaration, Event, EventLine, Station
from fsc_logistics.core.tables.base import EPOCH, MICROSECOND
from fsc_logistics.domain.custody import EventKind, Signature, WrongBecause

GENESIS = bytes(32)
"""What the first event of a station is chained to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A device an event is about, and the kit it moved with or was put into."""

    device_id: int
    kit_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Which event is wrong, why, and what is right instead."""

    wrong_event_id: int
    reason: WrongBecause
    replacement_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """What is to be appended; the ledger adds its place in the station's chain."""

    uid: str
    kind: EventKind
    event_time: datetime
    biz_step: str
    disposition: str | None = None
    custodian_id: int | None = None
    location_id: int | None = None
    document: str | None = None
    read_point: str | None = None
    lines: tuple[Line, ...] = ()
    declaration: Declaration | None = None


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
    """Append `event` to the chain of a locked station; return its number.

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
    row = {
        "uid": event.uid,
        "station_id": station_id,
        "station_seq": seq,
        "kind": event.kind.value,
        "event_time": event.event_time,
        "record_time": max(by.record_time, floor),
        "biz_step": event.biz_step,
        "disposition": event.disposition,
        "actor": by.actor,
        "read_point": event.read_point,
        "custodian_id": event.custodian_id,
        "location_id": event.location_id,
        "document": event.document,
    }
    digest = event_hash(before, row, event.lines, event.declaration)
    event_id = session.execute(
        insert(Event).values(**row, hash=digest).returning(Event.id)
    ).scalar_one()
    if event.lines:
        session.execute(
            insert(EventLine),
            [
                {"event_id": event_id, "device_id": x.device_id, "kit_id": x.kit_id}
                for x in event.lines
            ],
        )
    if event.declaration is not None:
        session.execute(
            insert(ErrorDeclaration).values(
                event_id=event_id,
                wrong_event_id=event.declaration.wrong_event_id,
                reason=event.declaration.reason.value,
                replacement_id=event.declaration.replacement_id,
            )
        )
    return event_id


def event_hash(
    before: bytes,
    row: dict[str, object],
    lines: Sequence[Line],
    declaration: Declaration | None,
) -> bytes:
    """Return the SHA-256 that chains an event to the one before it at its station.

    Over the former hash and everything the event says, as JSON: names sorted, moments
    in microseconds since 1970, lines by device.
    """
    said = {
        name: (value - EPOCH) // MICROSECOND if isinstance(value, datetime) else value
        for name, value in row.items()
    }
    said["lines"] = sorted([x.device_id, x.kit_id or 0] for x in lines)
    if declaration is not None:
        said["wrong"] = [
            declaration.wrong_event_id,
            declaration.reason.value,
            declaration.replacement_id,
        ]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(before + text.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How far the chain of one station has come."""

    station: str
    events: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One hash over the heads of all stations: the whole ledger at one moment."""

    events: int
    hash: str
    stations: tuple[Head, ...]


def checkpoint(session: Session) -> Checkpoint:
    """Return the hash that stands for the ledger as it is now.

    SHA-256 over the stations by code, each with the number and hash of its last event.
    """
    last = (
        select(Event.station_id, func.max(Event.station_seq).label("seq"))
        .group_by(Event.station_id)
        .subquery()
    )
    heads = tuple(
        Head(station=row.code, events=row.station_seq, hash=row.hash.hex())
        for row in session.execute(
            select(Station.code, Event.station_seq, Event.hash)
            .join(last, last.c.station_id == Station.id)
            .join(
                Event,
                (Event.station_id == last.c.station_id)
                & (Event.station_seq == last.c.seq),
            )
            .order_by(Station.code)
        )
    )
    text = json.dumps([[head.station, head.events, head.hash] for head in heads])
    return Checkpoint(
        events=sum(head.events for head in heads),
        hash=hashlib.sha256(text.encode()).hexdigest(),
        stations=heads,
    )


def chain_mismatches(session: Session) -> Iterator[str]:
    """Yield what is wrong with the stations' chains: changed, lost or added events."""
    stations = session.execute(select(Station.id, Station.code)).all()
    for station_id, code in stations:
        yield from _station_mismatches(session, station_id, code)


_COLUMNS = (
    "uid",
    "station_id",
    "station_seq",
    "kind",
    "event_time",
    "record_time",
    "biz_step",
    "disposition",
    "actor",
    "read_point",
    "custodian_id",
    "location_id",
    "document",
)
_BATCH = 2_000


def _station_mismatches(session: Session, station_id: int, code: str) -> Iterator[str]:
    before, expected = GENESIS, 1
    while True:
        batch = session.execute(
            select(Event.id, Event.hash, *(getattr(Event, c) for c in _COLUMNS))
            .where(Event.station_id == station_id, Event.station_seq >= expected)
            .order_by(Event.station_seq)
            .limit(_BATCH)
        ).all()
        if not batch:
            return
        lines = _lines_of(session, [row.id for row in batch])
        declared = _declared_by(session, [row.id for row in batch])
        for row in batch:
            if row.station_seq != expected:
                yield (
                    f"station {code}: events {expected} to {row.station_seq - 1}"
                    " are missing"
                )
            said = {column: getattr(row, column) for column in _COLUMNS}
            digest = event_hash(
                before, said, lines.get(row.id, []), declared.get(row.id)
            )
            if digest != row.hash:
                yield (
                    f"station {code}: event {row.uid} ({row.station_seq}) does not say"
                    " what it said when it was recorded, or one before it is gone"
                )
            before, expected = row.hash, row.station_seq + 1


def _lines_of(session: Session, events: Sequence[int]) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = {}
    for event_id, device_id, kit_id in session.execute(
        select(EventLine.event_id, EventLine.device_id, EventLine.kit_id).where(
            EventLine.event_id.in_(events)
        )
    ):
        found.setdefault(event_id, []).append(Line(device_id=device_id, kit_id=kit_id))
    return found


def _declared_by(session: Session, events: Sequence[int]) -> dict[int, Declaration]:
    return {
        row.event_id: Declaration(
            wrong_event_id=row.wrong_event_id,
            reason=WrongBecause(row.reason),
            replacement_id=row.replacement_id,
        )
        for row in session.scalars(
            select(ErrorDeclaration).where(ErrorDeclaration.event_id.in_(events))
        )
    }
