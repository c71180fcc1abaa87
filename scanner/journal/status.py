"""How a scanner service fares, for a process that is not it."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from scanner.journal.lock import lock_file, read_note
from scanner.journal.spool_file import SpoolUnusable, lock_path, moment, open_to_read


@dataclass(frozen=True, slots=True, kw_only=True)
class PortStatus:
    """How one port fares."""

    port: str
    is_open: bool
    error: str
    """Why it last went away; empty if it never did."""
    scans_count: int
    noise_count: int
    last_scan_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the service fares, read from outside."""

    running: bool
    waiting_count: int
    failed_count: int
    last_scan_at: datetime | None
    ports: tuple[PortStatus, ...]


def read_status(path: Path) -> Status | None:
    """Return how the service on the spool at `path` fares, or None without a spool.

    For any process, while the service runs or not; the service does not notice.

    Raises:
        SpoolUnusable: there is a spool and it cannot be read.
    """
    if not path.exists():
        return None
    try:
        with closing(open_to_read(path)) as connection:
            if connection.execute("PRAGMA user_version").fetchone() == (0,):
                return None  # It is being made this moment.
            # One transaction, for counts that belong together.
            connection.execute("BEGIN")
            counts = dict(
                connection.execute(
                    "SELECT applied, count(*) FROM scan"
                    " WHERE applied IN ('waiting', 'failed') GROUP BY applied"
                ).fetchall()
            )
            rows = connection.execute(
                "SELECT port, is_open, error, scans_count, noise_count, last_scan_at"
                " FROM port ORDER BY port"
            ).fetchall()
        running = _is_locked(path)
    except (sqlite3.Error, OSError) as error:
        raise SpoolUnusable(f"The spool {path} cannot be read: {error}.") from error
    ports = tuple(_port_status(row, running=running) for row in rows)
    moments = [port.last_scan_at for port in ports if port.last_scan_at is not None]
    return Status(
        running=running,
        waiting_count=counts.get("waiting", 0),
        failed_count=counts.get("failed", 0),
        last_scan_at=max(moments, default=None),
        ports=ports,
    )


def read_address(path: Path) -> str | None:
    """Return where the service on the spool at `path` shows its pages, as a URL.

    None if no service runs, or it shows none.

    Raises:
        SpoolUnusable: that cannot be read.
    """
    try:
        if not _is_locked(path):
            return None
        address, _, _ = read_note(lock_path(path)).partition("\n")
        return address or None
    except (OSError, UnicodeDecodeError) as error:
        raise SpoolUnusable(
            f"The lock of the spool {path} cannot be read: {error}."
        ) from error


def _is_locked(path: Path) -> bool:
    if not lock_path(path).exists():
        return False
    held = lock_file(lock_path(path), patience_s=0)
    if held is not None:
        held.close()
    return held is None


def _port_status(row: Sequence[Any], *, running: bool) -> PortStatus:
    port, is_open, error, scans_count, noise_count, last_scan_at = row
    return PortStatus(
        port=port,
        # A service that was killed could not say that its ports are closed.
        is_open=bool(is_open) and running,
        error=error,
        scans_count=scans_count,
        noise_count=noise_count,
        last_scan_at=None if last_scan_at is None else moment(last_scan_at),
    )
