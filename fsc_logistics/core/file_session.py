"""Units of work on a SQLite file, begun and ended without ado.

Before a session asks anything it makes a connection of its own around the driver's,
begins a transaction on that, and notes both.  To ask who has a device takes less than
that, and to record a scan hardly more.
"""

import sqlite3
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

_READ, _WRITE = "BEGIN", "BEGIN IMMEDIATE"
_ASIDE = {
    _READ: "PRAGMA temp_store = DEFAULT",
    _WRITE: "PRAGMA temp_store = MEMORY",
}
"""What a savepoint may have to undo is then kept in memory; else a file is made for it,
for each scan.  Who reads may sort more than memory should hold."""
_PUT_ASIDE = "fsc_put_aside"
"""Where a connection notes which of these it was told last."""


class FileSession(Session):
    """A session on a SQLite file, whose transaction is begun by the driver itself.

    That is all that statements kept ready need.  What SQLAlchemy asks goes by the same
    connection of the driver and joins that transaction, so they are undone or committed
    together, and whoever reads sees the file as it was at one moment.
    """

    def __init__(self, engine: sa.Engine, *, reads_only: bool = False) -> None:
        """Work on the file of `engine`; who only reads never waits for a writer."""
        super().__init__(engine)
        self.dialect = engine.dialect
        self._engine = engine
        self._begin = _READ if reads_only else _WRITE
        self._is_over = False
        self._pooled: sa.PoolProxiedConnection | None = None
        self._driver: sqlite3.Connection | None = None
        self._connection: sa.Connection | None = None
        self.begun = object()
        """Another one for each transaction of the driver."""

    def driver(self) -> sqlite3.Connection:
        """Return the driver's connection, in a transaction.

        Raises:
            DBAPIError: the file cannot be opened, or somebody else writes.
            InvalidRequestError: what was to be written has been committed or undone.
        """
        if self._is_over:
            raise exc.InvalidRequestError(
                "This unit of work is over; what is asked now would be another one."
            )
        if self._driver is None:
            self._driver = self._taken()
        if not self._driver.in_transaction:
            try:
                self._set_aside(self._driver)
                self._driver.execute(self._begin)
            except sqlite3.Error as error:
                raise _told(error, self._begin) from error
            self.begun = object()
        return self._driver

    def _set_aside(self, driver: sqlite3.Connection) -> None:
        assert self._pooled is not None
        noted = self._pooled.info
        if noted.get(_PUT_ASIDE) != self._begin:
            # As a script: such a setting counts when it is compiled, and the driver
            # would compile it once.
            driver.executescript(_ASIDE[self._begin])
            noted[_PUT_ASIDE] = self._begin

    def is_in(self, begun: object) -> bool:
        """Return whether it is still in the transaction that `begun` was made for."""
        return (
            begun is self.begun
            and self._driver is not None
            and self._driver.in_transaction
        )

    def is_alone_in(self, begun: object) -> bool:
        """Return whether it is, and SQLAlchemy has not joined that transaction."""
        driver = self._driver
        return (
            begun is self.begun
            and driver is not None
            and driver.in_transaction
            and not self.in_transaction()
        )

    def get_bind(self, *_about: Any, **_more: Any) -> sa.Connection:
        """Return the connection that SQLAlchemy asks by, in the same transaction."""
        self.driver()
        if self._connection is None:
            self._connection = sa.Connection(self._engine, self._pooled)
        return self._connection

    def commit(self) -> None:
        """Make what was written last.

        Raises:
            DBAPIError: it cannot be; all of it is undone when the session is closed.
        """
        if self.in_transaction():
            super().commit()
        if self._driver is not None and self._driver.in_transaction:
            self._send("COMMIT")
        self._is_over = self._begin == _WRITE

    def rollback(self) -> None:
        """Undo what was written."""
        super().rollback()
        if self._driver is not None and self._driver.in_transaction:
            self._send("ROLLBACK")
        self._is_over = self._begin == _WRITE

    def close(self) -> None:
        """Undo what was not committed, and give the driver's connection back."""
        pooled, self._pooled, self._driver = self._pooled, None, None
        self._connection = None
        try:
            # Nothing was asked of it without a transaction, so it holds nothing.
            if self.in_transaction():
                super().close()
        finally:
            if pooled is not None:
                pooled.close()

    def _taken(self) -> sqlite3.Connection:
        """Return a connection of the driver from the engine's pool."""
        try:
            self._pooled = self._engine.raw_connection()
        except sqlite3.Error as error:
            raise _told(error, None) from error
        driver = self._pooled.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return driver

    def _send(self, statement: str) -> None:
        assert self._driver is not None
        try:
            self._driver.execute(statement)
        except sqlite3.Error as error:
            raise _told(error, statement) from error


def _told(error: sqlite3.Error, statement: str | None) -> exc.DBAPIError:
    told = exc.DBAPIError.instance(statement, None, error, sqlite3.Error)
    assert isinstance(told, exc.DBAPIError)
    return told
