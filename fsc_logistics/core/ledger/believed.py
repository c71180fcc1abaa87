"""Who had what as the ledger stood at an earlier moment, read from the events."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.catalogue.places import places_within
from fsc_logistics.core.ledger.held import run_of
from fsc_logistics.core.ledger.spans import STATED_CONDITION
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    Device,
    DeviceModel,
    ErrorDeclaration,
    Event,
    EventLine,
    LineDeclaration,
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
    since, until = run_of(chain, here)
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
    came = _came_to(session, Event.custodian_id == party_id, at, known_at)
    return [held for held in came if held.custodian == code]


def at_place(
    session: Session, place_id: int, at: datetime, known_at: datetime, *, within: bool
) -> list[Custody]:
    """Return what was at a place at `at`, or `within` it, as known then, by tag."""
    places = places_within(place_id) if within else [place_id]
    codes = set(session.scalars(select(Location.code).where(Location.id.in_(places))))
    came = _came_to(session, Event.location_id.in_(places), at, known_at)
    return [held for held in came if held.location in codes]


def _came_to(
    session: Session, holder: ColumnElement[bool], at: datetime, known_at: datetime
) -> Iterator[Custody]:
    """Yield who had each device, as known then, that ever came to `holder`, by tag.

    All events are looked through, and all that is known of each device is read: there
    are no spans of what was believed.
    """
    came = (
        select(EventLine.device_id)
        .join(Event, Event.id == EventLine.event_id)
        .where(holder, Event.event_time <= at, Event.record_time <= known_at)
    )
    devices = select(Device.id).where(Device.id.in_(came)).order_by(Device.tag)
    for device in session.scalars(devices).all():
        held = of_device(session, device, at, known_at)
        if held is not None:
            yield held


def _known(device_id: int, known_at: datetime) -> Select[*tuple[Any, ...]]:
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
        .where(LineDeclaration.device_id == device_id)
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
            EventLine.device_id == device_id,
            Event.record_time <= known_at,
            ~declared_by_then,
            ~line_declared_by_then,
        )
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
