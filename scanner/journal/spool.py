"""The durable journal: nothing is answered before it is in here.

A SQLite file of its own on a local disk, in WAL mode with ``synchronous = FULL``: what
`Spool.append` has returned survives a kill and a power cut.  Applied rows are kept for
a while, to look at; waiting and failed ones until they are applied.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from scanner.journal.lock import lock_file, read_note, write_note
from scanner.journal.spool_file import SpoolFile, SpoolFull, lock_path, log_path
from scanner.journal.spool_file import (
    SpoolUnusable as SpoolUnusable,  # part of this door
)
from scanner.journal.spool_rows import (
    COLUMNS,
    Journaled,
    add_scan,
    delete_oldest,
    journaled_from,
    mark_scan,
    scan_from,
)
from scanner.journal.spool_rows import Mark as Mark
from scanner.journal.spool_rows import PortNote as PortNote
from scanner.scan import Scan

LOCK_PATIENCE_S = 1.0
"""`read_status` holds the lock for a moment, to see whether anyone else does."""
DELETE_MAX = 500
"""So many rows at most are deleted at once: the next scan waits for it."""


_IN_USE = "in use"
"""Stands in the lock until the spool is closed in order."""


class SpoolBusy(Exception):
    """Another service has this spool."""


class Spool:
    """The journal of one station: a file for one service at a time.

    Its numbers go on for as long as the file is there; what makes a scan unique beyond
    that is its `scan_id`.  Any thread may call it.  Readable by its owner only, for a
    payload may be anything somebody held before a scanner.
    """

    def __init__(
        self,
        path: Path,
        *,
        station: str,
        keep: timedelta = timedelta(days=30),
        bytes_max: int | None = None,
    ) -> None:
        """Open or make the spool at `path`, lock it, and go on where it ended.

        `keep` is for how long applied scans stay; `bytes_max` bounds the file: what was
        applied longest ago makes room, and a scan for which there is none is not saved.

        Raises:
            SpoolBusy: another service has it.
            SpoolUnusable: it cannot be made, opened or written, or is not a spool.
        """
        self.station = station
        self.is_robbed = False
        """Whether what was answered before this start may be lost: SQLite's log was
        taken away after a service that was killed."""
        self._keep = keep
        self._bytes_max = bytes_max
        self._truncate_owed = True
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            held = lock_file(lock_path(path), patience_s=LOCK_PATIENCE_S)
        except OSError as error:
            raise SpoolUnusable(f"The spool {path} cannot be made: {error}.") from error
        if held is None:
            raise SpoolBusy(f"The spool {path} is in use by another scanner service.")
        self._held = held
        try:
            self.is_robbed = _is_robbed(path)
            self._file = SpoolFile(path)
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            held.close()
            raise SpoolUnusable(f"The spool {path} cannot be used: {error}.") from error
        try:
            with self._file.transaction() as connection:
                connection.execute("UPDATE port SET is_open = 0")
            self._truncate()
            self.publish("")
        except (OSError, SpoolUnusable) as error:
            with suppress(OSError):
                write_note(held, "")
            self._file.close()
            held.close()
            raise SpoolUnusable(f"The spool {path} cannot be used: {error}.") from error

    def __enter__(self) -> Self:
        """Return the spool, which is open already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the file and release the lock; a second time does nothing."""
        if self._held.closed:
            return
        self._truncate()
        with suppress(OSError):
            # Before SQLite takes its log away: with the word still there, and without
            # the log, the next start would miss it.
            write_note(self._held, "")
        self._file.close()
        self._held.close()

    def publish(self, address: str) -> None:
        """Tell other processes where whoever has the spool is reached.

        Raises:
            OSError: it cannot be written.
        """
        write_note(self._held, f"{address}\n{_IN_USE}")

    def bytes_on_disk(self) -> int:
        """Return how much room the spool takes."""
        return self._file.bytes_on_disk()

    def disk_free_bytes(self) -> int:
        """Return how much room there is left on its disk."""
        return self._file.disk_free_bytes()

    def append(
        self,
        scans: Sequence[Scan],
        contexts: Mapping[str, str],
        *,
        marks: Iterable[Mark] = (),
        answered: Mapping[str, datetime] | None = None,
    ) -> tuple[Scan, ...]:
        """Add `scans`, durably and in one commit; return them with their numbers.

        `contexts` is the context after them, for each port they came from.  What there
        is to mark goes along: a commit costs more than what is in it.

        Raises:
            SpoolFull: there is no room for a scan; the marks were kept.
            SpoolUnusable: nothing of it was saved.
        """
        marks, answered = list(marks), answered or {}
        while True:
            try:
                saved = self._append(scans, contexts, marks, answered)
            except SpoolFull:
                # First of all: it is what was recorded that can make room.
                self.mark(marks, answered)
                marks, answered = [], {}
                # What was recorded long ago makes room for what nobody else has.
                if not self._make_room():
                    raise
            else:
                self._truncate()
                return saved

    def _append(
        self,
        scans: Sequence[Scan],
        contexts: Mapping[str, str],
        marks: Iterable[Mark],
        answered: Mapping[str, datetime],
    ) -> tuple[Scan, ...]:
        with self._file.transaction() as connection:
            saved = tuple(add_scan(connection, scan) for scan in scans)
            for port, context in contexts.items():
                connection.execute(
                    "INSERT INTO port (port, context) VALUES (?, ?)"
                    " ON CONFLICT (port) DO UPDATE SET context = excluded.context",
                    (port, context),
                )
            self._check_room(connection)
            self._mark(connection, marks, answered)
        return saved

    def mark(
        self, marks: Iterable[Mark], answered: Mapping[str, datetime] | None = None
    ) -> None:
        """Keep what the house made of scans, and when their scanner was answered.

        A payload that is to be forgotten is blanked.  There is room for marks also in
        a full spool.

        Raises:
            SpoolUnusable: nothing was kept; mark them again later.
        """
        marks, answered = list(marks), answered or {}
        if marks or answered:
            with self._file.transaction() as connection:
                self._mark(connection, marks, answered)
        self._truncate()

    def waiting(
        self, *, after_seq: int, to_seq: int, count_max: int
    ) -> tuple[Scan, ...]:
        """Return the first scans that were not applied, in their order.

        Only of those beyond `after_seq`, up to and with `to_seq`.

        Raises:
            SpoolUnusable: the file cannot be read.
        """
        with self._file.reading() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM scan WHERE applied = 'waiting'"  # noqa: S608 - ours
                " AND station_seq > ? AND station_seq <= ?"
                " ORDER BY station_seq LIMIT ?",
                (after_seq, to_seq, count_max),
            ).fetchall()
        return tuple(scan_from(row) for row in rows)

    def last_seq(self) -> int:
        """Return the number of the last scan that was added; 0 before the first."""
        with self._file.reading() as connection:
            row = connection.execute(
                "SELECT seq FROM sqlite_sequence WHERE name = 'scan'"
            ).fetchone()
        return int(row[0]) if row else 0

    def retry_failed(self) -> int:
        """Have the failed scans wait again, each in its old place; return how many.

        In the order of their numbers and not behind the waiting ones: a row of scans
        means what it means in the order it was made.
        """
        with self._file.transaction() as connection:
            return connection.execute(
                "UPDATE scan SET applied = 'waiting', outcome = NULL, message = NULL"
                " WHERE applied = 'failed'"
            ).rowcount

    def last_of(self, port: str) -> Journaled | None:
        """Return the last scan of `port`, or None if it has none."""
        with self._file.reading() as connection:
            row = connection.execute(
                f"SELECT {COLUMNS}, outcome, message, answered_at"  # noqa: S608 - ours
                " FROM scan WHERE port = ? ORDER BY station_seq DESC LIMIT 1",
                (port,),
            ).fetchone()
        return None if row is None else journaled_from(row)

    def context_of(self, port: str) -> str:
        """Return the context after the last scan of `port`; empty before the first."""
        with self._file.reading() as connection:
            row = connection.execute(
                "SELECT context FROM port WHERE port = ?", (port,)
            ).fetchone()
        return str(row[0]) if row else ""

    def note_ports(self, notes: Iterable[PortNote]) -> None:
        """Keep, for `read_status`, what changed at ports.

        Raises:
            SpoolUnusable: nothing was kept.
        """
        with self._file.transaction() as connection:
            for note in notes:
                connection.execute(
                    "INSERT INTO port (port, is_open, error, noise_count)"
                    " VALUES (?, ?, ?, ?) ON CONFLICT (port) DO UPDATE SET"
                    " is_open = excluded.is_open,"
                    " error = iif(excluded.error = '', error, excluded.error),"
                    " noise_count = noise_count + excluded.noise_count",
                    (note.port, note.is_open, note.error, note.noise_added_count),
                )

    def counts(self) -> tuple[int, int]:
        """Return how many scans wait, and how many have failed."""
        with self._file.reading() as connection:
            counts = dict(
                connection.execute(
                    "SELECT applied, count(*) FROM scan"
                    " WHERE applied IN ('waiting', 'failed') GROUP BY applied"
                ).fetchall()
            )
        return counts.get("waiting", 0), counts.get("failed", 0)

    def prune(self, now: datetime) -> int:
        """Delete applied scans made longer ago than they are kept; return how many.

        Not more than `DELETE_MAX`: ask again while it is as many.

        Raises:
            SpoolUnusable: nothing was deleted.
        """
        with self._file.transaction() as connection:
            return delete_oldest(
                connection,
                before=(now - self._keep).astimezone(UTC),
                count_max=DELETE_MAX,
            )

    def checkpoint(self) -> None:
        """Take the write-ahead log into the file, beside the commits of the others.

        Raises:
            SpoolUnusable: it could not be done; the log grows on.
        """
        self._file.checkpoint()

    def forget_owed(self) -> None:
        """Empty the write-ahead log if a payload to forget may still stand in it."""
        self._truncate()

    def _make_room(self) -> bool:
        with self._file.transaction() as connection:
            return bool(delete_oldest(connection, before=None, count_max=DELETE_MAX))

    def _check_room(self, connection: sqlite3.Connection) -> None:
        if self._bytes_max is None:
            return
        pages, free, page_bytes = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - free) * page_bytes > self._bytes_max:
            raise SpoolFull("it is full")

    def _mark(
        self,
        connection: sqlite3.Connection,
        marks: Iterable[Mark],
        answered: Mapping[str, datetime],
    ) -> None:
        for mark in marks:
            mark_scan(connection, mark)
            self._truncate_owed = self._truncate_owed or mark.verdict.forget
        connection.executemany(
            "UPDATE scan SET answered_at = ? WHERE scan_id = ?",
            [(at.isoformat(), scan_id) for scan_id, at in answered.items()],
        )

    def _truncate(self) -> None:
        """Empty the write-ahead log, where a payload to forget still stands.

        Owed until it succeeds: somebody may be reading the status just now.
        """
        if self._truncate_owed:
            # Before it is done: what is to be forgotten meanwhile is owed again.
            self._truncate_owed = done = False
            try:
                with suppress(SpoolUnusable):
                    done = self._file.truncate()
            finally:
                self._truncate_owed = self._truncate_owed or not done


def _is_robbed(path: Path) -> bool:
    """Tell whether a service was killed here, and then its log was taken away.

    SQLite takes no notice: it goes on with what was in the file.

    Raises:
        OSError, UnicodeDecodeError: the lock cannot be read.
    """
    was_killed = read_note(lock_path(path)).endswith(_IN_USE)
    return was_killed and not log_path(path).exists()
