"""Who has it, who had it, what do they have: answers of the ledger."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, select, true
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.spans import STATED_CONDITION
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    ConditionSpan,
    CustodySpan,
    Device,
    DeviceModel,
    ErrorDeclaration,
    Event,
    EventLine,
    FlagSpan,
    LineDeclaration,
    Location,
    Party,
    Station,
)
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.custody import (
    Custody,
    Entry,
    EventKind,
    shown_disposition,
)
from fsc_logistics.domain.errors import NotFound


def custody_as_of(
    session: Session, device: Device, *, at: datetime, known_at: datetime | None = None
) -> Custody | None:
    """Return who had `device`, where, at `at`; None before its first event.

    With `known_at`, as the ledger stood then: late events and corrections that were
    recorded after it do not count.
    """
    if known_at is not None:
        return _as_known(session, device, at, known_at)
    row = session.execute(
        _custody(at)
        .where(CustodySpan.device_id == device.id, CustodySpan.valid_from <= at)
        .order_by(CustodySpan.valid_from.desc())
        .limit(1)
    ).first()
    return None if row is None else _unbroken(session, row)


def history(session: Session, device: Device) -> list[Entry]:
    """Return everything the ledger was told about a device, oldest first."""
    declaring, line = aliased(ErrorDeclaration), aliased(LineDeclaration)
    rows = session.execute(
        select(
            Event.uid,
            Event.event_time,
            Event.record_time,
            Event.biz_step,
            Event.disposition,
            Party.code.label("custodian"),
            Location.code.label("location"),
            Station.code.label("station"),
            func.coalesce(declaring.reason, line.reason).label("wrong"),
            STATED_CONDITION.label("condition"),
            Event.flag,
            Event.raised,
            Event.reason,
        )
        .join(EventLine, EventLine.event_id == Event.id)
        .join(Station, Station.id == Event.station_id)
        .outerjoin(Party, Party.id == Event.custodian_id)
        .outerjoin(Location, Location.id == Event.location_id)
        .outerjoin(declaring, declaring.wrong_event_id == Event.id)
        .outerjoin(
            line, (line.wrong_event_id == Event.id) & (line.device_id == device.id)
        )
        .where(EventLine.device_id == device.id)
        .order_by(Event.event_time, Event.id)
    )
    return [
        Entry(
            event=row.uid,
            event_time=row.event_time,
            record_time=row.record_time,
            biz_step=row.biz_step,
            disposition=row.disposition,
            custodian=row.custodian,
            location=row.location,
            station=row.station,
            declared_wrong=row.wrong,
            condition=row.condition,
            flag=row.flag,
            raised=row.raised,
            reason=row.reason,
        )
        for row in rows
    ]


def holdings(
    session: Session, code: str, *, at: datetime, within: bool = False
) -> list[Custody]:
    """Return what a party had or a place held at `at`, by tag.

    `within` takes the places inside a place too.

    Raises:
        NotFound: `code` is neither a party nor a place.
    """
    wanted = code.strip().upper()
    party = session.scalar(select(Party.id).where(Party.code == wanted))
    place = session.scalar(select(Location.id).where(Location.code == wanted))
    if party is None and place is None:
        raise NotFound(
            f"{shown_code(code)} is neither a party nor a place of this centre. See:"
            " fsc party list, fsc location list"
        )
    held: ColumnElement[bool]
    if place is None:
        held = CustodySpan.custodian_id == party
    elif within:
        held = CustodySpan.location_id.in_(places_within(place))
    else:
        held = CustodySpan.location_id == place
    rows = session.execute(
        _custody(at)
        .where(held, CustodySpan.valid_to > at, CustodySpan.valid_from <= at)
        .order_by(Device.tag)
    ).all()
    return [_unbroken(session, row) for row in rows]


def places_within(place_id: int) -> Select[tuple[int]]:
    """Return the query for a place and all places inside it."""
    inside = (
        select(Location.id).where(Location.id == place_id).cte("inside", recursive=True)
    )
    inside = inside.union(
        select(Location.id).join(inside, Location.parent_id == inside.c.id)
    )
    return select(inside.c.id)


_before = aliased(CustodySpan)
_after = aliased(CustodySpan)


_recalled = aliased(FlagSpan)
_missing = aliased(FlagSpan)


def _custody(at: datetime) -> Select[*tuple[Any, ...]]:
    """Return the query for custody at `at`.

    With the spans' neighbours' keys, all codes, the condition and the flags.
    """
    return (
        select(
            CustodySpan,
            Device.tag,
            DeviceModel.code.label("model"),
            Party.code.label("custodian"),
            Party.kind.label("custodian_kind"),
            Location.code.label("location"),
            Event.uid,
            Event.biz_step,
            Event.disposition,
            _before.valid_from.label("same_before"),
            _after.valid_to.label("same_after"),
            ConditionSpan.condition,
            _recalled.flag.label("recalled"),
            _missing.flag.label("missing"),
        )
        .join(Device, Device.id == CustodySpan.device_id)
        .join(DeviceModel, DeviceModel.id == Device.model_id)
        .join(Party, Party.id == CustodySpan.custodian_id)
        .join(Location, Location.id == CustodySpan.location_id)
        .join(Event, Event.id == CustodySpan.event_id)
        .outerjoin(_before, _same(_before, _before.valid_to, CustodySpan.prev_to))
        .outerjoin(_after, _same(_after, _after.valid_from, CustodySpan.valid_to))
        .outerjoin(ConditionSpan, _of_device(ConditionSpan, at))
        .outerjoin(_recalled, _raised(_recalled, Flag.RECALLED, at))
        .outerjoin(_missing, _raised(_missing, Flag.MISSING, at))
    )


def _of_device(
    table: type[ConditionSpan] | type[FlagSpan], at: datetime
) -> ColumnElement[bool]:
    return and_(
        table.device_id == CustodySpan.device_id,
        table.valid_from <= at,
        table.valid_to > at,
    )


def _raised(table: type[FlagSpan], flag: Flag, at: datetime) -> ColumnElement[bool]:
    return and_(_of_device(table, at), table.flag == flag.value, table.raised == true())


def _same(neighbour: type[CustodySpan], end: Any, ours: Any) -> ColumnElement[bool]:
    return and_(
        neighbour.device_id == CustodySpan.device_id,
        end == ours,
        neighbour.custodian_id == CustodySpan.custodian_id,
        neighbour.location_id == CustodySpan.location_id,
    )


def _unbroken(session: Session, row: Row[*tuple[Any, ...]]) -> Custody:
    """Return the custody of a span, joined with neighbours that say the same.

    They arise when what lay between them was declared wrong: "since when" is then the
    moment of the first.
    """
    span = row.CustodySpan
    since, until = span.valid_from, span.valid_to
    if row.same_before is not None or row.same_after is not None:
        since, until = _reach(session, span)
    return _told(row, since, until)


def _reach(session: Session, span: CustodySpan) -> tuple[datetime, datetime]:
    chain = session.scalars(
        select(CustodySpan)
        .where(CustodySpan.device_id == span.device_id)
        .order_by(CustodySpan.valid_from)
    ).all()
    return _run(
        [(s.valid_from, s.valid_to, (s.custodian_id, s.location_id)) for s in chain],
        span.valid_from,
    )


def _run(
    chain: Sequence[tuple[datetime, datetime, tuple[int, int]]], start: datetime
) -> tuple[datetime, datetime]:
    """Return from when until when the same is said around the link at `start`."""
    here = next(i for i, link in enumerate(chain) if link[0] == start)
    first = last = here
    while first > 0 and chain[first - 1][2] == chain[here][2]:
        first -= 1
    while last + 1 < len(chain) and chain[last + 1][2] == chain[here][2]:
        last += 1
    return chain[first][0], chain[last][1]


def _as_known(
    session: Session, device: Device, at: datetime, known_at: datetime
) -> Custody | None:
    """Answer from the ledger itself, leaving out what was learnt after `known_at`."""
    rows = session.execute(_known(device, known_at)).all()
    # Of several events at one moment the last one counts.
    held = {row.event_time: row for row in rows if row.kind == EventKind.OBJECT}
    starts = [*held, OPEN_ENDED]
    chain = [
        (start, end, (row.custodian_id, row.location_id))
        for (start, row), end in zip(held.items(), starts[1:], strict=True)
    ]
    here = max((start for start in held if start <= at), default=None)
    if here is None:
        return None
    since, until = _run(chain, here)
    before = [row for row in rows if row.event_time <= at]
    conditions = [row.condition for row in before if row.condition is not None]
    flags = {row.flag: row.raised for row in before if row.flag is not None}
    return _custody_of(
        held[here],
        since,
        until,
        condition=conditions[-1] if conditions else None,
        flags=tuple(flag for flag in Flag if flags.get(flag)),
    )


def _known(device: Device, known_at: datetime) -> Select[*tuple[Any, ...]]:
    """Return the query for what was known of a device at `known_at`, in order."""
    declaring, line_declaring = aliased(Event), aliased(Event)
    declared_by_then = (
        exists()
        .where(ErrorDeclaration.wrong_event_id == Event.id)
        .where(ErrorDeclaration.event_id == declaring.id)
        .where(declaring.record_time <= known_at)
    )
    line_declared_by_then = (
        exists()
        .where(LineDeclaration.wrong_event_id == Event.id)
        .where(LineDeclaration.device_id == device.id)
        .where(LineDeclaration.event_id == line_declaring.id)
        .where(line_declaring.record_time <= known_at)
    )
    return (
        select(
            Event.uid,
            Event.kind,
            Event.event_time,
            Event.custodian_id,
            Event.location_id,
            Event.biz_step,
            Event.disposition,
            STATED_CONDITION.label("condition"),
            Event.flag,
            Event.raised,
            Device.tag,
            DeviceModel.code.label("model"),
            Party.code.label("custodian"),
            Party.kind.label("custodian_kind"),
            Location.code.label("location"),
        )
        .join(EventLine, EventLine.event_id == Event.id)
        .join(Device, Device.id == EventLine.device_id)
        .join(DeviceModel, DeviceModel.id == Device.model_id)
        .outerjoin(Party, Party.id == Event.custodian_id)
        .outerjoin(Location, Location.id == Event.location_id)
        .where(
            EventLine.device_id == device.id,
            Event.record_time <= known_at,
            ~declared_by_then,
            ~line_declared_by_then,
        )
        .order_by(Event.event_time, Event.id)
    )


def _told(row: Row[*tuple[Any, ...]], since: datetime, until: datetime) -> Custody:
    flags = tuple(flag for flag in (row.recalled, row.missing) if flag is not None)
    return _custody_of(row, since, until, condition=row.condition, flags=flags)


def _custody_of(
    row: Row[*tuple[Any, ...]],
    since: datetime,
    until: datetime,
    *,
    condition: str | None,
    flags: tuple[str, ...],
) -> Custody:
    """Return the answer a row of either query gives."""
    return Custody(
        device=row.tag,
        model=row.model,
        custodian=row.custodian,
        custodian_kind=row.custodian_kind,
        location=row.location,
        since=since,
        until=None if until == OPEN_ENDED else until,
        biz_step=row.biz_step,
        disposition=shown_disposition(row.disposition, condition),
        event=row.uid,
        condition=condition,
        flags=flags,
    )
