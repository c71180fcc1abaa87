"""A station at work: a made-up centre, its settings, and `fsc scanner run` on them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import psutil  # type: ignore[import-untyped]

from benchmarks.ledger.build import build
from benchmarks.ledger.life import Size, lives
from benchmarks.ledger.rows import tag
from benchmarks.scanner.line import PATIENCE_S, Line
from scanner.journal.status import read_status

DEVICES = 10_000
PLACES = ("VAN-00", "VAN-01")
_FSC = (sys.executable, "-c", "from fsc_logistics.cli.main import main; main()")


def make_centre(folder: Path) -> Path:
    """Make the database of a centre with `DEVICES` devices, or take the one there."""
    database = folder / "fsc.db"
    if not database.exists():
        size = Size(DEVICES, 4)
        build(str(database), size, lives(size), lambda _: None)
    return database


def rounds(share: int, of: int) -> Iterator[str]:
    """Yield what is scanned at one of several ports, without an end.

    Each device of its share comes into a vehicle, then all into the other one, so that
    every scan of a device is a movement.
    """
    mine = [tag(number) for number in range(1 + share, DEVICES + 1, of)]
    yield "%C:MODE:MOVE"
    while True:
        for place in PLACES:
            yield f"%L:{place}"
            yield from mine


class Station:
    """A service in a process of its own, and the scanners at its ports."""

    def __init__(self, folder: Path, ports: str) -> None:
        self.spool = folder / "spool.db"
        for old in folder.glob("spool.db*"):
            old.unlink()
        config = folder / "fsc.toml"
        config.write_text(
            f'database = "fsc.db"\nstation = "BENCH"\nspool = "spool.db"\n{ports}'
        )
        self._process = subprocess.Popen(
            [*_FSC, "--config", str(config), "scanner", "run", "--quiet"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.process = psutil.Process(self._process.pid)

    def wait_open(self, count: int) -> None:
        """Return when so many ports are open.

        Raises:
            RuntimeError: the service ended.
        """
        while True:
            if self._process.poll() is not None:
                assert self._process.stderr is not None
                raise RuntimeError(self._process.stderr.read())
            status = read_status(self.spool)
            if status is not None and sum(p.is_open for p in status.ports) == count:
                return
            sleep(0.02)

    def stop(self) -> None:
        """End it in order."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE_S)
        assert self._process.stderr is not None
        self._process.stderr.close()


@contextmanager
def at_work(
    folder: Path, guns: int, *, rfid: bool = False
) -> Iterator[tuple[Station, list[Line]]]:
    """Give a station that serves so many scanners, each at a read point of its own.

    With `rfid` a reader of tags comes last, beside the first scanner, which it follows.
    """
    lines = [Line() for _ in range(guns + rfid)]
    ports = [
        f'[[port]]\nname = "GUN-{number}"\nurl = "{line.device}"\n'
        f'read_point = "DOCK-{number}"\nfeedback = "honeywell"\n'
        for number, line in enumerate(lines[:guns])
    ]
    if rfid:
        ports.append(
            f'[[port]]\nname = "RFID"\nurl = "{lines[-1].device}"\n'
            'read_point = "DOCK-0"\nprotocol = "r200"\nfollows = "GUN-0"\n'
        )
    station = Station(folder, "".join(ports))
    try:
        station.wait_open(len(lines))
        yield station, lines
    finally:
        station.stop()
        for line in lines:
            line.close()


@contextmanager
def readers(database: Path, count: int = 2) -> Iterator[None]:
    """Have others ask the database, over and over."""
    code = (
        "import sys, time; from datetime import datetime, UTC\n"
        "from fsc_logistics.core.database import open_sessions\n"
        "from fsc_logistics.core.ledger import answers\n"
        "from benchmarks.ledger.rows import tag\n"
        "sessions, number = open_sessions(sys.argv[1]), 0\n"
        "while True:\n"
        f"    number = number % {DEVICES} + 1\n"
        "    with sessions.read() as session:\n"
        "        answers.who(session, tag(number), at=datetime.now(UTC))\n"
        "    time.sleep(0.005)\n"
    )
    asking = [
        subprocess.Popen([sys.executable, "-c", code, str(database)], env=os.environ)
        for _ in range(count)
    ]
    try:
        yield
    finally:
        for process in asking:
            process.kill()
            process.wait()
