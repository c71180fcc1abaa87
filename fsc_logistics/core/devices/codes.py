"""Foreign codes: what others call a device, linked to it."""

from collections.abc import Collection, Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.codes import among, lock_register
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.tables import Device, DeviceCode
from fsc_logistics.core.tables.normal import normal_form
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.errors import BadInput, NotFound, Refused
from fsc_logistics.domain.identifiers import read_named, without_aim
from fsc_logistics.domain.identifiers.epc import card_number
from fsc_logistics.domain.searching import normal_form as normal

CODE_LENGTH_MAX = 200
BETWEEN_CODES = "|"
"""Stands between the foreign codes of one device in a file; blanks and commas may be
part of a code."""


def read_foreign_code(text: str) -> str:
    """Return a foreign code as it is kept: as it is.

    Raises:
        BadInput: it is empty, too long or a command card, or holds what stands between
            codes in a file.
    """
    code = text.strip()
    if not code or len(code) > CODE_LENGTH_MAX or "\x00" in code:
        raise BadInput(f"A code has 1 to {CODE_LENGTH_MAX} signs.")
    if code.startswith("%"):
        raise BadInput(
            "What begins with % is a command card of the scanner, not a device's code."
        )
    if BETWEEN_CODES in code:
        raise BadInput(f"A code cannot hold {BETWEEN_CODES}: it stands between codes.")
    return code


def with_key(code: str) -> tuple[str, ...]:
    """Return `code`, and the key it names by a standard of others, to be linked too.

    So that the device is found by it in every form: what is printed on it, what its tag
    holds.  A card is found by its decimal number where that is what was scanned.

    >>> with_key("3474257BF40000000000162E")
    ('3474257BF40000000000162E', '(8004)06141415678')
    """
    # What a scanner puts in front is printed nowhere, and not always sent.
    forms = (without_aim(code), read_named(code).key, card_number(code))
    kept = (form for form in forms if form is not None and BETWEEN_CODES not in form)
    return tuple(dict.fromkeys(kept))


def read_foreign_codes(texts: Iterable[str]) -> tuple[str, ...]:
    """Return foreign codes as they are kept, each once, with the keys they name.

    Raises:
        BadInput: one of them cannot be a code.
    """
    kept = (form for text in texts for form in with_key(read_foreign_code(text)))
    return tuple(dict.fromkeys(kept))


def meant_by(session: Session, names: Collection[str]) -> dict[str, str]:
    """Return the tags of the devices that `names` mean, by the name in capitals.

    As tags and as codes, in either case: no two names differ in case only, or a scan
    would mean another device as soon as somebody registers it.
    """
    wanted = {name.upper() for name in names}
    tags = session.scalars(select(Device.tag).where(among(Device.tag, wanted)))
    found = {tag: tag for tag in tags}
    linked = select(DeviceCode.code, Device.tag).join(
        Device, Device.id == DeviceCode.device_id
    )
    # By its index, which knows the capitals of A to Z only; so the code itself too.
    for condition in (
        among(DeviceCode.code, wanted.union(names)),
        among(normal_form(DeviceCode.code), {normal(name) for name in wanted}),
    ):
        for code, tag in session.execute(linked.where(condition)):
            if code.upper() in wanted:
                found[code.upper()] = tag
    return found


def link_code(session: Session, device: str, text: str) -> str:
    """Let a foreign code mean a device too, in every form; return the device's tag.

    Linking it again changes nothing.

    Raises:
        NotFound: there is no such device.
        BadInput: it cannot be a code.
        Refused: it means another device already.
    """
    found = find_device(session, device)
    codes = with_key(read_foreign_code(text))
    lock_register(session)
    taken = meant_by(session, codes)
    for code in codes:
        other = taken.get(code.upper(), found.tag)
        if other != found.tag:
            raise Refused(
                f"'{code}' means {other} already. Take it away there first:"
                f" fsc device unlink {other} '{code}'"
            )
    session.add_all(
        DeviceCode(code=code, device_id=found.id)
        for code in codes
        if code.upper() not in taken
    )
    session.flush()
    return found.tag


def unlink_code(session: Session, device: str, text: str) -> str:
    """Take a foreign code away from a device, in every form; return the device's tag.

    Raises:
        NotFound: there is no such device, or the code is not linked to it.
    """
    found = find_device(session, device)
    gone = session.scalars(
        delete(DeviceCode)
        .where(
            DeviceCode.code.in_({text.strip(), *with_key(text.strip())}),
            DeviceCode.device_id == found.id,
        )
        .returning(DeviceCode.code)
    ).all()
    if not gone:
        raise NotFound(
            f"{shown_code(text)} is not linked to {found.tag}."
            f" See: fsc device show {found.tag}"
        )
    return found.tag
