"""Databases for one process, gone with it: to try things out in."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import sqlalchemy as sa
from sqlalchemy import exc

from fsc_logistics.core.database import Sessions, make_engine, sqlite_path
from fsc_logistics.core.database_errors import in_words

_NAMELESS = "sqlite:///file:?uri=true"
"""A file of SQLite's own: for its owner alone, and without a name to be left under."""


@contextmanager
def for_trial(sessions: Sessions) -> Iterator[Sessions]:
    """Open units of work whose changes are undone, without a lock others wait for.

    A SQLite file has one writer: long trials are made in a copy of it.  A server locks
    rows: there they are made in the database itself, by whoever rolls them back.

    Raises:
        TryLater: the copy could not be made.
    """
    if sqlite_path(sessions.engine) is None:
        yield sessions
        return
    with nameless() as engine:
        copy = Sessions(engine)
        _copy(sessions, copy)
        yield copy


@contextmanager
def nameless() -> Iterator[sa.Engine]:
    """Make an empty file of SQLite's own, which one unit of work at a time may use."""
    engine = make_engine(_NAMELESS)
    try:
        yield engine
    finally:
        engine.dispose()


def _copy(sessions: Sessions, copy: Sessions) -> None:
    with (
        in_words(),
        sessions.read() as session,
        closing(copy.engine.raw_connection()) as target,
    ):
        source = session.connection().connection.driver_connection
        into = target.driver_connection
        assert isinstance(source, sqlite3.Connection)
        assert isinstance(into, sqlite3.Connection)
        try:
            source.backup(into)
        except sqlite3.Error as error:
            raise exc.DBAPIError.instance(
                "backup", None, error, sqlite3.Error
            ) from error
