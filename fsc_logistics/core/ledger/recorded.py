"""What became of what the ledger was told."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.tables import Device, Event, EventLine
from fsc_logistics.domain.anomalies import Contradiction


class Whereabouts(NamedTuple):
    """Who has a device and where, by code."""

    custodian: str
    location: str


class Recorded(NamedTuple):
    """What became of a transfer."""

    uid: str
    """Of the event that says so: the new one, or the one that said so already."""
    event: int
    added: bool
    devices: tuple[str, ...]
    """The tags of those that moved, parts of kits included."""
    also: tuple[str, ...] = ()
    """Of a second event, where one could not say it all."""
    contradictions: tuple[Contradiction, ...] = ()
    """What a fact contradicts; it waits among the exceptions."""
    target: Whereabouts | None = None
    """Where a transfer was to, which is where they are as of its moment."""
    is_single: bool = False
    """It is known to be about one device that has nothing to do with kits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of it, for those who know no numbers of the database."""

    uid: str
    added: bool
    devices: tuple[str, ...]


def told(done: Recorded) -> Told:
    """Return what may be shown of what was recorded."""
    return Told(uid=done.uid, added=done.added, devices=done.devices)


def recorded(session: Session, event: Event, *, added: bool) -> Recorded:
    """Return what an event of the ledger says became of a transfer."""
    return Recorded(
        uid=event.uid, event=event.id, added=added, devices=tags_of(session, event.id)
    )


def tags_of(session: Session, event_id: int) -> tuple[str, ...]:
    """Return the tags of the devices an event is about."""
    return tuple(
        session.scalars(
            select(Device.tag)
            .join(EventLine, EventLine.device_id == Device.id)
            .where(EventLine.event_id == event_id)
            .order_by(Device.tag)
        )
    )
