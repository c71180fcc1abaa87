"""Devices: register, find, list."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.tables import Device, DeviceCode
from fsc_logistics.domain.errors import NotFound


def find_device(session: Session, text: str) -> Device:
    """Return the device that `text` names: its tag or any code linked to it.

    Raises:
        NotFound: no device answers to it.
    """
    found = resolve_device(session, text)
    if found is None:
        raise NotFound(f"{text} is not a device of this centre. See: fsc device list")
    return found


def resolve_device(session: Session, text: str) -> Device | None:
    """Return the device that `text` names, our own tags first, or None."""
    code = text.strip()
    tagged = session.scalar(select(Device).where(Device.tag == code.upper()))
    if tagged is not None:
        return tagged
    return session.scalar(
        select(Device)
        .join(DeviceCode, DeviceCode.device_id == Device.id)
        .where(DeviceCode.code == code)
    )
