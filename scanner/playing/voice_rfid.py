"""How simulated RFID readers of each family speak, and what they understand.

They build their frames themselves, so that the decoders are not tried against their own
idea of a frame.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor
from types import MappingProxyType
from typing import Protocol

CHAFON_FRAME_TAGS = 8
"""So many tags fit into a frame whose length is one byte, with 24-byte EPCs."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A tag that an antenna saw in a round."""

    epc: str
    """In hexadecimal, whole words; of a 125 kHz card its ten digits."""
    antenna: int = 1
    rssi_dbm: int = -50


class ReaderVoice(Protocol):
    """One family, as its readers see it."""

    def hear(self, came: bytes) -> bytes:
        """Take what the host sends; return what is confirmed at once."""
        ...

    def is_asked(self) -> bool:
        """Tell whether the host wants to know what a round sees."""
        ...

    def round(self, seen: Sequence[Seen]) -> bytes:
        """Return what is told of a round."""
        ...

    def sounded(self) -> bytes:
        """Return what the host has sent to make it sound since last asked."""
        ...


class CardVoice:
    """RDM6300: tells of a card whenever it sees one, and hears nothing."""

    def hear(self, came: bytes) -> bytes:
        """Hear nothing: it has no ears."""
        return b""

    def is_asked(self) -> bool:
        """Tell of what it sees unasked."""
        return True

    def round(self, seen: Sequence[Seen]) -> bytes:
        """Return STX, ten digits, two that check them, ETX for each card."""
        return b"".join(_card_frame(it.epc) for it in seen)

    def sounded(self) -> bytes:
        """Return nothing: it cannot sound."""
        return b""


class R200Voice:
    """R200 and M100: goes on telling of tags once it is told to."""

    def __init__(self) -> None:
        self._came = bytearray()
        self._is_reading = False

    def hear(self, came: bytes) -> bytes:
        """Begin and stop, and confirm it."""
        self._came += came
        replies = b""
        for frame in _cut(self._came, 5, lambda came: 7 + int.from_bytes(came[3:5])):
            if frame[0] != 0xBB:  # To modules that frame otherwise.
                continue
            if frame[2] == 0x27:
                self._is_reading = True
            elif frame[2] == 0x28:
                self._is_reading = False
                replies += _r200_frame(1, 0x28, b"\x00")
        return replies

    def is_asked(self) -> bool:
        """Tell whether it was told to begin."""
        return self._is_reading

    def round(self, seen: Sequence[Seen]) -> bytes:
        """Return a notice for each tag, or that there is none."""
        if not seen:
            return _r200_frame(1, 0xFF, b"\x15")
        return b"".join(_r200_frame(2, 0x22, _r200_tag(it)) for it in seen)

    def sounded(self) -> bytes:
        """Return nothing: it cannot sound."""
        return b""


class A0Voice:
    """A0: tells of a round's tags, and that it is over, each time it is asked."""

    def __init__(self) -> None:
        self._came = bytearray()
        self._asked = b""

    def hear(self, came: bytes) -> bytes:
        """Take a request; confirm a setting."""
        self._came += came
        replies = b""
        for frame in _cut(self._came, 2, lambda came: came[1] + 2):
            if frame[3] in (0x89, 0x8A):
                self._asked = frame
            else:
                replies += _a0_frame(frame[3], b"\x10")
        return replies

    def is_asked(self) -> bool:
        """Tell whether a round is wanted."""
        return bool(self._asked)

    def round(self, seen: Sequence[Seen]) -> bytes:
        """Return the tags the antennas in turn saw, and the end of the round."""
        command, asked = self._asked[3], self._asked[4:-1]
        self._asked = b""
        # A pair for each antenna: which, and how often.
        turns = asked[:-2:2] if command == 0x8A else b"\x00"
        tags = [_a0_tag(it) for it in seen if it.antenna - 1 in turns]
        return b"".join(_a0_frame(command, tag) for tag in tags) + _a0_frame(
            command, bytes(7)
        )

    def sounded(self) -> bytes:
        """Return nothing: it sounds by itself or not at all."""
        return b""


class ChafonVoice:
    """UHFReader18, and with antennas UHFReader288: answers with a round's tags."""

    def __init__(self, *, has_antennas: bool = False) -> None:
        self._has_antennas = has_antennas
        self._came = bytearray()
        self._sounded = b""
        self._asked: bytes | None = None

    def hear(self, came: bytes) -> bytes:
        """Take a request; confirm a setting or a sound."""
        self._came += came
        replies = b""
        for frame in _cut(self._came, 1, lambda came: came[0] + 1):
            if frame[2] == 0x01:
                self._asked = frame[3:-2]
                continue
            if frame[2] == 0x33:
                self._sounded += frame
            replies += _chafon_frame(frame[2], b"\x00")
        return replies

    def is_asked(self) -> bool:
        """Tell whether a round is wanted."""
        return self._asked is not None

    def round(self, seen: Sequence[Seen]) -> bytes:
        """Return the tags in as many frames as they take, or that there is none."""
        asked, self._asked = self._asked or b"", None
        antenna = asked[-2] - 0x80 + 1 if self._has_antennas else 0
        tags = [
            _chafon_tag(it, has_signal=self._has_antennas)
            for it in seen
            if not antenna or it.antenna == antenna
        ]
        if not tags:
            return _chafon_frame(0x01, b"\xfb")
        pieces = [
            tags[start : start + CHAFON_FRAME_TAGS]
            for start in range(0, len(tags), CHAFON_FRAME_TAGS)
        ]
        statuses = [0x03] * (len(pieces) - 1) + [0x01]
        where = bytes([1 << (antenna - 1)]) if antenna else b""
        return b"".join(
            _chafon_frame(
                0x01, bytes([status]) + where + bytes([len(piece)]) + b"".join(piece)
            )
            for status, piece in zip(statuses, pieces, strict=True)
        )

    def sounded(self) -> bytes:
        """Return the commands to the buzzer and the light."""
        sounded, self._sounded = self._sounded, b""
        return sounded


READER_VOICES: Mapping[str, Callable[[], ReaderVoice]] = MappingProxyType(
    {
        "rdm6300": CardVoice,
        "r200": R200Voice,
        "a0": A0Voice,
        "a0-2": A0Voice,
        "a0-4": A0Voice,
        "chafon": ChafonVoice,
        "chafon-288": lambda: ChafonVoice(has_antennas=True),
        "chafon-288-2": lambda: ChafonVoice(has_antennas=True),
        "chafon-288-4": lambda: ChafonVoice(has_antennas=True),
    }
)
"""Each family that can be played, by the name of its protocol in the settings."""


def _cut(
    came: bytearray, head_bytes: int, length: Callable[[bytearray], int]
) -> Iterator[bytes]:
    """Take the whole frames from the start of `came`; their head tells the length."""
    while len(came) >= head_bytes and len(came) >= (size := length(came)):
        yield bytes(came[:size])
        del came[:size]


def _card_frame(digits: str) -> bytes:
    check = reduce(xor, bytes.fromhex(digits))
    return b"\x02" + digits.encode("ascii") + b"%02X" % check + b"\x03"


def _r200_frame(kind: int, command: int, parameters: bytes) -> bytes:
    said = bytes([kind, command]) + len(parameters).to_bytes(2) + parameters
    return b"\xbb" + said + bytes([sum(said) % 256]) + b"\x7e"


def _r200_tag(seen: Seen) -> bytes:
    words = _words(seen.epc)
    rssi = seen.rssi_dbm.to_bytes(1, signed=True)
    return rssi + words + (_crc(words, 0x1021, is_reflected=False) ^ 0xFFFF).to_bytes(2)


def _a0_frame(command: int, data: bytes) -> bytes:
    said = bytes([0xA0, len(data) + 3, 0x01, command]) + data
    return said + bytes([-sum(said) % 256])


def _a0_tag(seen: Seen) -> bytes:
    frequency = 29
    rssi = seen.rssi_dbm + 129
    return bytes([frequency << 2 | seen.antenna - 1]) + _words(seen.epc) + bytes([rssi])


def _chafon_frame(command: int, data: bytes) -> bytes:
    said = bytes([len(data) + 4, 0x00, command]) + data
    return said + _crc(said, 0x8408, is_reflected=True).to_bytes(2, "little")


def _chafon_tag(seen: Seen, *, has_signal: bool) -> bytes:
    epc = bytes.fromhex(seen.epc)
    signal = bytes([seen.rssi_dbm + 200]) if has_signal else b""
    return bytes([len(epc)]) + epc + signal


def _words(epc: str) -> bytes:
    """Return protocol control word and EPC: the word says how many words follow."""
    data = bytes.fromhex(epc)
    return bytes([len(data) // 2 << 3, 0]) + data


def _crc(data: bytes, polynomial: int, *, is_reflected: bool) -> int:
    """Return a CRC-16 that starts with all ones, bit by bit."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte if is_reflected else byte << 8
        for _ in range(8):
            top = crc & (1 if is_reflected else 0x8000)
            crc = crc >> 1 if is_reflected else crc << 1 & 0xFFFF
            crc ^= polynomial if top else 0
    return crc
