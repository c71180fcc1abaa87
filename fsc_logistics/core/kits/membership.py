"""Kits: which devices belong together, from when until when."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.kits.believed import view_of
from fsc_logistics.core.kits.inside import check_inside, locked_parts, parts_of
from fsc_logistics.core.kits.settings import check_room, set_up
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.ledger.appending import (
    Line,
    Named,
    NewEvent,
    known_event,
    lock_station,
)
from fsc_logistics.core.ledger.entering import enter
from fsc_logistics.core.ledger.named import find_all, lock, named_devices
from fsc_logistics.core.ledger.recorded import Recorded, recorded
from fsc_logistics.core.ledger.spans import BATCH
from fsc_logistics.core.ledger.states import covers
from fsc_logistics.core.tables import Device, Event, Kit, KitSpan
from fsc_logistics.domain.custody import (
    BizStep,
    Custody,
    EventKind,
    Signature,
    check_time,
)
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.kits import MovesBy
from fsc_logistics.domain.sayings import Say
from fsc_logistics.domain.scenarios import Spoken


def record_kit(
    session: Session,
    devices: Sequence[str],
    *,
    kit: str,
    uid: str,
    at: datetime,
    by: Signature,
    template: str | None = None,
    moves_by: MovesBy | None = None,
) -> Recorded:
    """Record that `devices` are parts of `kit` from `at` on.

    Nothing is added for parts that are in it already.  The kit's template, the one
    given or the one it has, must have room for all its parts, then and later.

    Raises:
        NotFound: a device or the template is not registered.
        Refused: it lies in the future, a part is in another kit, a kit would be part of
            a kit, or the template has no room for a part.
    """
    station = lock_station(session, by.station)
    known = known_event(session, uid)
    if known is not None:
        return recorded(session, known, added=False)
    check_time(at, by.record_time)
    case = find_device(session, kit)
    parts = find_all(session, devices)
    # The case too: two at once must not build a kit into a kit.
    at, inside = locked_parts(session, case, parts, at, by)
    added = [part for part in parts if part.id not in inside]
    set_up(session, case, template=template, moves_by=moves_by)
    if not added:
        check_room(session, case, at)
        said = session.scalars(
            select(Event)
            .join(KitSpan, KitSpan.event_id == Event.id)
            .where(KitSpan.device_id == parts[0].id, covers(KitSpan, at))
        ).one()
        tags = tuple(sorted(part.tag for part in parts))
        return recorded(session, said, added=False)._replace(devices=tags)
    check_parts(session, added, case, at)
    into = Named(case.id, case.tag)
    lines = tuple(Line(device=Named(part.id, part.tag), kit=into) for part in added)
    event = NewEvent(
        uid=uid,
        kind=EventKind.AGGREGATION,
        event_time=at,
        biz_step=BizStep.ASSEMBLING,
        lines=lines,
    )
    done = enter(session, station, event, by)
    check_room(session, case, at)
    return done


def take_apart(
    session: Session,
    kit: str,
    devices: Sequence[str],
    *,
    uid: str,
    at: datetime,
    by: Signature,
    reason: str | None = None,
) -> Recorded:
    """Record that `devices`, or all parts if none are named, left `kit` at `at`.

    Raises:
        NotFound: a device is not registered.
        Refused: it lies in the future, or one is not in the kit.
    """
    station = lock_station(session, by.station)
    known = known_event(session, uid)
    if known is not None:
        return recorded(session, known, added=False)
    check_time(at, by.record_time)
    case = find_device(session, kit)
    named = find_all(session, devices) if devices else []
    at, inside = locked_parts(session, case, named, at, by)
    check_inside(case, named, inside)
    leaving = [part.id for part in named] or inside
    if not leaving:
        raise Refused(f"There is nothing in {case.tag}.")
    event = NewEvent(
        uid=uid,
        kind=EventKind.AGGREGATION,
        event_time=at,
        biz_step=BizStep.DISASSEMBLING,
        reason=reason,
        lines=tuple(
            Line(device=part) for part in named_devices(session, leaving).values()
        ),
    )
    return enter(session, station, event, by)


def change_kit(
    session: Session,
    case: str,
    *,
    at: datetime,
    template: str | None = None,
    no_template: bool = False,
    moves_by: MovesBy | None = None,
) -> str:
    """Change what the kit under a tag should hold or how it moves; return its tag.

    Raises:
        NotFound: there is no such device or template.
        Refused: the template has no room for a part it has at `at` or later.
    """
    kit = find_device(session, case)
    lock(session, [kit.id])
    if no_template:
        row = session.get(Kit, kit.id, populate_existing=True)
        if row is not None:
            row.template_id = None
    set_up(session, kit, template=template, moves_by=moves_by)
    check_room(session, kit, at)
    return kit.tag


def kit_parts(
    session: Session, case: str, *, at: datetime, known_at: datetime | None = None
) -> list[Custody]:
    """Return the parts of a kit at `at`, with who has each and where.

    With `known_at`, as the ledger stood then.

    Raises:
        NotFound: no device answers to `case`.
    """
    kit = find_device(session, case)
    view = view_of(session, [kit.id], known_at)
    answers = (
        custody_as_of(session, session.get_one(Device, part), at=at, known_at=known_at)
        for part in parts_of(session, kit.id, at, view)
    )
    return [held for held in answers if held is not None]


def check_not_nested(session: Session, devices: Sequence[int]) -> None:
    """Refuse what would make a kit part of a kit at any time.

    Raises:
        Refused: one of `devices` would be both at once.
    """
    part, kit = aliased(KitSpan), aliased(KitSpan)
    for start in range(0, len(devices), BATCH):
        chunk = devices[start : start + BATCH]
        nested = session.scalar(
            select(Device.tag)
            .join(kit, kit.device_id == Device.id)
            .join(part, part.kit_id == kit.device_id)
            .where(
                kit.kit_id.is_not(None),
                part.valid_from < kit.valid_to,
                kit.valid_from < part.valid_to,
                part.device_id.in_(chunk) | kit.device_id.in_(chunk),
            )
            .limit(1)
        )
        if nested is not None:
            raise Spoken(Say.BOTH_AT_ONCE, device=nested)


def check_parts(
    session: Session, parts: Sequence[Device], case: Device, at: datetime
) -> None:
    """Refuse parts that are kits or in one, at `at` or later.

    Raises:
        Refused: with what to do about it.
    """
    for part in parts:
        if part.id == case.id:
            raise Spoken(Say.PART_OF_ITSELF, device=case.tag)
        if session.scalar(
            select(KitSpan.device_id)
            .where(KitSpan.kit_id == part.id, KitSpan.valid_to > at)
            .limit(1)
        ):
            raise Spoken(Say.A_KIT_ITSELF, device=part.tag)
        if (other := _kit_of(session, part, at)) is not None:
            raise Spoken(Say.OF_ANOTHER_KIT, device=part.tag, kit=other)
    if session.scalar(
        select(KitSpan.kit_id)
        .where(
            KitSpan.device_id == case.id,
            KitSpan.kit_id.is_not(None),
            KitSpan.valid_to > at,
        )
        .limit(1)
    ):
        raise Spoken(Say.A_PART_ITSELF, kit=case.tag)


def _kit_of(session: Session, part: Device, at: datetime) -> str | None:
    """Return the tag of the kit a device is in at `at`."""
    return session.scalar(
        select(Device.tag)
        .join(KitSpan, KitSpan.kit_id == Device.id)
        .where(KitSpan.device_id == part.id, covers(KitSpan, at))
    )
