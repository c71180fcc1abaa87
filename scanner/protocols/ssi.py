"""Zebra scanners in SSI mode: packets that are checked and confirmed.

What is scanned is confirmed once it is on disk, which is not for this module to know:
`Profile.saved` is the acknowledgement.  A scanner that hears none sends the packet
again, with a bit that says so; the bytes of the read are the same then, so that it
counts once.  Source: Zebra, "Simple Serial Interface Programmer's Guide", 72E-40451.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from scanner.protocols.line import FRAME_BYTES_MAX
from scanner.protocols.read import Noise, Read, Reply
from scanner.protocols.ssi_packet import (
    CMD_ACK,
    CMD_NAK,
    DECODE_DATA,
    FROM_HOST,
    HEADER_BYTES,
    STATUS_AGAIN,
    STATUS_MORE,
    Packet,
    acknowledgement,
    please_resend,
    set_up,
    size_of,
    unpacked,
)
from scanner.protocols.text import read_text

SENDS_MAX = 3
"""So often a scanner sends a packet that is not confirmed."""

# Only where the AIM identifier follows from the code type alone: a scanner may say
# "Data Matrix" of a GS1 one, and how a Code 39 was checked it does not say at all.
# Sources: Motorola CS3000 Product Reference Guide, table B-1, and the symbology types
# of the Zebra Scanner SDK; identifiers from ISO/IEC 15424.
_SYMBOLOGIES = {
    0x03: "]C0",  # Code 128
    0x0A: "]E4",  # EAN-8
    0x0B: "]E0",  # EAN-13
    0x0F: "]C1",  # GS1-128
    0x30: "]e0",  # GS1 DataBar
    0x31: "]e0",  # GS1 DataBar Limited
    0x32: "]e0",  # GS1 DataBar Expanded
    0xC1: "]d2",  # GS1 DataMatrix
    0xC2: "]Q3",  # GS1 QR Code
}
_NO_READ = b"NR"
"""What a scanner that is set to tell so sends when it saw no code."""
_ENDS = b"\r\n\t"
_NOTHING = Reply(acknowledgement())
_TEXT_BYTES_MIN = 3
_TEXT = frozenset(range(0x20, 0x7F)) | frozenset(_ENDS) | {0x1D}


@dataclass(slots=True)
class _NoiseRun:
    """Bytes that are no packet, up to the next one or a pause; not themselves kept."""

    bytes_count: int = 0
    is_text: bool = True
    is_answered: bool = False

    def add(self, byte: int) -> None:
        """Take note of one more."""
        self.bytes_count += 1
        self.is_text = self.is_text and byte in _TEXT


class SsiDecoder:
    """Turn the packets of a Zebra scanner into reads, and answer those that are none.

    Memory is bounded by one packet and one joined code of `FRAME_BYTES_MAX`.
    """

    def __init__(self) -> None:
        self._unread = bytearray()
        self._noise = _NoiseRun()
        self._damaged_count = 0
        self._parts: list[bytes] = []
        self._is_too_long = False
        self._paused = False
        # The last packet of a joined code, and that code: sent again, it comes alone.
        self._last: tuple[bytes | None, Read | Reply | Noise] = (None, _NOTHING)

    def opened(self) -> Iterator[Reply]:
        """Set the scanner up, until it loses power."""
        yield Reply(set_up())

    def feed(self, chunk: bytes) -> Iterator[Read | Reply | Noise]:
        """Take the next bytes; yield what is complete with them."""
        self._unread += chunk
        yield from self._taken(is_over=False)

    def silence(self) -> Iterator[Read | Reply | Noise]:
        """Look for whole packets in what is left; then it is no packet.

        A code of several packets waits on: the scanner may still send one of them
        again, and only such a one goes on with it.
        """
        yield from self._taken(is_over=True)
        yield from self._noise_ended()
        self._paused = True

    def _taken(self, *, is_over: bool) -> Iterator[Read | Reply | Noise]:
        unread, start = self._unread, 0
        while start < len(unread):
            size = size_of(unread, start)
            is_whole = start + size <= len(unread)
            if size and not is_whole and not is_over:
                break
            packet = None
            if size and is_whole:
                packet = unpacked(bytes(unread[start : start + size]))
            if packet is None:
                if size and len(unread) - start >= HEADER_BYTES:
                    yield from self._damaged()
                self._noise.add(unread[start])
                start += 1
            else:
                # What stands right before a code that came whole did no harm, and to
                # tell of it would have the scanner send that code again.
                if packet.opcode == DECODE_DATA:
                    self._noise = _NoiseRun()
                yield from self._noise_ended()
                start += size
                yield from self._meaning(packet)
        del unread[:start]

    def _damaged(self) -> Iterator[Reply | Noise]:
        """Ask again for a packet that came damaged: once, whatever is found inside."""
        if self._noise.is_answered:
            return
        self._noise.is_answered = True
        self._damaged_count += 1
        if self._damaged_count < SENDS_MAX:
            yield Reply(please_resend())
        else:
            self._damaged_count = 0
            yield Noise.DAMAGED

    def _noise_ended(self) -> Iterator[Reply | Noise]:
        run, self._noise = self._noise, _NoiseRun()
        if not run.bytes_count or run.is_answered:
            return
        if run.is_text and run.bytes_count >= _TEXT_BYTES_MIN:
            yield Noise.UNPACKETED
            yield Reply(set_up())
        else:
            yield Noise.DAMAGED

    def _meaning(self, packet: Packet) -> Iterator[Read | Reply | Noise]:
        # What is from a host is our own, come back over a line that echoes: an answer
        # would come back as well.
        if packet.source == FROM_HOST or packet.opcode in (CMD_ACK, CMD_NAK):
            return
        if packet.opcode != DECODE_DATA:
            yield Reply(acknowledgement())
            return
        is_again = bool(packet.status & STATUS_AGAIN)
        if self._paused and not is_again:
            self._parts.clear()  # The scanner gave up, and has said so itself.
            self._is_too_long = False
        self._paused = False
        # Only where we did confirm it: what we asked for again is news.
        is_known = is_again and not self._damaged_count
        self._damaged_count = 0
        if packet.status & STATUS_MORE:
            if not (is_known and self._parts[-1:] == [packet.data]):
                self._keep(packet.data)
            yield Reply(acknowledgement())
        elif is_known and not self._parts and self._last[0] == packet.data:
            yield self._last[1]
        else:
            self._keep(packet.data)
            yield self._whole()

    def _keep(self, data: bytes) -> None:
        self._parts.append(data)
        if sum(map(len, self._parts)) > FRAME_BYTES_MAX:
            del self._parts[:-1]
            self._is_too_long = True

    def _whole(self) -> Read | Reply | Noise:
        parts, self._parts = self._parts, []
        item = Noise.TOO_LONG if self._is_too_long else _read(parts)
        is_joined = len(parts) > 1 or self._is_too_long
        self._last = (parts[-1] if is_joined else None, item)
        self._is_too_long = False
        return item


def _read(parts: list[bytes]) -> Read | Reply | Noise:
    """Return the code that `parts` carry; each begins with the type of the code."""
    raw = parts[0][:1] + b"".join(part[1:] for part in parts)
    code = raw[1:].rstrip(_ENDS)
    if code in (b"", _NO_READ):
        return _NOTHING
    found = read_text(code)
    if found is None:
        return Noise.NO_TEXT
    symbology, text = found
    return Read(raw=raw, text=text, symbology=symbology or _SYMBOLOGIES.get(raw[0], ""))
