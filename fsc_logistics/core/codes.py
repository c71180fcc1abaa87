"""Codes that are free to give: one name means one party or one place."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from fsc_logistics.core.tables import Location, Party
from fsc_logistics.core.tables.base import BIG
from fsc_logistics.domain.codes import read_code
from fsc_logistics.domain.errors import Refused

BOUND_MAX = 500
"""How many values one statement is given."""
_REGISTER_LOCK = 0x66736363  # "fscc", for pg_advisory_xact_lock


def free_code(session: Session, text: str) -> str:
    """Return `text` as a code that no party and no place has yet.

    Raises:
        BadIdentifier: it cannot be a code.
        Refused: it is taken.
    """
    code = read_code(text)
    lock_register(session)
    kind = session.scalar(
        union_all(
            select(Party.kind).where(Party.code == code),
            select(Location.kind).where(Location.code == code),
        )
    )
    if kind is not None:
        raise Refused(f"{code} is already the code of a {kind}. Choose another.")
    return code


def next_code(session: Session, column: InstrumentedAttribute[str], prefix: str) -> str:
    """Return the next code in a row of numbers, as CIT-000123."""
    lock_register(session)
    numbers = select(column).where(column.like(f"{prefix}-%"))
    used = (code.removeprefix(f"{prefix}-") for code in session.scalars(numbers))
    last = max((int(number) for number in used if number.isdecimal()), default=0)
    return f"{prefix}-{last + 1:06}"


def lock_register(session: Session) -> None:
    """Wait until nobody else is registering, to the end of this unit of work.

    Two desks would otherwise find the same code free.  SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        key = literal(_REGISTER_LOCK, BIG)
        session.execute(select(func.pg_advisory_xact_lock(key)))


def ids_of(
    session: Session,
    column: InstrumentedAttribute[str],
    key: InstrumentedAttribute[int],
    codes: Collection[str],
) -> dict[str, int]:
    """Return the database numbers of those of `codes` that are in `column`."""
    found: dict[str, int] = {}
    for some in in_parts(codes):
        rows = session.execute(select(column, key).where(column.in_(some)))
        found.update((code, number) for code, number in rows)
    return found


def in_parts(values: Iterable[Any], size: int = BOUND_MAX) -> Iterator[list[Any]]:
    """Yield `values` in lists short enough for one statement."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part
