"""Who had what at a moment, read from the spans: the questions asked most often."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.catalogue.places import places_within
from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    ConditionSpan,
    CustodySpan,
    Device,
    DeviceModel,
    Event,
    FlagSpan,
    Location,
    Party,
)
from fsc_logistics.core.tables.base import EPOCH, MICROSECOND
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.custody import Custody, shown_disposition

Link = tuple[Any, Any, tuple[int, int]]
"""A link of a chain: its start, its end, custodian and location."""


class _Held(NamedTuple):
    """A row of `_custody`; moments are microseconds since 1970."""

    device_id: int
    valid_from: int
    valid_to: int
    device: str
    model: str
    custodian: str
    custodian_kind: str
    location: str
    uid: str
    biz_step: str
    disposition: str
    same_before: int | None
    same_after: int | None
    condition: str | None
    recalled: bool | None
    missing: bool | None


def of_device(session: Session, device_id: int, at: datetime) -> Custody | None:
    """Return who had the device of that number at `at`; None before its first event."""
    row = _OF_DEVICE.first(session, device=device_id, at=microseconds(at))
    return None if row is None else _told(session, row)


def of_tag(session: Session, tag: str, at: datetime) -> Custody | None:
    """Return who had the device of that very tag at `at`; None where nobody did."""
    row = _OF_TAG.first(session, tag=tag, at=microseconds(at))
    return None if row is None else _told(session, row)


def of_party(session: Session, party_id: int, at: datetime) -> list[Custody]:
    """Return what a party had at `at`, by tag."""
    rows = _OF_PARTY.all(session, party=party_id, at=microseconds(at))
    return _all_told(session, rows)


def at_place(session: Session, place_id: int, at: datetime) -> list[Custody]:
    """Return what was at a place itself at `at`, by tag."""
    rows = _AT_PLACE.all(session, place=place_id, at=microseconds(at))
    return _all_told(session, rows)


def within_place(session: Session, place_id: int, at: datetime) -> list[Custody]:
    """Return what was at a place or anywhere inside it at `at`, by tag."""
    rows = _WITHIN_PLACE.all(session, place=place_id, at=microseconds(at))
    return _all_told(session, rows)


def run_of(chain: Sequence[Link], start: Any) -> tuple[Any, Any]:
    """Return from when until when the same is said around the link at `start`."""
    here = next(i for i, link in enumerate(chain) if link[0] == start)
    first = last = here
    while first > 0 and chain[first - 1][2] == chain[here][2]:
        first -= 1
    while last + 1 < len(chain) and chain[last + 1][2] == chain[here][2]:
        last += 1
    return chain[first][0], chain[last][1]


def _all_told(session: Session, rows: Iterable[tuple[Any, ...]]) -> list[Custody]:
    return [_told(session, row) for row in rows]


_OPEN_US = microseconds(OPEN_ENDED)


def _told(session: Session, found: tuple[Any, ...]) -> Custody:
    """Return the custody of a span, joined with neighbours that say the same.

    They arise when what lay between them was declared wrong: "since when" is then the
    moment of the first.
    """
    row = _Held._make(found)
    since, until = row.valid_from, row.valid_to
    if row.same_before is not None or row.same_after is not None:
        chain = _CHAIN.all(session, device=row.device_id)
        since, until = run_of([(f, t, (c, p)) for f, t, c, p in chain], since)
    return Custody(
        device=row.device,
        model=row.model,
        custodian=row.custodian,
        custodian_kind=row.custodian_kind,
        location=row.location,
        since=EPOCH + since * MICROSECOND,
        until=None if until == _OPEN_US else EPOCH + until * MICROSECOND,
        biz_step=row.biz_step,
        disposition=shown_disposition(row.disposition, row.condition),
        event=row.uid,
        condition=row.condition,
        flags=_flags(row),
    )


def _flags(row: _Held) -> tuple[str, ...]:
    if not (row.recalled or row.missing):
        return ()
    raised = ((Flag.RECALLED, row.recalled), (Flag.MISSING, row.missing))
    return tuple(flag.value for flag, is_raised in raised if is_raised)


_before, _after = aliased(CustodySpan), aliased(CustodySpan)
_recalled, _missing = aliased(FlagSpan), aliased(FlagSpan)
_AT = bindparam("at", type_=BigInteger)


def _custody() -> Select[*tuple[Any, ...]]:
    """Return the query for custody at `at`, with all codes, condition and flags.

    With the keys of the spans' neighbours, where they say the same.
    """
    return (
        select(
            CustodySpan.device_id,
            CustodySpan.valid_from,
            CustodySpan.valid_to,
            Device.tag,
            DeviceModel.code,
            Party.code,
            Party.kind,
            Location.code,
            Event.uid,
            Event.biz_step,
            Event.disposition,
            _before.valid_from,
            _after.valid_to,
            ConditionSpan.condition,
            _recalled.raised,
            _missing.raised,
        )
        .join(Device, Device.id == CustodySpan.device_id)
        .join(DeviceModel, DeviceModel.id == Device.model_id)
        .join(Party, Party.id == CustodySpan.custodian_id)
        .join(Location, Location.id == CustodySpan.location_id)
        .join(Event, Event.id == CustodySpan.event_id)
        .outerjoin(_before, _same(_before, _before.valid_to, CustodySpan.prev_to))
        .outerjoin(_after, _same(_after, _after.valid_from, CustodySpan.valid_to))
        .outerjoin(ConditionSpan, _of_device(ConditionSpan))
        # Whether they are raised is not asked here: SQLite would then look through all
        # flags that are raised, and not those of the device.
        .outerjoin(_recalled, _of_flag(_recalled, Flag.RECALLED))
        .outerjoin(_missing, _of_flag(_missing, Flag.MISSING))
    )


def _of_device(table: type[ConditionSpan] | type[FlagSpan]) -> ColumnElement[bool]:
    return and_(
        table.device_id == CustodySpan.device_id,
        table.valid_from <= _AT,
        table.valid_to > _AT,
    )


def _of_flag(table: type[FlagSpan], flag: Flag) -> ColumnElement[bool]:
    return and_(_of_device(table), table.flag == flag.value)


def _same(neighbour: type[CustodySpan], end: Any, ours: Any) -> ColumnElement[bool]:
    return and_(
        neighbour.device_id == CustodySpan.device_id,
        end == ours,
        neighbour.custodian_id == CustodySpan.custodian_id,
        neighbour.location_id == CustodySpan.location_id,
    )


def _last(which: ColumnElement[bool]) -> Statement:
    return Statement(
        lambda: (
            _custody()
            .where(which, CustodySpan.valid_from <= _AT)
            .order_by(CustodySpan.valid_from.desc())
            .limit(1)
        )
    )


def _all(which: ColumnElement[bool]) -> Statement:
    return Statement(
        lambda: (
            _custody()
            .where(which, CustodySpan.valid_to > _AT, CustodySpan.valid_from <= _AT)
            .order_by(Device.tag)
        )
    )


_place = bindparam("place", type_=BigInteger)
_OF_DEVICE = _last(CustodySpan.device_id == bindparam("device", type_=BigInteger))
# The device by a question of its own: joined, PostgreSQL may look through the spans of
# all devices for the last one.
_OF_TAG = _last(
    CustodySpan.device_id
    == select(Device.id).where(Device.tag == bindparam("tag")).scalar_subquery()
)
_OF_PARTY = _all(CustodySpan.custodian_id == bindparam("party", type_=BigInteger))
_AT_PLACE = _all(CustodySpan.location_id == _place)
_WITHIN_PLACE = _all(CustodySpan.location_id.in_(places_within(_place)))
_CHAIN = Statement(
    lambda: (
        select(
            CustodySpan.valid_from,
            CustodySpan.valid_to,
            CustodySpan.custodian_id,
            CustodySpan.location_id,
        )
        .where(CustodySpan.device_id == bindparam("device", type_=BigInteger))
        .order_by(CustodySpan.valid_from)
    )
)
