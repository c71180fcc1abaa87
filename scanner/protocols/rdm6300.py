r"""RDM6300, ID-12LA and ID-20LA: 125 kHz cards, told over and over while they are near.

A frame is STX, ten hexadecimal digits, two more that check them, and ETX; ID-12LA and
ID-20LA put CR LF before the ETX.  The text is the ten digits.  Readers that type like a
keyboard may give the lower 32 bits of the same card as ten decimal digits instead,
3808980205 for 62E3086CED: a card that both kinds read is linked under both.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import xor

from scanner.protocols.frames import Frames
from scanner.protocols.read import Noise, Read, Reply

_STX, _ETX = b"\x02", b"\x03"
_DIGITS = frozenset(b"0123456789ABCDEFabcdef")
_DIGITS_COUNT = 12
_ENDS = (_ETX, b"\r\n" + _ETX)


class Rdm6300Decoder:
    r"""Turn the bytes of a 125 kHz reader into reads.

    >>> [read.text for read in Rdm6300Decoder().feed(b"\x0262E3086CED08\x03")]
    ['62E3086CED']
    """

    def __init__(self) -> None:
        self._frames = Frames(_lengths, _is_whole)

    def opened(self) -> Iterator[Reply]:
        """Ask nothing: it speaks when a card comes near."""
        self._frames.join()
        yield from ()

    def feed(self, chunk: bytes) -> Iterator[Read | Noise]:
        """Take the next bytes; yield the cards read with them."""
        for frame in self._frames.feed(chunk):
            yield frame if isinstance(frame, Noise) else _read(frame)

    def silence(self) -> Iterator[Read | Noise]:
        """Drop what is half read."""
        for frame in self._frames.silence():
            yield frame if isinstance(frame, Noise) else _read(frame)


def _lengths(came: bytearray) -> Sequence[int] | None:
    end = 1 + _DIGITS_COUNT
    if came[:1] != _STX or not _DIGITS.issuperset(came[1:end]):
        return ()
    tail = bytes(came[end : end + 3])
    if tail.startswith(_ENDS[0]):
        return (end + 1,)
    if tail == _ENDS[1]:
        return (end + 3,)
    return None if _ENDS[1].startswith(tail) else ()


def _is_whole(frame: bytes) -> bool:
    return reduce(xor, bytes.fromhex(frame[1 : 1 + _DIGITS_COUNT].decode("ascii"))) == 0


def _read(frame: bytes) -> Read:
    return Read(raw=frame, text=frame[1:11].decode("ascii").upper(), symbology="")
