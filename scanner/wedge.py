"""Scanners that type like a keyboard, read as a line: evdev:/dev/input/by-id/….

Linux only, and an extra: python-evdev.  The device is taken for this program alone, so
that no code is typed into whatever window happens to be in front.  It cannot be
answered.  A scanner that can be set to a serial port (COM, CDC) is better off as one.
"""

import errno
import os
import select
import sys
import time
from contextlib import suppress
from typing import Any

from scanner.keys import UNREADABLE, Keys

TYPING = "evdev:"
"""How the URL of a scanner that types begins."""
_LOST, _LOST_CODE, _KEY = 0, 3, 1
"""EV_SYN with SYN_DROPPED: the system had no room for what was typed; and EV_KEY."""

_ADVICE = {
    errno.EACCES: "no leave to read it; let the service's user join the group input",
    errno.EBUSY: "another program has taken it",
    errno.ENOTTY: "this is no keyboard; they are in /dev/input/by-id",
}


class TypingLine:
    """A keyboard as a line: what `Port` asks of one of pyserial's, and no more.

    Raises:
        ValueError: keyboards cannot be read here.
    """

    def __init__(self, url: str, *, timeout_s: float) -> None:
        self._path = url.removeprefix(TYPING)
        self._evdev = _library()
        self._timeout_s = timeout_s
        self._device: Any = None
        self._typed = bytearray()
        self._keys = Keys()
        self._woken, self._wake = -1, -1

    def open(self) -> None:
        """Take the device.

        Raises:
            OSError: it is not there, or may not be taken, or somebody else has it.
        """
        try:
            self._device = self._evdev.InputDevice(self._path)
            self._woken, self._wake = os.pipe()
            self._device.grab()
        except OSError as error:
            self.close()
            advice = _ADVICE.get(error.errno or 0, error.strerror)
            raise OSError(error.errno, advice) from error

    @property
    def in_waiting(self) -> int:
        """How many bytes can be read at once."""
        return len(self._typed)

    def read(self, count: int) -> bytes:
        """Return up to `count` bytes as soon as there is one; none after the time-out.

        Raises:
            OSError: the device is gone.
        """
        give_up_s = time.monotonic() + self._timeout_s
        while not self._typed:
            left_s = give_up_s - time.monotonic()
            if left_s <= 0:
                break
            ready, _, _ = select.select([self._device.fd, self._woken], [], [], left_s)
            if self._woken in ready:
                os.read(self._woken, 1)
                break
            if ready:
                self._take()
        data = bytes(self._typed[:count])
        del self._typed[:count]
        return data

    def write(self, data: bytes) -> None:
        """Refuse: a keyboard has no ear.

        Raises:
            OSError: always.
        """
        raise OSError('a scanner that types cannot be answered; set feedback = "none"')

    def cancel_read(self) -> None:
        """Have `read` return now."""
        os.write(self._wake, b"\x00")

    def close(self) -> None:
        """Give the device back."""
        device, self._device = self._device, None
        if device is not None:
            # Closing gives it back too; one that is gone cannot be closed again.
            with suppress(OSError):
                device.close()
        for end in (self._woken, self._wake):
            if end >= 0:
                os.close(end)
        self._woken, self._wake = -1, -1

    def _take(self) -> None:
        with suppress(BlockingIOError):  # Readable, and then it was not.
            for event in self._device.read():
                if event.type == _KEY:
                    self._typed += self._keys.pressed(event.code, event.value)
                elif (event.type, event.code) == (_LOST, _LOST_CODE):
                    self._keys = Keys()
                    self._typed += UNREADABLE


def check_typing() -> None:
    """Check that keyboards can be read here.

    Raises:
        ValueError: they cannot, and what to do about it.
    """
    _library()


def _library() -> Any:
    if sys.platform != "linux":
        raise ValueError(
            "a scanner that types can be read on Linux only. Set it to a serial port."
        )
    try:
        import evdev
    except ImportError:
        raise ValueError(
            "a scanner that types needs: pip install fsc-logistics[keyboard]."
        ) from None
    return evdev
