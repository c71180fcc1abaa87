"""The durable journal: nothing is answered before it is in here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self


class SpoolBusy(Exception):
    """Another service has this spool."""


class SpoolUnwritable(Exception):
    """The spool cannot be written now: disk full, read-only, damaged or locked."""


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


class Spool:
    """The journal of one station: a SQLite file of its own, for one service at a time."""

    def __init__(
        self,
        path: Path,
        *,
        station: str,
        keep: timedelta = timedelta(days=30),
        bytes_max: int | None = None,
    ) -> None:
        """Open or make the spool at `path` and lock it.

        Raises:
            SpoolBusy: another service has it.
            SpoolUnwritable: it cannot be opened, made or written.
        """
        raise NotImplementedError

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Close the file and release the lock."""
        raise NotImplementedError


def read_status(path: Path) -> Status | None:
    """Return how the service on the spool at `path` fares, or None without a spool.

    For any process, while the service runs or not; takes nothing from it.
    """
    raise NotImplementedError
