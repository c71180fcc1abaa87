"""Parties: who can own, order or have a device."""

from dataclasses import dataclass
from typing import TypedDict, Unpack

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.catalogue.codes import free_code
from fsc_logistics.core.tables import Citizen, Party
from fsc_logistics.domain.codes import read_line, shown_code
from fsc_logistics.domain.errors import BadInput, NotFound, Refused
from fsc_logistics.domain.parties import PartyKind
from fsc_logistics.domain.people import read_phone

PERSONS = {PartyKind.CITIZEN: "citizen", PartyKind.TECHNICIAN: "technician"}
"""Kinds with a command of their own, because more belongs to them than a party."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyShown:
    """A party of the catalogue; of a citizen, only the code and the municipality.

    Not the municipality of the protected: it says where they live.
    """

    party: str
    kind: str
    name: str | None
    phone: str | None
    municipality: str | None
    parent: str | None


class PartyFields(TypedDict, total=False):
    """What can be said of an organisation, and changed."""

    name: str
    phone: str
    municipality: str
    parent: str


def find_party(session: Session, code: str, *, kind: str = "party") -> Party:
    """Return the party of that code; upper or lower case is the same.

    `kind` is whose list is to be looked at when it is unknown, not what it must be.

    Raises:
        NotFound: nobody is registered under it.
    """
    found = session.scalar(select(Party).where(Party.code == code.strip().upper()))
    if found is None:
        raise NotFound(
            f"{shown_code(code)} is nobody this centre knows. See: fsc {kind} list"
        )
    return found


def add_party(
    session: Session, code: str, kind: PartyKind, **fields: Unpack[PartyFields]
) -> PartyShown:
    """Register an organisation.

    Raises:
        BadIdentifier, BadInput: a field cannot be read.
        Refused: the code is taken, or the kind has a command of its own.
    """
    if kind in PERSONS:
        raise Refused(f"Register a {kind} with: fsc {PERSONS[kind]} add")
    return _added(session, code, kind, fields)


def name_technician(
    session: Session, code: str, **fields: Unpack[PartyFields]
) -> PartyShown:
    """Register who a technician is, before what is theirs; how they work comes after.

    A vehicle has its technician as keeper, and a technician the vehicle: one of them
    is first.

    Raises:
        BadIdentifier, BadInput: a field cannot be read.
        Refused: the code is taken.
    """
    return _added(session, code, PartyKind.TECHNICIAN, fields)


def change_party(
    session: Session, code: str, **fields: Unpack[PartyFields]
) -> PartyShown:
    """Change what is said of an organisation.

    Raises:
        NotFound, BadInput: it is unknown, or a field cannot be read.
        Refused: it is a person, or would be part of itself.
    """
    party = find_party(session, code)
    if party.kind in PERSONS:
        word = PERSONS[PartyKind(party.kind)]
        raise Refused(f"{party.code} is a {word}: use fsc {word} change {party.code}")
    _fill(session, party, fields)
    session.flush()
    return show_party(session, party.code)


def show_party(session: Session, code: str) -> PartyShown:
    """Return one party.

    Raises:
        NotFound: nobody is registered under that code.
    """
    found = find_party(session, code)
    parent = session.get(Party, found.parent_id) if found.parent_id else None
    citizen = session.get(Citizen, found.id)
    return _shown(
        found,
        parent.code if parent else None,
        hidden=citizen is not None and citizen.protected,
    )


def list_parties(
    session: Session, *, kind: PartyKind | None = None
) -> list[PartyShown]:
    """Return the parties in the order of their codes; citizens only when asked for."""
    parent = aliased(Party)
    wanted = Party.kind == kind if kind else Party.kind != PartyKind.CITIZEN
    rows = session.execute(
        select(Party, parent.code, Citizen.protected)
        .outerjoin(parent, Party.parent_id == parent.id)
        .outerjoin(Citizen, Citizen.party_id == Party.id)
        .where(wanted)
        .order_by(Party.code)
    )
    return [_shown(party, above, hidden=bool(hidden)) for party, above, hidden in rows]


def read_municipality(text: str) -> str:
    """Return a municipality's number: four digits.

    Raises:
        BadInput: it is not.
    """
    code = text.strip().upper().removeprefix("KOM-")
    if not (code.isascii() and code.isdigit() and len(code) == 4):
        raise BadInput(
            f"{shown_code(text)} is not a municipality's number: four digits, as 0615."
        )
    return code


def _added(
    session: Session, code: str, kind: PartyKind, fields: PartyFields
) -> PartyShown:
    party = Party(code=free_code(session, code), kind=kind)
    _fill(session, party, fields)
    session.add(party)
    session.flush()
    return show_party(session, party.code)


def _shown(party: Party, parent: str | None, *, hidden: bool) -> PartyShown:
    return PartyShown(
        party=party.code,
        kind=party.kind,
        name=party.name,
        phone=party.phone,
        municipality=None if hidden else party.municipality_code,
        parent=parent,
    )


def _fill(session: Session, party: Party, fields: PartyFields) -> None:
    if "name" in fields:
        party.name = read_line(fields["name"], "name") or None
    if "phone" in fields:
        party.phone = read_phone(fields["phone"]) if fields["phone"] else None
    if "municipality" in fields:
        party.municipality_code = read_municipality(fields["municipality"])
    if "parent" in fields:
        above: Party | None = find_party(session, fields["parent"])
        parent_id = above.id if above else None
        while above is not None:
            if above.code == party.code:
                raise Refused(f"{party.code} cannot be part of itself.")
            above = session.get(Party, above.parent_id) if above.parent_id else None
        party.parent_id = parent_id
