"""The durable journal: nothing is answered before it is in here.

A SQLite file of its own on a local disk, in WAL mode with ``synchronous = FULL``: what
`Spool.append` has returned survives a kill and a power cut.  Applied rows are kept for
a while, to look at; waiting and failed ones until they are applied.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from scanner.lock import lock_file
from scanner.scan import Direction, Outcome, Scan, Verdict
from scanner.spool_file import SpoolUnusable as SpoolUnusable  # part of this door
from scanner.spool_file import lock_path, moment, open_file

LOCK_PATIENCE_S = 1.0
"""`read_status` holds the lock for a moment, to see whether anyone else does."""

_COLUMNS = (
    "station_seq, scan_id, station, port, read_point, scanned_at, "
    "raw, text, symbology, context, direction"
)


class SpoolBusy(Exception):
    """Another service has this spool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the house made of a scan."""

    scan: Scan
    verdict: Verdict
    failed: bool = False
    """The house broke over it: it is asked once more at the next start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journaled:
    """A scan as it stands in the journal."""

    scan: Scan
    verdict: Verdict | None
    """None while it waits and was not answered; STORED once it was answered so."""
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PortNote:
    """What changed at a port, but for its scans."""

    port: str
    is_open: bool
    error: str
    noise_added_count: int


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

        `keep` is for how long applied scans stay; `bytes_max` bounds the file, and a
        scan for which there is no room is then not saved.

        Raises:
            SpoolBusy: another service has it.
            SpoolUnusable: it cannot be made, opened or written, or is not a spool.
        """
        self.station = station
        self._path = path
        self._keep = keep
        self._lock = threading.Lock()
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
            self._connection = open_file(path, bytes_max=bytes_max)
            with self._transaction() as connection:
                connection.execute("UPDATE port SET is_open = 0")
            self._truncate()
        except (sqlite3.Error, OSError, SpoolUnusable) as error:
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
        """Close the file and release the lock."""
        with self._lock:
            self._connection.close()
            self._held.close()

    def append(
        self, scans: Sequence[Scan], contexts: Mapping[str, str]
    ) -> tuple[Scan, ...]:
        """Add `scans`, durably and in one commit; return them with their numbers.

        `contexts` is the context after them, for each port they came from.

        Raises:
            SpoolUnusable: none of them was saved.
        """
        with self._transaction() as connection:
            saved = tuple(self._added(connection, scan) for scan in scans)
            for port, context in contexts.items():
                connection.execute(
                    "UPDATE port SET context = ? WHERE port = ?", (context, port)
                )
        return saved

    def waiting(
        self, *, after_seq: int, to_seq: int, count_max: int
    ) -> tuple[Scan, ...]:
        """Return the first scans that were not applied, in their order.

        Only of those beyond `after_seq`, up to and with `to_seq`.

        Raises:
            SpoolUnusable: the file cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM scan WHERE applied = 'waiting'"  # noqa: S608 - ours
                " AND station_seq > ? AND station_seq <= ?"
                " ORDER BY station_seq LIMIT ?",
                (after_seq, to_seq, count_max),
            ).fetchall()
        return tuple(_scan(row) for row in rows)

    def last_seq(self) -> int:
        """Return the number of the last scan that was added; 0 before the first."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT seq FROM sqlite_sequence WHERE name = 'scan'"
            ).fetchone()
        return int(row[0]) if row else 0

    def retry_failed(self) -> int:
        """Have the failed scans wait again, each in its old place; return how many.

        In the order of their numbers and not behind the waiting ones: a row of scans
        means what it means in the order it was made.
        """
        with self._transaction() as connection:
            return connection.execute(
                "UPDATE scan SET applied = 'waiting', outcome = NULL, message = NULL"
                " WHERE applied = 'failed'"
            ).rowcount

    def mark(self, marks: Iterable[Mark]) -> None:
        """Keep what the house made of scans; blank the payload where it says so.

        Raises:
            SpoolUnusable: nothing was kept; mark them again later.
        """
        with self._transaction() as connection:
            for mark in marks:
                connection.execute(
                    "UPDATE scan SET applied = ?, outcome = ?, message = ?"
                    " WHERE scan_id = ?",
                    (
                        "failed" if mark.failed else "applied",
                        mark.verdict.outcome.value,
                        mark.verdict.message,
                        mark.scan.scan_id,
                    ),
                )
                if mark.verdict.forget:
                    connection.execute(
                        "UPDATE scan SET raw = x'', text = '' WHERE scan_id = ?",
                        (mark.scan.scan_id,),
                    )
                    self._truncate_owed = True
        self._truncate()

    def mark_answered(self, scan_ids: Iterable[str], answered_at: datetime) -> None:
        """Keep that the scanner was answered.

        Raises:
            SpoolUnusable: it was not kept; a resend of such a scan is then expected
                for longer after a restart.
        """
        with self._transaction() as connection:
            connection.executemany(
                "UPDATE scan SET answered_at = ? WHERE scan_id = ?",
                [(answered_at.isoformat(), scan_id) for scan_id in scan_ids],
            )

    def last_of(self, port: str) -> Journaled | None:
        """Return the last scan of `port`, or None if it has none."""
        with self._reading() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS}, outcome, message, answered_at"  # noqa: S608 - ours
                " FROM scan WHERE port = ? ORDER BY station_seq DESC LIMIT 1",
                (port,),
            ).fetchone()
        if row is None:
            return None
        *columns, outcome, message, answered = row
        answered_at = None if answered is None else moment(answered)
        verdict = Verdict(Outcome(outcome), message) if outcome else None
        if verdict is None and answered_at is not None:
            verdict = Verdict(Outcome.STORED, "")
        return Journaled(scan=_scan(columns), verdict=verdict, answered_at=answered_at)

    def context_of(self, port: str) -> str:
        """Return the context after the last scan of `port`; empty before the first."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT context FROM port WHERE port = ?", (port,)
            ).fetchone()
        return str(row[0]) if row else ""

    def note_ports(self, notes: Iterable[PortNote]) -> None:
        """Keep, for `read_status`, what changed at ports.

        Raises:
            SpoolUnusable: nothing was kept.
        """
        with self._transaction() as connection:
            for note in notes:
                connection.execute(
                    "INSERT INTO port (port, is_open, error, noise_count)"
                    " VALUES (?, ?, ?, ?) ON CONFLICT (port) DO UPDATE SET"
                    " is_open = excluded.is_open,"
                    " error = iif(excluded.error = '', error, excluded.error),"
                    " noise_count = noise_count + excluded.noise_count",
                    (note.port, note.is_open, note.error, note.noise_added_count),
                )

    def prune(self, now: datetime) -> int:
        """Delete applied scans made longer ago than they are kept; return how many.

        Raises:
            SpoolUnusable: nothing was deleted.
        """
        with self._transaction() as connection:
            return connection.execute(
                "DELETE FROM scan WHERE applied = 'applied' AND scanned_at < ?",
                ((now - self._keep).astimezone(UTC).isoformat(),),
            ).rowcount

    def _added(self, connection: sqlite3.Connection, scan: Scan) -> Scan:
        seq = connection.execute(
            "INSERT INTO scan (scan_id, station, port, read_point, scanned_at,"
            " raw, text, symbology, context, direction)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                scan.scan_id,
                scan.station,
                scan.port,
                scan.read_point,
                scan.scanned_at.isoformat(),
                scan.raw,
                scan.text,
                scan.symbology,
                scan.context,
                scan.direction,
            ),
        ).lastrowid
        connection.execute(
            "INSERT INTO port (port, scans_count, last_scan_at) VALUES (?, 1, ?)"
            " ON CONFLICT (port) DO UPDATE SET scans_count = scans_count + 1,"
            " last_scan_at = excluded.last_scan_at",
            (scan.port, scan.scanned_at.isoformat()),
        )
        return replace(scan, station_seq=seq or 0)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise SpoolUnusable(str(error)) from error

    def _truncate(self) -> None:
        """Empty the write-ahead log, where a payload to forget still stands.

        Owed until it succeeds: somebody may be reading the status just now.
        """
        if self._truncate_owed:
            with suppress(SpoolUnusable), self._reading() as connection:
                busy, *_ = connection.execute(
                    "PRAGMA wal_checkpoint(TRUNCATE)"
                ).fetchone()
                self._truncate_owed = bool(busy)


def _scan(row: Sequence[Any]) -> Scan:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    direction = values["direction"]
    return Scan(
        **values
        | {
            "scanned_at": moment(values["scanned_at"]),
            "direction": Direction(direction) if direction is not None else None,
        }
    )
