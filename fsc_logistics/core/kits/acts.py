"""What the acts of a kit have in common: their uids, their locks, what they answer.

An act may be several events: the first has the uid it is given, those behind it the
same with .2, .3 and so on.  All of them are in the ledger, or none.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.kits.state import kit_state
from fsc_logistics.core.ledger.appending import Line, Named, known_event
from fsc_logistics.core.ledger.custody import as_event
from fsc_logistics.core.ledger.entering import enter
from fsc_logistics.core.ledger.recorded import Recorded, recorded
from fsc_logistics.core.ledger.states import spans_at
from fsc_logistics.core.tables import Device, Event
from fsc_logistics.domain.custody import Signature, Transfer
from fsc_logistics.domain.kits import Absent

EVENTS_MAX = 3
"""Of one act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KitAct:
    """What became of an act, and how whole the kit is after it."""

    uid: str
    """Of its first event, or of the one that said so already."""
    added: bool
    events: tuple[str, ...]
    kit: str
    devices: tuple[str, ...]
    """The tags of all that any of its events is about."""
    missing: tuple[Absent, ...]
    lacking: dict[str, int]
    """Model to how many more the template has."""
    surplus: dict[str, int]
    """Model to how many fewer it has."""


def with_case(
    session: Session, kit: Device, inside: Sequence[int], at: datetime
) -> list[int]:
    """Return those parts that the ledger has where it has their case."""
    held = {
        device: (span.custodian_id, span.location_id)
        for device, span in spans_at(session, [kit.id, *inside], at).items()
    }
    return [part for part in inside if part in held and held[part] == held.get(kit.id)]


def put(
    session: Session,
    station: int,
    transfer: Transfer,
    devices: Sequence[Device],
    by: Signature,
) -> Recorded:
    """Record that locked devices, and nothing along with them, are somewhere else now.

    Whatever their condition: what has left a kit is somewhere, fit or not.
    """
    lines = tuple(Line(device=Named(device.id, device.tag)) for device in devices)
    event = as_event(session, transfer)._replace(lines=lines)
    return enter(session, station, event, by)


def tags_by_id(session: Session, devices: Collection[int]) -> list[str]:
    """Return the tags of the devices of those numbers, in their order."""
    query = select(Device.tag).where(Device.id.in_(devices)).order_by(Device.tag)
    return list(session.scalars(query))


def next_uid(uid: str, done: Sequence[Recorded]) -> str:
    """Return the uid of the event of an act that comes after those `done`."""
    number = 1 + sum(one.added for one in done)
    return uid if number == 1 else f"{uid}.{number}"


def known_act(session: Session, uid: str) -> list[Recorded]:
    """Return what became of the act of that uid, if it is in the ledger already."""
    if known_event(session, uid) is None:
        return []
    uids = [uid, *(f"{uid}.{number}" for number in range(2, EVENTS_MAX + 1))]
    events = session.scalars(
        select(Event).where(Event.uid.in_(uids)).order_by(Event.uid)
    )
    return [recorded(session, event, added=False) for event in events]


def told_act(
    session: Session, kit: Device, done: Sequence[Recorded], at: datetime
) -> KitAct:
    """Return what became of an act that is `done`, and how whole the kit is then."""
    state = kit_state(session, kit.tag, at=at)
    added = [one for one in done if one.added]
    said = added or done
    return KitAct(
        uid=said[0].uid,
        added=bool(added),
        events=tuple(uid for one in said for uid in (one.uid, *one.also)),
        kit=kit.tag,
        devices=tuple(sorted({tag for one in said for tag in one.devices})),
        missing=state.missing,
        lacking=state.lacking,
        surplus=state.surplus,
    )
