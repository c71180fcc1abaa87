"""Chafon and its kin: UHFReader18 (one antenna) and UHFReader288 (four).

A frame is ``length address command [status] data crc``, the length counting what comes
after it.  They read when they are asked to, for as long as they are told, and answer
with all tags they found, in several frames if need be.  A UHFReader18 in its active
mode tells of each tag by itself.

Sources: UHFReader18 User's Manual; wabson.chafon-rfid 1.0.0, uhfreader18 0.6.0 (MIT).
"""

from collections import deque
from collections.abc import Iterator, Sequence

from scanner.protocols.crc16 import crc16, with_crc16
from scanner.protocols.frames import Frames
from scanner.protocols.read import Noise, Read, Reply

_ANY_ADDRESS = 0xFF
_INVENTORY, _SET_SCAN_TIME = 0x01, 0x25
_PUSH = b"\xee\x00"
"""A tag told of unasked: command and status."""
_HEARTBEAT = bytes.fromhex("560000000000")
"""What its network module says every half a minute, in no frame."""
_SCAN_TIME = 3
"""In 100 ms, the shortest there is: the answer must come before a pause of 0.5 s."""
_ENDED, _TIMED_OUT, _MORE, _FULL, _NO_TAG = 0x01, 0x02, 0x03, 0x04, 0xFB
_WITH_TAGS = (_ENDED, _TIMED_OUT, _MORE, _FULL)
_ASKED_MAX = 2
_LENGTH_MIN = 5
"""Address, command, status, and the check."""

# UHFReader288: Q 4, session 0, no mask, target A, an antenna, scan time.
_Q, _SESSION, _NO_MASK, _TARGET_A, _FIRST_ANTENNA = 4, 0, b"\x01\0\0\0", 0, 0x80
_ANTENNAS = {1: 1, 2: 2, 4: 3, 8: 4}
"""Each by the bit that tells it."""


class ChafonDecoder:
    """Turn the bytes of a Chafon reader into reads, and ask it again and again.

    With `antennas_count` it is a UHFReader288, whose antennas are asked in turn; else a
    UHFReader18.  How strong a tag answered, the 288 tells on a scale of its own, so it
    is not told here.
    """

    def __init__(self, *, antennas_count: int | None = None) -> None:
        self._frames = Frames(_lengths, _is_whole)
        self._requests = deque(_requests(antennas_count))
        self._has_antennas = antennas_count is not None
        self._is_started = False
        self._is_faulty = False
        self._asked_count = 0
        """So many requests are without an answer; some may be lost."""

    def opened(self) -> Iterator[Reply]:
        """Have it read in short turns, and ask for the first."""
        self._frames.join()
        self._is_started, self._is_faulty, self._asked_count = True, False, 0
        yield Reply(framed(_SET_SCAN_TIME, bytes([_SCAN_TIME])))
        yield self._ask()

    def feed(self, chunk: bytes) -> Iterator[Read | Reply | Noise]:
        """Take the next bytes; yield the tags found, and the next request."""
        yield from self._meanings(self._frames.feed(chunk))

    def silence(self) -> Iterator[Read | Reply | Noise]:
        """Ask again: request or answer got lost, or there was a fault."""
        for item in self._meanings(self._frames.silence()):
            if not isinstance(item, Reply):  # Asked once, below.
                yield item
        if self._is_started:
            yield self._ask()

    def _ask(self) -> Reply:
        # A reader that is slower than the pauses must not find ever more requests.
        self._asked_count = min(self._asked_count + 1, _ASKED_MAX)
        request = self._requests[0]
        self._requests.rotate(-1)
        return Reply(request)

    def _meanings(
        self, frames: Iterator[bytes | Noise]
    ) -> Iterator[Read | Reply | Noise]:
        for frame in frames:
            if isinstance(frame, Noise):
                yield frame
            elif frame[2] == _INVENTORY:
                yield from self._inventory(status=frame[3], data=frame[4:-2])
            elif frame[2:4] == _PUSH and frame[4:-2] and not self._has_antennas:
                self._is_faulty = False
                yield Read(raw=frame, text=frame[4:-2].hex().upper(), symbology="")

    def _inventory(self, *, status: int, data: bytes) -> Iterator[Read | Reply | Noise]:
        if status in _WITH_TAGS:
            self._is_faulty = False
            yield from self._tags(data)
        elif status != _NO_TAG:
            # The next request waits for the pause: a fault comes back at once.
            if not self._is_faulty:
                yield Noise.FAULT
            self._is_faulty = True
            self._asked_count = 0
            return
        if status == _MORE:
            return
        self._asked_count = max(self._asked_count - 1, 0)
        if not self._asked_count:
            yield self._ask()

    def _tags(self, data: bytes) -> Iterator[Read | Noise]:
        antenna, tail_bytes = 0, 0
        if self._has_antennas and data:
            antenna, data, tail_bytes = _ANTENNAS.get(data[0], 0), data[1:], 1
        tags = _split(data, tail_bytes)
        if tags is None:
            yield Noise.DAMAGED
            return
        for tag in tags:
            epc = tag[1 : 1 + tag[0]]
            if epc:  # A tag may have no EPC at all, and then no name.
                yield Read(
                    raw=tag, text=epc.hex().upper(), symbology="", antenna=antenna
                )


def framed(command: int, data: bytes = b"") -> bytes:
    """Return a request to a reader of any address.

    >>> framed(0x01).hex(" ")
    '04 ff 01 1b b4'
    """
    return with_crc16(bytes([len(data) + 4, _ANY_ADDRESS, command]) + data)


def _requests(antennas_count: int | None) -> Iterator[bytes]:
    if antennas_count is None:
        yield framed(_INVENTORY)
        return
    for antenna in range(antennas_count):
        how = bytes([_TARGET_A, _FIRST_ANTENNA + antenna, _SCAN_TIME])
        yield framed(_INVENTORY, bytes([_Q, _SESSION]) + _NO_MASK + how)


def _lengths(came: bytearray) -> Sequence[int] | None:
    if came[0] == _HEARTBEAT[0]:
        return (len(_HEARTBEAT), came[0] + 1)
    return (came[0] + 1,) if came[0] >= _LENGTH_MIN else ()


def _is_whole(frame: bytes) -> bool:
    return frame == _HEARTBEAT or crc16(frame[:-2]) == frame[-2:]


def _split(data: bytes, tail_bytes: int) -> list[bytes] | None:
    """Return the tags of `count (length EPC tail)…`; None if that is not all there is.

    >>> [tag.hex() for tag in _split(bytes.fromhex("02 02ABCD 01EF"), 0)]
    ['02abcd', '01ef']
    """
    tags: list[bytes] = []
    start = 1
    for _ in range(data[0] if data else 0):
        end = start + 1 + data[start] + tail_bytes if start < len(data) else None
        if end is None or end > len(data):
            return None
        tags.append(data[start:end])
        start = end
    return tags if start == max(len(data), 1) else None
