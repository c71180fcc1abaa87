import logging
import queue
import socket
import threading
import time

import pytest
from serial import SerialException

from scanner.playing.simulate import SimulatedScanner
from scanner.port import Port, PortAway, _reason


class Reading:
    """A port that is read in a thread, and what came."""

    def __init__(self, url, **settings):
        self.changes = []
        self.port = Port(
            url,
            gap_s=0.05,
            on_change=lambda *change: self.changes.append(change),
            **settings,
        )
        self._chunks = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self.port.close()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _read(self):
        for chunk in self.port.chunks():
            self._chunks.put(chunk)

    def next(self, wanted):
        """Skip to the next chunk of a kind: bytes, a pause or a fresh line."""
        give_up = time.monotonic() + 30
        while time.monotonic() < give_up:
            chunk = self._chunks.get(timeout=30)
            if chunk == wanted or (wanted is bytes and chunk):
                return chunk
        raise AssertionError(f"waited in vain for {wanted}")

    def received(self, count):
        data = b""
        while len(data) < count:
            data += self.next(bytes)
        return data


def test_bytes_pauses_and_fresh_lines_are_told_apart(tmp_path):
    with SimulatedScanner(tmp_path / "tty") as scanner, Reading(scanner.device) as line:
        line.next(None)
        scanner.wait_for_listener()
        scanner.emit(b"OXI-0007\r")
        received = line.received(9)
        line.next(b"")
        scanner.unplug()
        scanner.replug()
        line.next(None)
        scanner.wait_for_listener()
        scanner.emit(b"OXI-0008\r")

        assert received == b"OXI-0007\r"
        assert line.received(9) == b"OXI-0008\r"


def test_going_and_coming_back_are_logged_once_each(tmp_path, caplog, wait_until):
    caplog.set_level(logging.INFO, logger="scanner.port")
    with SimulatedScanner(tmp_path / "tty") as scanner, Reading(scanner.device) as line:
        line.next(b"")
        scanner.unplug()
        wait_until(lambda: len(line.changes) == 2)
        threading.Event().wait(0.4)  # For several attempts to open it again.
        scanner.replug()
        line.next(None)
        line.next(b"")
        wait_until(lambda: len(line.changes) == 3)

    assert [is_open for is_open, _ in line.changes] == [True, False, True]
    assert line.changes[1][1]
    levels = [record.levelname for record in caplog.records]
    assert levels == ["WARNING", "INFO"]
    assert caplog.messages[1] == f"port {tmp_path / 'tty'} is back"


def test_a_port_that_is_not_there_yet_is_waited_for_without_a_warning(
    tmp_path, caplog, wait_until
):
    caplog.set_level(logging.INFO, logger="scanner.port")
    url = str(tmp_path / "tty")
    changes = []
    port = Port(url, name="DOCK", on_change=lambda *change: changes.append(change))
    reader = threading.Thread(target=lambda: list(port.chunks()))
    reader.start()
    wait_until(lambda: changes)
    threading.Event().wait(0.4)  # For several attempts to open it.
    port.close()
    reader.join()

    assert changes == [(False, "No such file or directory")]
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("INFO", f"waiting for port DOCK ({url}): No such file or directory")
    ]


def test_what_is_written_arrives_at_the_scanner():
    with SimulatedScanner() as scanner, Reading(scanner.device) as line:
        line.next(None)
        line.port.write(b"\x07")

        assert scanner.listen(timeout_s=10) == b"\x07"


def test_writing_to_a_port_that_is_away_says_so(tmp_path):
    with Reading(str(tmp_path / "nowhere")) as line, pytest.raises(PortAway):
        line.port.write(b"\x07")


def test_writing_to_a_scanner_that_does_not_listen_ends():
    with SimulatedScanner() as scanner, Reading(scanner.device) as line:
        line.next(None)

        with pytest.raises(PortAway, match="timeout"):
            line.port.write(b"\x07" * 1_000_000)


def test_a_device_is_opened_by_one_program_only():
    with SimulatedScanner() as scanner, Reading(scanner.device) as first:
        first.next(None)
        with Reading(scanner.device) as second:
            while not second.changes:
                threading.Event().wait(0.01)
            assert second.changes[0][0] is False


def test_closing_ends_a_blocked_reader_at_once():
    with SimulatedScanner() as scanner:
        port = Port(scanner.device, gap_s=60)
        ended = threading.Event()

        def read():
            for _ in port.chunks():
                pass
            ended.set()

        threading.Thread(target=read, daemon=True).start()
        scanner.wait_for_listener()
        port.close()

        assert ended.wait(10)


def test_after_reading_ended_it_can_still_be_answered():
    with SimulatedScanner() as scanner, Reading(scanner.device) as line:
        line.next(None)
        line.port.end_reading()
        line.port.write(b"\x07")

        assert scanner.listen(timeout_s=10) == b"\x07"


def test_a_scanner_behind_a_socket_is_kept_alive_and_reopened():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        url = f"socket://127.0.0.1:{server.getsockname()[1]}"
        with Reading(url) as line:
            first, _ = server.accept()
            with first:
                line.next(None)
                first.sendall(b"OXI-0007\r")
                received = line.received(9)
                line.port.write(b"\x07")
                answer = first.recv(1)
                kept_alive = line.port._line._socket.getsockopt(
                    socket.SOL_SOCKET, socket.SO_KEEPALIVE
                )
            second, _ = server.accept()
            with second:
                line.next(None)  # Opening it throws away what came before.
                second.sendall(b"OXI-0008\r")

                assert line.received(9) == b"OXI-0008\r"

    assert (received, answer) == (b"OXI-0007\r", b"\x07")
    assert kept_alive


def test_a_loop_gives_back_what_is_written():
    with Reading("loop://") as line:
        line.next(None)
        line.port.write(b"OXI-0007\r")

        assert line.received(9) == b"OXI-0007\r"


@pytest.mark.parametrize("framing", ["8N1", "7E1", "8O2"])
def test_a_framing_is_set_on_the_port(framing):
    with SimulatedScanner() as scanner, Reading(scanner.device, framing="8N1") as line:
        line.next(None)
    port = Port("loop://", framing=framing)

    assert str(port._new_line().bytesize) + port._new_line().parity == framing[:2]


@pytest.mark.parametrize(
    ("url", "settings", "message"),
    [
        ("loop://", {"framing": "9N1"}, "'9N1' is not a framing. Try 8N1 or 7E1."),
        ("loop://", {"baud": -1}, "Not a valid baudrate: -1"),
        ("pigeon://x", {}, "invalid URL, protocol 'pigeon' not known"),
    ],
)
def test_a_port_that_cannot_be_is_refused_at_once(url, settings, message):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is asserted
        Port(url, **settings)

    assert str(refused.value) == message


def write_until_full(port):
    for _ in range(1000):
        port.write(b"x" * 1000)


def test_who_does_not_listen_is_not_waited_for_again(tmp_path, monkeypatch):
    monkeypatch.setattr("scanner.port.WRITE_TIMEOUT_S", 0.05)
    monkeypatch.setattr("scanner.port.DEAF_S", 3600)
    with SimulatedScanner(tmp_path / "tty") as scanner, Reading(scanner.device) as line:
        line.next(None)
        with pytest.raises(PortAway, match="timeout"):
            write_until_full(line.port)
        scanner.listen(timeout_s=30)
        with pytest.raises(PortAway, match="it does not listen"):
            line.port.write(b"x")
        scanner.unplug()
        scanner.replug()
        line.next(None)

        line.port.write(b"y")
        assert scanner.listen(timeout_s=30) == b"y"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "device reports readiness to read but returned no data (device disconnected"
            " or multiple access on port?)",
            "unplugged, or another program reads it",
        ),
        (
            "[Errno 11] Could not exclusively lock port /dev/A: [Errno 11] Resource"
            " temporarily unavailable",
            "another program has it",
        ),
    ],
)
def test_why_a_port_is_away_is_told_in_words_of_whoever_stands_there(said, told):
    assert _reason(SerialException(said), "/dev/A") == told


@pytest.mark.parametrize("error", [TypeError("odd"), UnicodeError("odd")])
def test_whatever_opening_a_port_raises_it_is_away(monkeypatch, wait_until, error):
    changes = []
    port = Port("loop://", on_change=lambda *change: changes.append(change))

    def fails(line):
        raise error

    monkeypatch.setattr("serial.urlhandler.protocol_loop.Serial.open", fails)
    reading = threading.Thread(target=lambda: list(port.chunks()))
    reading.start()
    wait_until(lambda: changes)
    port.close()
    reading.join(30)

    assert changes[0] == (False, f"{type(error).__name__}: odd")


def test_a_url_that_cannot_be_is_told_as_such_whatever_is_raised(monkeypatch):
    def fails(*_, **__):
        raise ImportError("no such library")

    monkeypatch.setattr("serial.serial_for_url", fails)

    with pytest.raises(ValueError, match=r"^ImportError: no such library$"):
        Port("cp2110://")
