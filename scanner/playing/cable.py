"""A pseudo-terminal that is plugged in and out, for whatever is simulated behind it."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from scanner.playing.terminal import Terminal

LISTENER_TIMEOUT_S = 30.0
POLL_S = 0.01
QUIET_S = 0.02
"""An answer is over, and what was sent has arrived, after so long without news."""


class Cable:
    """The far end of a port: `with` plugs it in, and pulls it out at the end.

    For one thread at a time.
    """

    def __init__(self, link: Path | None) -> None:
        """Describe it; `link` is a stable name for its device path.

        Raises:
            OSError: this system has no pseudo-terminals.
        """
        if not hasattr(os, "openpty"):
            raise OSError(
                errno.ENOSYS,
                "Windows has no pseudo-terminals to simulate a scanner with. "
                "Use Linux or macOS, or a pair of virtual COM ports",
            )
        self._link = link
        self._terminal: Terminal | None = None

    @property
    def device(self) -> str:
        """The path to give to the service: the link, or else the terminal itself.

        Raises:
            ConnectionError: it has no link and is not plugged in.
        """
        return str(self._link or self._plugged().path)

    def __enter__(self) -> Self:
        """Plug it in."""
        self.replug()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Pull it out."""
        self.unplug()

    def emit(self, data: bytes) -> None:
        """Send bytes as they are, without an end and without waiting for an answer.

        Raises:
            ConnectionError: it is not plugged in, or nobody reads what is sent.
        """
        self._plugged().write(data)

    def listen(self, *, timeout_s: float) -> bytes:
        """Return the next answer, or nothing if none came in time."""
        heard = self._plugged().read(timeout_s)
        while heard and (more := self._plugged().read(QUIET_S)):
            heard += more
        return heard

    def wait_for_listener(self, *, timeout_s: float = LISTENER_TIMEOUT_S) -> None:
        """Return when somebody has opened the port and will read what is sent.

        Raises:
            TimeoutError: nobody did.
            ConnectionError: it is not plugged in.
        """
        self._wait(self._plugged().is_listened_to, timeout_s)

    def unplug(self) -> None:
        """Pull the cable."""
        terminal, self._terminal = self._terminal, None
        if terminal is None:
            return
        if self._link is not None:
            self._link.unlink(missing_ok=True)
        terminal.close()

    def replug(self) -> None:
        """Plug it in, again or for the first time: a new terminal under the same link.

        Raises:
            OSError: there is no terminal left, or the link cannot be made.
        """
        from scanner.playing.terminal import Terminal  # Not there on Windows.

        self.unplug()
        terminal = Terminal()
        try:
            if self._link is not None:
                self._link.unlink(missing_ok=True)
                self._link.symlink_to(terminal.path)
        except OSError:
            terminal.close()
            raise
        self._terminal = terminal

    def _wait(self, condition: Callable[[], bool], timeout_s: float) -> None:
        give_up = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() >= give_up:
                raise TimeoutError(f"nobody listens at {self.device}")
            time.sleep(POLL_S)

    def _plugged(self) -> "Terminal":
        if self._terminal is None:
            raise ConnectionError("The simulated scanner is not plugged in.")
        return self._terminal
