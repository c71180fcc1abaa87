"""Search by codes in their normal form, wherever they stand.

Of each sort of code there may be millions, so each step goes through its index; the
last one reads them all.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session

from fsc_logistics.core.catalogue.codes import in_parts
from fsc_logistics.core.search.hits import Fit, Found
from fsc_logistics.core.tables import Device, DeviceCode, Location, Party
from fsc_logistics.core.tables.normal import normal_form
from fsc_logistics.domain.searching import Match

_NEAR_BOUND_MAX = 2_000
"""How many near forms one statement is given; hardly ever are there more."""
_LAST_SIGN = "\U0010ffff"

_Column = InstrumentedAttribute[Any]
_SOURCES: Sequence[tuple[str, Found, InstrumentedAttribute[int], _Column]] = (
    ("tag", Found.DEVICE, Device.id, Device.tag),
    ("serial", Found.DEVICE, Device.id, Device.serial),
    ("linked code", Found.DEVICE, DeviceCode.device_id, DeviceCode.code),
    ("code", Found.PARTY, Party.id, Party.code),
    ("code", Found.PLACE, Location.id, Location.code),
)


def same(session: Session, normal: str, limit: int) -> Iterator[Fit]:
    """Yield what has a code of that normal form, at least `limit` where there are."""
    return _codes(session, Match.EXACT, limit, lambda code: normal_form(code) == normal)


def beginning(session: Session, normal: str, limit: int) -> Iterator[Fit]:
    """Yield what has a code that begins so, in the order of the codes."""

    def begins(code: _Column) -> ColumnElement[bool]:
        form = normal_form(code)
        return and_(form >= normal, form < normal + _LAST_SIGN)

    return _codes(session, Match.PREFIX, limit, begins)


def near(session: Session, forms: Collection[str], limit: int) -> Iterator[Fit]:
    """Yield what has a code of one of these normal forms."""
    for part in in_parts(sorted(forms), _NEAR_BOUND_MAX):
        yield from _codes(
            session, Match.TYPO, limit, partial(_is_one_of, session, part)
        )


def holding(session: Session, normal: str, limit: int) -> Iterator[Fit]:
    """Yield what has a code that holds these signs, in no order: all codes are read."""
    holds = partial(_holds, session, normal)
    return _codes(session, Match.CONTAINS, limit, holds, ordered=False)


def is_like(
    session: Session, column: ColumnElement[Any] | _Column, pattern: str
) -> ColumnElement[bool]:
    """Return the condition that a column fits a pattern, A to Z in either case."""
    if _is_postgresql(session):
        # "C": A to Z alone, as on SQLite.
        return column.collate("C").ilike(pattern)
    # SQLite's LIKE takes either case; it is slower where both are made lower first.
    return column.like(pattern)


def _codes(
    session: Session,
    match: Match,
    limit: int,
    condition: Callable[[_Column], ColumnElement[bool]],
    *,
    ordered: bool = True,
) -> Iterator[Fit]:
    for name, table, number, code in _SOURCES:
        # One more than is shown tells that there is more.
        query = select(number).where(condition(code)).limit(limit + 1)
        if ordered:
            query = query.order_by(normal_form(code))
        for found in session.scalars(query):
            yield Fit(table, found, f"{name} {match}")


def _is_one_of(
    session: Session, forms: Sequence[str], code: _Column
) -> ColumnElement[bool]:
    if _is_postgresql(session):
        # One value: a server takes its time over a statement with a thousand.
        return normal_form(code) == any_(literal(forms, ARRAY(Text)))
    return normal_form(code).in_(forms)


def _holds(session: Session, normal: str, code: _Column) -> ColumnElement[bool]:
    # The normal form is made anew for every row it is asked about: the signs of the
    # text, in this order, leave few of them.
    pattern = "%".join(("", *normal.replace("\\", ""), ""))
    place = func.strpos if _is_postgresql(session) else func.instr
    return and_(is_like(session, code, pattern), place(normal_form(code), normal) > 0)


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
