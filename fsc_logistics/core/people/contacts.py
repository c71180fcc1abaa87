"""Contacts: whom to call or meet instead of, or with, a citizen."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.tables import CitizenContact
from fsc_logistics.domain.people import shown_phone


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody to call or meet instead of, or with, a citizen."""

    number: int
    """Counted from 1 for each citizen."""
    name: str
    relation: str | None
    phone: str | None


def contacts_of(
    session: Session, ids: Collection[int]
) -> Mapping[int, tuple[Contact, ...]]:
    """Return the contacts of citizens, by the citizen's database number."""
    found: dict[int, tuple[Contact, ...]] = dict.fromkeys(ids, ())
    rows = session.scalars(
        select(CitizenContact)
        .where(CitizenContact.citizen_id.in_(ids))
        .order_by(CitizenContact.id)
    )
    for row in rows:
        before = found[row.citizen_id]
        contact = Contact(
            number=len(before) + 1,
            name=row.name,
            relation=row.relation,
            phone=shown_phone(row.phone) if row.phone else None,
        )
        found[row.citizen_id] = (*before, contact)
    return found
