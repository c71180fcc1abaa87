"""Checkpoints of a SQLite file beside the commits, for whom a late answer counts.

By itself SQLite takes its write-ahead log into the file within a commit, every thousand
pages: one scan in a hundred would wait for it.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fsc_logistics.core.database import sqlite_path

EVERY_S = 30.0
PAGES_MAX = 16_000
"""The log is at most so long, 64 MB, before a commit must shorten it all the same."""


@contextmanager
def checkpoints_beside(
    engine: sa.Engine, *, every_s: float = EVERY_S
) -> Iterator[None]:
    """Take what is committed into the file every `every_s` seconds, in a thread.

    A server sees to that by itself: nothing is done for one.
    """
    path = sqlite_path(engine)
    if path is None:
        yield
        return
    sa.event.listen(engine, "connect", _postpone)
    engine.dispose()  # Connections there are would go on as before.
    ended = threading.Event()
    thread = threading.Thread(
        target=_checkpoint, args=(path, every_s, ended), name="checkpoint", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        sa.event.remove(engine, "connect", _postpone)
        engine.dispose()


def _postpone(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute(f"PRAGMA wal_autocheckpoint = {PAGES_MAX}")


def _checkpoint(path: Path, every_s: float, ended: threading.Event) -> None:
    log = path.with_name(f"{path.name}-wal")
    # Where the file was taken away, none is made of its log.
    address = f"{path.absolute().as_uri()}?mode=rw"
    done_to = None
    while not ended.wait(every_s):
        # Busy, or gone for the moment: the log grows on, and next time will do.
        with suppress(sqlite3.Error, OSError):
            now_to = log.stat().st_mtime_ns
            if now_to != done_to:
                with closing(
                    sqlite3.connect(address, uri=True, timeout=0)
                ) as connection:
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
                done_to = now_to
