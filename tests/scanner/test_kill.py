import subprocess
import sys
import time
from pathlib import Path

from scanner.playing.simulate import SimulatedScanner
from scanner.protocols.feedback import PROFILES
from scanner.protocols.ssi_packet import packed
from scanner.scan import Outcome

SERVING = Path(__file__).with_name("serving.py")


class Child:
    """The service in a process of its own, that can be killed and started again."""

    def __init__(self, folder: Path, device: str, protocol: str = "line") -> None:
        self._command = [sys.executable, str(SERVING), str(folder), device, protocol]
        self._process = subprocess.Popen(self._command)

    def kill(self) -> None:
        assert self._process.poll() is None, "it had ended by itself"
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        self._process = subprocess.Popen(self._command)


# How long into a scan the kill comes: unread, journaled, recorded, answered.
KILLS_S = {60: 0.0, 140: 0.002, 220: 0.006}
ZEBRA_KILLS_S = {10: 0.0, 20: 0.001, 30: 0.002, 40: 0.004, 50: 0.008}


def test_every_answered_scan_is_recorded_once_in_order_whatever_is_killed(
    tmp_path, station
):
    texts = [f"OXI-{number:06}" for number in range(300)]
    heard = []

    with SimulatedScanner(
        tmp_path / "tty", feedback="honeywell", answer_timeout_s=0.7, sends_max=50
    ) as gun:
        child = Child(tmp_path, gun.device)
        for number, text in enumerate(texts):
            answer = b""
            if number in KILLS_S:
                gun.wait_for_listener()
                gun.emit(text.encode() + b"\r")
                time.sleep(KILLS_S[number])
                child.kill()
                answer = gun.listen(timeout_s=0.01)
                child.restart()
            heard.append(answer or gun.send(text).raw)
        child.kill()

    assert heard == [PROFILES["honeywell"].sounds[Outcome.OK]] * 300
    assert station.house.texts() == texts
    numbers = [seq for (seq,) in station.house.recorded("seq")]
    assert numbers == sorted(set(numbers))


def test_what_a_zebra_was_told_is_saved_is_recorded_once_whatever_is_killed(
    tmp_path, station, wait_until
):
    texts = [f"OXI-{number:06}" for number in range(60)]
    saved = PROFILES["ssi"].saved

    with SimulatedScanner(
        tmp_path / "tty", protocol="ssi", answer_timeout_s=20, sends_max=5
    ) as zebra:
        child = Child(tmp_path, zebra.device, "ssi")
        for number, text in enumerate(texts):
            if number in ZEBRA_KILLS_S:
                zebra.wait_for_listener()
                zebra.emit(packed(0xF3, b"\x03" + text.encode() + b"\r", source=0))
                time.sleep(ZEBRA_KILLS_S[number])
                child.kill()
                heard = zebra.listen(timeout_s=0.01)
                child.restart()
                if saved in heard:
                    continue  # It sends again only what was not confirmed.
            assert zebra.send(text).outcome is Outcome.OK
        wait_until(lambda: len(station.house.texts()) == len(texts))
        child.kill()

    assert station.house.texts() == texts
