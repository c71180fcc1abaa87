import errno
import os
import queue
import struct
import sys
import threading
from types import SimpleNamespace

import pytest
from test_keys import typed_as

from scanner.port import Port, PortAway
from scanner.protocols.line import LineDecoder
from scanner.protocols.read import Noise, Read
from scanner.settings import PortSettings

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="scanners that type are read on Linux only"
)
EVENT = struct.Struct("HHi")
SYNCHRONIZED, KEY, DROPPED = (0, 0, 0), 1, (0, 3, 0)


class FakeKeyboard:
    """A device of evdev's: its events come through a pipe, and it can be unplugged."""

    def __init__(self) -> None:
        self.is_there = True
        self.taken_count = 0
        self.fd, self._events = os.pipe()
        os.set_blocking(self.fd, False)

    def opened(self, path: str) -> "FakeKeyboard":
        if not self.is_there:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", path)
        return self

    def grab(self) -> None:
        self.taken_count += 1

    def read(self):
        if not self.is_there:
            raise OSError(errno.ENODEV, "No such device")
        for event in EVENT.iter_unpack(os.read(self.fd, EVENT.size * 64)):
            kind, code, value = event
            yield SimpleNamespace(type=kind, code=code, value=value)

    def close(self) -> None:
        pass

    def emit(self, *events: tuple[int, int, int]) -> None:
        for event in events:
            os.write(self._events, EVENT.pack(*event) + EVENT.pack(*SYNCHRONIZED))

    def type(self, text: str) -> None:
        self.emit(*((KEY, key, change) for key, change in typed_as(text)))

    def unplug(self) -> None:
        self.is_there = False
        self.emit(SYNCHRONIZED)  # Its reader finds that out when it wakes up.


class Reading:
    """A keyboard that is read as a line in a thread, and what came."""

    def __init__(self, path: str) -> None:
        self.changes: list[tuple[bool, str]] = []
        self.items: queue.SimpleQueue[Read | Noise] = queue.SimpleQueue()
        self.port = Port(
            f"evdev:{path}",
            gap_s=0.2,
            on_change=lambda *change: self.changes.append(change),
        )
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> "Reading":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.port.close()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def next(self) -> Read | Noise:
        return self.items.get(timeout=30)

    def _read(self) -> None:
        decoder = LineDecoder()
        for chunk in self.port.chunks():
            for item in decoder.feed(chunk) if chunk else decoder.silence():
                self.items.put(item)


@pytest.fixture
def keyboard(monkeypatch):
    device = FakeKeyboard()
    fake = SimpleNamespace(InputDevice=device.opened)
    monkeypatch.setitem(sys.modules, "evdev", fake)
    return device


def test_what_is_typed_is_read_as_a_line(keyboard):
    with Reading("/dev/input/by-id/usb-scanner-event-kbd") as line:
        keyboard.type("]d2010950110153000310ABC\x1d21SN1\r")

        read = line.next()

    assert (read.symbology, read.text) == ("]d2", "010950110153000310ABC\x1d21SN1")
    assert keyboard.taken_count == 1


def test_a_code_that_stops_in_the_middle_is_never_glued_to_the_next(keyboard):
    with Reading("/dev/input/event7") as line:
        keyboard.type("OXI-00")
        first = line.next()
        keyboard.type("OXI-0008\r")

        assert [first, line.next().text] == [Noise.BROKEN_OFF, "OXI-0008"]


def test_a_code_of_which_keys_were_lost_is_refused(keyboard):
    with Reading("/dev/input/event7") as line:
        keyboard.type("OXI-00")
        keyboard.emit(DROPPED)
        keyboard.type("07\r")

        assert line.next() == Noise.BINARY


def test_a_keyboard_that_is_unplugged_is_taken_again_when_it_is_back(
    keyboard, wait_until
):
    with Reading("/dev/input/event7") as line:
        wait_until(lambda: line.changes == [(True, "")])
        keyboard.unplug()
        wait_until(lambda: len(line.changes) == 2)
        keyboard.is_there = True
        wait_until(lambda: len(line.changes) == 3)
        keyboard.type("OXI-0007\r")

        assert line.next().text == "OXI-0007"
    assert [change for change in line.changes if change[1]] == [
        (False, "No such device")
    ]


def test_a_keyboard_that_is_not_there_is_waited_for(keyboard, wait_until):
    keyboard.is_there = False
    with Reading("/dev/input/event7") as line:
        wait_until(lambda: line.changes)

    assert line.changes == [(False, "No such file or directory")]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (
            errno.EACCES,
            "no leave to read it; let the service's user join the group input",
        ),
        (errno.EBUSY, "another program has taken it"),
        (errno.ENOTTY, "this is no keyboard; they are in /dev/input/by-id"),
    ],
)
def test_why_it_cannot_be_taken_is_told_with_what_to_do(
    keyboard, wait_until, monkeypatch, number, told
):
    def refuse() -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(keyboard, "grab", refuse)
    with Reading("/dev/input/event7") as line:
        wait_until(lambda: line.changes)

    assert line.changes == [(False, told)]


def test_a_scanner_that_types_cannot_be_answered(keyboard, wait_until):
    with Reading("/dev/input/event7") as line:
        wait_until(lambda: line.changes)

        with pytest.raises(PortAway) as away:
            line.port.write(b"\x07")

    assert str(away.value) == (
        "evdev:/dev/input/event7: a scanner that types cannot be answered;"
        ' set feedback = "none"'
    )


def test_closing_ends_a_blocked_reader_at_once(keyboard, wait_until):
    port = Port("evdev:/dev/input/event7", gap_s=60)
    ended = threading.Event()

    def read() -> None:
        for _ in port.chunks():
            pass
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    wait_until(lambda: keyboard.taken_count)
    port.close()

    assert ended.wait(30)


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "evdev", None)

    with pytest.raises(ValueError) as missing:  # noqa: PT011 - the message is asserted
        Port("evdev:/dev/input/event7")

    assert str(missing.value) == (
        "a scanner that types needs: pip install fsc-logistics[keyboard]."
    )


def test_on_other_systems_it_says_that_it_cannot_be(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")

    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is asserted
        Port("evdev:/dev/input/event7")

    assert str(refused.value) == (
        "a scanner that types can be read on Linux only. Set it to a serial port."
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"feedback": "bel"},
            "a scanner that types cannot be answered. Leave feedback out at"
            " evdev:/dev/input/event7, and take speaker = true.",
        ),
        (
            {"protocol": "rdm6300"},
            "protocol rdm6300 cannot be typed. Leave protocol out at"
            " evdev:/dev/input/event7, or set the scanner to a serial port.",
        ),
    ],
)
def test_what_a_scanner_that_types_cannot_do_is_refused(keyboard, settings, message):
    typing = {"name": "D", "url": "evdev:/dev/input/event7", "read_point": "DOCK-1"}

    with pytest.raises(ValueError, match=r"\.$") as refused:
        PortSettings(**typing, **settings)

    assert str(refused.value) == message


def test_a_scanner_that_types_is_settled_without_more_ado(keyboard):
    settings = PortSettings(
        name="D", url="evdev:/dev/input/event7", read_point="DOCK-1", speaker=True
    )

    assert settings.protocol == "line"


@pytest.mark.skipif(
    not os.access("/dev/uinput", os.W_OK), reason="/dev/uinput cannot be written here"
)
def test_a_keyboard_the_system_made_is_read(wait_until):
    evdev = pytest.importorskip("evdev")
    keys = [key for key, _ in typed_as("OXI-0007\r")]

    with (
        evdev.UInput({KEY: sorted(set(keys))}, name="fsc-test-scanner") as made,
        Reading(made.device.path) as line,
    ):
        wait_until(lambda: line.changes == [(True, "")])
        for key, change in typed_as("OXI-0007\r"):
            made.write(KEY, key, change)
            made.syn()

        assert line.next().text == "OXI-0007"
