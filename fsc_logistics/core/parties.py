"""Parties: who can own, order or have a device."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.tables import Party
from fsc_logistics.domain.errors import NotFound


def find_party(session: Session, code: str) -> Party:
    """Return the party of that code; upper or lower case is the same.

    Raises:
        NotFound: nobody is registered under it.
    """
    found = session.scalar(select(Party).where(Party.code == code.strip().upper()))
    if found is None:
        raise NotFound(f"{code} is nobody this centre knows. See: fsc party list")
    return found
