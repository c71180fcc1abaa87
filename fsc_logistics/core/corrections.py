"""Mistakes are declared, never erased (EPCIS errorDeclaration)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core import spans
from fsc_logistics.core.custody import as_event, lock, named_devices, tags_of
from fsc_logistics.core.kits import check_not_nested
from fsc_logistics.core.ledger import (
    Declaration,
    Line,
    Named,
    NewEvent,
    append,
    known_event,
    lock_station,
)
from fsc_logistics.core.tables import (
    CustodySpan,
    Device,
    ErrorDeclaration,
    Event,
    EventLine,
    Location,
    Party,
)
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.custody import (
    BizStep,
    Disposition,
    EventKind,
    Signature,
    Transfer,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """What is right instead; what is not given stays as the wrong event has it."""

    location: str | None = None
    custodian: str | None = None
    """Without one, a new place brings its own keeper."""
    biz_step: BizStep | None = None
    event_time: datetime | None = None


def declare_wrong(
    session: Session,
    uid: str,
    by: Signature,
    *,
    reason: WrongBecause,
    declaration_uid: str,
    right: Right | None = None,
    replacement_uid: str | None = None,
) -> Declared:
    """Declare the event `uid` wrong; nothing is deleted.

    What is `right` instead becomes an event of its own, `replacement_uid`, about the
    same devices.

    Raises:
        NotFound: there is no such event.
        Refused: it was declared wrong before, is itself a declaration, or without it
            a device would be nowhere or a kit inside a kit.
    """
    station = lock_station(session, by.station)
    known = known_event(session, declaration_uid)
    if known is not None:
        return _declared(session, known)
    wrong = session.scalar(select(Event).where(Event.uid == uid))
    if wrong is None:
        named = shown_code(uid, "of that name")
        raise NotFound(f"There is no event {named}. See: fsc history DEVICE")
    lines = list(
        session.scalars(select(EventLine).where(EventLine.event_id == wrong.id))
    )
    devices = [line.device_id for line in lines]
    lock(session, [*devices, *(x.kit_id for x in lines if x.kit_id is not None)])
    # Under the locks: another desk may have declared the same event a moment ago.
    _check_declarable(session, wrong)
    replacement = None
    if right is not None and replacement_uid is not None:
        transfer = _transfer(session, wrong, right, replacement_uid)
        replacement = _replace(session, station, lines, transfer, by)
    declaring = NewEvent(
        uid=declaration_uid,
        kind=EventKind.DECLARATION,
        event_time=by.record_time,
        biz_step=wrong.biz_step,
        declarations=(
            Declaration(
                wrong=Named(wrong.id, wrong.uid), reason=reason, replacement=replacement
            ),
        ),
    )
    event_id = append(session, station, declaring, by)
    for start in range(0, len(devices), spans.BATCH):
        batch = devices[start : start + spans.BATCH]
        for chain in spans.CHAINS:
            spans.rebuild(session, chain, batch)
        _check_somewhere(session, batch)
        if wrong.kind == EventKind.AGGREGATION:
            check_not_nested(session, batch)
    return _declared(session, session.get_one(Event, event_id))


def _transfer(session: Session, wrong: Event, right: Right, uid: str) -> Transfer:
    """Return the transfer that should have been recorded."""
    if wrong.kind != EventKind.OBJECT:
        raise Refused(
            f"Event {wrong.uid} is about a kit. Undo it and build the kit again."
        )
    place = session.get_one(Location, wrong.location_id).code
    moved = right.location is not None and right.location.upper() != place
    custodian = right.custodian
    if custodian is None and not moved:
        custodian = session.get_one(Party, wrong.custodian_id).code
    disposition = None if moved else wrong.disposition
    stated = session.scalar(select(spans.STATED_CONDITION).where(Event.id == wrong.id))
    return Transfer(
        uid=uid,
        devices=tags_of(session, wrong.id),
        location=right.location or place,
        custodian=custodian,
        event_time=right.event_time or wrong.event_time,
        biz_step=right.biz_step or (None if moved else BizStep(wrong.biz_step)),
        disposition=Disposition(disposition) if disposition is not None else None,
        condition=None if stated is None else Condition(stated),
        document=wrong.document,
        read_point=wrong.read_point,
        reason=wrong.reason,
    )


def _replace(
    session: Session,
    station: int,
    lines: Sequence[EventLine],
    transfer: Transfer,
    by: Signature,
) -> Named:
    """Append what is right instead, for the same devices, and return it."""
    check_time(transfer.event_time, by.record_time)
    numbers = [n for x in lines for n in (x.device_id, x.kit_id) if n is not None]
    named = named_devices(session, numbers)
    replacement = replace(
        as_event(session, transfer),
        lines=tuple(
            Line(
                device=named[x.device_id],
                kit=None if x.kit_id is None else named[x.kit_id],
            )
            for x in lines
        ),
    )
    return Named(append(session, station, replacement, by), transfer.uid)


def _check_declarable(session: Session, wrong: Event) -> None:
    if wrong.kind == EventKind.DECLARATION:
        raise Refused(
            f"{wrong.uid} is a declaration itself. Put it right by recording the event"
            " again: fsc move"
        )
    declared = session.scalar(
        select(Event.record_time)
        .join(ErrorDeclaration, ErrorDeclaration.event_id == Event.id)
        .where(ErrorDeclaration.wrong_event_id == wrong.id)
    )
    if declared is not None:
        raise Refused(
            f"Event {wrong.uid} was declared wrong on {declared:%Y-%m-%d %H:%M} UTC."
        )


def _check_somewhere(session: Session, devices: Sequence[int]) -> None:
    nowhere = session.scalar(
        select(Device.tag)
        .where(Device.id.in_(devices))
        .where(~Device.id.in_(select(CustodySpan.device_id)))
        .order_by(Device.tag)
        .limit(1)
    )
    if nowhere is not None:
        raise Refused(
            f"Without this event {nowhere} would be nowhere. Say where it was instead:"
            " fsc correct EVENT --reason incorrect_data --to LOCATION"
        )


def _declared(session: Session, event: Event) -> Declared:
    declaration = session.get_one(ErrorDeclaration, event.id)
    replacement = (
        session.get_one(Event, declaration.replacement_id).uid
        if declaration.replacement_id is not None
        else None
    )
    wrong = session.get_one(Event, declaration.wrong_event_id)
    return Declared(
        uid=event.uid,
        wrong=wrong.uid,
        replacement=replacement,
        devices=tags_of(session, wrong.id),
    )
