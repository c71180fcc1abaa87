"""A SQLite file that is moved, deleted or replaced while it is open.

Whoever has it open could write on, into a file that nobody would find again.
"""

import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from fsc_logistics.domain.errors import TryLater

_KEY = "fsc_file"
"""Where a connection notes which file it has opened."""


def watch_file(engine: sa.Engine, path: Path) -> None:
    """Have `engine` work only on the file that is at `path` at that moment.

    While there is none, once there was one, no unit of work begins, and none is made.
    """
    was_there = False

    def found() -> tuple[int, int] | None:
        now = _identity(path)
        if was_there and now is None:
            raise TryLater(
                f"The database {path} was moved or deleted. Put it back, or a copy:"
                " fsc db restore"
            )
        return now

    def connecting(*_about: Any) -> None:
        # What is returned here would be taken for the connection.
        found()

    def opened(_connection: Any, record: sa.pool.ConnectionPoolEntry) -> None:
        nonlocal was_there
        record.info[_KEY] = path, _identity(path)
        was_there = True

    def taken(_connection: Any, record: sa.pool.ConnectionPoolEntry, _: Any) -> None:
        if record.info[_KEY][1] != found():
            raise exc.DisconnectionError("the database was replaced by another file")

    # SQLite makes a file where it finds none.
    sa.event.listen(engine, "do_connect", connecting)
    sa.event.listen(engine, "connect", opened)
    sa.event.listen(engine, "checkout", taken)


def is_of_its_file(pooled: sa.PoolProxiedConnection) -> bool:
    """Return whether the file is where it was when `pooled` was opened.

    So is every connection to what is not watched.
    """
    noted = pooled.info.get(_KEY)
    return noted is None or noted[1] == _identity(noted[0])


def _identity(path: Path) -> tuple[int, int] | None:
    """Return by what the system tells a file from others; None where there is none."""
    try:
        # A path would ask in twice the time.
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
