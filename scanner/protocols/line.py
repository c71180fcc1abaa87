r"""Scanners that send text and end each code: nearly all with a serial or CDC cable.

A frame is ``[AIM identifier]payload`` and ends with CR, LF, CR LF or TAB.
"""

import re
from collections.abc import Iterator

from scanner.protocols.read import Noise, Read, Reply
from scanner.protocols.text import is_text, read_text

FRAME_BYTES_MAX = 4096
"""Longer than any symbol carries: QR 2953 bytes (version 40-L, ISO/IEC 18004)."""

_ENDS = re.compile(rb"[\r\n\t]")
_ODD_PARITY = bytes(byte for byte in range(256) if byte.bit_count() % 2)
_LOW_7_BITS = bytes(byte & 0x7F for byte in range(256))


class LineDecoder:
    r"""Turn the bytes of a line scanner into reads.

    Memory is bounded by `frame_bytes_max`: a longer run is told as noise once and
    dropped up to its end.

    >>> [(read.symbology, read.text) for read in LineDecoder().feed(b"]C18004FSC7\r")]
    [(']C1', '8004FSC7')]
    """

    def __init__(self, *, frame_bytes_max: int = FRAME_BYTES_MAX) -> None:
        self._frame_bytes_max = frame_bytes_max
        self._partial = bytearray()
        self._dropping = False

    def opened(self) -> Iterator[Reply]:
        """Ask nothing: such a scanner speaks when somebody scans."""
        yield from ()

    def feed(self, chunk: bytes) -> Iterator[Read | Noise]:
        """Take the next bytes; yield the frames that end in them.

        An empty frame is no frame, so CR LF is one end and a blank line is nothing.
        """
        start = 0
        for end in _ENDS.finditer(chunk):
            yield from self._keep(chunk[start : end.start()])
            if self._partial:
                yield _read(bytes(self._partial))
            self._forget()
            start = end.end()
        yield from self._keep(chunk[start:])

    def silence(self) -> Iterator[Noise]:
        """Drop what is half read: it must never be glued to the next scan."""
        if self._partial:
            seven_bits = _is_seven_bits_even_parity(bytes(self._partial))
            yield Noise.PARITY if seven_bits else Noise.BROKEN_OFF
        self._forget()

    def _keep(self, piece: bytes) -> Iterator[Noise]:
        if self._dropping:
            return
        self._partial += piece[: self._frame_bytes_max + 1]
        if len(self._partial) > self._frame_bytes_max:
            self._partial.clear()
            self._dropping = True
            yield Noise.TOO_LONG

    def _forget(self) -> None:
        self._partial.clear()
        self._dropping = False


def _read(raw: bytes) -> Read | Noise:
    if _is_seven_bits_even_parity(raw):
        return Noise.PARITY
    found = read_text(raw)
    if found is None:
        return Noise.BINARY
    symbology, payload = found
    return Read(raw=raw, text=payload, symbology=symbology)


def _is_seven_bits_even_parity(raw: bytes) -> bool:
    """Tell whether these are 7E1 characters read as 8N1.

    Then the top bit of each byte makes its count of ones even, in about half of them it
    is set, and without it there is text.  A short code with one foreign letter may look
    the same by chance, so four bytes and a quarter of top bits are asked for, and
    nothing that is good UTF-8 is suspected.
    """
    top_bits_count = sum(byte > 0x7F for byte in raw)
    if len(raw) < 4 or top_bits_count * 4 < len(raw):
        return False
    if raw.translate(None, delete=_ODD_PARITY) != raw:
        return False
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        # A CR has the top bit set in 7E1, so it may be inside, unseen as an end.
        stripped = raw.translate(_LOW_7_BITS).replace(b"\r", b"")
        return is_text(stripped.decode("ascii"))
    return False
