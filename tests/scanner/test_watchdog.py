"""systemd is told that all is well only while every thread comes round."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from scanner.serving.threads import Threads
from scanner.serving.watchdog import Watchdog

SERVING = Path(__file__).with_name("serving.py")


class Supervisor:
    """Listens as systemd does, at a file or at a name that is no file."""

    def __init__(self, address):
        self.address = address
        self.told = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0", 1))
        self._socket.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def listen(self):
        """Take what was told since, and return all of it."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.told.append(self._socket.recv(1000).decode())
        return self.told

    def feeds(self):
        return self.listen().count("WATCHDOG=1")


@pytest.fixture
def supervisor(tmp_path):
    with Supervisor(str(tmp_path / "notify")) as supervisor:
        yield supervisor


def environment(address, *, limit_s="1", **changed):
    limit_us = str(int(float(limit_s) * 1e6))
    return {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": limit_us} | changed


@pytest.mark.parametrize("kind", ["file", "abstract"])
def test_it_tells_at_a_file_and_at_a_name_that_is_no_file(tmp_path, kind):
    address = str(tmp_path / "notify")
    if kind == "abstract":
        address = f"@fsc-test-{os.getpid()}-{time.monotonic_ns()}"
    with Supervisor(address) as supervisor:
        watchdog = Watchdog(environment(address))
        watchdog.ready()
        watchdog.status("1 of 1 ports open")
        watchdog.status("1 of 1 ports open")
        watchdog.feed()
        watchdog.feed()
        watchdog.stopping()

        assert supervisor.listen() == [
            "READY=1",
            "STATUS=1 of 1 ports open",
            "WATCHDOG=1",
            "STOPPING=1",
        ]


@pytest.mark.parametrize(
    "changed",
    [{"WATCHDOG_USEC": ""}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_PID": "1"}],
)
def test_who_wants_no_feeds_gets_none(supervisor, changed):
    watchdog = Watchdog(environment(supervisor.address) | changed)

    watchdog.feed()
    watchdog.ready()

    assert supervisor.listen() == ["READY=1"]


@pytest.mark.parametrize("address", ["", "/nowhere/notify"])
def test_without_somebody_who_listens_nothing_happens(address):
    watchdog = Watchdog(environment(address))

    watchdog.ready()
    watchdog.feed()


# ---- threads


def test_a_thread_that_does_not_come_round_is_late_until_it_does(wait_until):
    threads, may_go_on, may_end = (
        Threads(threading.Event()),
        threading.Event(),
        threading.Event(),
    )

    def work(tick):
        assert may_go_on.wait(30)
        while not may_end.wait(0.01):
            tick()

    thread = threads.start("slow", work, within_s=0.2)
    wait_until(lambda: threads.late() == ["slow"])
    may_go_on.set()
    wait_until(lambda: threads.late() == [])
    may_end.set()
    thread.join(30)

    assert threads.late() == []
    assert threads.failure is None


# ---- the service in a process of its own


@pytest.fixture
def serving(tmp_path, supervisor, station):
    """Start a service under a supervisor that wants a feed every second."""
    children = []

    def start(*arguments):
        child = subprocess.Popen(
            [sys.executable, str(SERVING), str(tmp_path), *arguments],
            env=os.environ | environment(supervisor.address, limit_s="0.6"),
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()


def test_it_is_fed_while_a_port_is_away_and_after_it_has_come(
    serving, supervisor, tmp_path, gun, wait_until
):
    gun.unplug()
    child = serving(gun.device)
    wait_until(lambda: supervisor.feeds() >= 5)
    gun.replug()
    gun.send("OXI-000001")
    fed_count = supervisor.feeds()
    wait_until(lambda: supervisor.feeds() >= fed_count + 5)
    child.send_signal(signal.SIGTERM)
    code = child.wait(30)

    assert supervisor.told[0] == "READY=1"
    assert "STATUS=0 of 1 ports open" in supervisor.told
    assert "STATUS=1 of 1 ports open" in supervisor.listen()
    assert supervisor.told[-1] == "STOPPING=1"
    assert code == 0


def test_it_is_fed_no_more_once_a_thread_hangs(
    serving, supervisor, tmp_path, gun, wait_until
):
    child = serving(gun.device)
    wait_until(lambda: supervisor.feeds() >= 2)
    gun.wait_for_listener()
    gun.emit(b"HANG\r")
    wait_until(lambda: (tmp_path / "hangs").exists())

    def fed_since(count):
        threading.Event().wait(2)  # Ten times as long as a feed takes to come.
        return supervisor.feeds() > count

    wait_until(lambda: not fed_since(supervisor.feeds()))
    assert child.poll() is None
