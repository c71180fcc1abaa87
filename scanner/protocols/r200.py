"""R200, M100, JRD-4035, YRM100: small UHF modules with one antenna.

A frame is ``BB type command length(2) parameters check 7E``; modules that call
themselves R200 frame the same with AA and DD.  Both marks may occur inside, so the
length decides.  The check is the sum of type to parameters.  They read round after
round once they are told to, and tell of each tag with the check it sent on the air.

Sources: electron.id, protocol of EL-UHF-RMT01; M100 firmware manual V2.
"""

from collections.abc import Iterator, Sequence

from scanner.protocols.frames import Frames
from scanner.protocols.gen2 import EPC_BYTES_MAX, air_crc16, epc_bytes_count
from scanner.protocols.read import Noise, Read, Reply

_ENDS = {0xBB: 0x7E, 0xAA: 0xDD}
_COMMAND, _ANSWER, _NOTICE = 0, 1, 2
_TAG, _START, _STOP, _ERROR = 0x22, 0x27, 0x28, 0xFF
_NO_TAG = b"\x15"
_ROUNDS = bytes.fromhex("22FFFF")
"""Reserved, then as many rounds as can be said; after those it is told again."""
_HEAD_BYTES, _TAIL_BYTES = 5, 2
_PARAMETERS_BYTES_MAX = 1 + 2 + EPC_BYTES_MAX + 2 + 16
"""A tag's notice is the longest that is asked for; a little more, for versions."""


class R200Decoder:
    """Turn the bytes of an R200 or M100 module into reads, and keep it reading."""

    def __init__(self) -> None:
        self._frames = Frames(_lengths, _is_whole)
        self._marks = tuple(_ENDS)
        """How the module frames; both until it has said something."""
        self._is_started = False
        self._is_faulty = False

    def opened(self) -> Iterator[Reply]:
        """Have it stop what it does, and read."""
        self._frames.join()
        self._marks, self._is_started, self._is_faulty = tuple(_ENDS), True, False
        for mark in self._marks:
            yield Reply(framed(mark, _COMMAND, _STOP) + _start(mark))

    def feed(self, chunk: bytes) -> Iterator[Read | Noise]:
        """Take the next bytes; yield the tags told of in them."""
        yield from self._meanings(self._frames.feed(chunk))

    def silence(self) -> Iterator[Read | Noise | Reply]:
        """Tell it to read: one that does is never silent, if only to say "no tag"."""
        yield from self._meanings(self._frames.silence())
        if self._is_started:
            for mark in self._marks:
                yield Reply(_start(mark))

    def _meanings(self, frames: Iterator[bytes | Noise]) -> Iterator[Read | Noise]:
        for frame in frames:
            if isinstance(frame, Noise):
                yield frame
                continue
            self._marks = (frame[0],)
            kind, command = frame[1], frame[2]
            parameters = frame[_HEAD_BYTES:-_TAIL_BYTES]
            if (kind, command) == (_NOTICE, _TAG):
                self._is_faulty = False
                yield from _tag(frame, parameters)
            elif (kind, command) == (_ANSWER, _ERROR) and parameters != _NO_TAG:
                yield from self._fault()

    def _fault(self) -> Iterator[Noise]:
        if not self._is_faulty:
            yield Noise.FAULT
        self._is_faulty = True


def framed(mark: int, kind: int, command: int, parameters: bytes = b"") -> bytes:
    """Return a frame between `mark` and the end that belongs to it.

    >>> framed(0xBB, 0, 0x27, bytes.fromhex("22FFFF")).hex(" ")
    'bb 00 27 00 03 22 ff ff 4a 7e'
    """
    summed = bytes([kind, command]) + len(parameters).to_bytes(2) + parameters
    return bytes([mark]) + summed + bytes([sum(summed) & 0xFF, _ENDS[mark]])


def _start(mark: int) -> bytes:
    return framed(mark, _COMMAND, _START, _ROUNDS)


def _lengths(came: bytearray) -> Sequence[int] | None:
    if came[0] not in _ENDS or (len(came) > 1 and came[1] > _NOTICE):
        return ()
    if len(came) > 3 and came[3]:  # Longer than anything it is asked for.
        return ()
    if len(came) < _HEAD_BYTES:
        return None
    if came[4] > _PARAMETERS_BYTES_MAX:
        return ()
    return (_HEAD_BYTES + came[4] + _TAIL_BYTES,)


def _is_whole(frame: bytes) -> bool:
    return frame[-1] == _ENDS[frame[0]] and sum(frame[1:-2]) & 0xFF == frame[-2]


def _tag(frame: bytes, parameters: bytes) -> Iterator[Read | Noise]:
    """Yield the tag of a notice: RSSI, PC, EPC and the CRC it sent, which must fit."""
    rssi, words, crc = parameters[:1], parameters[1:-2], parameters[-2:]
    if (
        len(words) < 2
        or len(words) != 2 + epc_bytes_count(words)
        or air_crc16(words) != int.from_bytes(crc)
    ):
        yield Noise.DAMAGED
    elif len(words) > 2:  # A tag may have no EPC at all, and then no name.
        yield Read(
            raw=frame,
            text=words[2:].hex().upper(),
            symbology="",
            rssi_dbm=float(int.from_bytes(rssi, signed=True)),
        )
