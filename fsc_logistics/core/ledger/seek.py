"""One row by its key: what every scan has to look up, by statements kept ready."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.statements import Statement, is_alone, remembered
from fsc_logistics.core.tables import (
    ConditionSpan,
    CustodySpan,
    Device,
    Event,
    KitSpan,
    Location,
    Party,
    Station,
)
from fsc_logistics.core.tables.base import EPOCH, MICROSECOND


class Named(NamedTuple):
    """A record by its number, which rows refer to, and its code, which is hashed."""

    id: int
    code: str


class Tagged(NamedTuple):
    """A device by its number and its tag; as much of `Device` as a scan needs."""

    id: int
    tag: str


class Place(NamedTuple):
    """A place, and who keeps it itself, if anybody does."""

    id: int
    code: str
    kind: str
    around_id: int | None
    keeper: Named | None


class Held(NamedTuple):
    """A span of custody, by numbers, and which event says so."""

    device_id: int
    custodian_id: int
    location_id: int
    event_id: int
    valid_from: datetime
    valid_to: datetime


class Lasting(NamedTuple):
    """From when until when a span lasts."""

    valid_from: datetime
    valid_to: datetime


class Head(NamedTuple):
    """The last event of a station."""

    seq: int
    hash: bytes
    record_us: int
    """When it was recorded, in microseconds since 1970."""


def locked_station(session: Session, code: str) -> int | None:
    """Return the number of a station, locked, or None where there is none yet."""
    row = _STATION.first(session, code=code)
    return None if row is None else int(row[0])


def head(session: Session, station_id: int) -> Head | None:
    """Return the last event of a station, or None before its first."""
    row = _HEAD.first(session, station=station_id)
    return None if row is None else Head._make(row)


def event(session: Session, uid: str) -> int | None:
    """Return the number of the event of that uid, or None."""
    row = _EVENT.first(session, uid=uid)
    return None if row is None else int(row[0])


def uid(session: Session, number: int) -> str:
    """Return the uid of the event of that number."""
    row = _UID.first(session, number=number)
    assert row is not None
    return str(row[0])


def device(session: Session, tag: str) -> Named | None:
    """Return the device of that very tag, or None."""
    known = remembered(session)
    if (key := (Device, tag)) in known:
        named: Named = known[key]
        return named
    row = _DEVICE.first(session, tag=tag)
    if row is None:
        return None
    named = known[key] = Named._make(row)
    return named


def place(session: Session, code: str) -> Place | None:
    """Return the place of that very code, or None."""
    if not is_alone(session):
        return _place(_PLACE.first(session, code=code))
    known = remembered(session)
    if (key := (Location, code)) not in known:
        known[key] = _place(_PLACE.first(session, code=code))
    found: Place | None = known[key]
    return found


def _place(row: tuple[Any, ...] | None) -> Place | None:
    if row is None:
        return None
    number, named, kind, around, keeper_id, keeper = row
    kept = None if keeper_id is None else Named(keeper_id, keeper)
    return Place(number, named, kind, around, kept)


def place_of(session: Session, number: int) -> Place | None:
    """Return the place of that number, or None."""
    return _place(_PLACE_OF.first(session, number=number))


def party(session: Session, code: str) -> Named | None:
    """Return the party of that very code, or None."""
    row = _PARTY.first(session, code=code)
    return None if row is None else Named._make(row)


def lock_device(session: Session, device_id: int) -> None:
    """Make others wait who want to write about a device; SQLite has one writer."""
    _LOCKED.first(session, device=device_id)


def held(session: Session, device_id: int, at: datetime) -> Held | None:
    """Return who had a device at `at`, or None before its first event."""
    row = _HELD.first(session, device=device_id, at=microseconds(at))
    if row is None:
        return None
    whose, custodian, location, said_by, begun, end = row
    return Held(
        whose,
        custodian,
        location,
        said_by,
        EPOCH + begun * MICROSECOND,
        EPOCH + end * MICROSECOND,
    )


def condition(session: Session, device_id: int, at: datetime) -> str | None:
    """Return the condition of a device at `at`, or None where nobody has said."""
    row = _CONDITION.first(session, device=device_id, at=microseconds(at))
    return None if row is None else str(row[0])


def was_in_a_kit(session: Session, device_id: int) -> bool:
    """Return whether a device was ever a part of a kit, or a kit itself."""
    return bool(_IN_KIT.all(session, device=device_id))


_device = bindparam("device", type_=BigInteger)
_at = bindparam("at", type_=BigInteger)
_STATION = Statement(
    # key_share: whoever merely refers to the station need not wait for us.
    lambda: (
        select(Station.id)
        .where(Station.code == bindparam("code"))
        .with_for_update(key_share=True)
    )
)
_HEAD = Statement(
    lambda: (
        select(Event.station_seq, Event.hash, Event.record_time)
        .where(Event.station_id == bindparam("station", type_=BigInteger))
        .order_by(Event.station_seq.desc())
        .limit(1)
    )
)
_EVENT = Statement(lambda: select(Event.id).where(Event.uid == bindparam("uid")))
_UID = Statement(
    lambda: select(Event.uid).where(Event.id == bindparam("number", type_=BigInteger))
)
_DEVICE = Statement(
    lambda: select(Device.id, Device.tag).where(Device.tag == bindparam("tag"))
)


def _placed(which: ColumnElement[bool]) -> Statement:
    return Statement(
        lambda: (
            select(
                Location.id,
                Location.code,
                Location.kind,
                Location.parent_id,
                Party.id,
                Party.code,
            )
            .outerjoin(Party, Party.id == Location.keeper_id)
            .where(which)
        )
    )


_PLACE = _placed(Location.code == bindparam("code"))
_PLACE_OF = _placed(Location.id == bindparam("number", type_=BigInteger))
_LOCKED = Statement(
    lambda: (
        select(Device.id).where(Device.id == _device).with_for_update(key_share=True)
    )
)
_PARTY = Statement(
    lambda: select(Party.id, Party.code).where(Party.code == bindparam("code"))
)
HELD_COLUMNS = (
    CustodySpan.device_id,
    CustodySpan.custodian_id,
    CustodySpan.location_id,
    CustodySpan.event_id,
    CustodySpan.valid_from,
    CustodySpan.valid_to,
)
"""What a `Held` is made of, in its order."""
_HELD = Statement(
    lambda: select(*HELD_COLUMNS).where(
        CustodySpan.device_id == _device,
        CustodySpan.valid_from <= _at,
        CustodySpan.valid_to > _at,
    )
)
_CONDITION = Statement(
    lambda: select(ConditionSpan.condition).where(
        ConditionSpan.device_id == _device,
        ConditionSpan.valid_from <= _at,
        ConditionSpan.valid_to > _at,
    )
)
_IN_KIT = Statement(
    lambda: select(Device.id).where(
        Device.id == _device,
        or_(
            exists().where(KitSpan.device_id == _device),
            exists().where(KitSpan.kit_id == _device),
        ),
    )
)
