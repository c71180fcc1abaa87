"""What is kept from one unit of work to the next: a connection, and a session.

To take a connection from the engine's pool and give it back, and to make a session,
takes longer than SQLite takes to find who has a device.
"""

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

import sqlalchemy as sa

from fsc_logistics.core.database_file import is_of_its_file

if TYPE_CHECKING:
    from fsc_logistics.core.driver_session import DriverSession


class Spare:
    """One connection of an engine at most, and one session that only reads.

    Any thread may take them; whoever finds none asks the pool and makes a session.
    """

    def __init__(self, engine: sa.Engine) -> None:
        """Keep one of `engine`, until that is disposed of."""
        self._connections: deque[sa.PoolProxiedConnection] = deque()
        self._readers: deque[DriverSession] = deque()
        sa.event.listen(engine, "engine_disposed", self._close)

    def take(self) -> sa.PoolProxiedConnection | None:
        """Return the connection, if there is one and it still is to the database."""
        try:
            kept = self._connections.pop()
        except IndexError:
            return None
        if kept.is_valid and is_of_its_file(kept):
            return kept
        # The pool tells what has become of the database.
        kept.close()
        return None

    def keep(self, pooled: sa.PoolProxiedConnection) -> bool:
        """Keep a connection that is in no transaction; return whether it was kept."""
        if self._connections or not pooled.is_valid:
            return False
        self._connections.append(pooled)
        return True

    def take_reader(self) -> "DriverSession | None":
        """Return the session that only reads, if there is one; it is like new."""
        try:
            return self._readers.pop()
        except IndexError:
            return None

    def keep_reader(self, reader: "DriverSession") -> None:
        """Keep a session that only reads and has been closed, where there is none."""
        if not self._readers:
            reader.info.clear()
            self._readers.append(reader)

    def _close(self, _engine: sa.Engine) -> None:
        with suppress(IndexError):
            kept = self._connections.pop()
            # Out of its pool first, which would keep it open.
            kept.detach()
            kept.close()


_OPTION = "fsc_spare"
"""Where an engine has it: both go together."""


def spare_of(engine: sa.Engine) -> Spare:
    """Return what is kept of `engine`: one and the same, whoever asks."""
    spare = engine.get_execution_options().get(_OPTION)
    if not isinstance(spare, Spare):
        spare = Spare(engine)
        engine.update_execution_options(**{_OPTION: spare})
    return spare
