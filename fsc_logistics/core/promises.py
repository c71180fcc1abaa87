"""Promises: which devices can be promised to an order, and choosing among them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, select, true
from sqlalchemy.orm import Session

from fsc_logistics.core.answers import custody_as_of, places_within
from fsc_logistics.core.order_facts import is_open
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
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.custody import Custody
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
        Refused: it is retired, elsewhere, not ready, in a kit, or promised already.
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
    unfit = [*held.flags, *([] if held.condition == Condition.READY else _said(held))]
    if unfit:
        raise Refused(
            f"{tag} is not ready to go out: it is {' and '.join(unfit)}."
            f" See: fsc history {tag}"
        )
    kit = session.scalar(
        select(Device.tag)
        .join(KitSpan, KitSpan.kit_id == Device.id)
        .where(KitSpan.device_id == device.id, KitSpan.valid_to == OPEN_ENDED)
    )
    if kit is not None:
        raise Refused(f"{tag} is a part of kit {kit}. Name the kit: --device {kit}")
    _check_not_promised(session, device, "promised to")


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
    Parts of kits stay with their kit.
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


def _said(held: Custody) -> list[str]:
    return [held.condition or "in a condition nobody has told"]


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
