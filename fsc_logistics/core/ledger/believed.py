"""Who had what as the ledger stood at an earlier moment.

Of a device whose past has changed since, it is read from the events; of all others the
spans of today say it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.places import places_within
from fsc_logistics.core.ledger import held
from fsc_logistics.core.ledger.late import known_until, late_devices, line_was_known
from fsc_logistics.core.ledger.named import named_devices
from fsc_logistics.core.ledger.spans import BATCH, STATED_CONDITION
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    Device,
    DeviceModel,
    Event,
    EventLine,
    Location,
    Party,
)
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.custody import Custody, EventKind, shown_disposition


def of_device(
    session: Session, device_id: int, at: datetime, known_at: datetime
) -> Custody | None:
    """Return who had a device at `at`, as known then; None before its first event."""
    rows = session.execute(_known(device_id, known_at)).all()
    # Of several events at one moment the last one counts.
    moves = {row.event_time: row for row in rows if row.kind == EventKind.OBJECT}
    starts = [*moves, OPEN_ENDED]
    chain = [
        (start, end, (row.custodian_id, row.location_id))
        for (start, row), end in zip(moves.items(), starts[1:], strict=True)
    ]
    here = max((start for start in moves if start <= at), default=None)
    if here is None:
        return None
    since, until = held.run_of(chain, here)
    before = [row for row in rows if row.event_time <= at]
    conditions = [row.condition for row in before if row.condition is not None]
    flags = {row.flag: row.raised for row in before if row.flag is not None}
    return _custody_of(
        moves[here],
        since,
        until,
        condition=conditions[-1] if conditions else None,
        flags=tuple(flag for flag in Flag if flags.get(flag)),
    )


def of_party(
    session: Session, party_id: int, at: datetime, known_at: datetime
) -> list[Custody]:
    """Return what a party had at `at`, as known then, by tag."""
    code = session.get_one(Party, party_id).code
    present = held.of_party(session, party_id, min(at, known_until(known_at)))
    had = _had(session, present, Event.custodian_id == party_id, at, known_at)
    return _by_tag(one for one in had if one.custodian == code)


def at_place(
    session: Session, place_id: int, at: datetime, known_at: datetime, *, within: bool
) -> list[Custody]:
    """Return what was at a place at `at`, or `within` it, as known then, by tag."""
    places = places_within(place_id) if within else [place_id]
    codes = set(session.scalars(select(Location.code).where(Location.id.in_(places))))
    now_there = held.within_place if within else held.at_place
    present = now_there(session, place_id, min(at, known_until(known_at)))
    had = _had(session, present, Event.location_id.in_(places), at, known_at)
    return _by_tag(one for one in had if one.location in codes)


def _had(
    session: Session,
    present: Iterable[Custody],
    holder: ColumnElement[bool],
    at: datetime,
    known_at: datetime,
) -> Iterator[Custody]:
    """Yield `present` as it was known then, but of devices whose past has changed.

    Of those, who was believed to have each that ever came to `holder`.
    """
    late = late_devices(session, known_at)
    changed = {device.code for device in named_devices(session, late).values()}
    for one in present:
        if one.device not in changed:
            is_over = one.until is not None and one.until <= known_until(known_at)
            yield one if is_over else replace(one, until=None)
    came = holder & (Event.event_time <= at) & (Event.record_time <= known_at)
    for device in _came(session, sorted(late), came):
        believed = of_device(session, device, at, known_at)
        if believed is not None:
            yield believed


def _came(
    session: Session, devices: Sequence[int], came: ColumnElement[bool]
) -> Iterator[int]:
    """Yield those of `devices` of which an event says that they `came`."""
    for start in range(0, len(devices), BATCH):
        yield from session.scalars(
            select(EventLine.device_id)
            .join(Event, Event.id == EventLine.event_id)
            .where(came, EventLine.device_id.in_(devices[start : start + BATCH]))
            .distinct()
        )


def _by_tag(had: Iterable[Custody]) -> list[Custody]:
    return sorted(had, key=lambda one: one.device)


def _known(device_id: int, known_at: datetime) -> Select[*tuple[Any, ...]]:
    """Return the query for what was known of a device at `known_at`, in order."""
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
        .where(EventLine.device_id == device_id, line_was_known(known_at))
        .order_by(Event.event_time, Event.id)
    )


def _custody_of(
    row: Row[*tuple[Any, ...]],
    since: datetime,
    until: datetime,
    *,
    condition: str | None,
    flags: tuple[str, ...],
) -> Custody:
    """Return the answer that a row of `_known` gives."""
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
