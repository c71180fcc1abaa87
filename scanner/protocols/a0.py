"""The A0 family: UHF readers on Impinj R2000 and E710 chips (YR90xx, Rodinbell, …).

A frame is ``A0 length address command data check``; all its bytes add up to 0.  The
length counts what comes after it; in some versions not the check.  They read for one
round when they are asked to, tell of each tag, and then that the round is over.

Sources: UHF RFID Reader Serial Interface Protocol V3.7; pyImpinj 1.2 (MIT).
"""

from collections.abc import Iterator, Sequence

from scanner.protocols.frames import Frames
from scanner.protocols.gen2 import EPC_BYTES_MAX, epc_bytes_count
from scanner.protocols.read import Noise, Read, Reply

ANTENNAS_MAX = 4
"""So many take turns in one round."""

_MARK = 0xA0
_ANY_ADDRESS = 0xFF
_BEEPER, _ONE_ANTENNA, _SWITCHED = 0x7A, 0x89, 0x8A
_QUIET = b"\x00"
_QUICK = b"\xff"
"""As many repeats as can be said mean the shortest round."""
_NOT_USED, _ONCE, _NO_REST = 0xFF, 1, 0
_LENGTH_MIN = 3
_LENGTH_MAX = 3 + 1 + 2 + EPC_BYTES_MAX + 1 + 2
"""A tag's frame is the longest that is asked for."""
_RSSI_0_DBM = -129
_SECOND_FOUR = 0x80
"""Set in the RSSI of a tag seen by antenna 5 to 8."""
_PHASE_BYTES = 2
_END_BYTES = (7, 8)
"""Both even and odd, so it is the PC that tells a tag from the end of a round."""


class A0Decoder:
    """Turn the bytes of an A0 reader into reads, and ask for round after round.

    With `antennas_count` those take turns, from the first on; else the one that the
    reader is set to is used.
    """

    def __init__(self, *, antennas_count: int = 1) -> None:
        self._frames = Frames(_lengths, _is_whole)
        self._round = _round(antennas_count)
        self._is_started = False
        self._is_faulty = False

    def opened(self) -> Iterator[Reply]:
        """Have it read, and not beep at each tag: the host alone sounds."""
        self._frames.join()
        self._is_started, self._is_faulty = True, False
        yield Reply(framed(_BEEPER, _QUIET))
        yield Reply(self._round)

    def feed(self, chunk: bytes) -> Iterator[Read | Reply | Noise]:
        """Take the next bytes; yield the tags told of in them, and the next request."""
        yield from self._meanings(self._frames.feed(chunk))

    def silence(self) -> Iterator[Read | Reply | Noise]:
        """Ask again: an answer got lost, or there was a fault."""
        for item in self._meanings(self._frames.silence()):
            if not isinstance(item, Reply):  # Asked once, below.
                yield item
        if self._is_started:
            yield Reply(self._round)

    def _meanings(
        self, frames: Iterator[bytes | Noise]
    ) -> Iterator[Read | Reply | Noise]:
        for frame in frames:
            if isinstance(frame, Noise):
                yield frame
            elif frame[3] in (_ONE_ANTENNA, _SWITCHED):
                yield from self._inventory(frame, frame[4:-1])

    def _inventory(self, frame: bytes, data: bytes) -> Iterator[Read | Reply | Noise]:
        read = _tag(frame, data)
        if read is not None:
            self._is_faulty = False
            if read.text:  # A tag may have no EPC at all, and then no name.
                yield read
        elif len(data) in _END_BYTES:
            yield Reply(self._round)
        elif len(data) <= 2:
            # The next request waits for the pause: a fault comes back at once.
            if not self._is_faulty:
                yield Noise.FAULT
            self._is_faulty = True
        else:
            yield Noise.DAMAGED


def framed(command: int, data: bytes, address: int = _ANY_ADDRESS) -> bytes:
    """Return a frame; to any address unless one is given.

    >>> framed(0x89, b"\\xff", address=1).hex(" ")
    'a0 04 01 89 ff d3'
    """
    summed = bytes([_MARK, len(data) + 3, address, command]) + data
    return summed + bytes([-sum(summed) & 0xFF])


def _round(antennas_count: int) -> bytes:
    if antennas_count == 1:
        return framed(_ONE_ANTENNA, _QUICK)
    turns = [
        (antenna if antenna < antennas_count else _NOT_USED, _ONCE)
        for antenna in range(ANTENNAS_MAX)
    ]
    data = [byte for turn in turns for byte in turn]
    return framed(_SWITCHED, bytes([*data, _NO_REST, _ONCE]))


def _lengths(came: bytearray) -> Sequence[int] | None:
    if came[0] != _MARK:
        return ()
    if len(came) < 2:
        return None
    if not _LENGTH_MIN <= came[1] <= _LENGTH_MAX:
        return ()
    return (came[1] + 2, came[1] + 3)


def _is_whole(frame: bytes) -> bool:
    return sum(frame) & 0xFF == 0


def _tag(frame: bytes, data: bytes) -> Read | None:
    """Return the tag of frequency and antenna, PC, EPC, RSSI; None if it is none.

    Readers that are set to tell the phase add it behind.
    """
    if len(data) < 4:
        return None
    end = 3 + epc_bytes_count(data[1:3])
    if len(data) not in (end + 1, end + 1 + _PHASE_BYTES):
        return None
    strength = data[end]
    return Read(
        raw=frame,
        text=data[3:end].hex().upper(),
        symbology="",
        antenna=(data[0] & 0b11) + 1 + (4 if strength & _SECOND_FOUR else 0),
        rssi_dbm=float((strength & ~_SECOND_FOUR) + _RSSI_0_DBM),
    )
