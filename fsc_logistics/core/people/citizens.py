"""Registering citizens, changing what is known of them, and erasing it."""

from typing import TypedDict, Unpack

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.codes import free_code, next_code
from fsc_logistics.core.catalogue.parties import read_municipality
from fsc_logistics.core.orders.facts import is_open
from fsc_logistics.core.people.access import Look, note
from fsc_logistics.core.people.contacts import contacts_of
from fsc_logistics.core.people.personal import check_one, find_citizen
from fsc_logistics.core.people.sealing import Vault
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    Citizen,
    CitizenContact,
    CustodySpan,
    Device,
    Location,
    Order,
    Party,
    Postcode,
)
from fsc_logistics.domain.codes import check_no_cpr, read_line
from fsc_logistics.domain.errors import BadInput, NotFound, Refused
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.parties import GeoQuality, LocationKind, PartyKind
from fsc_logistics.domain.people import Cpr, read_phone


class CitizenFields(TypedDict, total=False):
    """What can be said of a citizen, and changed."""

    name: str
    address: str
    postcode: str
    city: str
    municipality: str
    phone: str
    cpr: Cpr
    protected: bool
    call_first: bool
    access_notes: str
    point: Point


def register_citizen(
    session: Session,
    look: Look,
    *,
    code: str | None = None,
    vault: Vault | None = None,
    **fields: Unpack[CitizenFields],
) -> str:
    """Register a citizen and their home, `HOME-` and the code; return the code.

    Without a code the next of CIT-000001, … is given.  `vault` is needed where a CPR
    number is given.

    Raises:
        BadIdentifier, BadInput: a field is missing or cannot be read.
        Refused: the code or the CPR number is registered already.
    """
    missing = [n for n in ("name", "address", "postcode") if not fields.get(n)]
    if missing:
        raise BadInput(f"A citizen needs: {', '.join(missing)}.")
    code = free_code(session, code or next_code(session, Party.code, "CIT"))
    home_code = free_code(session, f"HOME-{code}")
    party = Party(code=code, kind=PartyKind.CITIZEN)
    session.add(party)
    session.flush()
    home = Location(code=home_code, kind=LocationKind.HOME, keeper_id=party.id)
    session.add(home)
    session.flush()
    citizen = Citizen(party_id=party.id, home_id=home.id, city="")
    _fill(session, party, citizen, vault, fields)
    session.add(citizen)
    session.flush()
    note(session, look, [party.id])
    return code


def change_citizen(
    session: Session,
    look: Look,
    code: str,
    *,
    vault: Vault | None = None,
    **fields: Unpack[CitizenFields],
) -> None:
    """Change what is said of a citizen; an empty text takes it away where it may be.

    Raises:
        NotFound: there is no such citizen, or their data were erased.
        BadIdentifier, BadInput, Refused: as for a new one.
    """
    party, citizen = find_citizen(session, code, to_change=True)
    _fill(session, party, citizen, vault, fields)
    session.flush()
    note(session, look, [party.id])


def add_contact(
    session: Session,
    look: Look,
    code: str,
    *,
    name: str,
    relation: str | None = None,
    phone: str | None = None,
) -> int:
    """Add a contact to a citizen and return its number, counted from 1.

    Raises:
        NotFound: there is no such citizen, or their data were erased.
        BadInput: the name is empty or the telephone number is none.
    """
    party, _ = find_citizen(session, code, to_change=True)
    if not name.strip():
        raise BadInput("A contact needs a name.")
    session.add(
        CitizenContact(
            citizen_id=party.id,
            name=read_line(name, "name"),
            relation=read_line(relation or "", "relation") or None,
            phone=read_phone(phone) if phone else None,
        )
    )
    session.flush()
    note(session, look, [party.id])
    return len(contacts_of(session, [party.id])[party.id])


def remove_contact(session: Session, look: Look, code: str, number: int) -> None:
    """Remove a contact of a citizen by its number.

    Raises:
        NotFound: there is no such citizen or contact.
    """
    party, _ = find_citizen(session, code, to_change=True)
    rows = session.scalars(
        select(CitizenContact)
        .where(CitizenContact.citizen_id == party.id)
        .order_by(CitizenContact.id)
    ).all()
    if not 1 <= number <= len(rows):
        raise NotFound(
            f"{party.code} has no contact number {number}."
            f" See: fsc citizen show {party.code}"
        )
    session.delete(rows[number - 1])
    session.flush()
    note(session, look, [party.id])


def erase_citizen(session: Session, look: Look, code: str) -> None:
    """Delete a citizen's personal data; the code, the ledger and the log stay.

    Where they lived goes too.  Placing an order waits for this, and this for it.

    Raises:
        NotFound: there is no such citizen, or they were erased before.
        Refused: devices are still there, or orders open.
    """
    party, citizen = find_citizen(session, code, to_change=True)
    devices = session.scalars(_devices_with(party.id, citizen.home_id)).all()
    if devices:
        raise Refused(
            f"{party.code} still has {', '.join(devices)}. Fetch the equipment first."
        )
    orders = session.scalars(
        select(Order.code)
        .where(Order.citizen_id == party.id, is_open())
        .order_by(Order.code)
    ).all()
    if orders:
        raise Refused(
            f"{party.code} still has open orders: {', '.join(orders)}. Close or cancel"
            " them first."
        )
    session.execute(delete(CitizenContact).where(CitizenContact.citizen_id == party.id))
    session.delete(citizen)
    party.municipality_code = None
    session.flush()
    note(session, look, [party.id])


def _devices_with(party_id: int, home_id: int) -> Select[str]:
    return (
        select(Device.tag)
        .join(CustodySpan, CustodySpan.device_id == Device.id)
        .where(
            CustodySpan.valid_to == OPEN_ENDED,
            or_(
                CustodySpan.custodian_id == party_id,
                CustodySpan.location_id == home_id,
            ),
        )
        .order_by(Device.tag)
    )


def _fill(
    session: Session,
    party: Party,
    citizen: Citizen,
    vault: Vault | None,
    fields: CitizenFields,
) -> None:
    for name in ("name", "address", "postcode", "city"):
        if name in fields:
            text = read_line(str(fields[name]), name)
            if not text and name != "city":
                raise BadInput(f"A citizen needs: {name}.")
            setattr(citizen, name, text)
    if "municipality" in fields:
        party.municipality_code = read_municipality(fields["municipality"])
    if "phone" in fields:
        citizen.phone = read_phone(fields["phone"]) if fields["phone"] else None
    if "access_notes" in fields:
        check_no_cpr(fields["access_notes"], "way in")
        citizen.access_notes = fields["access_notes"].strip() or None
    citizen.protected = fields.get("protected", bool(citizen.protected))
    citizen.call_first = fields.get("call_first", bool(citizen.call_first))
    if "cpr" in fields:
        assert vault is not None, "a CPR number is sealed in a vault"
        _seal(session, party, citizen, vault, fields["cpr"])
    if "postcode" in fields and not fields.get("city"):
        area = session.get(Postcode, citizen.postcode)
        citizen.city = area.name if area else citizen.city
    _place(session, citizen, fields)


def _seal(
    session: Session, party: Party, citizen: Citizen, vault: Vault, cpr: Cpr
) -> None:
    check_one(session, vault)
    lookup = vault.lookup(cpr.digits)
    other = session.scalar(
        select(Party.code)
        .join(Citizen, Citizen.party_id == Party.id)
        .where(Citizen.cpr_lookup == lookup, Party.id != party.id)
    )
    if other is not None:
        raise Refused(f"The CPR number given is registered already, as {other}.")
    citizen.cpr_sealed = vault.seal(cpr.digits, party.code)
    citizen.cpr_lookup = lookup


def _place(session: Session, citizen: Citizen, fields: CitizenFields) -> None:
    """Keep a point for the home: the one given, else one inside its postcode."""
    if "point" in fields:
        citizen.lat, citizen.lon = fields["point"].lat, fields["point"].lon
        citizen.geo_quality = GeoQuality.MANUAL
    elif "postcode" in fields or "address" in fields:
        # The point of the old address would be worse than that of the postcode.
        area = session.get(Postcode, citizen.postcode)
        citizen.lat = area.lat if area else None
        citizen.lon = area.lon if area else None
        citizen.geo_quality = GeoQuality.POSTCODE if area else None
