"""Lines that nobody reads keep nobody waiting."""

import io
import os
import subprocess
import sys
import threading
import time

import pytest

from fsc_logistics.cli.scanner.lines import Lines
from scanner.playing.simulate import SimulatedScanner

RUN = "from fsc_logistics.cli.main import main; main(['scanner', 'run'])"


@pytest.fixture
def pipe():
    """Give the two ends of a pipe, the writing one as standard output is."""
    read, write = os.pipe()
    with (
        open(read, encoding="utf-8") as ours,
        open(write, "w", encoding="utf-8") as out,
    ):
        yield ours, out


def test_lines_are_written_in_their_order(pipe):
    read, out = pipe
    lines = Lines(out)

    for text in ("one", "to", "på tre"):
        lines.put(text)
    lines.close()
    out.close()

    assert read.read() == "one\nto\npå tre\n"


def test_who_tells_does_not_wait_for_who_does_not_read(pipe):
    read, out = pipe
    lines = Lines(out, lines_max=10)
    long = "x" * 100_000  # More than a pipe takes.

    for number in range(100):
        lines.put(f"{number} {long}")

    got = []
    reading = threading.Thread(target=lambda: got.extend(read))
    reading.start()
    give_up_s = time.monotonic() + 30
    while not any(line.startswith("99 ") for line in got):
        assert time.monotonic() < give_up_s
        time.sleep(0.005)
    lines.close()
    out.close()
    reading.join(30)
    kept = [line.split()[0] for line in got if line.endswith(f"{long}\n")]
    said = [line for line in got if "missing" in line]
    assert kept[-10:] == [str(number) for number in range(90, 100)]
    missing_count = sum(int(line.split()[0]) for line in said)
    assert missing_count + len(kept) == 100
    assert said[-1].endswith(" lines are missing here: nobody read in time.\n")


def test_what_is_no_file_is_written_too():
    out = io.StringIO()
    lines = Lines(out)

    lines.put("one")
    lines.close()

    assert out.getvalue() == "one\n"


def test_a_pipe_that_is_closed_ends_nothing(pipe):
    read, out = pipe
    read.close()
    lines = Lines(out)

    lines.put("one")
    lines.put("two")
    lines.close()


@pytest.mark.skipif(sys.platform != "linux", reason="its pipes can be made small")
def test_a_service_whose_lines_nobody_reads_goes_on_recording(folder, centre):
    import fcntl

    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
    with SimulatedScanner(
        folder / "tty-gun", feedback="honeywell", answer_timeout_s=30
    ) as gun:
        (folder / "fsc.toml").write_text(
            f'database = "{centre}"\nstation = "DOCK"\n[[port]]\nurl = "{gun.device}"\n'
            'feedback = "honeywell"\nread_point = "HORSENS"\n'
        )
        service = subprocess.Popen(
            [sys.executable, "-c", RUN], cwd=folder, stdout=write, stderr=write
        )
        try:
            gun.wait_for_listener()
            heard = {gun.send(f"OXI-{number % 9:06}").outcome for number in range(120)}
            service.terminate()
            code = service.wait(60)
        finally:
            service.kill()
            service.wait()
            os.close(read)
            os.close(write)

    assert None not in heard
    assert code == 0
