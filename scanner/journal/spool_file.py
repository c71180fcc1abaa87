"""The spool's file: its tables, and how it is opened to write and to read."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

BUSY_TIMEOUT_S = 2.0
CHECKPOINT_PAGES_MAX = 16_000
"""The write-ahead log is at most so long, 64 MB, before a commit must shorten it."""


class SpoolUnusable(Exception):
    """The spool cannot be used now: disk full, read-only, damaged or locked."""


class SpoolFull(SpoolUnusable):
    """What waits in it takes all the room it may have."""


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


def log_path(path: Path) -> Path:
    """Return where SQLite keeps the write-ahead log of the spool at `path`."""
    return path.with_name(f"{path.name}-wal")


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open the spool at `path` without changing it, also while a service writes it."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )


class SpoolFile:
    """The open file: one connection writes, one reads, one checkpoints.

    Whoever reads does not wait for a commit, nor a commit for a checkpoint.
    """

    def __init__(self, path: Path) -> None:
        """Open the spool at `path`, made if need be.

        Raises:
            sqlite3.Error: SQLite cannot, or the file is not a spool of this version.
            OSError: the file cannot be made.
        """
        self._path = path
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._writer = _open(path)
        self._identity = _identity(path)
        self._log_identity = _identity(log_path(path))
        try:
            self._reader = open_to_read(path)
        except BaseException:
            self._writer.close()
            raise

    def close(self) -> None:
        """Close it."""
        with self._write_lock, self._read_lock:
            self._reader.close()
            self._writer.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection that writes, and commit.

        Raises:
            SpoolUnusable: nothing was written.
        """
        with self._write_lock, _unusable():
            self._check_is_there()
            connection = self._writer
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection that reads what is committed.

        Raises:
            SpoolUnusable: the file cannot be read.
        """
        with self._read_lock, _unusable():
            yield self._reader

    def checkpoint(self) -> None:
        """Take the write-ahead log into the file, beside the commits of the others.

        Raises:
            SpoolUnusable: it could not be done; the log grows on.
        """
        # A file that was taken away must not be made anew, and empty: so it is only
        # opened to write, and not at all where SQLite would make its log anew.
        self._check_is_there()
        address = f"{self._path.absolute().as_uri()}?mode=rw"
        with (
            _unusable(),
            closing(sqlite3.connect(address, uri=True, timeout=0)) as connection,
        ):
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def truncate(self) -> bool:
        """Empty the write-ahead log; return False if somebody is reading just now.

        Raises:
            SpoolUnusable: it could not be done.
        """
        with self._write_lock, _unusable():
            connection = self._writer
            connection.execute("PRAGMA busy_timeout = 0")  # No scan waits for it.
            try:
                busy, *_ = connection.execute(
                    "PRAGMA wal_checkpoint(TRUNCATE)"
                ).fetchone()
            finally:
                connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000:.0f}")
            return not busy

    def _check_is_there(self) -> None:
        """Refuse to write a file that nobody would find again.

        Raises:
            SpoolUnusable: there is none by its name, or another one.
        """
        if _identity(self._path) != self._identity:
            raise SpoolUnusable(
                "its file was moved or deleted; restart the service, or put it back"
            )
        if _identity(log_path(self._path)) != self._log_identity:
            # What was answered stands in there, and as long as it is open it can be
            # read: at the next start it would be gone.
            with suppress(sqlite3.Error):
                self._writer.execute("PRAGMA wal_checkpoint(FULL)")
            raise SpoolUnusable(
                f"its log {log_path(self._path).name} was moved or deleted; restart the"
                " service, or put it back"
            )

    def disk_free_bytes(self) -> int:
        """Return how much room there is left on its disk."""
        return shutil.disk_usage(self._path.parent).free

    def bytes_on_disk(self) -> int:
        """Return how much room it takes."""
        sizes = 0
        for file in (self._path, log_path(self._path)):
            with suppress(FileNotFoundError):
                sizes += file.stat().st_size
        return sizes


def _open(path: Path) -> sqlite3.Connection:
    # Made here, not by SQLite, so that nobody else may read it, nor what SQLite puts
    # beside it: those files take after this one.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)  # One that was there may be readable by all.
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    try:
        _set_up(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _identity(path: Path) -> tuple[int, int] | None:
    """Return by what the system tells the file at `path` from others; None if gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def _unusable() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise SpoolUnusable(str(error)) from error


def _set_up(connection: sqlite3.Connection) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise sqlite3.OperationalError("it must be on a local disk")
    connection.execute("PRAGMA synchronous = FULL")
    # `Spool.checkpoint` does it beside the commits; this is for when it falls behind.
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES_MAX}")
    # What is forgotten or pruned is overwritten, not only unlinked.
    connection.execute("PRAGMA secure_delete = ON")
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
    # What is old is found by its age, not by its number: a clock may have been wrong.
    connection.execute(
        "CREATE INDEX IF NOT EXISTS scan_age ON scan (scanned_at)"
        " WHERE applied = 'applied'"
    )


def moment(text: str) -> datetime:
    """Return the moment that a column holds as `text`."""
    return datetime.fromisoformat(text)
