"""A house over a SQLite file, a running service, and waiting without guessing."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from scanner.journal.spool import Spool
from scanner.journal.status import Status, read_status
from scanner.playing.simulate import SimulatedScanner
from scanner.scan import Outcome, Record, Scan, Unavailable, Verdict
from scanner.serving.service import serve
from scanner.settings import PortSettings, Timing

PATIENCE_S = 30.0
TIMING = Timing(retry_min_s=0.02, retry_max_s=0.1, patience_s=PATIENCE_S)

# Windows has no pseudo-terminals to play a scanner on.
collect_ignore = (
    [
        "test_catching_up.py",
        "test_clock.py",
        "test_holding.py",
        "test_kill.py",
        "test_pages.py",
        "test_port.py",
        "test_rfid_served.py",
        "test_served.py",
        "test_service.py",
        "test_simulate.py",
        "test_speaker_at_ports.py",
        "test_ssi_served.py",
        "test_watchdog.py",
    ]
    if os.name == "nt"
    else []
)


def wait_until(condition: Callable[[], object], what: str = "it to come true") -> None:
    """Return when `condition` holds; how long that takes is nobody's business."""
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up, f"waited in vain for {what}"
        time.sleep(0.005)


class House:
    """Records scans, each `scan_id` once, as the real one does; can be made to fail."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.away = threading.Event()
        self.asked_count = 0
        with closing(self._open()) as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS record (n INTEGER PRIMARY KEY, scan_id TEXT"
                " UNIQUE, seq INTEGER, port TEXT, text TEXT, context TEXT)"
            )

    def record(self, scan: Scan) -> Verdict:
        """Record `scan`; some payloads have a meaning of their own."""
        self.asked_count += 1
        if self.away.is_set():
            raise Unavailable
        if scan.text == "POISON":
            raise KeyError(f"a fault that quotes {scan.text}")
        if scan.text == "HEALTH-CARD":
            return Verdict(Outcome.REFUSED, "Not a device.", forget=True)
        if scan.text == "WHAT":
            return Verdict(Outcome.UNKNOWN, "Nothing is known by that code.")
        with closing(self._open()) as connection, connection:
            connection.execute(
                "INSERT OR IGNORE INTO record (scan_id, seq, port, text, context)"
                " VALUES (?, ?, ?, ?, ?)",
                (scan.scan_id, scan.station_seq, scan.port, scan.text, scan.context),
            )
        if scan.text.startswith("%C:"):
            return Verdict(Outcome.SET, scan.text)
        return Verdict(Outcome.OK, f"{scan.text} recorded.")

    def recorded(self, *columns: str) -> list[tuple[object, ...]]:
        """Return these columns of what was recorded, in the order it was."""
        with closing(self._open()) as connection:
            names = ", ".join(columns)
            return connection.execute(
                f"SELECT {names} FROM record ORDER BY n"
            ).fetchall()

    def texts(self) -> list[object]:
        """Return the payloads that were recorded, in the order they were."""
        return [text for (text,) in self.recorded("text")]

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=10)


def each(record: Callable[[Scan], Verdict]) -> Record:
    """Return how `record` records several."""
    return lambda scans: [record(scan) for scan in scans]


def advance(context: str, text: str, moment: datetime) -> str:
    """Set the mode with a mode card; everything else leaves it."""
    return text if text.startswith("%C:MODE:") else context


class Station:
    """A service in a thread, over a spool and a house that outlive it."""

    def __init__(self, folder: Path) -> None:
        self.spool_path = folder / "spool.db"
        self.house = House(folder / "house.db")
        self.told: list[tuple[Scan, Verdict]] = []
        self.error: Exception | None = None
        self.spool: Spool | None = None
        self.stop_event = threading.Event()
        self._thread: threading.Thread | None = None

    def start(
        self,
        *scanners: SimulatedScanner,
        protocol: str = "line",
        feedback: str | None = "honeywell",
        timing: Timing | None = None,
        bytes_max: int | None = None,
        record: Callable[[Scan], Verdict] | None = None,
        ports: Sequence[PortSettings] | None = None,
        **options: Any,
    ) -> None:
        """Start serving `scanners`, the first named P0 at dock 0, and so on.

        `ports` are served in their stead, if they are given; `options` are those of
        `serve`.
        """
        ports = ports or [
            PortSettings(
                name=f"P{number}",
                url=scanner.device,
                read_point=f"DOCK-{number}",
                protocol=protocol,
                feedback=feedback,
                gap_s=0.1,
            )
            for number, scanner in enumerate(scanners)
        ]
        self.stop_event = threading.Event()
        self.spool = Spool(self.spool_path, station="HORSENS", bytes_max=bytes_max)
        self._thread = threading.Thread(
            target=self._serve,
            args=(ports, each(record or self.house.record)),
            kwargs={"timing": timing or TIMING, **options},
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop the service cleanly and wait until it has returned."""
        self.stop_event.set()
        if self._thread is not None:
            self._thread.join(PATIENCE_S)
            assert not self._thread.is_alive()
            self._thread = None
        if self.spool is not None:
            self.spool.close()

    def status(self) -> Status:
        """Return the status as another process would see it."""
        status = read_status(self.spool_path)
        assert status is not None
        return status

    def outcomes(self) -> list[Outcome]:
        """Return what the listener was told, in order."""
        return [verdict.outcome for _, verdict in self.told]

    def _serve(
        self,
        ports: Sequence[PortSettings],
        record: Callable[[Scan], Verdict],
        **options: Any,
    ) -> None:
        assert self.spool is not None
        try:
            serve(
                ports,
                self.spool,
                record,
                advance,
                self.stop_event,
                on_scan=lambda scan, verdict: self.told.append((scan, verdict)),
                **options,
            )
        except Exception as error:
            self.error = error


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    station = Station(tmp_path)
    yield station
    station.stop()


@pytest.fixture
def gun(tmp_path: Path) -> Iterator[SimulatedScanner]:
    """A scanner with a stable device path that tells every outcome apart."""
    with SimulatedScanner(tmp_path / "tty-gun", feedback="honeywell") as scanner:
        yield scanner


@pytest.fixture(name="wait_until")
def wait_until_fixture() -> Callable[..., None]:
    return wait_until
