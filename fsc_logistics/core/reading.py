"""Units of work that only read a SQLite file, and begin without ado.

Before a session asks anything it makes a connection of its own around the driver's,
begins a transaction on that, and notes both; to ask who has a device takes less than
that.
"""

import sqlite3
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session


class Reader(Session):
    """A session that reads a SQLite file: statements kept ready begin by the driver.

    What SQLAlchemy itself asks goes by the same connection and in the same
    transaction: all of it sees the file as it was at one moment.
    """

    def __init__(self, engine: sa.Engine) -> None:
        """Read what `engine` is of: one whose transactions begin as readers do."""
        super().__init__(engine)
        self.dialect = engine.dialect
        self._engine = engine
        self._pooled: sa.PoolProxiedConnection | None = None
        self._connection: sa.Connection | None = None

    def driver(self) -> sqlite3.Connection:
        """Return the driver's connection, in a transaction.

        Raises:
            DBAPIError: the file cannot be opened.
        """
        driver = self._at_hand().driver_connection
        assert isinstance(driver, sqlite3.Connection)
        if not driver.in_transaction:
            try:
                driver.execute("BEGIN")
            except sqlite3.Error as error:
                raise _told(error, "BEGIN") from error
        return driver

    def get_bind(self, *_about: Any, **_more: Any) -> sa.Connection:
        """Return the connection that SQLAlchemy asks by, which is the driver's."""
        if self._connection is None:
            self._connection = sa.Connection(self._engine, self._at_hand())
        return self._connection

    def close(self) -> None:
        """End the transaction and give the driver's connection back."""
        # Nothing was asked of it without a transaction, and so it holds nothing.
        if self.in_transaction():
            super().close()
        pooled, self._pooled, self._connection = self._pooled, None, None
        if pooled is not None:
            pooled.close()

    def _at_hand(self) -> sa.PoolProxiedConnection:
        if self._pooled is None:
            try:
                self._pooled = self._engine.raw_connection()
            except sqlite3.Error as error:
                raise _told(error, None) from error
        return self._pooled


def _told(error: sqlite3.Error, statement: str | None) -> exc.DBAPIError:
    told = exc.DBAPIError.instance(statement, None, error, sqlite3.Error)
    assert isinstance(told, exc.DBAPIError)
    return told
