"""The floor: the same rows by plain statements, each scan durable twice.

Once in a journal file, once in the ledger, each with a commit of its own and
`synchronous = FULL`, as whoever answers after the commit must do; nothing is read from
a port, nothing is decoded, no rule is checked.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.ledger.plain import Move, Plain
from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.domain.uids import new_uid
from scanner.journal.spool_file import SCHEMA

_JOURNAL = """INSERT INTO scan (scan_id, station, port, read_point, scanned_at, raw,
    text, symbology, context) VALUES (?, 'BENCH', 'GUN-0', 'DOCK-0', ?, ?, ?, '', ?)"""
_CONTEXT = '{"mode": "MOVE", "place": "VAN-00", "used_at": "2026-11-22T09:00:00+00:00"}'


class Floor:
    """A journal and a ledger, written by the driver itself."""

    def __init__(self, journal: sqlite3.Connection, plain: Plain) -> None:
        self._journal = journal
        self._plain = plain
        self._place = ""

    def scan(self, text: str) -> None:
        """Record a scan as durably as the service does."""
        if text.startswith("%L:"):
            self._place = text.removeprefix("%L:")
        now = datetime.now(UTC)
        uid = new_uid(now)
        self._journal.execute("BEGIN IMMEDIATE")
        self._journal.execute(
            _JOURNAL,
            (uid, now.isoformat(), text.encode(), text, _CONTEXT),
        )
        self._journal.execute("COMMIT")
        if text.startswith("%"):
            return
        at_us = microseconds(now)
        self._plain.scan(
            Move(
                uid=uid,
                tag=text,
                place=self._place,
                station="DOCK-00",
                at_us=at_us,
                now_us=at_us,
            )
        )


@contextmanager
def floor(folder: Path, database: Path) -> Iterator[Floor]:
    """Give a journal in `folder` and the ledger in `database`."""
    path = folder / "floor.db"
    path.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as journal,
        closing(Plain(str(database))) as plain,
    ):
        journal.execute("PRAGMA journal_mode = WAL")
        journal.execute("PRAGMA synchronous = FULL")
        journal.execute("PRAGMA secure_delete = ON")
        journal.executescript(SCHEMA)
        yield Floor(journal, plain)
