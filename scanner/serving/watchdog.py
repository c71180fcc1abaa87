"""What systemd is told: that the service is ready, alive, and how it fares.

Eight lines to a socket, so no library.  Source: sd_notify(3), systemd.service(5).
"""

import os
import socket
import time
from collections.abc import Mapping

FEEDS_PER_LIMIT = 3
"""Of so many, systemd may miss all but one."""


class Watchdog:
    """Tells whoever started the service, or nobody where nobody wants to know."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        limit_s = _limit_s(environment)
        self._pause_s = None if limit_s is None else limit_s / FEEDS_PER_LIMIT
        self._fed_s = 0.0
        self._status = ""

    def ready(self) -> None:
        """Say that scans are taken from now on."""
        self._send("READY=1")

    def feed(self) -> None:
        """Say that all is well, not more often than need be."""
        now_s = time.monotonic()
        if self._pause_s is not None and now_s - self._fed_s >= self._pause_s:
            self._fed_s = now_s
            self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Say how the service fares, in a line; once if it stays the same."""
        if text != self._status:
            self._status = text
            self._send(f"STATUS={text}")

    def stopping(self) -> None:
        """Say that what is held is being finished."""
        self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        if not self._address:
            return
        # A name that begins with @ is of no file: Linux writes it with a zero byte.
        address = self._address
        if address.startswith("@"):
            address = f"\0{address[1:]}"
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
                told.setblocking(False)
                told.connect(address)
                told.send(text.encode())
        except OSError:
            # Nobody listens, or too much was said: a supervisor that misses its feed
            # does what it must, and scans go on meanwhile.
            return


def _limit_s(environment: Mapping[str, str]) -> float | None:
    """Return after how many seconds without a feed systemd ends us; None is never."""
    text = environment.get("WATCHDOG_USEC", "")
    whom = environment.get("WATCHDOG_PID", str(os.getpid()))
    if not text.isdecimal() or int(text) == 0 or whom != str(os.getpid()):
        return None
    return int(text) / 1e6
