"""The real command line, in this process or in one of its own."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest

from fsc_logistics.cli.main import main
from fsc_logistics.core.database import Sessions, make_engine
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.tables import Device, DeviceModel, Location, Party
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.custody import BizStep, Signature, Transfer

PATIENCE_S = 60.0
COMMAND = (
    sys.executable,
    "-c",
    "import sys; from fsc_logistics.cli.main import main; main(sys.argv[1:])",
)

# Windows has no pseudo-terminals to play a scanner on.
collect_ignore = (
    [
        "test_scanner.py",
        "test_scanner_doctor.py",
        "test_scanner_kill.py",
        "test_scanner_watch.py",
    ]
    if os.name == "nt"
    else []
)


def wait_until(condition: Callable[[], object], what: str = "it to come true") -> None:
    """Return when `condition` holds; how long that takes is nobody's business."""
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up, f"waited in vain for {what}"
        time.sleep(0.02)


@pytest.fixture(name="wait_until")
def wait_until_fixture() -> Callable[..., None]:
    return wait_until


@dataclass(frozen=True)
class Told:
    """What a command left behind."""

    code: int
    out: str
    err: str


Fsc = Callable[..., Told]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with no settings but those a test writes there."""
    for name in list(os.environ):
        if name.startswith("FSC_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FSC_ACTOR", "BIRTE")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-settings"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def fsc(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Fsc:
    """Run a command in `folder` as a person would."""

    def run(*arguments: object, stdin: str | bytes = "") -> Told:
        typed = stdin if isinstance(stdin, bytes) else stdin.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed)))
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return Told(end.value.code, told.out, told.err)

    return run


class Process:
    """A command in a process of its own, whose words are taken down as they come."""

    def __init__(self, *arguments: object, folder: Path) -> None:
        self._process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            cwd=folder,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.pid = self._process.pid
        self._out: list[str] = []
        self._err: list[str] = []
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._takers = [
            _taker(self._process.stdout, self._out),
            _taker(self._process.stderr, self._err),
        ]

    @property
    def out(self) -> str:
        """What it has printed so far."""
        return "".join(self._out)

    @property
    def err(self) -> str:
        """What it has said on stderr so far."""
        return "".join(self._err)

    def is_running(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.is_running(), f"it had ended by itself: {self.err}"
        self._process.kill()
        self.wait()

    def stop(self) -> Told:
        """Ask it to stop, and wait until it has."""
        self._process.send_signal(signal.SIGTERM)
        return self.wait()

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def wait(self) -> Told:
        """Wait until it has ended by itself."""
        code = self._process.wait(PATIENCE_S)
        for taker in self._takers:
            taker.join(PATIENCE_S)
        return Told(code, self.out, self.err)

    def end(self) -> None:
        """End it whatever it does."""
        if self.is_running():
            self._process.kill()
        self.wait()


def _taker(stream: IO[str], lines: list[str]) -> threading.Thread:
    def take() -> None:
        with stream:
            for line in stream:
                lines.append(line)

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    return thread


@pytest.fixture
def started(folder: Path) -> Iterator[Callable[..., Process]]:
    """Start a command in `folder` in a process of its own, ended with the test."""
    processes: list[Process] = []

    def start(*arguments: object) -> Process:
        processes.append(Process(*arguments, folder=folder))
        return processes[-1]

    yield start
    for process in processes:
        process.end()


TAGS = tuple(f"OXI-{number:06}" for number in range(1, 26))
FIRST_DAY = datetime(2026, 1, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="session")
def fill() -> Callable[[str], None]:
    """Put a small centre into a database: DEPOT keeps HORSENS, two vans, a home."""
    return _fill


def _fill(url: str) -> None:
    engine = make_engine(url)
    fill_small_centre(Sessions(engine))
    engine.dispose()


def fill_small_centre(sessions: Sessions) -> None:
    with sessions.begin() as session:
        kinds = {"DEPOT": "partner", "ANNA": "technician", "BO": "technician"}
        kinds["CIT-1"] = "citizen"
        parties = {code: Party(code=code, kind=kind) for code, kind in kinds.items()}
        model = DeviceModel(
            code="3230", maker="Nonin", name="Onyx", category="oximeter"
        )
        session.add_all([*parties.values(), model])
        session.flush()
        session.add_all(
            Location(code=code, kind=kind, keeper_id=parties[keeper].id)
            for code, kind, keeper in (
                ("HORSENS", "warehouse", "DEPOT"),
                ("VAN-ANNA", "vehicle", "ANNA"),
                ("VAN-BO", "vehicle", "BO"),
                ("HOME-CIT-1", "home", "CIT-1"),
            )
        )
        session.add_all(
            Device(tag=tag, model_id=model.id, owner_id=parties["DEPOT"].id)
            for tag in TAGS
        )
        session.flush()
        transfer = Transfer(
            uid="first",
            devices=TAGS,
            location="HORSENS",
            event_time=FIRST_DAY,
            biz_step=BizStep.COMMISSIONING,
            condition=Condition.READY,
        )
        by = Signature(station="OFFICE", actor="EVA", record_time=FIRST_DAY)
        record_transfer(session, transfer, by)


@pytest.fixture
def small_centre() -> None:
    """Ask for a database that begins with the small centre in it."""


@pytest.fixture
def beginning(request: pytest.FixtureRequest) -> Callable[[Sessions], None] | None:
    return fill_small_centre if "small_centre" in request.fixturenames else None


@pytest.fixture
def centre(sqlite_url: str, small_centre: None) -> str:
    """The path of a SQLite database with a small centre in it."""
    return sqlite_url


@pytest.fixture
def elsewhere(sqlite_template: Path, folder: Path) -> str:
    """The path of an empty database."""
    path = folder / "elsewhere.db"
    path.write_bytes(sqlite_template.read_bytes())
    return str(path)
