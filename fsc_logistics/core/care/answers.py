"""Which devices are in which condition or flagged, since when, who said so and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, true
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.places import find_location, places_within
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    ConditionSpan,
    CustodySpan,
    Device,
    Event,
    FlagSpan,
    Location,
    Party,
)
from fsc_logistics.domain.care import Condition, Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class InCondition:
    """A device in a condition, and who has it."""

    device: str
    condition: str
    since: datetime
    """When that was said last."""
    by: str
    why: str | None
    custodian: str
    location: str
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionPeriod:
    """What condition a device was in, from one moment until another."""

    condition: str
    since: datetime
    until: datetime | None
    """`None` while it lasts."""
    by: str
    why: str | None
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """A device that a flag hangs on, and who has it."""

    device: str
    flag: str
    since: datetime
    by: str
    why: str | None
    custodian: str
    location: str
    event: str


def list_conditions(
    session: Session,
    *,
    at: datetime,
    condition: Condition | None = None,
    location: str | None = None,
) -> list[InCondition]:
    """Return the devices and the condition each was in at `at`, by tag.

    With `location`, those that were there or in a place inside it.

    Raises:
        NotFound: there is no such place.
    """
    query = _with_holder(ConditionSpan, ConditionSpan.condition, at)
    if condition is not None:
        query = query.where(ConditionSpan.condition == condition.value)
    return [
        InCondition(condition=said, **held)
        for said, held in _told(session, query, location)
    ]


def condition_history(session: Session, device: Device) -> list[ConditionPeriod]:
    """Return the conditions a device has been in, oldest first."""
    rows = session.execute(
        select(ConditionSpan, Event.actor, Event.reason, Event.uid)
        .join(Event, Event.id == ConditionSpan.event_id)
        .where(ConditionSpan.device_id == device.id)
        .order_by(ConditionSpan.valid_from)
    )
    return [
        ConditionPeriod(
            condition=span.condition,
            since=span.valid_from,
            until=None if span.valid_to == OPEN_ENDED else span.valid_to,
            by=actor,
            why=reason,
            event=uid,
        )
        for span, actor, reason, uid in rows
    ]


def list_flags(
    session: Session,
    *,
    at: datetime,
    flag: Flag | None = None,
    location: str | None = None,
) -> list[Flagged]:
    """Return the devices that flags hung on at `at`, by tag.

    With `location`, those that were there or in a place inside it.

    Raises:
        NotFound: there is no such place.
    """
    query = _with_holder(FlagSpan, FlagSpan.flag, at).where(FlagSpan.raised == true())
    if flag is not None:
        query = query.where(FlagSpan.flag == flag.value)
    return [
        Flagged(flag=said, **held) for said, held in _told(session, query, location)
    ]


def _told(
    session: Session, query: Select[*tuple[Any, ...]], location: str | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what is said of each device, and who says so and has it, by field."""
    for row in session.execute(_within(session, query, location)):
        yield (
            row.said,
            {
                "device": row.tag,
                "since": row.since,
                "by": row.actor,
                "why": row.reason,
                "custodian": row.custodian,
                "location": row.location,
                "event": row.uid,
            },
        )


def _with_holder(
    table: type[ConditionSpan] | type[FlagSpan],
    said: Any,
    at: datetime,
) -> Select[*tuple[Any, ...]]:
    """Return the query for the spans of `table` at `at`, and who had the devices."""
    return (
        select(
            Device.tag,
            said.label("said"),
            table.valid_from.label("since"),
            Event.actor,
            Event.reason,
            Event.uid,
            Party.code.label("custodian"),
            Location.code.label("location"),
        )
        .join(Device, Device.id == table.device_id)
        .join(Event, Event.id == table.event_id)
        .join(
            CustodySpan, and_(CustodySpan.device_id == Device.id, _at(CustodySpan, at))
        )
        .join(Party, Party.id == CustodySpan.custodian_id)
        .join(Location, Location.id == CustodySpan.location_id)
        .where(_at(table, at))
        .order_by(Device.tag, said)
    )


def _at(
    table: type[ConditionSpan] | type[FlagSpan] | type[CustodySpan], at: datetime
) -> ColumnElement[bool]:
    return and_(table.valid_from <= at, table.valid_to > at)


def _within(
    session: Session, query: Select[*tuple[Any, ...]], location: str | None
) -> Select[*tuple[Any, ...]]:
    if location is None:
        return query
    place = find_location(session, location)
    return query.where(CustodySpan.location_id.in_(places_within(place.id)))
