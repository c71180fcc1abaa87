"""What stands in the spool, and what is kept of it: values, and the rows they make."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scanner.journal.spool_file import moment
from scanner.scan import Direction, Outcome, Scan, Verdict

COLUMNS = (
    "station_seq, scan_id, station, port, read_point, scanned_at, "
    "raw, text, symbology, context, direction"
)


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


def scan_from(row: Sequence[Any]) -> Scan:
    """Return the scan of a row of `COLUMNS`."""
    values = dict(zip(COLUMNS.split(", "), row, strict=True))
    direction = values["direction"]
    return Scan(
        **values
        | {
            "scanned_at": moment(values["scanned_at"]),
            "direction": Direction(direction) if direction is not None else None,
        }
    )


def journaled_from(row: Sequence[Any]) -> Journaled:
    """Return what a row of `COLUMNS`, outcome, message and answered_at says."""
    *columns, outcome, message, answered = row
    answered_at = None if answered is None else moment(answered)
    verdict = Verdict(Outcome(outcome), message) if outcome else None
    if verdict is None and answered_at is not None:
        verdict = Verdict(Outcome.STORED, "")
    return Journaled(scan=scan_from(columns), verdict=verdict, answered_at=answered_at)


def add_scan(connection: sqlite3.Connection, scan: Scan) -> Scan:
    """Add a scan, and count it at its port; return it with its number."""
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


def mark_scan(connection: sqlite3.Connection, mark: Mark) -> None:
    """Keep what the house made of a scan; blank its payload where it says so."""
    connection.execute(
        "UPDATE scan SET applied = ?, outcome = ?, message = ? WHERE scan_id = ?",
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


def delete_oldest(
    connection: sqlite3.Connection, *, before: datetime | None, count_max: int
) -> int:
    """Delete applied scans, the oldest first, not more than so many; return how many.

    Only those made before `before`, if it is given.
    """
    return connection.execute(
        "DELETE FROM scan WHERE station_seq IN (SELECT station_seq FROM scan"
        " WHERE applied = 'applied' AND (? IS NULL OR scanned_at < ?)"
        " ORDER BY scanned_at LIMIT ?)",
        (*[None if before is None else before.isoformat()] * 2, count_max),
    ).rowcount
