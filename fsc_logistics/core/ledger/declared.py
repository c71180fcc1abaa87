"""What was declared wrong, by whom and when, as tables to join to events."""

from datetime import datetime

from sqlalchemy import Subquery, select

from fsc_logistics.core.tables import ErrorDeclaration, Event, LineDeclaration


def declarations(known_at: datetime | None = None) -> Subquery:
    """Return the declarations of whole events, by `known_at` or by now.

    With the event that is wrong, the reason, and who recorded it and when.
    """
    return _told(ErrorDeclaration, known_at)


def line_declarations(known_at: datetime | None = None) -> Subquery:
    """Return the declarations of one device of an event, by `known_at` or by now.

    As `declarations`, with the device.
    """
    return _told(LineDeclaration, known_at)


def _told(
    table: type[ErrorDeclaration | LineDeclaration], known_at: datetime | None
) -> Subquery:
    query = select(
        *(column for column in table.__table__.c if column.name != "event_id"),
        Event.actor,
        Event.record_time,
    ).join(Event, Event.id == table.event_id)
    if known_at is not None:
        query = query.where(Event.record_time <= known_at)
    return query.subquery()
