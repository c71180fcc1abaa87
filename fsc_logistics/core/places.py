"""Places: the location tree, and who has what stands in it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.tables import Location, Party
from fsc_logistics.domain.errors import NotFound, Refused


def find_location(session: Session, code: str) -> Location:
    """Return the place of that code; upper or lower case is the same.

    Raises:
        NotFound: no place is registered under it.
    """
    found = session.scalar(
        select(Location).where(Location.code == code.strip().upper())
    )
    if found is None:
        raise NotFound(f"{code} is no place this centre knows. See: fsc location list")
    return found


def keeper_of(session: Session, location: Location) -> Party:
    """Return who has what stands in `location`: its keeper, or that of what is around.

    Raises:
        Refused: neither it nor a place around it has a keeper.
    """
    place: Location | None = location
    while place is not None:
        if place.keeper_id is not None:
            return session.get_one(Party, place.keeper_id)
        parent = place.parent_id
        place = session.get(Location, parent) if parent is not None else None
    raise Refused(
        f"{location.code} has no keeper, so it cannot be said who has what is there."
        f" Give one: --custodian CODE"
    )
