"""Devices: find and list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, and_, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.parties import find_party
from fsc_logistics.core.catalogue.places import find_location, places_within
from fsc_logistics.core.devices.foreign import by_foreign_code
from fsc_logistics.core.ledger import seek
from fsc_logistics.core.ledger.seek import Tagged
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    ConditionSpan,
    CustodySpan,
    Device,
    DeviceModel,
    Event,
    Location,
    Party,
)
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.custody import shown_disposition
from fsc_logistics.domain.errors import NotFound
from fsc_logistics.domain.identifiers import without_aim


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceListed:
    """A device, and who has it now."""

    device: str
    model: str
    serial: str | None
    custodian: str
    location: str
    since: datetime
    disposition: str


def find_device(session: Session, text: str) -> Device:
    """Return the device that `text` names; `resolve_tagged` says how.

    Raises:
        NotFound: no device answers to it.
        BadIdentifier: more than one does.
    """
    return session.get_one(Device, find_tagged(session, text).id)


def find_tagged(session: Session, text: str, symbology: str = "") -> Tagged:
    """Return number and tag of the device that `text` names, as `resolve_tagged`.

    Raises:
        NotFound: no device answers to it.
        BadIdentifier: more than one does.
    """
    found = resolve_tagged(session, text, symbology)
    if found is None:
        raise NotFound(
            f"{shown_code(text)} is not a device of this centre. See: fsc device list"
        )
    return found


def resolve_tagged(session: Session, text: str, symbology: str = "") -> Tagged | None:
    """Return number and tag of the device that `text` names, or None.

    Always our own first: our tag, in either case; then a linked code, as it is or in
    another form of its standard; GTIN and serial in a GS1 code or an RFID tag; the
    serial, alone or as MODEL/SERIAL or MAKER/SERIAL.  `symbology` is the AIM
    identifier, where it does not stand in front of the text.

    Raises:
        BadIdentifier: more than one device has that serial.
    """
    if not _can_be_asked(without_aim(text.strip())):
        return None
    if (tag := as_tag(text)) is not None:
        named = seek.device(session, tag)
        if named is not None:
            return Tagged._make(named)
    return by_foreign_code(session, text, symbology)


def resolve_device(session: Session, text: str, symbology: str = "") -> Device | None:
    """Return the device that `text` names, or None; `resolve_tagged` says how.

    Raises:
        BadIdentifier: more than one device has that serial.
    """
    found = resolve_tagged(session, text, symbology)
    return None if found is None else session.get_one(Device, found.id)


def as_tag(text: str) -> str | None:
    """Return which of our own tags `text` could be, or None."""
    code = without_aim(text.strip())
    # Tags are ASCII: there are other letters that become one of theirs in capitals.
    return code.upper() if code.isascii() and "\x00" not in code else None


def list_devices(
    session: Session,
    *,
    at_location: str | None = None,
    custodian: str | None = None,
    model: str | None = None,
) -> Iterator[DeviceListed]:
    """Yield devices in the order of their tags, as the rows arrive.

    A location means what stands inside it too.

    Raises:
        NotFound: a code in the question is unknown.
    """
    query = _listing()
    if at_location is not None:
        place = find_location(session, at_location)
        query = query.where(CustodySpan.location_id.in_(places_within(place.id)))
    if custodian is not None:
        query = query.where(
            CustodySpan.custodian_id == find_party(session, custodian).id
        )
    if model is not None:
        query = query.where(Device.model_id == find_model(session, model).id)
    rows = session.execute(query.order_by(Device.tag)).yield_per(1000)
    return (DeviceListed(**_listed(row)) for row in rows.mappings())


def find_model(session: Session, code: str) -> DeviceModel:
    """Return the device model of that code; upper or lower case is the same.

    Raises:
        NotFound: no model is registered under it.
    """
    found = session.scalar(
        select(DeviceModel).where(DeviceModel.code == code.strip().upper())
    )
    if found is None:
        raise NotFound(
            f"{shown_code(code)} is no device model here. See: fsc model list"
        )
    return found


def _can_be_asked(code: str) -> bool:
    """Return whether a database can be asked for it: a scanner may send any noise."""
    try:
        return bool(code) and b"\x00" not in code.encode()
    except UnicodeEncodeError:
        return False


def _listed(row: RowMapping) -> dict[str, Any]:
    """Return what is shown of a row of the listing: one word for its state."""
    said = dict(row)
    condition = said.pop("condition")
    return said | {"disposition": shown_disposition(said["disposition"], condition)}


def _listing() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Device.tag.label("device"),
            DeviceModel.code.label("model"),
            Device.serial,
            Party.code.label("custodian"),
            Location.code.label("location"),
            CustodySpan.valid_from.label("since"),
            Event.disposition,
            ConditionSpan.condition,
        )
        .join(DeviceModel, DeviceModel.id == Device.model_id)
        .join(
            CustodySpan,
            and_(
                CustodySpan.device_id == Device.id, CustodySpan.valid_to == OPEN_ENDED
            ),
        )
        .join(Party, Party.id == CustodySpan.custodian_id)
        .join(Location, Location.id == CustodySpan.location_id)
        .join(Event, Event.id == CustodySpan.event_id)
        .outerjoin(
            ConditionSpan,
            and_(
                ConditionSpan.device_id == Device.id,
                ConditionSpan.valid_to == OPEN_ENDED,
            ),
        )
    )
