"""A device by what others call it: linked codes, standard keys, makers' serials."""

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger.seek import Tagged
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import Device, DeviceCode, DeviceModel
from fsc_logistics.domain.errors import BadIdentifier
from fsc_logistics.domain.identifiers import (
    SerialisedItem,
    forms,
    read_item,
    without_aim,
)
from fsc_logistics.domain.people import mask_cpr

SHOWN_MAX = 5
"""How many devices one error names."""
FORMS_MAX = 4
"""In how many forms one code may be linked."""


def by_foreign_code(session: Session, text: str, symbology: str = "") -> Tagged | None:
    """Return the device that others call `text`, or None.

    Tried in this order: a linked code, as it is and then in its other forms; GTIN and
    serial in a GS1 code or an RFID tag; the serial, alone or as MODEL/SERIAL or
    MAKER/SERIAL.

    Raises:
        BadIdentifier: more than one device has that serial.
    """
    known = forms(text, symbology)
    linked = _by_link(session, known)
    if linked is not None:
        return linked
    item = read_item(text, symbology)
    if item is not None:
        return _by_item(session, item)
    return _by_serial(session, without_aim(text.strip()))


def _by_link(session: Session, known: tuple[str, ...]) -> Tagged | None:
    asked = {
        f"form_{number}": known[number % len(known)] for number in range(FORMS_MAX)
    }
    found = {code: Tagged(*device) for code, *device in _LINKED.all(session, **asked)}
    return next((found[form] for form in known if form in found), None)


def _by_item(session: Session, item: SerialisedItem) -> Tagged | None:
    row = _ITEM.first(session, gtin=item.gtin, serial=item.serial)
    return None if row is None else Tagged._make(row)


def _by_serial(session: Session, code: str) -> Tagged | None:
    # The index is on model and serial; naming every model lets it be used.
    matches = [and_(Device.model_id.in_(select(DeviceModel.id)), Device.serial == code)]
    maker, slash, serial = code.partition("/")
    if slash:
        named = select(DeviceModel.id).where(
            or_(
                DeviceModel.code == maker.strip().upper(),
                func.lower(DeviceModel.maker) == maker.strip().lower(),
            )
        )
        matches.append(
            and_(Device.model_id.in_(named), Device.serial == serial.strip())
        )
    for match in matches:
        query = (
            select(Device.id, Device.tag, DeviceModel.code, Device.serial)
            .join(DeviceModel, DeviceModel.id == Device.model_id)
            .where(match)
            .order_by(Device.tag)
            .limit(SHOWN_MAX)
        )
        found = session.execute(query).all()
        if len(found) > 1:
            named_so = [f"{row.code}/{row.serial} ({row.tag})" for row in found]
            raise BadIdentifier(
                f"{mask_cpr(code)} is the serial of several devices."
                f" Say {' or '.join(named_so)}."
            )
        if found:
            return Tagged(found[0].id, found[0].tag)
    return None


_LINKED = Statement(
    lambda: (
        select(DeviceCode.code, Device.id, Device.tag)
        .join(Device, Device.id == DeviceCode.device_id)
        .where(
            or_(
                *(
                    DeviceCode.code == bindparam(f"form_{number}")
                    for number in range(FORMS_MAX)
                )
            )
        )
    )
)
_ITEM = Statement(
    lambda: (
        select(Device.id, Device.tag)
        .join(DeviceModel, DeviceModel.id == Device.model_id)
        .where(
            DeviceModel.gtin == bindparam("gtin"), Device.serial == bindparam("serial")
        )
    )
)
