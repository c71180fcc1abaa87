"""Foreign codes: what others call a device, linked to it."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fsc_logistics.core.codes import lock_register
from fsc_logistics.core.devices import find_device
from fsc_logistics.core.tables import Device, DeviceCode
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.errors import BadInput, NotFound, Refused

CODE_LENGTH_MAX = 200


def read_foreign_code(text: str) -> str:
    """Return a foreign code as it is kept and compared: as it is.

    Raises:
        BadInput: it is empty, too long or a command card.
    """
    code = text.strip()
    if not code or len(code) > CODE_LENGTH_MAX or "\x00" in code:
        raise BadInput(f"A code has 1 to {CODE_LENGTH_MAX} signs.")
    if code.startswith("%"):
        raise BadInput(
            "What begins with % is a command card of the scanner, not a device's code."
        )
    return code


def link_code(session: Session, device: str, text: str) -> str:
    """Let a foreign code mean a device too; return the device's tag.

    Linking it again changes nothing.

    Raises:
        NotFound: there is no such device.
        BadInput: it cannot be a code.
        Refused: it means another device already.
    """
    found = find_device(session, device)
    code = read_foreign_code(text)
    lock_register(session)
    other = session.scalar(
        select(Device.tag)
        .outerjoin(DeviceCode, DeviceCode.device_id == Device.id)
        .where((DeviceCode.code == code) | (Device.tag == code.upper()))
    )
    if other is None:
        session.add(DeviceCode(code=code, device_id=found.id))
        session.flush()
    elif other != found.tag:
        raise Refused(
            f"'{code}' means {other} already. Take it away there first:"
            f" fsc device unlink {other} '{code}'"
        )
    return found.tag


def unlink_code(session: Session, device: str, text: str) -> str:
    """Take a foreign code away from a device; return the device's tag.

    Raises:
        NotFound: there is no such device, or the code is not linked to it.
    """
    found = find_device(session, device)
    gone = session.scalar(
        delete(DeviceCode)
        .where(DeviceCode.code == text.strip(), DeviceCode.device_id == found.id)
        .returning(DeviceCode.code)
    )
    if gone is None:
        raise NotFound(
            f"{shown_code(text)} is not linked to {found.tag}."
            f" See: fsc device show {found.tag}"
        )
    return found.tag
