"""What the ledger learnt only after a moment of the time before it.

Of all else the spans of today say what was known at that moment: they are cut off where
nothing was known yet.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.tables import (
    ErrorDeclaration,
    Event,
    EventLine,
    LineDeclaration,
)
from fsc_logistics.domain.custody import CLOCK_SKEW_MAX


def known_until(known_at: datetime) -> datetime:
    """Return the last moment of which anything can have been known at `known_at`."""
    return known_at + CLOCK_SKEW_MAX


def late_devices(session: Session, known_at: datetime) -> set[int]:
    """Return the numbers of the devices whose past has changed since `known_at`."""
    told = select(EventLine.device_id).where(
        EventLine.event_id.in_(late_events(known_at))
    )
    declared = (
        select(LineDeclaration.device_id)
        .join(Event, Event.id == LineDeclaration.event_id)
        .where(Event.record_time > known_at)
    )
    return {*session.scalars(told), *session.scalars(declared)}


def late_events(known_at: datetime) -> Select[int]:
    """Return the query for the events that changed what was known at `known_at`.

    They were told later of the time before it, or declared wrong later.  All events are
    looked through, once: by its moment none can be found.
    """
    declaring = aliased(Event)
    declared = (
        select(ErrorDeclaration.wrong_event_id)
        .join(declaring, declaring.id == ErrorDeclaration.event_id)
        .where(declaring.record_time > known_at)
    )
    told_late = (Event.record_time > known_at) & (
        Event.event_time <= known_until(known_at)
    )
    return select(Event.id).where(told_late | Event.id.in_(declared))


def was_known(known_at: datetime) -> ColumnElement[bool]:
    """Return the condition that `Event` was recorded and believed at `known_at`."""
    declaring = aliased(Event)
    declared_by_then = (
        exists()
        .where(ErrorDeclaration.wrong_event_id == Event.id)
        .where(ErrorDeclaration.event_id == declaring.id)
        .where(declaring.record_time <= known_at)
    )
    return (Event.record_time <= known_at) & ~declared_by_then


def line_was_known(known_at: datetime) -> ColumnElement[bool]:
    """Return the condition that `EventLine` of `Event` was believed at `known_at`."""
    declaring = aliased(Event)
    declared_by_then = (
        exists()
        .where(LineDeclaration.wrong_event_id == EventLine.event_id)
        .where(LineDeclaration.device_id == EventLine.device_id)
        .where(LineDeclaration.event_id == declaring.id)
        .where(declaring.record_time <= known_at)
    )
    return was_known(known_at) & ~declared_by_then
