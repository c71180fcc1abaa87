"""Acts of several events: the first has a uid, those behind it the same with .2, .3."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger.spans import line_counts, not_declared_wrong
from fsc_logistics.core.tables import (
    CountLine,
    Device,
    Event,
    EventLine,
    LineDeclaration,
    StockLine,
)
from fsc_logistics.domain.custody import ABOUT_EXCEPTIONS, EventKind

_BEHIND = re.compile(r"(.+)\.(?:[2-9]|[1-9][0-9]+)", re.ASCII)
_ASKED = 100
"""So many events of an act are asked for at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another event of the same act, which still counts."""

    uid: str
    devices: tuple[str, ...]
    """Those that were asked for; none where all were."""


def others_standing(
    session: Session, uid: str, devices: Sequence[str] = ()
) -> list[Other]:
    """Return what else the act said that the event `uid` is of, as far as it stands.

    With the tags of `devices`, as far as it stands of those.
    """
    event = session.scalars(select(Event).where(Event.uid == uid)).one()
    numbers = [number for number in _act(session, event) if number != event.id]
    about = has_standing_line(Device.tag.in_(list(devices)) if devices else None)
    stock = [
        exists().where(table.event_id == Event.id) for table in (StockLine, CountLine)
    ]
    uids = session.scalars(
        select(Event.uid)
        .where(
            Event.id.in_(numbers),
            Event.kind.not_in([EventKind.DECLARATION, *ABOUT_EXCEPTIONS]),
            not_declared_wrong(),
            about if devices else or_(about, *stock),
        )
        .order_by(Event.id)
    ).all()
    return [Other(uid=one, devices=_of(session, one, devices)) for one in uids]


def has_standing_line(which: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """Return the condition that `Event` speaks of a device it was not wrong about.

    Whether it was declared wrong as a whole is another question.  `which` says
    something of the `Device`.
    """
    found = exists().where(
        EventLine.event_id == Event.id,
        ~exists().where(
            LineDeclaration.wrong_event_id == EventLine.event_id,
            LineDeclaration.device_id == EventLine.device_id,
        ),
    )
    if which is None:
        return found
    return found.where(EventLine.device_id == Device.id, which)


def _act(session: Session, event: Event) -> list[int]:
    """Return the numbers of all events that were recorded together with `event`."""
    behind = _BEHIND.fullmatch(event.uid)
    first = event.uid
    if behind is not None and _numbers(session, event, [behind[1]]):
        first = behind[1]
    found: list[int] = []
    for start in range(1, 1_000_000, _ASKED):
        uids = [
            first if number == 1 else f"{first}.{number}"
            for number in range(start, start + _ASKED)
        ]
        there = _numbers(session, event, uids)
        found += there
        if len(there) < _ASKED:
            break
    return found


def _numbers(session: Session, event: Event, uids: Sequence[str]) -> list[int]:
    """Return which of `uids` the station recorded in the moment of `event`."""
    query = select(Event.id).where(
        Event.uid.in_(uids),
        Event.station_id == event.station_id,
        Event.record_time == event.record_time,
    )
    return list(session.scalars(query))


def _of(session: Session, uid: str, devices: Sequence[str]) -> tuple[str, ...]:
    if not devices:
        return ()
    return tuple(
        session.scalars(
            select(Device.tag)
            .join(EventLine, EventLine.device_id == Device.id)
            .join(Event, Event.id == EventLine.event_id)
            .where(Event.uid == uid, Device.tag.in_(list(devices)), line_counts())
            .order_by(Device.tag)
        )
    )
