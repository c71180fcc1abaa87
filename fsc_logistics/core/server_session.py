"""Units of work on a PostgreSQL server."""

import sqlalchemy as sa
from sqlalchemy import exc

from fsc_logistics.core.driver_session import DriverSession
from fsc_logistics.core.spare import Spare

# Who reads sees one moment: else every statement would see what was committed before
# it, and `verify` the spans of an event that it had not read.
_READ, _WRITE = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "BEGIN"

# Of libpq, by number: its driver takes long to import, and a file needs none.
IDLE, _FAILED = 0, 3
_DONE = 1


class ServerSession(DriverSession):
    """A session on a PostgreSQL server."""

    def __init__(
        self, engine: sa.Engine, spare: Spare, *, reads_only: bool = False
    ) -> None:
        """Work on the database of `engine`; who only reads sees it at one moment."""
        begin = _READ if reads_only else _WRITE
        super().__init__(engine, begin, reads_only=reads_only, spare=spare)

    def _is_begun(self) -> bool:
        return self._status() != IDLE

    def _status(self) -> int:
        status: int = self._driver.pgconn.transaction_status
        return status

    def _start(self) -> None:
        try:
            super()._start()
        except exc.DBAPIError:
            if not self._driver.closed:
                raise
            # The server was restarted since this one was used, and the others are no
            # better.  Nothing is lost yet: to ask first would be a way there and back.
            assert self._pooled is not None
            self._pooled.invalidate()
            self._engine.dispose()
            self._connection = None
            self._take()
            super()._start()

    def _check_ends_well(self) -> None:
        if self._status() == _FAILED:
            raise exc.PendingRollbackError(
                "A statement of this unit of work was refused; all of it is undone."
            )

    def _sent(self, statement: str) -> None:
        # By libpq: the driver takes three times as long over it and, where something is
        # undone, forgets its prepared statements: to plan ten joins takes milliseconds.
        result = self._driver.pgconn.exec_(statement.encode())
        if result.status != _DONE:
            from psycopg.errors import error_from_result

            raise error_from_result(result)
