"""Units of work begun and ended by the driver itself, without ado.

Before a session asks anything it makes a connection of its own around the driver's,
begins a transaction on that, and notes both.  To ask who has a device takes less than
that, and to record a scan hardly more.
"""

from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

from fsc_logistics.core.spare import Spare


class DriverSession(Session):
    """A session whose transaction is begun by the driver itself.

    That is all that statements kept ready need.  What SQLAlchemy asks goes by the same
    connection of the driver and joins that transaction, so they are undone or committed
    together, and whoever reads sees the database as it was at one moment.
    """

    def __init__(
        self, engine: sa.Engine, begin: str, *, reads_only: bool, spare: Spare
    ) -> None:
        """Work on the database of `engine`, in what `begin` begins.

        Its connection is the `spare` one, where there is one.
        """
        super().__init__(engine)
        self.dialect = engine.dialect
        self._engine = engine
        self._begin = begin
        self._spare = spare
        self._reads_only = reads_only
        self._is_over = False
        self._pooled: sa.PoolProxiedConnection | None = None
        self._driver: Any = None
        self._connection: sa.Connection | None = None
        self.begun = object()
        """Another one for each transaction of the driver."""

    def _is_begun(self) -> bool:
        """Return whether the driver, which is there, is in a transaction."""
        raise NotImplementedError

    def _start(self) -> None:
        """Begin a transaction of the driver."""
        self.send(self._begin)

    def _check_ends_well(self) -> None:
        """Raise where the engine would undo what is to be committed, and not say so."""

    def driver(self) -> Any:
        """Return the driver's connection, in a transaction.

        Raises:
            DBAPIError: the database cannot be opened, or somebody else writes.
            InvalidRequestError: what was to be written has been committed or undone.
        """
        if self._is_over:
            raise exc.InvalidRequestError(
                "This unit of work is over; what is asked now would be another one."
            )
        if self._driver is None:
            self._take()
        if not self._is_begun():
            self._start()
            self.begun = object()
        return self._driver

    def is_in(self, begun: object) -> bool:
        """Return whether it is still in the transaction that `begun` was made for."""
        return begun is self.begun and self._driver is not None and self._is_begun()

    def is_alone_in(self, begun: object) -> bool:
        """Return whether it is, and SQLAlchemy has not joined that transaction."""
        # Not by `is_in`: it is asked at each statement kept ready.
        return (
            begun is self.begun
            and self._driver is not None
            and self._is_begun()
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
        if self._driver is not None:
            self._check_ends_well()
        if self.in_transaction():
            super().commit()
        if self._driver is not None and self._is_begun():
            self.send("COMMIT")
        self._is_over = not self._reads_only

    def rollback(self) -> None:
        """Undo what was written."""
        super().rollback()
        if self._driver is not None and self._is_begun():
            self.send("ROLLBACK")
        self._is_over = not self._reads_only

    def close(self) -> None:
        """Undo what was not committed, and give the driver's connection back."""
        if self._driver is not None:
            self._settle()
        pooled, self._pooled, self._driver = self._pooled, None, None
        self._connection = None
        try:
            # Nothing was asked of it without a transaction, so it holds nothing but
            # what it remembers of one that was ended.
            if self.in_transaction() or self.identity_map:
                super().close()
        except BaseException:
            if pooled is not None:
                pooled.close()
            raise
        if pooled is not None and not self._spare.keep(pooled):
            pooled.close()

    def _settle(self) -> None:
        """Leave nothing for the pool to undo."""
        if self._is_begun():
            with suppress(exc.DBAPIError):
                self.send("ROLLBACK")
            assert self._pooled is not None
            if self._is_begun() and self._pooled.is_valid:
                # It is gone, or of no use to the next one.
                self._pooled.invalidate()

    def _take(self) -> None:
        """Take the spare connection of the driver, or one from the engine's pool."""
        try:
            self._pooled = self._spare.take() or self._engine.raw_connection()
        except self.dialect.loaded_dbapi.Error as error:
            raise self._told(error, None) from error
        self._driver = self._pooled.driver_connection

    def send(self, statement: str) -> None:
        """Send a statement without values: where the transaction begins or ends.

        Raises:
            DBAPIError: the engine refuses it.
        """
        try:
            self._sent(statement)
        except self.dialect.loaded_dbapi.Error as error:
            raise self._told(error, statement) from error

    def _sent(self, statement: str) -> None:
        self._driver.execute(statement)

    def _told(self, error: Exception, statement: str | None) -> exc.DBAPIError:
        told = exc.DBAPIError.instance(
            statement, None, error, self.dialect.loaded_dbapi.Error
        )
        assert isinstance(told, exc.DBAPIError)
        return told
