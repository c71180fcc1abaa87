"""The station screen beside the real service, and in a terminal."""

import asyncio
import json
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from datetime import UTC, datetime
from fcntl import ioctl
from functools import partial

import pytest
from watching import habits, texts

from fsc_logistics.cli.watch.picture import Look
from fsc_logistics.cli.watch.screen import WatchScreen
from fsc_logistics.cli.watch.service import ask_state
from scanner.journal.status import read_address
from scanner.playing.simulate import SimulatedScanner
from scanner.scan import Outcome

WAIT_S = 60
COMMAND = (
    sys.executable,
    "-c",
    "import sys; from fsc_logistics.cli.main import main; main(sys.argv[1:])",
)


@pytest.fixture
def gun(folder):
    with SimulatedScanner(
        folder / "tty-gun", feedback="honeywell", answer_timeout_s=WAIT_S
    ) as scanner:
        yield scanner


@pytest.fixture
def serve(folder, centre, gun, started, wait_until):
    """Start the service on a small centre; return when a screen can ask it."""
    (folder / "fsc.toml").write_text(
        f'database = "{centre}"\nstation = "DOCK"\nlanguage = "en"\n'
        f'[[port]]\nurl = "{gun.device}"\nfeedback = "honeywell"\n'
        'read_point = "HORSENS"\n'
    )

    def start():
        service = started("scanner", "run", "--quiet")
        gun.wait_for_listener()
        spool = folder / "scanner-spool.db"
        wait_until(lambda: ask_state(partial(read_address, spool)), "the service")
        return service

    return start


def test_the_screen_shows_what_the_service_records(folder, gun, serve, wait_until):
    service = serve()
    find = partial(read_address, folder / "scanner-spool.db")

    async def until(pilot, is_so):
        give_up = time.monotonic() + WAIT_S
        while pilot.app.shown is None or not is_so(pilot.app.shown):
            assert time.monotonic() < give_up, pilot.app.shown
            await pilot.pause(0.05)
        return pilot.app.shown

    async def send(*texts):
        loop = asyncio.get_running_loop()
        return [
            (await loop.run_in_executor(None, gun.send, text)).outcome for text in texts
        ]

    async def run():
        app = WatchScreen(
            partial(ask_state, find), habits(), partial(datetime.now, UTC)
        )
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda view: view.look is Look.READY)
            heard = await send("%C:MODE:OUT", "%P:BO", "OXI-000001")
            moved = await until(pilot, lambda view: view.look is Look.OK)
            await asyncio.to_thread(service.stop)
            await until(pilot, lambda view: view.look is Look.AWAY)
            await asyncio.to_thread(serve)
            back = await until(pilot, lambda view: view.look is not Look.AWAY)
        return heard, moved, back

    heard, moved, back = asyncio.run(run())

    assert heard == [Outcome.SET, Outcome.SET, Outcome.OK]
    assert texts(moved.mode)[0] == "OUT → BO"
    assert texts(moved.picture)[:2] == ["✓ OXI-000001", "DEPOT → BO"]
    assert (moved.title, moved.count) == ("HORSENS · DOCK", "1")
    # What was set outlives the service; what was shown of the last scans does not.
    assert texts(back.mode)[0] == "OUT → BO"
    assert back.look is Look.READY


def test_json_is_what_the_service_tells_without_what_was_scanned(fsc, gun, serve):
    serve()
    gun.send("SECRET-CODE")

    told = fsc("scanner", "watch", "--json")

    assert told.code == 0
    (port,) = json.loads(told.out)["ports"]
    assert port["name"] == "HORSENS"
    assert port["counts"] == {"unknown": 1}
    assert "SECRET-CODE" not in told.out


def test_json_of_a_port_that_is_not_there_is_refused(fsc, serve):
    serve()

    told = fsc("scanner", "watch", "--json", "--port", "GATE")

    assert (told.code, told.err) == (
        3,
        "Error: There is no port GATE. There are: HORSENS.\n",
    )


def test_json_without_a_service_says_try_later(fsc, folder):
    (folder / "fsc.toml").write_text("")

    told = fsc("scanner", "watch", "--json")

    assert (told.code, told.err) == (
        75,
        "Error: No scanner service answers here. Start it: fsc scanner run\n",
    )


def test_without_a_terminal_the_screen_says_what_it_needs(fsc, folder):
    told = fsc("scanner", "watch")

    assert (told.code, told.err) == (
        1,
        "Error: The station screen needs a terminal. Start it in one, or ask for"
        " --json.\n",
    )


@pytest.fixture
def terminal(folder, monkeypatch):
    """Start the command in a terminal of 80 by 24; return how to see and type in it."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen, inside = os.openpty()
    ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=folder,
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
        started.append(process)
        return process, screen

    yield start
    for process in started:
        process.kill()
        process.wait(WAIT_S)
    os.close(inside)
    os.close(screen)


def seen_until(screen, text):
    """Return all that was written to the terminal, once `text` is."""
    seen = b""
    give_up = time.monotonic() + WAIT_S
    while text not in seen:
        assert time.monotonic() < give_up, seen
        if select.select([screen], [], [], 0.1)[0]:
            seen += os.read(screen, 65536)
    return seen


@pytest.mark.parametrize("colour", [True, False])
def test_in_a_terminal_it_says_that_no_service_runs_and_ends_with_q(
    terminal, monkeypatch, colour
):
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")

    process, screen = terminal("scanner", "watch", "--language", "en")
    seen = seen_until(screen, b"Nothing that is scanned")
    os.write(screen, b"q")

    # The terminal is as it was: no other screen, and a cursor.
    seen_until(screen, b"\x1b[?1049l")
    assert process.wait(WAIT_S) == 0
    coloured = [
        code.split(b";")
        for code in re.findall(rb"\x1b\[([0-9;]*)m", seen)
        if code.startswith((b"38;2", b"48;2", b"1;38;2"))
    ]
    shades = {tuple(code[-3:]) for code in coloured}
    has_colour = any(len(set(shade)) > 1 for shade in shades)
    assert has_colour is colour
