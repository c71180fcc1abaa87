"""All that is known of one device."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.devices.finding import DeviceListed, find_device
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.tables import DeviceCode, DeviceModel, Party
from fsc_logistics.domain.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceShown(DeviceListed):
    """All that is known of one device."""

    maker: str
    name: str
    gtin: str | None
    owner: str
    codes: tuple[str, ...]
    """Foreign codes that also mean it."""


def show_device(
    session: Session, text: str, *, at: datetime, known_at: datetime | None = None
) -> DeviceShown:
    """Return all that is known of the device that `text` names, and who had it at `at`.

    With `known_at`, as the ledger stood then.

    Raises:
        NotFound: none answers to it, or nobody had it yet.
        BadIdentifier: more than one answers to it.
    """
    device = find_device(session, text)
    held = custody_as_of(session, device, at=at, known_at=known_at)
    if held is None:
        known = f", as known at {known_at:%Y-%m-%d %H:%M} UTC" if known_at else ""
        raise NotFound(
            f"Nobody had {device.tag} yet at {at:%Y-%m-%d %H:%M} UTC{known}. See:"
            f" fsc history {device.tag}"
        )
    model = session.get_one(DeviceModel, device.model_id)
    codes = session.scalars(
        select(DeviceCode.code)
        .where(DeviceCode.device_id == device.id)
        .order_by(DeviceCode.code)
    )
    return DeviceShown(
        device=held.device,
        model=held.model,
        serial=device.serial,
        custodian=held.custodian,
        location=held.location,
        since=held.since,
        disposition=held.disposition,
        maker=model.maker,
        name=model.name,
        gtin=model.gtin,
        owner=session.get_one(Party, device.owner_id).code,
        codes=tuple(codes),
    )
