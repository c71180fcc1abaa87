"""Promises: which devices can be promised to an order, and choosing among them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.catalogue.places import places_within
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.orders.facts import is_open
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    ConditionSpan,
    CustodySpan,
    Device,
    DeviceModel,
    FlagSpan,
    KitSpan,
    Location,
    Order,
    OrderDevice,
    Party,
)
from fsc_logistics.domain.care import Condition, Flag, unfit_because
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.orders import Direction
from fsc_logistics.domain.parties import LocationKind, PartyKind

SHELVES = (
    LocationKind.WAREHOUSE,
    LocationKind.ZONE,
    LocationKind.SHELF,
    LocationKind.BIN,
)


def promise_model(session: Session, model_id: int) -> None:
    """Make others wait who want to promise devices of a model; SQLite has one writer.

    Two plans, or a plan and an order, would otherwise promise one device twice.
    """
    session.execute(
        select(DeviceModel.id)
        .where(DeviceModel.id == model_id)
        .with_for_update(key_share=True)
    )


def check_can_bring(
    session: Session, device: Device, citizen: str, *, at: datetime
) -> None:
    """Refuse to promise a device that is not ready on one of our shelves.

    Raises:
        Refused: it is scrapped, elsewhere, in a kit, or promised already; or it or a
            part that would go with it is not ready.
    """
    tag = device.tag
    held = custody_as_of(session, device, at=at)
    assert held is not None, "a device is always somewhere"
    if held.condition == Condition.SCRAPPED:
        raise Refused(
            f"{tag} is scrapped and cannot be brought to anyone. See: fsc history {tag}"
        )
    if held.custodian == citizen:
        raise Refused(f"{tag} is with {citizen} already.")
    if held.custodian_kind == PartyKind.CITIZEN:
        raise Refused(
            f"{tag} is with {held.custodian} and cannot be brought to {citizen}. Order"
            f" its pickup first: fsc order place {held.custodian} PICKUP --device {tag}"
        )
    kind = session.scalar(select(Location.kind).where(Location.code == held.location))
    if kind not in SHELVES:
        raise Refused(
            f"{tag} is at {held.location}, not on one of our shelves. Put it away"
            f" first: fsc move {tag} --to SHELF"
        )
    if (unfit := unfit_now(session, device.id)) is not None:
        what = "it" if unfit.tag == tag else f"its part {unfit.tag}"
        raise Refused(
            f"{tag} is not ready to go out: {what} is {' and '.join(unfit.because)}."
            f" See: fsc history {unfit.tag}"
        )
    kit = session.scalar(
        select(Device.tag)
        .join(KitSpan, KitSpan.kit_id == Device.id)
        .where(KitSpan.device_id == device.id, KitSpan.valid_to == OPEN_ENDED)
    )
    if kit is not None:
        raise Refused(f"{tag} is a part of kit {kit}. Name the kit: --device {kit}")
    _check_not_promised(session, device, "promised to")


class Unfit(NamedTuple):
    """A device that must not go out, and why, in words."""

    tag: str
    because: tuple[str, ...]


def unfit_now(session: Session, device_id: int) -> Unfit | None:
    """Return the device, or the first part with it, that must not go out; or None."""
    device = session.get_one(Device, device_id)
    stated = session.scalar(
        select(ConditionSpan.condition).where(
            ConditionSpan.device_id == device_id, ConditionSpan.valid_to == OPEN_ENDED
        )
    )
    hanging = session.scalars(
        select(FlagSpan.flag).where(
            FlagSpan.device_id == device_id,
            FlagSpan.valid_to == OPEN_ENDED,
            FlagSpan.raised == true(),
        )
    )
    raised = set(hanging)
    flags = [flag.value for flag in Flag if flag in raised]
    if because := unfit_because(stated, flags):
        return Unfit(device.tag, because)
    part = session.execute(
        _unfit_parts().where(_part.kit_id == device_id).order_by(_tagged.tag).limit(1)
    ).first()
    if part is None:
        return None
    recalled = [] if part.recalled is None else [part.recalled]
    return Unfit(part.tag, unfit_because(part.condition, recalled))


def check_can_fetch(
    session: Session, device: Device, citizen: str, *, at: datetime
) -> None:
    """Refuse to fetch what the citizen does not have.

    Raises:
        Refused: someone else has it, or another order fetches it.
    """
    held = custody_as_of(session, device, at=at)
    assert held is not None, "a device is always somewhere"
    if held.custodian != citizen:
        raise Refused(
            f"{device.tag} is not with {citizen}: {held.custodian} has it, at"
            f" {held.location}. See: fsc holdings {citizen}"
        )
    _check_not_promised(session, device, "to be fetched by")


def held_by(session: Session, party_id: int) -> list[Device]:
    """Return the devices somebody has now, by tag."""
    return list(
        session.scalars(
            select(Device)
            .join(CustodySpan, CustodySpan.device_id == Device.id)
            .where(
                CustodySpan.custodian_id == party_id,
                CustodySpan.valid_to == OPEN_ENDED,
            )
            .order_by(Device.tag)
        )
    )


def choose_devices(
    session: Session, *, model_id: int, depot: Location, keeper: Party, count: int
) -> list[Device]:
    """Return up to `count` devices of a model that can go out from `depot`.

    The oldest first, so that what has been lent before goes out before what is new.
    Parts of kits stay with their kit, and a kit with an unfit part stays here.
    """
    promise_model(session, model_id)
    in_kit = exists().where(
        KitSpan.device_id == Device.id,
        KitSpan.valid_to == OPEN_ENDED,
        KitSpan.kit_id.is_not(None),
    )
    flagged = exists().where(
        FlagSpan.device_id == Device.id,
        FlagSpan.valid_to == OPEN_ENDED,
        FlagSpan.raised == true(),
    )
    promised = (
        select(OrderDevice.device_id)
        .join(Order, Order.id == OrderDevice.order_id)
        .where(OrderDevice.direction == Direction.BRING, is_open())
    )
    return list(
        session.scalars(
            select(Device)
            .join(CustodySpan, CustodySpan.device_id == Device.id)
            .join(ConditionSpan, ConditionSpan.device_id == Device.id)
            .where(
                ConditionSpan.valid_to == OPEN_ENDED,
                Device.model_id == model_id,
                CustodySpan.valid_to == OPEN_ENDED,
                CustodySpan.custodian_id == keeper.id,
                CustodySpan.location_id.in_(places_within(depot.id)),
                ConditionSpan.condition == Condition.READY.value,
                ~flagged,
                ~in_kit,
                ~_unfit_parts().where(_part.kit_id == Device.id).exists(),
                Device.id.not_in(promised),
            )
            .order_by(Device.id)
            .limit(count)
        )
    )


def volumes_ml(session: Session, devices: Collection[int]) -> dict[int, int]:
    """Return the room each of `devices` takes; the parts of a kit are in its case."""
    if not devices:
        return {}
    parts = session.execute(
        select(KitSpan.device_id, KitSpan.kit_id).where(
            KitSpan.device_id.in_(devices), KitSpan.valid_to == OPEN_ENDED
        )
    )
    kits = dict(parts.all())
    rows = session.execute(
        select(Device.id, DeviceModel.volume_ml)
        .join(DeviceModel, DeviceModel.id == Device.model_id)
        .where(Device.id.in_(devices))
    )
    return {
        device: 0 if kits.get(device) in devices else volume_ml
        for device, volume_ml in rows
    }


_part, _tagged = aliased(KitSpan), aliased(Device)
_there, _case = aliased(CustodySpan), aliased(CustodySpan)
_condition, _recalled = aliased(ConditionSpan), aliased(FlagSpan)


def _unfit_parts() -> Select[*tuple[Any, ...]]:
    """Return the query for the parts that are with their kit and must not go out."""

    def now(span: Any, device: Any) -> ColumnElement[bool]:
        return and_(span.device_id == device, span.valid_to == OPEN_ENDED)

    recalled = and_(
        now(_recalled, _part.device_id),
        _recalled.flag == Flag.RECALLED.value,
        _recalled.raised == true(),
    )
    return (
        select(_tagged.tag, _condition.condition, _recalled.flag.label("recalled"))
        .select_from(_part)
        .join(_tagged, _tagged.id == _part.device_id)
        .join(_there, now(_there, _part.device_id))
        .join(_case, now(_case, _part.kit_id))
        .outerjoin(_condition, now(_condition, _part.device_id))
        .outerjoin(_recalled, recalled)
        .where(
            _part.valid_to == OPEN_ENDED,
            _there.location_id == _case.location_id,
            _there.custodian_id == _case.custodian_id,
            or_(
                func.coalesce(_condition.condition, "") != Condition.READY.value,
                _recalled.flag.is_not(None),
            ),
        )
    )


def _check_not_promised(session: Session, device: Device, how: str) -> None:
    promise_model(session, device.model_id)
    order = session.scalar(
        select(Order.code)
        .join(OrderDevice, OrderDevice.order_id == Order.id)
        .where(OrderDevice.device_id == device.id, is_open())
        .limit(1)
    )
    if order is not None:
        raise Refused(f"{device.tag} is {how} {order} already.")
