"""What stands on labels and cards: codes and names of things, never of citizens."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.parties import find_party
from fsc_logistics.core.catalogue.places import find_location
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.printing import Card, Label
from fsc_logistics.core.tables import Device, DeviceModel, Party
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.parties import SIGNS_NOT


def labels_of(session: Session, devices: Sequence[str], *, phone: str) -> list[Label]:
    """Return the labels of `devices`, in their order.

    Raises:
        NotFound: one is not registered.
    """
    found = [find_device(session, text) for text in devices]
    return [_label(session, device, phone) for device in found]


def place_card(session: Session, code: str) -> Card:
    """Return the scanner's card for a place.

    Raises:
        NotFound: no place is registered under the code.
    """
    place = find_location(session, code)
    return Card(code=f"%L:{place.code}", title=place.code, text=place.name or "")


def party_card(session: Session, code: str) -> Card:
    """Return the scanner's card for a person or organisation.

    Raises:
        NotFound: nobody is registered under the code.
    """
    party = find_party(session, code)
    return Card(code=f"%P:{party.code}", title=party.code, text=party.name or "")


def badge_card(session: Session, code: str) -> Card:
    """Return the card of somebody who scans, and signs what is scanned.

    Raises:
        NotFound: nobody is registered under the code.
        Refused: it is the code of somebody who does not work here.
    """
    party = find_party(session, code)
    if party.kind in SIGNS_NOT:
        raise Refused(f"{party.code} does not work here, and gets no badge.")
    return Card(code=f"%C:WHO:{party.code}", title=party.code, text=party.name or "")


def kit_card(session: Session, tag: str) -> Card:
    """Return the scanner's card for a kit: one of what its case is.

    Raises:
        NotFound, BadIdentifier: no device answers to `tag`, or more than one.
    """
    case = find_device(session, tag)
    model = session.get_one(DeviceModel, case.model_id)
    return Card(code=f"%K:{case.tag}", title=case.tag, text=model.name)


def _label(session: Session, device: Device, phone: str) -> Label:
    named = session.execute(
        select(DeviceModel.maker, DeviceModel.name, Party.code, Party.name.label("own"))
        .join(Party, Party.id == device.owner_id)
        .where(DeviceModel.id == device.model_id)
    ).one()
    return Label(
        tag=device.tag,
        model=f"{named.maker} {named.name}",
        owner=named.own or named.code,
        phone=phone,
    )
