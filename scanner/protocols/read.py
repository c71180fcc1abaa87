"""What every family makes of its bytes: reads, and noise, which is told of."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One code, whole and readable."""

    raw: bytes
    text: str
    symbology: str


class Noise(StrEnum):
    """Why something that came is not a code; the text is advice for whoever is on duty.

    The bytes themselves are not kept: they may be half of somebody's health card.
    """

    TOO_LONG = "more came without an end than a code can be long"
    BROKEN_OFF = (
        "a code stopped before its end; if this is every scan, "
        "have the scanner add CR to each code"
    )
    BINARY = "bytes came that are not text; compare the speed of scanner and port"
    PARITY = (
        "the scanner sends 7 bits and even parity; "
        'set the scanner to 8N1, or the port to framing = "7E1"'
    )


class Decoder(Protocol):
    """One family: takes bytes as they arrive, gives back what they mean.

    What comes out does not depend on how the bytes were cut into chunks.
    """

    def feed(self, chunk: bytes) -> Iterator[Read | Noise]:
        """Take the next bytes; yield what is complete with them."""
        ...

    def silence(self) -> Iterator[Read | Noise]:
        """Take note that the line paused or broke: what is half read ends here."""
        ...
