"""Citizens from CSV files: the list a centre is handed when it begins.

In only: personal data leave a centre in copies of its database.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.parties import read_municipality
from fsc_logistics.core.database import Sessions
from fsc_logistics.core.exchange.csv_files import (
    Column,
    Line,
    Source,
    read_yes_or_no,
    text_column,
)
from fsc_logistics.core.exchange.faults import Faults
from fsc_logistics.core.exchange.importing import import_file
from fsc_logistics.core.exchange.recipe import Import, Manner, by_line
from fsc_logistics.core.people.access import Look
from fsc_logistics.core.people.citizens import add_contact, register_citizen
from fsc_logistics.core.people.personal import find_citizen
from fsc_logistics.core.people.sealing import Vault
from fsc_logistics.domain.codes import read_code
from fsc_logistics.domain.errors import BadInput, FscError
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.people import Cpr, read_phone

_GIVEN_CODE = re.compile(r"CIT-[0-9]{6,}")
_CONTACT = ("contact_name", "contact_phone", "contact_relation")


@dataclass(frozen=True, slots=True, kw_only=True)
class CitizenLine:
    """Who a line of a file became: by code, for whoever has the file."""

    line: int
    citizen: str | None
    """None on a dry run, where the file does not say."""
    geo_quality: str | None
    """How well it is known where the home is; None: not at all."""


def import_citizens(
    sessions: Sessions,
    source: Source,
    look: Look,
    *,
    vault: Vault,
    faults: Faults,
    manner: Manner,
) -> Iterator[CitizenLine]:
    """Register the citizens of a CSV file and yield who became whom.

    Each is a row of the access log.  Whoever has neither a code nor a CPR number is
    wrong: nobody could see whether they are registered already.

    Raises:
        BadInput, BadFile: it is no such file, or lines of it are wrong.
        Refused: somebody else was quicker.
        Misconfigured: the key is missing or another one.
    """

    def register(session: Session, line: Line) -> CitizenLine:
        try:
            code = _register(session, look, vault, dict(line.values))
        except FscError as error:
            text = faults.by_line(str(error), _GIVEN_CODE, "citizen")
            raise type(error)(text) from error
        faults.make(code, line.number)
        _, citizen = find_citizen(session, code)
        is_told = line.values["citizen"] or not manner.dry_run
        return CitizenLine(
            line=line.number,
            citizen=code if is_told else None,
            geo_quality=citizen.geo_quality,
        )

    # The database remembers the file.  Of a short one, names and numbers could be
    # tried out against a hash without a key.
    known = replace(source, digest=vault.lookup(source.digest).hex())
    recipe = Import(kind="citizens", columns=COLUMNS, take=by_line(register))
    return import_file(sessions, known, lambda _began_at: recipe, faults, manner)


def _register(session: Session, look: Look, vault: Vault, said: dict[str, Any]) -> str:
    if said["citizen"] is None and said["cpr"] is None:
        raise BadInput(
            "It has neither citizen nor cpr, so that nobody could see whether they are"
            " registered already. Give one of them."
        )
    contact, phone, relation = (said.pop(name) for name in _CONTACT)
    if contact is None and (phone or relation):
        raise BadInput("contact_name is empty though the contact has more.")
    lat, lon = said.pop("lat"), said.pop("lon")
    if (lat is None) != (lon is None):
        raise BadInput("lat and lon go together.")
    if lat is not None:
        said["point"] = Point(lat, lon)
    said["access_notes"] = said.pop("access")
    given = {name: value for name, value in said.items() if value is not None}
    code = given.pop("citizen", None)
    code = register_citizen(session, look, code=code, vault=vault, **given)
    if contact is not None:
        add_contact(session, look, code, name=contact, relation=relation, phone=phone)
    return code


# No cell is repeated: in a file whose columns are shifted any may be a name.


def _code(cell: str) -> str:
    code = read_code(cell)
    if not any(sign.isdigit() for sign in code):
        raise BadInput(
            "It is no code of a citizen, which stands in the ledger and on paper, and"
            " may be a name. Try CIT-000001."
        )
    return code


def _degrees(cell: str, most: int) -> float:
    try:
        found = float(cell)
    except ValueError:
        found = float("nan")
    if not -most <= found <= most:
        raise BadInput(f"It is no number of degrees from -{most} to {most}.")
    return found


def _municipality(cell: str) -> str:
    try:
        return read_municipality(cell)
    except BadInput:
        raise BadInput(
            "It is not a municipality's number: four digits, as 0615."
        ) from None


COLUMNS = (
    Column(name="citizen", read=_code),
    text_column("name", needed=True),
    text_column("address", needed=True),
    text_column("postcode", needed=True),
    text_column("city"),
    Column(name="municipality", read=_municipality),
    Column(name="phone", read=read_phone),
    Column(name="cpr", read=Cpr.read),
    Column(name="protected", read=read_yes_or_no),
    Column(name="call_first", read=read_yes_or_no),
    Column(name="access", read=str),
    Column(name="lat", read=partial(_degrees, most=90)),
    Column(name="lon", read=partial(_degrees, most=180)),
    text_column("contact_name"),
    Column(name="contact_phone", read=read_phone),
    text_column("contact_relation"),
)
