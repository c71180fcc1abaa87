"""Search by names and numbers of parties, places and people.

Citizens are looked at where the caller has a purpose, and logs who is shown.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from fsc_logistics.core.people.personal import check_one
from fsc_logistics.core.people.sealing import Vault
from fsc_logistics.core.search.codes import is_like
from fsc_logistics.core.search.hits import Fit, Found
from fsc_logistics.core.tables import (
    Citizen,
    CitizenContact,
    Location,
    Party,
    Postcode,
)
from fsc_logistics.domain.errors import BadInput
from fsc_logistics.domain.people import Cpr, read_phone
from fsc_logistics.domain.searching import Match, like_pattern, words_fit

_PHONE = re.compile(r"\+?[\d ().-]{8,}", re.ASCII)
_NO_CITIZEN, _NO_HOME = text("party.kind <> 'citizen'"), text("location.kind <> 'home'")
"""As the partial indexes have it; a bound value would not be seen to be the same."""


def with_words(
    session: Session, words: Sequence[str], *, people: bool
) -> Iterator[Fit]:
    """Yield what has all of `words`, folded, in its name, code or city."""
    match = f"name {Match.WORDS}"
    parties = select(Party.id, Party.code, Party.name).where(_NO_CITIZEN)
    places = (
        select(Location.id, Location.code, Location.name, Postcode.name.label("city"))
        .outerjoin(Postcode, Postcode.code == Location.postcode)
        .where(_NO_HOME)
    )
    for number in _with_words(session, parties, Party.code, words):
        yield Fit(Found.PARTY, number, match)
    for number in _with_words(session, places, Location.code, words):
        yield Fit(Found.PLACE, number, match)
    if people:
        citizens = select(Citizen.party_id, Citizen.name)
        for number in _with_words(session, citizens, Citizen.party_id, words):
            yield Fit(Found.PARTY, number, match)


def with_phone(session: Session, typed: str, *, people: bool) -> Iterator[Fit]:
    """Yield whose telephone number was typed, if it is one; a contact's too."""
    if not _PHONE.fullmatch(typed):
        return
    try:
        number = read_phone(typed)
    except BadInput:
        return
    match = f"phone {Match.EXACT}"
    organisations = select(Party.id).where(_NO_CITIZEN, Party.phone == number)
    for found in session.scalars(organisations.order_by(Party.code)):
        yield Fit(Found.PARTY, found, match)
    if people:
        theirs = select(CitizenContact.citizen_id).where(CitizenContact.phone == number)
        query = select(Citizen.party_id).where(
            or_(Citizen.phone == number, Citizen.party_id.in_(theirs))
        )
        for found in session.scalars(query.order_by(Citizen.party_id)):
            yield Fit(Found.PARTY, found, match)


def with_cpr(session: Session, vault: Vault, number: Cpr) -> Iterator[Fit]:
    """Yield the citizen of that number.

    Raises:
        Misconfigured: the key is missing or another one.
    """
    check_one(session, vault)
    lookup = vault.lookup(number.digits)
    query = select(Citizen.party_id).where(Citizen.cpr_lookup == lookup)
    for found in session.scalars(query):
        yield Fit(Found.PARTY, found, f"cpr {Match.EXACT}")


def _with_words(
    session: Session,
    query: Select[*tuple[Any, ...]],
    order: InstrumentedAttribute[Any],
    words: Sequence[str],
) -> Iterator[int]:
    """Yield the numbers, first of each row of `query`, where the rest has `words`.

    Compared here, because SQLite folds the case of A to Z only.
    """
    fields = list(query.selected_columns)[1:]
    for word in words:
        pattern = like_pattern(word)
        query = query.where(or_(*(is_like(session, f, pattern) for f in fields)))
    for number, *texts in session.execute(query.order_by(order)).yield_per(1_000):
        if words_fit(words, *texts):
            yield number
