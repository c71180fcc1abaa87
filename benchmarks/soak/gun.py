"""A scanner in rough hands: its bytes come in pieces, its cable is pulled mid-code.

It waits for its answer and sends again what got none, as one with host acknowledgement
does; whoever holds it scans again what was answered NOT SAVED, or with silence.
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import monotonic, sleep

from scanner.playing.simulate import SimulatedScanner
from scanner.scan import Outcome

ANSWER_TIMEOUT_S = 10.0
"""What such scanners are set to, and longer than anybody waits for a beep."""
SENDS_MAX = 1_000
PIECE_PAUSE_S = 0.002


class _Rough(SimulatedScanner):
    """One whose bytes come in pieces."""

    chance: Random

    def emit(self, data: bytes) -> None:
        """Send `data` whole, byte by byte, or cut anywhere."""
        how = self.chance.random()
        if how < 0.8 or len(data) < 2:
            super().emit(data)
            return
        cut = self.chance.randrange(1, len(data))
        bytes_each = [bytes([byte]) for byte in data]
        for piece in bytes_each if how < 0.9 else (data[:cut], data[cut:]):
            super().emit(piece)
            sleep(PIECE_PAUSE_S)


class Gun:
    """A scanner that scans its script from the first to the last line."""

    def __init__(
        self, link: Path, protocol: str, feedback: str, script: Iterator[str], seed: int
    ) -> None:
        self.read_point = link.name.upper()
        self.protocol = protocol
        self.feedback = feedback
        self.device = link
        self.answered: list[tuple[str, Outcome]] = []
        """Every code that was answered well, in its order, and how."""
        self.waited_s: list[float] = []
        """How long each of them took, from its first byte."""
        self.sends_count = self.pulled_count = 0
        self.not_saved_count = self.silent_count = 0
        self._script = script
        self._chance = Random(seed)
        self._scanner = _Rough(
            link,
            protocol=protocol,
            feedback=feedback,
            answer_timeout_s=ANSWER_TIMEOUT_S,
            sends_max=SENDS_MAX,
        )
        self._scanner.chance = self._chance

    def settings(self) -> str:
        """Return its [[port]]."""
        return (
            f'[[port]]\nurl = "{self.device}"\nread_point = "{self.read_point}"\n'
            f'protocol = "{self.protocol}"\nfeedback = "{self.feedback}"\n'
            "gap_s = 0.3\n"
        )

    def scan_until(self, ended: threading.Event) -> None:
        """Scan until `ended`; the code that is being scanned then is the last."""
        for text in self._script:
            if ended.is_set():
                return
            if self._chance.random() < 0.01:
                self._pull(text)
            begun = monotonic()
            self.answered.append((text, self._scan(text)))
            self.waited_s.append(monotonic() - begun)

    def plug_in(self) -> None:
        """Put its cable in."""
        self._scanner.replug()

    def unplug(self) -> None:
        """Pull its cable for good."""
        self._scanner.unplug()

    def _scan(self, text: str) -> Outcome:
        while True:
            heard = self._scanner.send(text)
            self.sends_count += heard.sends_count
            if heard.outcome is None:  # Confirmed, and nothing sounded.
                self.silent_count += 1
            elif heard.outcome is Outcome.NOT_SAVED:
                self.not_saved_count += 1
            else:
                return heard.outcome
            sleep(0.05)

    def _pull(self, text: str) -> None:
        """Pull the cable in the middle of a code; it comes back under another name."""
        self._scanner.emit(text.encode()[: self._chance.randrange(len(text))])
        self._scanner.replug()
        self.pulled_count += 1
