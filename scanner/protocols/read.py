"""What every family makes of its bytes: reads, replies, and noise, which is told of."""

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
    antenna: int = 0
    """Of an RFID reader with several, counted from 1; 0 where it does not say."""
    rssi_dbm: float | None = None
    """How strong a tag answered; None where the reader does not say."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Bytes that a family's own protocol wants sent now: a request, a confirmation.

    They go out at once and say nothing to the operator.
    """

    data: bytes


class Noise(StrEnum):
    """Why something that came is not a code; the text is advice for whoever is on duty.

    The bytes themselves are not kept: they may be half of somebody's health card.
    """

    TOO_LONG = "more came without an end than a code can be long"
    DAMAGED = (
        "what came is no whole frame of this family; compare speed and protocol, and "
        "look at the cable"
    )
    BROKEN_OFF = (
        "a code stopped before its end; if this is every scan, "
        "have the scanner add CR to each code"
    )
    BINARY = "bytes came that are not text; compare the speed of scanner and port"
    NO_TEXT = "a code was scanned that holds bytes and no text; none of ours does"
    UNPACKETED = (
        "the scanner sends bare text; have it send packets (parameter 0xEE = 1) and "
        "wait for their confirmation (parameter 0x9F = 1)"
    )
    PARITY = (
        "the scanner sends 7 bits and even parity; "
        'set the scanner to 8N1, or the port to framing = "7E1"'
    )
    FAULT = (
        "the reader answers that it cannot read; look at its antennas and its power, "
        "and whether another program uses it"
    )
    ANTENNA = (
        "a tag was read by an antenna that is not of the portal; compare "
        "portal_antennas with what the reader calls them"
    )
    CROWDED = (
        "more tags are in the field than can be told apart, and the one not read for "
        "longest was let go; raise rssi_min_dbm or turn the power down"
    )


class Decoder(Protocol):
    """One family: takes bytes as they arrive, gives back what they mean.

    What comes out does not depend on how the bytes were cut into chunks, and memory is
    bounded whatever comes.
    """

    def opened(self) -> Iterator[Reply]:
        """Yield what must be sent once the port is open; nothing for most."""
        ...

    def feed(self, chunk: bytes) -> Iterator[Read | Reply | Noise]:
        """Take the next bytes; yield what is complete with them."""
        ...

    def silence(self) -> Iterator[Read | Reply | Noise]:
        """Take note that the line paused or broke: what is half read ends here.

        Called after every `gap_s` without a byte: who must be asked is asked again.
        """
        ...
