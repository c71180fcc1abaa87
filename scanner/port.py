"""A serial port that is reopened until it works.

The only file that knows pyserial, but for the simulator.  Any port it can open by URL
is served: a device path, ``COM3``, ``socket://``, ``rfc2217://``, ``loop://``; and a
scanner that types like a keyboard, by ``evdev:`` and its path.
"""

import logging
import random
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import serial

from scanner.wedge import TYPING, TypingLine

if sys.platform == "win32":
    LINE_ERRORS: tuple[type[Exception], ...] = (OSError,)
else:
    import termios

    # SerialException is an OSError; termios.error, seen after an unplug, is not.
    LINE_ERRORS = (OSError, termios.error)

log = logging.getLogger(__name__)

PAUSE_MIN_S = 0.05
PAUSE_MAX_S = 2.0
WRITE_TIMEOUT_S = 0.5
"""A scanner takes 20 bytes in 20 ms at 9600 baud; else it is not listening."""
DEAF_S = 5.0
"""Whoever did not listen is not told anything for so long."""

_FRAMING = re.compile(r"([5-8])([NEOMS])([12])")

OnChange = Callable[[bool, str], None]
"""Told when the port comes (True, "") and when it goes (False, why)."""


class PortAway(Exception):
    """The port is not there now, or its scanner does not listen."""


class Port:
    """One serial line: read in one thread, written from any, closed from any.

    It need not exist: what cannot be opened, or breaks, is opened again, at first after
    `PAUSE_MIN_S`, then ever more seldom up to `PAUSE_MAX_S`.

    Raises:
        ValueError: no port can have such a URL, speed or framing.
    """

    def __init__(
        self,
        url: str,
        *,
        baud: int = 9600,
        framing: str = "8N1",
        gap_s: float = 0.5,
        name: str = "",
        on_change: OnChange | None = None,
    ) -> None:
        self._url = url
        self._name = name
        self._called = f"{name} ({url})" if name else url
        self._baud = baud
        self._framing = framing
        self._gap_s = gap_s
        self._on_change = on_change
        self._line: serial.SerialBase | None = None
        self._ended = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._lock = threading.Lock()
        self._deaf_until_s = 0.0
        self._is_open: bool | None = None
        try:
            self._new_line()  # For its checks, before any thread depends on it.
        except ValueError:
            raise
        except Exception as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error

    def chunks(self, tick: Callable[[], None] | None = None) -> Iterator[bytes | None]:
        """Yield the bytes as they come, until `end_reading`.

        Empty bytes mean that the line paused for `gap_s`, None that it was opened anew:
        what is half read ends there.  The pause is the port's own read time-out: bytes
        that wait in the system while this process is busy are no pause.

        `tick` is called before every attempt to open and every read, also while there
        is nothing to yield.
        """
        self._idle.clear()
        try:
            yield from self._chunks(tick or (lambda: None))
        finally:
            self._idle.set()

    def _chunks(self, tick: Callable[[], None]) -> Iterator[bytes | None]:
        pause_s = PAUSE_MIN_S
        while not self._ended.is_set():
            tick()
            line = None
            try:
                line = self._opened()
                yield None
                while not self._ended.is_set():
                    tick()
                    chunk = line.read(max(1, line.in_waiting))
                    self._came()
                    pause_s = PAUSE_MIN_S
                    yield chunk
            except Exception as error:
                # What opens a port may fail as it likes; that ends no other port.
                if line is not None and not isinstance(error, LINE_ERRORS):
                    raise
                self._close_line()
                self._went(error)
                # Jitter: a hub full of scanners comes back at the same moment.
                self._ended.wait(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
                pause_s = min(2 * pause_s, PAUSE_MAX_S)

    def write(self, data: bytes) -> None:
        """Send `data` whole, or not longer than `WRITE_TIMEOUT_S`.

        A scanner that did not take it in time is not tried again for `DEAF_S`.

        Raises:
            PortAway: it could not be sent.
        """
        with self._lock:
            if self._line is None:
                raise PortAway(self._url)
            # Who did not listen would have everybody wait again at the next answer.
            if time.monotonic() < self._deaf_until_s:
                raise PortAway(f"{self._url}: it does not listen")
            try:
                self._line.write(data)
            except LINE_ERRORS as error:
                if isinstance(error, serial.SerialTimeoutException):
                    self._deaf_until_s = time.monotonic() + DEAF_S
                raise PortAway(f"{self._url}: {error}") from error

    def end_reading(self) -> None:
        """Have `chunks` end soon; the port can still be written."""
        self._ended.set()
        # Locked against closing: the cancelling byte goes to a file descriptor that
        # must not meanwhile be somebody else's.
        with self._lock:
            cancel = getattr(self._line, "cancel_read", None)
            if cancel is not None:  # Sockets have none; they see it after `gap_s`.
                with suppress(*LINE_ERRORS):
                    cancel()

    def close(self) -> None:
        """End reading and close the port for good."""
        self.end_reading()
        # A port closed under its reader fails in ways that name no cause.
        self._idle.wait(self._gap_s + PAUSE_MAX_S)
        self._close_line()
        self._is_open = None

    def _opened(self) -> serial.SerialBase:
        line = self._new_line()
        line.open()
        _keep_alive(line)
        with self._lock:
            self._line = line
            self._deaf_until_s = 0.0
        return line

    def _new_line(self) -> serial.SerialBase:
        framing = _FRAMING.fullmatch(self._framing)
        if framing is None:
            raise ValueError(f"'{self._framing}' is not a framing. Try 8N1 or 7E1.")
        if self._url.startswith(TYPING):
            return TypingLine(self._url, timeout_s=self._gap_s)
        line = serial.serial_for_url(
            self._url,
            do_not_open=True,
            baudrate=self._baud,
            bytesize=int(framing[1]),
            parity=framing[2],
            stopbits=int(framing[3]),
            timeout=self._gap_s,
        )
        if not self._url.startswith("rfc2217://"):  # Which refuses to have one.
            line.write_timeout = WRITE_TIMEOUT_S
        # Without it a second program may open the device too and steal bytes.
        line.exclusive = True
        return line

    def _close_line(self) -> None:
        # Closed before it is opened again: an old handle keeps a COM port stuck and
        # makes Linux give the replugged device another name.
        with self._lock:
            line, self._line = self._line, None
            if line is not None:
                with suppress(*LINE_ERRORS):
                    line.close()

    def _came(self) -> None:
        if self._is_open:
            return
        if self._is_open is False:
            log.info("port %s is back", self._called, extra=self._event("back"))
        self._is_open = True
        if self._on_change is not None:
            self._on_change(True, "")

    def _went(self, error: Exception) -> None:
        reason = _reason(error, self._url)
        # Once; a port left unplugged overnight must not fill the log.
        if self._is_open:
            log.warning(
                "port %s is away, trying again: %s",
                self._called,
                reason,
                extra=self._event("away"),
            )
        elif self._is_open is None:
            log.info(
                "waiting for port %s: %s",
                self._called,
                reason,
                extra=self._event("awaited"),
            )
        if self._is_open is not False and self._on_change is not None:
            self._on_change(False, reason)
        self._is_open = False

    def _event(self, what: str) -> dict[str, str]:
        """Return by what a program tells this line of the log from others."""
        return {"event": f"port_{what}", "port": self._name}


_MEANT = {
    "device reports readiness to read but returned no data": (
        "unplugged, or another program reads it"
    ),
    "Could not exclusively lock port": "another program has it",
}
"""What pyserial says, and what it means to whoever stands there."""


def _reason(error: Exception, url: str) -> str:
    """Return why, without what pyserial says twice or the reader knows already.

    >>> _reason(OSError("[Errno 2] could not open port A: [Errno 2] Gone: 'A'"), "A")
    'Gone'
    """
    for start, meant in _MEANT.items():
        if start in str(error):
            return meant
    if not isinstance(error, LINE_ERRORS):
        return f"{type(error).__name__}: {error}"
    text = re.sub(r"\[Errno -?\d+\] ", "", str(error)).removesuffix(f": '{url}'")
    start = f"could not open port {url}: "
    return text[len(start) :] if text.lower().startswith(start.lower()) else text


def _keep_alive(line: serial.SerialBase) -> None:
    """Have the system notice within a minute that the other end of a socket is gone."""
    end = getattr(line, "_socket", None)
    if not isinstance(end, socket.socket):
        return
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10)):
        if hasattr(socket, option):
            end.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    if hasattr(socket, "TCP_KEEPCNT"):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
