"""The access log: who looked at a citizen's data, when and what for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.tables import AccessLog, Party
from fsc_logistics.domain.codes import read_any_line
from fsc_logistics.domain.errors import NotFound
from fsc_logistics.domain.parties import PartyKind
from fsc_logistics.domain.people import mask_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look at personal data: by whom, when, and what for."""

    by: str
    at: datetime
    action: str
    """What is done: `show`, `find`, `print`, `change`, …"""
    purpose: str | None = None
    """An order, a run, a case; never personal data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookLogged:
    """A row of the access log."""

    at: datetime
    actor: str
    citizen: str
    action: str
    purpose: str | None


def note(session: Session, look: Look, party_ids: Collection[int]) -> None:
    """Add a row to the access log for each citizen looked at.

    Raises:
        BadInput: what it is for cannot be printed.
    """
    purpose = look.purpose
    if purpose is not None:
        purpose = mask_text(read_any_line(purpose, "purpose"))
    session.add_all(
        AccessLog(
            at=look.at,
            actor=look.by,
            citizen_id=number,
            action=look.action,
            purpose=purpose,
        )
        for number in party_ids
    )
    session.flush()


def access_log(
    session: Session,
    *,
    citizen: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[LookLogged]:
    """Return the looks, oldest first; those at one citizen where a code is given.

    Raises:
        NotFound: there never was such a citizen.
    """
    query = (
        select(AccessLog, Party.code)
        .join(Party, Party.id == AccessLog.citizen_id)
        .order_by(AccessLog.at, AccessLog.id)
    )
    if citizen is not None:
        party_id = session.scalar(
            select(Party.id).where(
                Party.code == citizen.strip().upper(), Party.kind == PartyKind.CITIZEN
            )
        )
        if party_id is None:
            raise NotFound(
                "No citizen has that code. They are named like CIT-000001; look one up"
                " with: fsc citizen find"
            )
        query = query.where(AccessLog.citizen_id == party_id)
    if since is not None:
        query = query.where(AccessLog.at >= since)
    if until is not None:
        query = query.where(AccessLog.at < until)
    return [
        LookLogged(
            at=row.at,
            actor=row.actor,
            citizen=code,
            action=row.action,
            purpose=row.purpose,
        )
        for row, code in session.execute(query)
    ]
