"""Kits: which devices belong together, from when until when."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.answers import custody_as_of
from fsc_logistics.core.custody import (
    Recorded,
    covers,
    enter,
    find_all,
    lock,
    recorded,
)
from fsc_logistics.core.devices import find_device
from fsc_logistics.core.ledger import Line, NewEvent, known_event, lock_station
from fsc_logistics.core.tables import Device, KitSpan
from fsc_logistics.domain.custody import (
    BizStep,
    Custody,
    EventKind,
    Signature,
    check_time,
)
from fsc_logistics.domain.errors import Refused


def record_kit(
    session: Session,
    devices: Sequence[str],
    *,
    kit: str | None,
    uid: str,
    at: datetime,
    by: Signature,
) -> Recorded:
    """Record that `devices` are parts of `kit` from `at` on, or of none.

    Raises:
        NotFound: a device is not registered.
        Refused: it lies in the future, or a kit would be part of a kit.
    """
    station = lock_station(session, by.station)
    known = known_event(session, uid)
    if known is not None:
        return recorded(session, known, added=False)
    check_time(at, by.record_time)
    case = find_device(session, kit) if kit is not None else None
    parts = find_all(session, devices)
    # The case too: two at once must not build a kit into a kit.
    lock(session, [device.id for device in (*parts, case) if device is not None])
    _check_parts(session, parts, case, at)
    event = NewEvent(
        uid=uid,
        kind=EventKind.AGGREGATION,
        event_time=at,
        biz_step=BizStep.ASSEMBLING if case is not None else BizStep.DISASSEMBLING,
        lines=tuple(
            Line(device_id=part.id, kit_id=case.id if case is not None else None)
            for part in parts
        ),
    )
    return enter(session, station, event, by)


def kit_parts(session: Session, case: str, *, at: datetime) -> list[Custody]:
    """Return the parts of a kit at `at`, with who has each and where.

    Raises:
        NotFound: no device answers to `case`.
    """
    kit = find_device(session, case)
    answers = (
        custody_as_of(session, session.get_one(Device, part), at=at)
        for part in parts_of(session, kit.id, at)
    )
    return [held for held in answers if held is not None]


def check_in_kit(
    case: str, inside: Sequence[str], parts: Sequence[str]
) -> tuple[str, ...]:
    """Return the parts to take out: those named, or all there are.

    Raises:
        Refused: one is not in the kit, or there is nothing in it.
    """
    for part in parts:
        if part.upper() not in inside:
            raise Refused(f"{part} is not in {case}. See: fsc kit show {case}")
    if not inside:
        raise Refused(f"There is nothing in {case}.")
    return tuple(parts) or tuple(inside)


def parts_of(session: Session, kit_id: int, at: datetime) -> list[int]:
    """Return the numbers of the devices that are in a kit at `at`."""
    return list(
        session.scalars(
            select(KitSpan.device_id)
            .where(KitSpan.kit_id == kit_id, covers(KitSpan, at))
            .order_by(KitSpan.device_id)
        )
    )


def _check_parts(
    session: Session, parts: Sequence[Device], case: Device | None, at: datetime
) -> None:
    for part in parts:
        if case is not None and part.id == case.id:
            raise Refused(f"{case.tag} cannot be a part of itself.")
        if parts_of(session, part.id, at):
            raise Refused(
                f"{part.tag} is a kit itself. Take it apart first:"
                f" fsc kit take-apart {part.tag}"
            )
    if case is not None and session.scalar(
        select(KitSpan.kit_id).where(
            KitSpan.device_id == case.id,
            KitSpan.kit_id.is_not(None),
            covers(KitSpan, at),
        )
    ):
        raise Refused(f"{case.tag} is a part of another kit and cannot be one itself.")
