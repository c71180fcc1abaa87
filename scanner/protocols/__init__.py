"""One file a family: bytes to reads; and feedback, the bytes that answer them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from scanner.protocols.a0 import A0Decoder
from scanner.protocols.chafon import ChafonDecoder
from scanner.protocols.feedback import PROFILES
from scanner.protocols.line import LineDecoder
from scanner.protocols.llrp import LlrpDecoder
from scanner.protocols.r200 import R200Decoder
from scanner.protocols.rdm6300 import Rdm6300Decoder
from scanner.protocols.read import Decoder
from scanner.protocols.ssi import SsiDecoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family of scanners: how its bytes are read, and what it takes for granted."""

    decoder: Callable[[], Decoder]
    baud: int = 9600
    """As its readers come out of the box."""
    feedback: str = "none"
    """The profile that fits, where the settings name none."""
    voices: frozenset[str] = frozenset({"none"})
    """The profiles that its scanners obey; other bytes would do nothing, or harm."""
    is_networked: bool = False
    """Whether its readers are reached over a network alone."""
    is_confirmed: bool = False
    """Its scanners send again what its own feedback, and no other, confirms."""
    is_rfid: bool = False
    """Its readers tell of a tag over and over while it is there."""
    antennas_count: int = 1
    """So many may read, each telling which it was; a portal needs two."""
    tells_signal: bool = True
    """Whether RFID readers tell how strong a tag answered."""
    reads_min: int = 2
    """So many reads make a tag present, where the settings say nothing: 2 keep out a
    stray one; 1 for readers that tell of a card once."""


def _a0(*, antennas_count: int) -> Family:
    return Family(
        decoder=partial(A0Decoder, antennas_count=antennas_count),
        baud=115_200,
        is_rfid=True,
        antennas_count=antennas_count,
    )


def _chafon(*, antennas_count: int | None = None) -> Family:
    return Family(
        decoder=partial(ChafonDecoder, antennas_count=antennas_count),
        baud=57_600,
        feedback="chafon",
        voices=frozenset({"chafon", "none"}),
        is_rfid=True,
        tells_signal=False,
        antennas_count=antennas_count or 1,
    )


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "line": Family(
            decoder=LineDecoder, voices=frozenset(PROFILES) - {"chafon", "ssi"}
        ),
        "ssi": Family(
            decoder=SsiDecoder,
            feedback="ssi",
            voices=frozenset({"ssi"}),
            is_confirmed=True,
        ),
        # Of these an ID-12LA tells of a card once, and none sees one through a wall.
        "rdm6300": Family(
            decoder=Rdm6300Decoder, is_rfid=True, reads_min=1, tells_signal=False
        ),
        "r200": Family(decoder=R200Decoder, baud=115_200, is_rfid=True),
        "a0": _a0(antennas_count=1),
        "a0-2": _a0(antennas_count=2),
        "a0-4": _a0(antennas_count=4),
        "chafon": _chafon(),
        "chafon-288": _chafon(antennas_count=1),
        "chafon-288-2": _chafon(antennas_count=2),
        "chafon-288-4": _chafon(antennas_count=4),
        # All that a reader has; it counts them with 16 bits.
        "llrp": Family(
            decoder=LlrpDecoder,
            is_networked=True,
            is_rfid=True,
            antennas_count=0xFFFF,
        ),
    }
)
"""Each family by the name it has in the settings; a number behind it is how many
antennas take turns, from the first on."""
