"""Citizens: their personal data, kept apart from everything else.

Nothing here is logged but codes; every look leaves a row in the access log.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select, true
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.codes import in_parts
from fsc_logistics.core.people.access import Look, note
from fsc_logistics.core.people.contacts import Contact, contacts_of
from fsc_logistics.core.people.sealing import Vault
from fsc_logistics.core.tables import (
    Citizen,
    CitizenContact,
    Location,
    Party,
)
from fsc_logistics.domain.errors import BadInput, NotFound
from fsc_logistics.domain.parties import PartyKind
from fsc_logistics.domain.people import Cpr, read_phone, shown_phone

PROTECTED = "protected"
HITS_MAX = 20
NAME_LETTERS_MIN = 2
_HIDDEN_CPR = "******-****"


@dataclass(frozen=True, slots=True, kw_only=True)
class CitizenShown:
    """A citizen on a screen: what is protected stays hidden, the CPR number masked."""

    citizen: str
    home: str
    name: str
    address: str
    postcode: str
    city: str
    phone: str | None
    cpr: str | None
    municipality: str | None
    protected: bool
    call_first: bool
    access_notes: str | None
    geo_quality: str | None
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitizenListed:
    """A citizen in a list: no name, and of the protected not where they live."""

    citizen: str
    home: str
    municipality: str | None
    postcode: str | None
    protected: bool
    geo_quality: str | None
    """How well it is known where the home is; None: not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonOnPaper:
    """A citizen as the technician who drives there needs to know them."""

    citizen: str
    home: str
    name: str
    address: str
    postcode: str
    city: str
    phone: str | None
    protected: bool
    """Name and address protection: the sheet must not be left lying about."""
    call_first: bool
    access_notes: str | None
    contacts: tuple[Contact, ...]


def find_citizen(
    session: Session, code: str, *, to_change: bool = False
) -> tuple[Party, Citizen]:
    """Return the records of a citizen, for other use cases; this is no look at them.

    With `to_change` nobody else changes or erases them until this unit of work ends.

    Raises:
        NotFound: there is no such citizen, or their data were erased.
    """
    party = session.scalar(
        select(Party).where(
            Party.code == code.strip().upper(), Party.kind == PartyKind.CITIZEN
        )
    )
    if party is None:
        # What was typed is not repeated: it may be a name or a number.
        raise NotFound(
            "No citizen has that code. They are named like CIT-000001; look one up"
            " with: fsc citizen find"
        )
    citizen = session.get(
        Citizen,
        party.id,
        with_for_update=to_change or None,
        populate_existing=to_change,
    )
    if citizen is None:
        raise NotFound(f"The personal data of {party.code} were erased.")
    return party, citizen


def show_citizen(
    session: Session, look: Look, code: str, *, vault: Vault
) -> CitizenShown:
    """Return a citizen as a screen may show them.

    Raises:
        NotFound: there is no such citizen, or their data were erased.
        Misconfigured: the key is not the one their CPR number was sealed with.
    """
    party, citizen = find_citizen(session, code)
    note(session, look, [party.id])
    return _shown(session, party, citizen, vault)


def find_citizens(
    session: Session,
    look: Look,
    *,
    vault: Vault,
    cpr: Cpr | None = None,
    phone: str | None = None,
    name: str | None = None,
) -> list[CitizenShown]:
    """Return the citizens that answer to all that is given, and log each.

    Raises:
        BadInput: nothing to look for, or too many answer to it.
        Misconfigured: the key is missing or another one.
    """
    query = select(Citizen, Party).join(Party, Party.id == Citizen.party_id)
    if cpr is not None:
        check_one(session, vault)
        query = query.where(Citizen.cpr_lookup == vault.lookup(cpr.digits))
    if phone is not None:
        number = read_phone(phone)
        theirs = select(CitizenContact.citizen_id).where(CitizenContact.phone == number)
        query = query.where(or_(Citizen.phone == number, Citizen.party_id.in_(theirs)))
    if name is not None and len(name.strip()) < NAME_LETTERS_MIN:
        raise BadInput(f"Give at least {NAME_LETTERS_MIN} letters of the name.")
    if cpr is None and phone is None and name is None:
        raise BadInput("Say what to find a citizen by: --cpr, --phone or --name.")
    found = []
    wanted = (name or "").strip().casefold()
    # Compared here, because SQLite folds the case of A to Z only.
    for citizen, party in session.execute(query.order_by(Party.code)).yield_per(1000):
        if wanted in citizen.name.casefold():
            found.append((citizen, party))
        if len(found) > HITS_MAX:
            raise BadInput(
                f"More than {HITS_MAX} citizens answer to that. Give more of the name."
            )
    note(session, look, [party.id for _, party in found])
    return [_shown(session, party, citizen, vault) for citizen, party in found]


def list_citizens(session: Session, *, code: str | None = None) -> list[CitizenListed]:
    """Return citizens by code, or one, without personal data; so it is not logged."""
    wanted = true() if code is None else Party.code == code.strip().upper()
    rows = session.execute(
        select(
            Party.code,
            Location.code,
            Party.municipality_code,
            Citizen.postcode,
            Citizen.protected,
            Citizen.geo_quality,
        )
        .join(Citizen, Citizen.party_id == Party.id)
        .join(Location, Location.id == Citizen.home_id)
        .where(wanted)
        .order_by(Party.code)
    )
    return [
        CitizenListed(
            citizen=code,
            home=home,
            municipality=None if protected else municipality,
            postcode=None if protected else postcode,
            protected=protected,
            geo_quality=quality,
        )
        for code, home, municipality, postcode, protected, quality in rows
    ]


def personal_data_for_run(
    session: Session, citizens: Collection[str], *, run: str, by: str, at: datetime
) -> dict[str, PersonOnPaper]:
    """Return what a technician's sheet says of `citizens`, by code; log every look.

    This is the one way to the address of a protected person.  Who was erased is left
    out.
    """
    people = {}
    look = Look(by=by, at=at, action="print", purpose=run)
    for codes in in_parts(dict.fromkeys(code.upper() for code in citizens)):
        rows = session.execute(
            select(Party, Citizen, Location.code)
            .join(Citizen, Citizen.party_id == Party.id)
            .join(Location, Location.id == Citizen.home_id)
            .where(Party.code.in_(codes))
        ).all()
        contacts = contacts_of(session, [party.id for party, _, _ in rows])
        for party, citizen, home in rows:
            people[party.code] = _on_paper(party, citizen, home, contacts)
        note(session, look, [party.id for party, _, _ in rows])
    return people


def check_key(session: Session, vault: Vault) -> int:
    """Open every sealed number with the key and return how many there are.

    Raises:
        Misconfigured: the key is missing, or not the one they were sealed with.
    """
    vault.lookup("")
    rows = session.execute(_sealed())
    return sum(1 for sealed, code in rows if sealed and vault.open(sealed, code))


def check_one(session: Session, vault: Vault) -> None:
    """Open one sealed number: with another key, new numbers would never be found."""
    row = session.execute(_sealed().limit(1)).first()
    if row is not None and row[0] is not None:
        vault.open(row[0], row[1])


def _sealed() -> Select[bytes | None, str]:
    return (
        select(Citizen.cpr_sealed, Party.code)
        .join(Party, Party.id == Citizen.party_id)
        .where(Citizen.cpr_sealed.is_not(None))
    )


def _on_paper(
    party: Party,
    citizen: Citizen,
    home: str,
    contacts: Mapping[int, tuple[Contact, ...]],
) -> PersonOnPaper:
    return PersonOnPaper(
        citizen=party.code,
        home=home,
        name=citizen.name,
        address=citizen.address,
        postcode=citizen.postcode,
        city=citizen.city,
        phone=shown_phone(citizen.phone) if citizen.phone else None,
        protected=citizen.protected,
        call_first=citizen.call_first,
        access_notes=citizen.access_notes,
        contacts=contacts[party.id],
    )


def _shown(
    session: Session, party: Party, citizen: Citizen, vault: Vault
) -> CitizenShown:
    hidden = citizen.protected
    phone = shown_phone(citizen.phone) if citizen.phone else None
    return CitizenShown(
        citizen=party.code,
        home=session.get_one(Location, citizen.home_id).code,
        name=PROTECTED if hidden else citizen.name,
        address=PROTECTED if hidden else citizen.address,
        postcode=PROTECTED if hidden else citizen.postcode,
        city=PROTECTED if hidden else citizen.city,
        phone=_unless(hidden, phone),
        cpr=_masked(party, citizen, vault),
        municipality=_unless(hidden, party.municipality_code),
        protected=hidden,
        call_first=citizen.call_first,
        access_notes=_unless(hidden, citizen.access_notes),
        geo_quality=citizen.geo_quality,
        contacts=() if hidden else contacts_of(session, [party.id])[party.id],
    )


def _unless(hidden: bool, text: str | None) -> str | None:
    """Return `text`; what is hidden still shows that there is something."""
    return PROTECTED if hidden and text else text


def _masked(party: Party, citizen: Citizen, vault: Vault) -> str | None:
    if citizen.cpr_sealed is None:
        return None
    # A desk without the key can still look up an address; only the number is hidden.
    if citizen.protected or not vault.is_there:
        return _HIDDEN_CPR
    return Cpr.read(vault.open(citizen.cpr_sealed, party.code)).masked
