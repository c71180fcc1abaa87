"""Mistakes are declared, never erased (EPCIS errorDeclaration)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from fsc_logistics.core.corrections.replacements import Right, instead_of
from fsc_logistics.core.corrections.settling import Touched, settle
from fsc_logistics.core.corrections.standing import standing
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exceptions.anomalies import Replaced, raise_again
from fsc_logistics.core.exceptions.seeking import seek_again
from fsc_logistics.core.ledger.appending import (
    Declaration,
    Named,
    NewEvent,
    append,
    known_event,
    lock_station,
)
from fsc_logistics.core.ledger.named import lock
from fsc_logistics.core.stock import spans as stock_spans
from fsc_logistics.core.tables import (
    Device,
    ErrorDeclaration,
    Event,
    EventLine,
    LineDeclaration,
)
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.custody import (
    EventKind,
    Signature,
    WrongBecause,
    check_time,
)
from fsc_logistics.domain.errors import NotFound, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What became of a declaration of error."""

    uid: str
    wrong: str
    replacement: str | None
    devices: tuple[str, ...]
    """The tags of those of which the event no longer counts."""


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
    owners: Collection[str] = (),
) -> Declared:
    """Declare the event `uid` wrong, or what it says of `devices`; nothing is deleted.

    What is `right` instead becomes an event of its own, `replacement_uid`, about the
    same devices; what it contradicts waits among the exceptions.  `owners` are those
    whose devices are ours, where that is known.

    Raises:
        NotFound: there is no such event, or it is not about one of `devices`.
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
    said = Declaration(wrong=Named(wrong.id, wrong.uid), reason=reason)
    replaced: list[Replaced] = []
    if right is not None:
        if replacement_uid is None:
            raise ValueError("what is right instead needs a uid of its own")
        instead = instead_of(session, event, right, replacement_uid)
        check_time(instead.event_time, by.record_time)
        number = append(session, station, instead, by)
        said = replace(said, replacement=Named(number, instead.uid))
        touched.add(instead)
        replaced.append(Replaced(wrong.id, number, instead))
    each = tuple(replace(said, device=device) for device in chosen) or (said,)
    declaring = declaring_event(declaration_uid, wrong.biz_step, each, by)
    event_id = append(session, station, declaring, by)
    settle(session, touched, without="this event")
    seek_again(session, station, [wrong.id], declaration_uid, by)
    raise_again(session, replaced, by, owners)
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
    if wrong.kind in {EventKind.HELD, EventKind.RAISED}:
        raise Refused(
            f"{wrong.uid} says what waits among the exceptions, and that stays. Deal"
            " with it: fsc exceptions"
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
    return event._replace(lines=tuple(x for x in event.lines if x.device in meant))


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
