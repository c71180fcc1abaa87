"""What all tables share: the column types and how constraints are named.

Every type is one SQLite's STRICT tables accept, so that both engines refuse a value of
the wrong kind.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, mapped_column

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
OPEN_ENDED = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
"""The end of a span that still lasts."""

STRICT: dict[str, Any] = {"sqlite_strict": True}
CLUSTERED: dict[str, Any] = {**STRICT, "sqlite_with_rowid": False}
"""Kept in the order of its primary key."""
BIG: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REAL: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware moment, kept as whole microseconds since 1970 in UTC on both engines.

    An integer, because the span constraints compare and join moments: no engine may
    round them or shift them to a session's time zone.
    """

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Return INTEGER on SQLite, BIGINT elsewhere."""
        return dialect.type_descriptor(
            sa.Integer() if dialect.name == "sqlite" else sa.BigInteger()
        )

    def process_bind_param(
        self, value: datetime | None, dialect: sa.Dialect
    ) -> int | None:
        """Refuse naive moments; they mean nothing outside one room."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r} where a moment is needed")
        return (value - EPOCH) // MICROSECOND

    def process_result_value(
        self, value: int | None, dialect: sa.Dialect
    ) -> datetime | None:
        """Return the moment in UTC."""
        return None if value is None else EPOCH + value * MICROSECOND


class Day(sa.types.TypeDecorator[date]):
    """A calendar day, kept as ISO 8601 text; it sorts as it should."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: sa.Dialect) -> str | None:
        """Write YYYY-MM-DD."""
        return None if value is None else value.isoformat()

    def process_result_value(
        self, value: str | None, dialect: sa.Dialect
    ) -> date | None:
        """Read YYYY-MM-DD."""
        return None if value is None else date.fromisoformat(value)


class Flag(sa.types.TypeDecorator[bool]):
    """Yes or no: an integer on SQLite, whose STRICT tables know no BOOLEAN."""

    impl = sa.Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Return INTEGER on SQLite, BOOLEAN elsewhere."""
        return dialect.type_descriptor(
            sa.Integer() if dialect.name == "sqlite" else sa.Boolean()
        )

    def process_result_value(
        self, value: Any | None, dialect: sa.Dialect
    ) -> bool | None:
        """Return a bool on either engine."""
        return None if value is None else bool(value)


class Base(DeclarativeBase):
    """The declarative base; every table is STRICT on SQLite."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        int: BIG,
        str: sa.Text(),
        bytes: sa.LargeBinary(),
        float: REAL,
        bool: Flag(),
        date: Day(),
        datetime: Moment(),
    }


Key = Annotated[int, mapped_column(BIG, primary_key=True, autoincrement=True)]
