"""The spool's file: its tables, and how it is opened to write and to read."""

import os
import sqlite3
from datetime import datetime
from pathlib import Path

BUSY_TIMEOUT_S = 2.0


class SpoolUnusable(Exception):
    """The spool cannot be used now: disk full, read-only, damaged or locked."""


_VERSION = 2

# AUTOINCREMENT, or a sequence number would be used again once its row is pruned.
# The port's context is kept apart from its scans for the same reason.
SCHEMA = """
CREATE TABLE scan (
    station_seq INTEGER PRIMARY KEY AUTOINCREMENT,
    scan_id     TEXT NOT NULL UNIQUE,
    station     TEXT NOT NULL,
    port        TEXT NOT NULL,
    read_point  TEXT NOT NULL,
    scanned_at  TEXT NOT NULL,
    raw         BLOB NOT NULL,
    text        TEXT NOT NULL,
    symbology   TEXT NOT NULL,
    context     TEXT NOT NULL,
    direction   TEXT,
    applied     TEXT NOT NULL DEFAULT 'waiting'
                CHECK (applied IN ('waiting', 'applied', 'failed')),
    outcome     TEXT,
    message     TEXT,
    answered_at TEXT
);
CREATE INDEX scan_of_port ON scan (port, station_seq);
CREATE INDEX scan_applied ON scan (applied, station_seq);
CREATE TABLE port (
    port         TEXT PRIMARY KEY,
    context      TEXT NOT NULL DEFAULT '',
    is_open      INTEGER NOT NULL DEFAULT 0,
    error        TEXT NOT NULL DEFAULT '',
    scans_count  INTEGER NOT NULL DEFAULT 0,
    noise_count  INTEGER NOT NULL DEFAULT 0,
    last_scan_at TEXT
);
"""


def lock_path(path: Path) -> Path:
    """Return the file whose lock says that a service has the spool at `path`."""
    return path.with_name(f"{path.name}.lock")


def open_file(path: Path, *, bytes_max: int | None) -> sqlite3.Connection:
    """Open the spool at `path` to read and write, made if need be.

    Raises:
        sqlite3.Error: SQLite cannot, or the file is not a spool of this version.
        OSError: the file cannot be made.
    """
    # Made here, not by SQLite, so that nobody else may read it, nor what SQLite puts
    # beside it: those files take after this one.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    try:
        _set_up(connection, bytes_max)
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open the spool at `path` without changing it, also while a service writes it."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
    )


def _set_up(connection: sqlite3.Connection, bytes_max: int | None) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise sqlite3.OperationalError("it must be on a local disk")
    connection.execute("PRAGMA synchronous = FULL")
    # What is forgotten or pruned is overwritten, not only unlinked.
    connection.execute("PRAGMA secure_delete = ON")
    if bytes_max is not None:
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute(f"PRAGMA max_page_count = {max(1, bytes_max // page_bytes)}")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 1:
        # What waited under the version before is still to be recorded.
        connection.executescript(
            "BEGIN IMMEDIATE; ALTER TABLE scan ADD COLUMN direction TEXT;"
            f" PRAGMA user_version = {_VERSION}; COMMIT;"
        )
    elif version == 0:
        connection.executescript(
            f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;"
        )
    elif version != _VERSION:
        raise sqlite3.OperationalError(
            f"it is at version {version} and this program needs {_VERSION}"
        )


def moment(text: str) -> datetime:
    """Return the moment that a column holds as `text`."""
    return datetime.fromisoformat(text)
