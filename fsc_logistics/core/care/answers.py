"""Which devices are in which condition or flagged, since when, who said so and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, select, true
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.places import find_location, places_within
from fsc_logistics.core.ledger.states import covers
from fsc_logistics.core.ledger.views import TODAY, View, answers, believed
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    ConditionSpan,
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
    known_at: datetime | None = None,
    condition: Condition | None = None,
    location: str | None = None,
) -> list[InCondition]:
    """Return the devices and the condition each was in at `at`, by tag.

    With `location`, those that were there or in a place inside it; with `known_at`, as
    the ledger stood then.

    Raises:
        NotFound: there is no such place.
    """

    def ask(view: View, at: datetime) -> Select[*tuple[Any, ...]]:
        query = _with_holder(view, view.condition, view.condition.condition, at)
        if condition is not None:
            query = query.where(view.condition.condition == condition.value)
        return query if places is None else query.where(_is_in(view, places))

    places = _within(session, location)
    found = answers(session, ask, at=at, known_at=known_at)
    return [InCondition(condition=said, **held) for said, held in _told(found)]


def condition_history(
    session: Session, device: Device, *, known_at: datetime | None = None
) -> list[ConditionPeriod]:
    """Return the conditions a device has been in, oldest first.

    With `known_at`, as the ledger stood then.
    """
    view = TODAY if known_at is None else believed([device.id], known_at)
    span = view.condition
    rows = session.execute(
        select(
            span.condition,
            span.valid_from,
            span.valid_to,
            Event.actor,
            Event.reason,
            Event.uid,
        )
        .join(Event, Event.id == span.event_id)
        .where(span.device_id == device.id)
        .order_by(span.valid_from)
    )
    return [
        ConditionPeriod(
            condition=condition,
            since=since,
            until=None if until == OPEN_ENDED else until,
            by=actor,
            why=reason,
            event=uid,
        )
        for condition, since, until, actor, reason, uid in rows
    ]


def list_flags(
    session: Session,
    *,
    at: datetime,
    known_at: datetime | None = None,
    flag: Flag | None = None,
    location: str | None = None,
) -> list[Flagged]:
    """Return the devices that flags hung on at `at`, by tag.

    With `location`, those that were there or in a place inside it; with `known_at`, as
    the ledger stood then.

    Raises:
        NotFound: there is no such place.
    """

    def ask(view: View, at: datetime) -> Select[*tuple[Any, ...]]:
        query = _with_holder(view, view.flag, view.flag.flag, at)
        query = query.where(view.flag.raised == true())
        if flag is not None:
            query = query.where(view.flag.flag == flag.value)
        return query if places is None else query.where(_is_in(view, places))

    places = _within(session, location)
    found = answers(session, ask, at=at, known_at=known_at)
    return [Flagged(flag=said, **held) for said, held in _told(found)]


def _told(
    found: Iterable[Row[*tuple[Any, ...]]],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield by tag what is said of each device, and who says so and has it."""
    for row in sorted(found, key=lambda row: (row.tag, row.said)):
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
    view: View, table: type[ConditionSpan] | type[FlagSpan], said: Any, at: datetime
) -> Select[*tuple[Any, ...]]:
    """Return the query for the spans of `table` at `at`, and who had the devices."""
    holder = view.custody
    return (
        select(
            table.device_id,
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
        .join(holder, and_(holder.device_id == Device.id, covers(holder, at)))
        .join(Party, Party.id == holder.custodian_id)
        .join(Location, Location.id == holder.location_id)
        .where(covers(table, at))
    )


def _within(session: Session, location: str | None) -> Select[tuple[int]] | None:
    """Return the query for a place and those inside it."""
    if location is None:
        return None
    return places_within(find_location(session, location).id)


def _is_in(view: View, places: Select[tuple[int]]) -> ColumnElement[bool]:
    return view.custody.location_id.in_(places)
