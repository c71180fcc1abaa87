"""RFID readers on pseudo-terminals, for people without hardware (Linux and macOS)."""

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from scanner.playing.cable import LISTENER_TIMEOUT_S, POLL_S, Cable
from scanner.playing.voice_rfid import READER_VOICES, ReaderVoice, Seen
from scanner.protocols import FAMILIES
from scanner.protocols.feedback import PROFILES, outcome_heard
from scanner.scan import Outcome
from scanner.settings import check_known

ROUND_S = 0.05
READ_RATE = 0.7
"""So often a tag is seen in a round: 60 to 70 % are normal."""
_CARD, _EPC = re.compile(r"[0-9A-F]{10}"), re.compile(r"([0-9A-F]{4}){1,12}")
_PASSED_AT = {1: 0.65, 2: 0.35}
"""When a tag that goes in is before each antenna of a gate, as parts of its way."""


class SimulatedReader(Cable):
    """An RFID reader on a pseudo-terminal: `with` plugs it in, and pulls it out.

    For one thread at a time.
    """

    def __init__(
        self,
        link: Path | None = None,
        *,
        protocol: str = "r200",
        seed: int | None = None,
    ) -> None:
        """Describe a reader; with the same `seed` it misses the same tags.

        Raises:
            OSError: this system has no pseudo-terminals.
            ValueError: the protocol cannot be played.
        """
        super().__init__(link)
        check_known("protocol to play", protocol, READER_VOICES)
        self._protocol = protocol
        self._voice: ReaderVoice = READER_VOICES[protocol]()
        self._profile = PROFILES[FAMILIES[protocol].feedback]
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self.heard: list[Outcome] = []
        """What it was made to sound."""

    def check_tag(self, epc: str) -> None:
        """Check that a tag can be called so.

        Raises:
            ValueError: it cannot.
        """
        is_card = self._protocol == "rdm6300"
        if not (_CARD if is_card else _EPC).fullmatch(epc):
            what = (
                "ten hexadecimal digits" if is_card else "hexadecimal, 4 to 48 digits"
            )
            raise ValueError(
                f"'{epc}' is on no tag that {self._protocol} reads. Write it in {what}"
                f"{'' if is_card else ', in fours'}, and in capitals."
            )

    def replug(self) -> None:
        """Plug it in; it has then forgotten what it was told.

        Raises:
            OSError: there is no terminal left, or the link cannot be made.
        """
        super().replug()
        self._voice = READER_VOICES[self._protocol]()

    def round(
        self, seen: Sequence[Seen], *, timeout_s: float = LISTENER_TIMEOUT_S
    ) -> None:
        """Tell of the tags that were seen in one round, once that is asked for.

        Raises:
            TimeoutError: nobody asked.
            ConnectionError: it is not plugged in, or nobody reads what is told.
        """
        give_up_s = time.monotonic() + timeout_s
        self.wait_for_listener(timeout_s=timeout_s)
        self._hear(0.0)
        while not self._voice.is_asked():
            if time.monotonic() >= give_up_s:
                raise TimeoutError(f"nobody asks at {self.device} what is there")
            self._hear(POLL_S)
        self.emit(self._voice.round(seen))

    def hold(
        self,
        epcs: Iterable[str],
        *,
        until: Callable[[], bool],
        read_rate: float = READ_RATE,
        round_s: float = ROUND_S,
    ) -> Counter[str]:
        """Have tags lie in the field until that is so; return how often each was seen.

        Raises:
            TimeoutError: nobody asks for them.
            ConnectionError: it is not plugged in, or nobody reads what is told.
        """
        there = [Seen(epc) for epc in epcs]

        def rounds() -> Iterator[list[Seen]]:
            while not until():
                yield [it for it in there if self._chance.random() < read_rate]

        return self._play(rounds(), round_s)

    def carry_through(
        self,
        epcs: Iterable[str],
        *,
        inwards: bool,
        over_s: float = 2.0,
        read_rate: float = READ_RATE,
        round_s: float = ROUND_S,
    ) -> Counter[str]:
        """Carry tags through a gate of antennas 1 (inside) and 2; return as `hold`.

        Raises:
            TimeoutError: nobody asks for them.
            ConnectionError: it is not plugged in, or nobody reads what is told.
        """
        carried = list(epcs)
        # By rounds and not by the clock: who is slow carries slowly, and misses none.
        rounds_count = max(1, round(over_s / round_s))

        def rounds() -> Iterator[list[Seen]]:
            for number in range(rounds_count):
                part = number / rounds_count
                at = part if inwards else 1 - part
                yield [
                    Seen(epc, antenna, round(-45 - 80 * abs(at - passed_at)))
                    for antenna, passed_at in _PASSED_AT.items()
                    for epc in carried
                    if self._chance.random() < read_rate - abs(at - passed_at)
                ]

        return self._play(rounds(), round_s)

    def _play(self, rounds: Iterable[list[Seen]], round_s: float) -> Counter[str]:
        counts: Counter[str] = Counter()
        for seen in rounds:
            self.round(seen)
            counts.update(it.epc for it in seen)
            time.sleep(round_s)
        self._hear(0.0)
        return counts

    def _hear(self, timeout_s: float) -> None:
        """Take in what the host sends, and confirm it."""
        self.emit(self._voice.hear(self._plugged().read(timeout_s)))
        outcome = outcome_heard(self._profile, self._voice.sounded())
        if outcome is not None:
            self.heard.append(outcome)
