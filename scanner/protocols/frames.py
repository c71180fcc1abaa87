"""Whole frames out of bytes that come in any pieces, for families that say how long.

Their frames may hold any byte, the first of a frame too, so only a length and a check
tell where one begins.
"""

from collections.abc import Callable, Iterator, Sequence

from scanner.protocols.read import Noise

JOINED_BYTES_MAX = 512
"""Of a stream that was running when the port was opened, so much may be the rest of a
frame that began before; more is told as noise."""

Lengths = Callable[[bytearray], Sequence[int] | None]
"""The lengths a frame that begins here may have, shortest first; none where none
begins; None while too little came to tell."""


class Frames:
    """The frames in a stream; what is none is dropped and told as noise once a run.

    After garbage the next whole frame is found, at the latest when the line pauses:
    what looked like a frame and was none costs one byte, never those behind it.
    """

    def __init__(self, lengths: Lengths, is_whole: Callable[[bytes], bool]) -> None:
        self._lengths = lengths
        self._is_whole = is_whole
        self._came = bytearray()
        self._lost_bytes = 0
        self._lost_bytes_told = 1

    def join(self) -> None:
        """Take note that the line was opened, perhaps in the middle of a frame."""
        self._lost_bytes_told = JOINED_BYTES_MAX

    def feed(self, chunk: bytes) -> Iterator[bytes | Noise]:
        """Take the next bytes; yield the frames that end in them."""
        self._came += chunk
        yield from self._split(is_over=False)

    def silence(self) -> Iterator[bytes | Noise]:
        """Take note that nothing more comes: what waits for its end has none."""
        yield from self._split(is_over=True)
        self._found()

    def _split(self, *, is_over: bool) -> Iterator[bytes | Noise]:
        while self._came:
            frame = self._first(is_over=is_over)
            if frame is None:
                return
            if frame:
                del self._came[: len(frame)]
                self._found()
                yield frame
                continue
            del self._came[0]
            self._lost_bytes += 1
            if self._lost_bytes == self._lost_bytes_told:
                yield Noise.DAMAGED

    def _first(self, *, is_over: bool) -> bytes | None:
        """Return the frame that begins here; empty is none, None is not yet known."""
        unknown = b"" if is_over else None
        lengths = self._lengths(self._came)
        if lengths is None:
            return unknown
        for length in lengths:
            if length > len(self._came):
                return unknown
            frame = bytes(self._came[:length])
            if self._is_whole(frame):
                return frame
        return b""

    def _found(self) -> None:
        self._lost_bytes, self._lost_bytes_told = 0, 1
