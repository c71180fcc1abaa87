"""The scanner's end of a pseudo-terminal, for the simulator (Linux and macOS)."""

import fcntl
import os
import select
import struct
import termios
import time
import tty
from contextlib import suppress

STUCK_S = 30.0
"""A peer that reads nothing for so long will not."""

# A peer that opens a port throws away what was sent before, and a terminal in packet
# mode says so: what is sent after that is read.  One that never does is given so long.
_SETTLE_S = 0.3
_POLL_S = 0.01
_WRITE_BYTES_MAX = 4096


class Terminal:
    """The scanner's end of a pseudo-terminal, in packet mode."""

    def __init__(self) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        fcntl.ioctl(self._master, termios.TIOCPKT, struct.pack("i", 1))
        os.set_blocking(self._master, False)
        # Opened and closed once, the terminal can tell whether it is open.
        os.close(slave)
        self._opened_at_s: float | None = None
        self._flushed = False
        self._unread = b""
        self.flushes_count = 0
        """How often the other end threw away what it had not read."""

    def close(self) -> None:
        """Pull the plug: the other end then reads an error."""
        os.close(self._master)

    def is_listened_to(self) -> bool:
        """Tell whether the other end is open and done with throwing away."""
        self._take()
        if self._opened_at_s is None:
            return False
        settled = time.monotonic() - self._opened_at_s > _SETTLE_S
        return self._flushed or settled

    def drain(self) -> None:
        """Throw away what came and was not read."""
        while self._take():
            pass
        self._unread = b""

    def read(self, timeout_s: float) -> bytes:
        """Return what came, or nothing if nothing did within `timeout_s`."""
        give_up = time.monotonic() + timeout_s
        while not self._unread and time.monotonic() < give_up:
            if not self._take(min(timeout_s, _POLL_S)) and not self._opened_at_s:
                time.sleep(_POLL_S)
        heard, self._unread = self._unread, b""
        return heard

    def write(self, data: bytes) -> None:
        """Send `data`; keep taking in what comes, so that neither end is stuck."""
        give_up = time.monotonic() + STUCK_S
        rest = memoryview(data)
        while rest:
            _, ready, _ = select.select([], [self._master], [], _POLL_S)
            if ready:
                with suppress(BlockingIOError):
                    rest = rest[os.write(self._master, rest[:_WRITE_BYTES_MAX]) :]
                    give_up = time.monotonic() + STUCK_S
            if time.monotonic() >= give_up:
                raise ConnectionError(f"nobody reads what is sent to {self.path}")
            self._take()

    def is_read(self) -> bool:
        """Tell whether the other end has read, or thrown away, all that was sent."""
        # Only the other end can be asked; asking it opens it for a moment.
        slave = os.open(self.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            unread = fcntl.ioctl(slave, termios.FIONREAD, struct.pack("i", 0))
        finally:
            os.close(slave)
        self._take()
        return struct.unpack("i", unread) == (0,)

    def _take(self, timeout_s: float = 0) -> bool:
        """Take in one packet; return whether there was one."""
        poll = select.poll()
        poll.register(self._master, select.POLLIN | select.POLLPRI)
        events = dict(poll.poll(timeout_s * 1000)).get(self._master, 0)
        if events & (select.POLLIN | select.POLLPRI):
            try:
                packet = os.read(self._master, 4096)
            except OSError:  # Closed by the other end between poll and read.
                packet = b""
            if packet[:1] == b"\0":
                self._unread += packet[1:]
            elif packet and packet[0] & termios.TIOCPKT_FLUSHREAD:
                self._flushed = True
                self.flushes_count += 1
        self._seen(is_open=not events & select.POLLHUP)
        return bool(events & (select.POLLIN | select.POLLPRI))

    def _seen(self, *, is_open: bool) -> None:
        if not is_open:
            self._opened_at_s, self._flushed = None, False
        elif self._opened_at_s is None:
            self._opened_at_s = time.monotonic()
