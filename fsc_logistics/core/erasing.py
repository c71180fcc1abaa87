"""Erased for good: what a SQLite database keeps beside its file."""

import sqlite3
from contextlib import closing

import sqlalchemy as sa

from fsc_logistics.core.database import BUSY_TIMEOUT_MS, sqlite_path


def forget_erased(engine: sa.Engine) -> bool:
    """Empty SQLite's write-ahead log, where what was erased still stands; tell if done.

    Run it after the commit that erased.  Readers are waited for as long as a lock is;
    False: one still needs the log, and the last program to leave the database will
    empty it.  A server's log, dead rows and backups are its administrator's: True.
    """
    path = sqlite_path(engine)
    if path is None:
        return True
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000)) as connection:
        # Not through the engine: there every statement begins a transaction, and the
        # log cannot be emptied from within one.
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
