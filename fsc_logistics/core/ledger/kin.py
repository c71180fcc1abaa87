"""What moves along with a device: the parts of a kit, and the kit of a part."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, select, union
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.ledger import seek
from fsc_logistics.core.ledger.appending import Line
from fsc_logistics.core.ledger.named import lock, named_devices
from fsc_logistics.core.ledger.seek import Named
from fsc_logistics.core.ledger.spans import BATCH
from fsc_logistics.core.ledger.states import covers, missing_at, spans_at
from fsc_logistics.core.statements import has_one_writer
from fsc_logistics.core.tables import Device, Kit, KitSpan
from fsc_logistics.domain.kits import MovesBy


class Company(NamedTuple):
    """What moves together, all of it locked."""

    lines: list[Line]
    is_single: bool
    """It is one device, which was never a part of a kit, or a kit itself."""


def lock_with_kin(session: Session, devices: Sequence[Named], at: datetime) -> Company:
    """Return a line for each device and for what moves along with it, all locked.

    `domain.kits.MovesBy` says what does.  What is missing stays where the ledger has
    it: nobody has seen it leave.
    """
    lines = {device.id: Line(device=device) for device in devices}
    asked = list(lines)
    is_single = _is_single(session, asked)
    kin = {} if is_single else _kin(session, asked, at)
    if not has_one_writer(session):
        lock(session, [*asked, *kin, *kin.values()])
        # Asked again: a kit may have changed while we waited, and now it cannot.
        is_single = _is_single(session, asked)
        kin = {} if is_single else _kin(session, asked, at)
    if not kin:
        return Company(list(lines.values()), is_single)
    lock(session, [*kin, *kin.values()])
    held = {
        device: (span.custodian_id, span.location_id)
        for device, span in spans_at(session, [*kin, *set(kin.values())], at).items()
    }
    missing = missing_at(session, list(kin), at)
    together = {
        part: kit
        for part, kit in kin.items()
        if part in held and held[part] == held.get(kit) and part not in missing
    }
    moving = {kit for kit in kin.values() if kit in lines}
    moving |= {kit for part, kit in together.items() if part in lines}
    named = named_devices(session, [*together, *moving])
    for kit in sorted(moving):
        lines.setdefault(kit, Line(device=named[kit]))
    for part, kit in together.items():
        if kit in moving:
            lines.setdefault(part, Line(device=named[part], kit=named[kit]))
    return Company(list(lines.values()), is_single)


def _is_single(session: Session, devices: Sequence[int]) -> bool:
    return len(devices) == 1 and not seek.was_in_a_kit(session, devices[0])


_asked_part = aliased(KitSpan)


def _kin(session: Session, devices: Sequence[int], at: datetime) -> dict[int, int]:
    """Return the parts, and their kits, of each kit that one of `devices` may move.

    That is a kit among them, or one that is moved by any of its parts.
    """
    found: dict[int, int] = {}
    for start in range(0, len(devices), BATCH):
        batch = devices[start : start + BATCH]
        by_part = (
            select(_asked_part.kit_id)
            .join(Kit, Kit.device_id == _asked_part.kit_id)
            .where(
                _asked_part.device_id.in_(batch),
                covers(_asked_part, at),
                Kit.moves_by == MovesBy.ANY.value,
            )
        )
        moved = select(Device.id).where(
            Device.id.in_(batch),
            ~exists().where(
                Kit.device_id == Device.id, Kit.moves_by == MovesBy.EACH.value
            ),
        )
        for row in session.execute(
            select(KitSpan.device_id, KitSpan.kit_id).where(
                KitSpan.kit_id.in_(union(by_part, moved)), covers(KitSpan, at)
            )
        ):
            found[row.device_id] = row.kit_id
    return found
