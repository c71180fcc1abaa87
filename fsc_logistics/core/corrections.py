"""Mistakes are declared, never erased (EPCIS errorDeclaration)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from fsc_logistics.core import stock_spans
from fsc_logistics.core.custody import lock
from fsc_logistics.core.devices import find_device
from fsc_logistics.core.ledger import (
    Declaration,
    Named,
    NewEvent,
    append,
    known_event,
    lock_station,
)
from fsc_logistics.core.parties import find_party
from fsc_logistics.core.places import find_location, keeper_of
from fsc_logistics.core.settling import Touched, settle
from fsc_logistics.core.standing import standing
from fsc_logistics.core.tables import (
    Device,
    ErrorDeclaration,
    Event,
    EventLine,
    LineDeclaration,
    Location,
)
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.custody import (
    BizStep,
    EventKind,
    Signature,
    WrongBecause,
    check_time,
    usual_condition,
    usual_step,
)
from fsc_logistics.domain.errors import NotFound, Refused
from fsc_logistics.domain.parties import LocationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What became of a declaration of error."""

    uid: str
    wrong: str
    replacement: str | None
    devices: tuple[str, ...]
    """The tags of those of which the event no longer counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """What is right instead; what is not given stays as the wrong event has it."""

    location: str | None = None
    custodian: str | None = None
    """Without one, a new place brings its own keeper."""
    biz_step: BizStep | None = None
    event_time: datetime | None = None

    def is_about_custody(self) -> bool:
        """Return whether it says more than another time."""
        return self != Right(event_time=self.event_time)


def declare_wrong(
    session: Session,
    uid: str,
    by: Signature,
    *,
    reason: WrongBecause,
    declaration_uid: str,
    right: Right | None = None,
    replacement_uid: str | None = None,
    devices: Sequence[str] = (),
) -> Declared:
    """Declare the event `uid` wrong, or what it says of `devices`; nothing is deleted.

    What is `right` instead becomes an event of its own, `replacement_uid`, about the
    same devices.

    Raises:
        NotFound: there is no such event, or it is about none of `devices`.
        Refused: it was declared wrong before, cannot be, or without it a device would
            be nowhere, a kit inside a kit, or a place have fewer than none of a lot.
    """
    station = lock_station(session, by.station)
    known = known_event(session, declaration_uid)
    if known is not None:
        return _declared(session, known)
    wrong = session.scalar(select(Event).where(Event.uid == uid))
    if wrong is None:
        named = shown_code(uid, "of that name")
        raise NotFound(f"There is no event {named}. See: fsc history DEVICE")
    _check_kind(wrong)
    chosen = _chosen(session, wrong, devices)
    _lock_all(session, wrong, chosen)
    # Under the locks: another desk may have declared the same a moment ago.
    _check_stands(session, wrong, chosen)
    event = _about(session, wrong, chosen)
    touched = Touched()
    touched.add(event)
    replacement = None
    if right is not None:
        if replacement_uid is None:
            raise ValueError("what is right instead needs a uid of its own")
        instead = _instead(session, event, right, replacement_uid)
        check_time(instead.event_time, by.record_time)
        replacement = Named(append(session, station, instead, by), instead.uid)
        touched.add(instead)
    whole_or_parts: Sequence[Named | None] = chosen or [None]
    declarations = tuple(
        Declaration(
            wrong=Named(wrong.id, wrong.uid),
            reason=reason,
            replacement=replacement,
            device=device,
        )
        for device in whole_or_parts
    )
    declaring = declaring_event(declaration_uid, wrong.biz_step, declarations, by)
    event_id = append(session, station, declaring, by)
    settle(session, touched, without="this event")
    return _declared(session, session.get_one(Event, event_id))


def declaring_event(
    uid: str, biz_step: str, declarations: tuple[Declaration, ...], by: Signature
) -> NewEvent:
    """Return the event that declares others wrong, here and now."""
    return NewEvent(
        uid=uid,
        kind=EventKind.DECLARATION,
        event_time=by.record_time,
        biz_step=biz_step,
        declarations=declarations,
    )


def _check_kind(wrong: Event) -> None:
    """Refuse what cannot be declared wrong at all."""
    if wrong.kind == EventKind.DECLARATION:
        raise Refused(
            f"{wrong.uid} is a declaration itself. Put it right by recording the event"
            " again: fsc move"
        )
    if wrong.kind == EventKind.RESOLUTION:
        raise Refused(
            f"{wrong.uid} says how an exception was dealt with, and that stays. Record"
            " what is right as it is: fsc move, fsc condition set"
        )


def _chosen(session: Session, wrong: Event, devices: Sequence[str]) -> list[Named]:
    """Return the devices of an event that are meant, by number; none: all of it."""
    found = {device.id: device for device in (find_device(session, x) for x in devices)}
    there = set(
        session.scalars(
            select(EventLine.device_id).where(
                EventLine.event_id == wrong.id, EventLine.device_id.in_(found)
            )
        )
    )
    for device in found.values():
        if device.id not in there:
            raise NotFound(
                f"Event {wrong.uid} is not about {device.tag}. See: fsc history"
                f" {device.tag}"
            )
    return [Named(number, found[number].tag) for number in sorted(found)]


def _lock_all(session: Session, wrong: Event, chosen: Sequence[Named]) -> None:
    """Make others wait who want to write about what an event is about."""
    lines = select(EventLine.device_id, EventLine.kit_id).where(
        EventLine.event_id == wrong.id
    )
    if chosen:
        lines = lines.where(EventLine.device_id.in_([device.id for device in chosen]))
    numbers = [number for row in session.execute(lines) for number in row]
    lock(session, [number for number in numbers if number is not None])
    stock_spans.lock(
        session, (lot for lot, _ in stock_spans.pairs_of(session, wrong.id))
    )


def _check_stands(session: Session, wrong: Event, chosen: Sequence[Named]) -> None:
    """Refuse what was declared wrong before."""
    declared = session.scalar(
        select(Event.record_time)
        .join(ErrorDeclaration, ErrorDeclaration.event_id == Event.id)
        .where(ErrorDeclaration.wrong_event_id == wrong.id)
    )
    if declared is not None:
        raise Refused(
            f"Event {wrong.uid} was declared wrong on {declared:%Y-%m-%d %H:%M} UTC."
        )
    if not chosen:
        return
    before = session.execute(
        select(Device.tag, Event.record_time)
        .select_from(LineDeclaration)
        .join(Event, Event.id == LineDeclaration.event_id)
        .join(Device, Device.id == LineDeclaration.device_id)
        .where(
            LineDeclaration.wrong_event_id == wrong.id,
            LineDeclaration.device_id.in_([device.id for device in chosen]),
        )
        .order_by(Device.id)
        .limit(1)
    ).first()
    if before is not None:
        raise Refused(
            f"Event {wrong.uid} was declared wrong for {before.tag} on"
            f" {before.record_time:%Y-%m-%d %H:%M} UTC."
        )


def _about(session: Session, wrong: Event, chosen: Sequence[Named]) -> NewEvent:
    """Return what an event still says, of the chosen devices or of all."""
    found = standing(session, [wrong.id])
    if not found:
        last = session.scalar(
            select(func.max(Event.record_time))
            .join(LineDeclaration, LineDeclaration.event_id == Event.id)
            .where(LineDeclaration.wrong_event_id == wrong.id)
        )
        raise Refused(
            f"Event {wrong.uid} was declared wrong for each of its devices, the last on"
            f" {last:%Y-%m-%d %H:%M} UTC."
        )
    event = found[0].event
    if not chosen:
        return event
    meant = set(chosen)
    return replace(event, lines=tuple(x for x in event.lines if x.device in meant))


_OTHERWISE = {
    EventKind.AGGREGATION: ("a kit", "build the kit again: fsc kit build"),
    EventKind.CONDITION: ("a condition", "say it again: fsc condition set"),
    EventKind.FLAG: ("a flag", "say it again: fsc flag raise, fsc flag lower"),
    EventKind.STOCK: ("consumables", "record it again: fsc stock move"),
    EventKind.COUNT: ("a count", "count again: fsc stock count"),
}
"""What an event is about that has no custody to put right, and what to do instead."""


def _instead(session: Session, event: NewEvent, right: Right, uid: str) -> NewEvent:
    """Return what should have been recorded.

    Raises:
        NotFound: the place or the party is not registered.
        Refused: the event is not about custody, or nobody keeps the place.
    """
    at = right.event_time or event.event_time
    if not right.is_about_custody():
        return replace(event, uid=uid, event_time=at)
    if event.kind is not EventKind.OBJECT:
        about, otherwise = _OTHERWISE[event.kind]
        raise Refused(
            f"Event {event.uid} is about {about}: only its time can be corrected. Undo"
            f" it and {otherwise}"
        )
    event = _moved(session, event, right.location)
    if right.custodian is not None:
        party = find_party(session, right.custodian)
        event = replace(event, custodian=Named(party.id, party.code))
    step = right.biz_step or event.biz_step
    return replace(event, uid=uid, event_time=at, biz_step=step)


def _moved(session: Session, event: NewEvent, location: str | None) -> NewEvent:
    """Return `event` with what being at another place means."""
    assert event.location is not None
    if location is None:
        return event
    place = find_location(session, location)
    if place.id == event.location.id:
        return event
    before = session.get_one(Location, event.location.id)
    keeper = keeper_of(session, place)
    step, disposition = usual_step(LocationKind(place.kind))
    return replace(
        event,
        location=Named(place.id, place.code),
        custodian=Named(keeper.id, keeper.code),
        biz_step=step,
        disposition=disposition,
        condition=_condition_at(place, before, event.condition),
    )


def _condition_at(
    place: Location, before: Location, stated: str | None
) -> Condition | str | None:
    """Return the condition that what was at `before` is in at `place`, if it is said.

    A condition that only came with the wrong place does not go along to the right one.
    """
    usual = usual_condition(LocationKind(place.kind))
    came_with_it = stated == usual_condition(LocationKind(before.kind))
    return usual or (None if came_with_it else stated)


def _declared(session: Session, event: Event) -> Declared:
    """Return what an event of the ledger says became of a declaration."""
    said = session.execute(
        select(ErrorDeclaration.wrong_event_id, ErrorDeclaration.replacement_id)
        .where(ErrorDeclaration.event_id == event.id)
        .union(
            select(
                LineDeclaration.wrong_event_id, LineDeclaration.replacement_id
            ).where(LineDeclaration.event_id == event.id)
        )
    ).one()
    lines = (
        select(Device.tag)
        .join(EventLine, EventLine.device_id == Device.id)
        .where(EventLine.event_id == said.wrong_event_id)
        .order_by(Device.tag)
    )
    declared = exists().where(
        LineDeclaration.wrong_event_id == EventLine.event_id,
        LineDeclaration.device_id == EventLine.device_id,
    )
    by_line = session.scalar(
        select(exists().where(LineDeclaration.event_id == event.id))
    )
    ours = (
        declared.where(LineDeclaration.event_id == event.id) if by_line else ~declared
    )
    replacement = said.replacement_id
    return Declared(
        uid=event.uid,
        wrong=session.get_one(Event, said.wrong_event_id).uid,
        replacement=(
            None if replacement is None else session.get_one(Event, replacement).uid
        ),
        devices=tuple(session.scalars(lines.where(ours))),
    )
