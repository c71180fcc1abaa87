import os
import threading

import pytest
import serial

from scanner.playing import cable
from scanner.playing.simulate import SimulatedScanner
from scanner.scan import Outcome


def opened(scanner):
    return serial.Serial(scanner.device, timeout=10)


def test_a_scan_is_sent_once_somebody_listens(tmp_path):
    scanner = SimulatedScanner(tmp_path / "tty", feedback="none")
    with scanner:
        sender = threading.Thread(target=scanner.send, args=("OXI-0007",))
        sender.start()
        with opened(scanner) as port:
            received = port.read_until(b"\r")
            sender.join(10)

    assert received == b"OXI-0007\r"


def test_it_sends_again_what_is_not_answered_and_reports_that_it_heard_nothing():
    with (
        SimulatedScanner(end=b"\r\n", answer_timeout_s=0.05, sends_max=3) as scanner,
        opened(scanner) as port,
    ):
        heard = scanner.send("A")
        received = port.read(9)

    assert received == b"A\r\n" * 3
    assert (heard.outcome, heard.raw, heard.sends_count) == (None, b"", 3)


def test_an_ordinary_scanner_sends_once():
    with SimulatedScanner(answer_timeout_s=0.05) as scanner, opened(scanner):
        assert scanner.send("A").sends_count == 1


def test_a_late_answer_is_not_taken_for_that_of_the_next_scan():
    with SimulatedScanner(answer_timeout_s=0.05) as scanner, opened(scanner) as port:
        scanner.send("A")
        port.write(b"\x07")

        assert scanner.send("B").outcome is None


def test_an_answer_it_does_not_know_is_heard_as_nothing_in_particular():
    with SimulatedScanner(feedback="honeywell") as scanner, opened(scanner) as port:
        answerer = threading.Thread(
            target=lambda: (port.read_until(b"\r"), port.write(b"\x1b9,"))
        )
        answerer.start()
        heard = scanner.send("A")
        answerer.join(10)

    assert (heard.outcome, heard.raw) == (None, b"\x1b9,")


def test_it_is_plugged_in_under_the_same_name(tmp_path):
    link = tmp_path / "tty"
    with SimulatedScanner(link, feedback="none") as scanner:
        first = os.readlink(link)
        with SimulatedScanner():
            scanner.unplug()
            is_gone = not os.path.lexists(link)
            with SimulatedScanner():
                scanner.replug()
        second = os.readlink(link)

    assert is_gone
    assert first != second
    assert scanner.device == str(link)
    assert not os.path.lexists(link)


def test_an_unplugged_scanner_cannot_scan(tmp_path):
    scanner = SimulatedScanner(tmp_path / "tty")

    with pytest.raises(ConnectionError) as refused:
        scanner.send("A")

    assert str(refused.value) == "The simulated scanner is not plugged in."


def test_waiting_for_a_listener_ends():
    with SimulatedScanner() as scanner, pytest.raises(TimeoutError) as ended:
        scanner.wait_for_listener(timeout_s=0.05)

    assert str(ended.value).startswith("nobody listens at /dev/")


def test_a_system_without_pseudo_terminals_says_so(monkeypatch):
    monkeypatch.delattr(cable.os, "openpty")

    with pytest.raises(
        OSError, match=r"^\[Errno \d+\] Windows has no pseudo-terminals"
    ):
        SimulatedScanner()


@pytest.mark.parametrize("count", [1, 2, 9])
def test_what_is_heard_is_told_as_an_outcome(count):
    outcomes = {1: Outcome.OK, 2: Outcome.ALREADY, 9: Outcome.REFUSED}
    with SimulatedScanner(feedback="bel") as scanner, opened(scanner) as port:
        answerer = threading.Thread(
            target=lambda: (port.read_until(b"\r"), port.write(b"\x07" * count))
        )
        answerer.start()
        heard = scanner.send("A")
        answerer.join(10)

    assert heard.outcome is outcomes[count]


def test_a_listener_that_comes_while_it_scans_misses_nothing():
    with SimulatedScanner() as scanner:
        first = opened(scanner)
        scanner.wait_for_listener()
        first.close()
        second = opened(scanner)
        # pyserial does this once more as it opens a port; here, later than the scan.
        scan = threading.Thread(target=lambda: heard.append(scanner.send("A")))
        heard = []
        scan.start()
        while second.in_waiting < 2:
            pass
        second.reset_input_buffer()
        received = second.read_until(b"\r")
        second.write(b"\x07")
        scan.join(10)
        second.close()

    assert received == b"A\r"
    assert (heard[0].outcome, heard[0].sends_count) == (Outcome.OK, 1)


def test_a_family_that_cannot_be_played_is_refused():
    with pytest.raises(ValueError, match="is not a protocol to play") as refused:
        SimulatedScanner(protocol="chafon")

    assert str(refused.value) == (
        "'chafon' is not a protocol to play. Choose from: line, ssi."
    )


def test_a_feedback_that_is_none_is_refused():
    with pytest.raises(ValueError, match="is not a feedback") as refused:
        SimulatedScanner(feedback="trumpet")

    assert str(refused.value).startswith(
        "'trumpet' is not a feedback. Choose from: bel, "
    )
