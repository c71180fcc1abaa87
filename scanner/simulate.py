"""Scanners on pseudo-terminals, for people without hardware (Linux and macOS).

>>> from scanner.simulate import SimulatedScanner
>>> with SimulatedScanner(feedback="none") as scanner:
...     scanner.device.startswith("/dev/")
True
"""

import errno
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from scanner.protocols.feedback import PROFILES
from scanner.scan import Outcome
from scanner.settings import check_known
from scanner.voice import VOICES

if TYPE_CHECKING:
    from scanner.terminal import Terminal

LISTENER_TIMEOUT_S = 30.0
POLL_S = 0.01
QUIET_S = 0.02
"""An answer is over, and what was sent has arrived, after so long without news."""
_FEEDBACK = {"line": "bel"}
"""Where it is not called as the protocol is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came back for one scan."""

    outcome: Outcome | None
    """None: nothing came in time, or nothing that the feedback profile knows."""
    raw: bytes
    sends_count: int


class SimulatedScanner:
    """A scanner on a pseudo-terminal: `with` plugs it in, and pulls it out at the end.

    For one thread at a time.
    """

    def __init__(
        self,
        link: Path | None = None,
        *,
        protocol: str = "line",
        feedback: str | None = None,
        end: bytes = b"\r",
        answer_timeout_s: float = 10.0,
        sends_max: int = 1,
    ) -> None:
        """Describe a scanner; `link` is a stable name for its device path.

        Without `feedback` it is answered as fits the protocol; a line scanner with BEL.
        With `sends_max` above 1 it acts like a scanner with host acknowledgement: what
        is not answered within `answer_timeout_s` is sent again, so often in all.  One
        that waits for a confirmation by itself does so in any case.

        Raises:
            OSError: this system has no pseudo-terminals.
            ValueError: there is no such feedback, or the protocol cannot be played.
        """
        if not hasattr(os, "openpty"):
            raise OSError(
                errno.ENOSYS,
                "Windows has no pseudo-terminals to simulate a scanner with. "
                "Use Linux or macOS, or a pair of virtual COM ports",
            )
        self._link = link
        check_known("protocol to play", protocol, VOICES)
        feedback = feedback or _FEEDBACK.get(protocol, protocol)
        check_known("feedback", feedback, PROFILES)
        profile = PROFILES[feedback]
        self._can_hear = any(profile.sounds.values())
        self._voice = VOICES[protocol](profile, end)
        self._answer_timeout_s = answer_timeout_s
        self._sends_max = max(sends_max, self._voice.sends_min)
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

    def send(self, text: str | bytes) -> Heard:
        """Scan `text`, wait for the answer, and return what was heard.

        Waits first until somebody listens.  With the feedback `none` no answer can
        come; it then returns once the scan was read.

        Raises:
            TimeoutError: nobody listened, or nobody read it.
            ConnectionError: it is not plugged in.
        """
        payload = text.encode() if isinstance(text, str) else text
        heard = b""
        sends_count = 0
        for packet in self._voice.packets(payload):
            heard, count = self._sent(packet)
            sends_count += count
            if not self._voice.is_confirmed(heard):
                break
        else:
            if self._can_hear and not self._voice.is_answered(heard):
                heard += self._heard_until(self._voice.is_answered)
            self.emit(self._voice.replies(heard))
        return Heard(
            outcome=self._voice.outcome(heard) if heard else None,
            raw=heard,
            sends_count=sends_count,
        )

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
        from scanner.terminal import Terminal  # Not there on Windows.

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

    def _sent(self, packet: bytes) -> tuple[bytes, int]:
        """Send `packet` until it is confirmed; return what came, and how often it went.

        Not confirmed is one that was asked for again, or met silence, to the last.
        """
        heard = b""
        sends_count = 0
        while not self._voice.is_confirmed(heard) and sends_count < self._sends_max:
            self.wait_for_listener()
            self._plugged().drain()  # A late answer belongs to an earlier scan.
            flushes_count = self._plugged().flushes_count
            self.emit(self._voice.again(packet) if sends_count else packet)
            if self._can_hear:
                heard = self._heard_until(
                    lambda it: self._voice.is_confirmed(it) is not None, flushes_count
                )
            else:
                time.sleep(QUIET_S)  # The system hands it over in its own time.
                self._wait(self._plugged().is_read, LISTENER_TIMEOUT_S)
            # A listener that came at this very moment has not read it, as with a cable
            # that was just put in: that was no scan yet.
            if heard or self._plugged().flushes_count == flushes_count:
                sends_count += 1
        return heard, sends_count

    def _heard_until(
        self, is_enough: Callable[[bytes], bool], flushes_count: int | None = None
    ) -> bytes:
        """Return what comes until it is enough, or was thrown away, or time is up."""
        give_up = time.monotonic() + self._answer_timeout_s
        heard = b""
        while not is_enough(heard) and time.monotonic() < give_up:
            if flushes_count not in (None, self._plugged().flushes_count):
                break
            heard += self.listen(timeout_s=POLL_S)
        return heard

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
