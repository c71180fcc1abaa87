"""Codes that are free to give: one name means one party or one place."""

import json
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Text, func, literal, select, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import FunctionElement

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
    rows = session.execute(select(column, key).where(among(column, codes)))
    return dict(rows.all())


class _Listed(FunctionElement[str]):
    """The texts of a JSON array, one a row: one bound value however many there are."""

    type = Text()
    name = "listed"
    inherit_cache = True


@compiles(_Listed)
def _on_sqlite(element: _Listed, compiler: Any, **options: Any) -> str:
    array = compiler.process(element.clauses, **options)
    return f"(SELECT value FROM json_each({array}))"  # noqa: S608 - it is bound


@compiles(_Listed, "postgresql")
def _on_postgresql(element: _Listed, compiler: Any, **options: Any) -> str:
    array = compiler.process(element.clauses, **options)
    return f"(SELECT jsonb_array_elements_text(CAST({array} AS jsonb)))"


class _ListedNumbers(_Listed):
    """The numbers of a JSON array."""

    inherit_cache = True


@compiles(_ListedNumbers, "postgresql")
def _numbers_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    array = compiler.process(element.clauses, **options)
    listed = f"jsonb_array_elements_text(CAST({array} AS jsonb))"
    return f"(SELECT CAST(value AS bigint) FROM {listed})"  # noqa: S608 - it is bound


def among(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], texts: Iterable[str]
) -> ColumnElement[bool]:
    """Return the condition that `column` is one of many texts.

    A thousand bound values take longer to write down than to look up.
    """
    return column.op("IN", is_comparison=True)(_Listed(literal(json.dumps([*texts]))))


def among_numbers(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], array: ColumnElement[str]
) -> ColumnElement[bool]:
    """Return the condition that `column` is one of the numbers of a JSON array."""
    return column.op("IN", is_comparison=True)(_ListedNumbers(array))


def in_parts(values: Iterable[Any], size: int = BOUND_MAX) -> Iterator[list[Any]]:
    """Yield `values` in lists short enough for one statement."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part
