import random
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.scan import Outcome
from scanner.simulate import SimulatedScanner

SERVING = Path(__file__).with_name("serving.py")


class Child:
    """The service in a process of its own, that can be killed and started again."""

    def __init__(self, folder: Path, device: str) -> None:
        self._command = [sys.executable, str(SERVING), str(folder), device]
        self._process = subprocess.Popen(self._command)

    def kill(self) -> None:
        assert self._process.poll() is None, "it had ended by itself"
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        self._process = subprocess.Popen(self._command)


@pytest.mark.parametrize("seed", [1])
def test_every_answered_scan_is_recorded_once_in_order_whatever_is_killed(
    tmp_path, station, seed
):
    chance = random.Random(seed)
    texts = [f"OXI-{number:06}" for number in range(300)]
    kill_before = dict(zip((60, 140, 220), (0.0, 0.001, 0.003), strict=True))
    heard = []

    with SimulatedScanner(
        tmp_path / "tty", feedback="honeywell", answer_timeout_s=0.7, sends_max=20
    ) as gun:
        child = Child(tmp_path, gun.device)
        for number, text in enumerate(texts):
            if number in kill_before:
                # In the middle of a scan: sent, and at most in part dealt with.
                gun.wait_for_listener()
                gun.emit(text.encode() + b"\r")
                gun.listen(timeout_s=kill_before[number] * chance.random())
                child.kill()
                child.restart()
            heard.append(gun.send(text).outcome)
        child.kill()

    assert heard == [Outcome.OK] * 300
    assert station.house.texts() == texts
    numbers = [seq for (seq,) in station.house.recorded("seq")]
    assert numbers == sorted(set(numbers))
