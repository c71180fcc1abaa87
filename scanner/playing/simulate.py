"""Scanners on pseudo-terminals, for people without hardware (Linux and macOS).

>>> from scanner.playing.simulate import SimulatedScanner
>>> with SimulatedScanner(feedback="none") as scanner:
...     scanner.device.startswith("/dev/")
True
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scanner.playing.cable import LISTENER_TIMEOUT_S, POLL_S, QUIET_S, Cable
from scanner.playing.voice import VOICES
from scanner.protocols.feedback import PROFILES
from scanner.scan import Outcome
from scanner.settings import check_known

_FEEDBACK = {"line": "bel"}
"""Where it is not called as the protocol is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came back for one scan."""

    outcome: Outcome | None
    """None: nothing came in time, or nothing that the feedback profile knows."""
    raw: bytes
    sends_count: int


class SimulatedScanner(Cable):
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
        super().__init__(link)
        check_known("protocol to play", protocol, VOICES)
        feedback = feedback or _FEEDBACK.get(protocol, protocol)
        check_known("feedback", feedback, PROFILES)
        profile = PROFILES[feedback]
        self._can_hear = any(profile.sounds.values())
        self._voice = VOICES[protocol](profile, end)
        self._answer_timeout_s = answer_timeout_s
        self._sends_max = max(sends_max, self._voice.sends_min)

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
