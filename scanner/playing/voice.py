"""How simulated scanners of each family speak, and what they understand."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from scanner.protocols.feedback import Profile, outcome_heard
from scanner.protocols.ssi import SENDS_MAX
from scanner.protocols.ssi_packet import (
    BEEP,
    CMD_ACK,
    CMD_NAK,
    DECODE_DATA,
    FROM_SCANNER,
    LED_OFF,
    LED_ON,
    STATUS_AGAIN,
    STATUS_MORE,
    Packet,
    packed,
    size_of,
    unpacked,
)
from scanner.scan import Outcome

_DATA_BYTES_MAX = 250
_CODE_128 = b"\x03"


class Voice(Protocol):
    """One family, as its scanners see it."""

    sends_min: int
    """So often it sends what is not confirmed, if not told to more often."""

    def packets(self, payload: bytes) -> Sequence[bytes]:
        """Return a scan as it is sent: one after the other, each once confirmed."""
        ...

    def again(self, packet: bytes) -> bytes:
        """Return a packet as it is sent the second time."""
        ...

    def is_confirmed(self, heard: bytes) -> bool | None:
        """Tell whether what was sent got through; None if nothing says so yet."""
        ...

    def is_answered(self, heard: bytes) -> bool:
        """Tell whether an outcome was heard."""
        ...

    def outcome(self, heard: bytes) -> Outcome | None:
        """Return the outcome that was heard, or None where it is none."""
        ...

    def replies(self, heard: bytes) -> bytes:
        """Return what a scanner answers to what it heard."""
        ...


class LineVoice:
    """A scanner that sends text with an end, and takes any answer for one."""

    sends_min = 1

    def __init__(self, profile: Profile, end: bytes) -> None:
        self._profile = profile
        self._end = end

    def packets(self, payload: bytes) -> Sequence[bytes]:
        """Return the text and its end."""
        return [payload + self._end]

    def again(self, packet: bytes) -> bytes:
        """Return the same: it does not say."""
        return packet

    def is_confirmed(self, heard: bytes) -> bool | None:
        """Take anything for a confirmation."""
        return True if heard else None

    def is_answered(self, heard: bytes) -> bool:
        """Tell whether anything was heard."""
        return bool(heard)

    def outcome(self, heard: bytes) -> Outcome | None:
        """Return what sounds like that in the profile."""
        return outcome_heard(self._profile, heard)

    def replies(self, heard: bytes) -> bytes:
        """Answer nothing."""
        return b""


class SsiVoice:
    """A Zebra scanner in SSI mode: packets, each sent until it is confirmed.

    What is never confirmed it tells with an error tone of its own.
    """

    sends_min = SENDS_MAX

    def __init__(self, profile: Profile, end: bytes) -> None:
        self._profile = profile
        self._end = end

    def packets(self, payload: bytes) -> Sequence[bytes]:
        """Return the code as packets, all but the last saying that more follow."""
        code = payload + self._end
        starts = range(0, max(1, len(code)), _DATA_BYTES_MAX)
        pieces = [code[start : start + _DATA_BYTES_MAX] for start in starts]
        return [
            packed(DECODE_DATA, _CODE_128 + piece, source=FROM_SCANNER, status=more)
            for piece, more in zip(
                pieces, [STATUS_MORE] * (len(pieces) - 1) + [0], strict=True
            )
        ]

    def again(self, packet: bytes) -> bytes:
        """Return the packet with the bit that says so."""
        first = unpacked(packet)
        if first is None:
            raise ValueError("What is sent again was no packet.")
        status = first.status | STATUS_AGAIN
        return packed(first.opcode, first.data, source=FROM_SCANNER, status=status)

    def is_confirmed(self, heard: bytes) -> bool | None:
        """Take the first ACK or NAK for the answer."""
        opcodes = [packet.opcode for packet, _ in _packets(heard)]
        answers = [it for it in opcodes if it in (CMD_ACK, CMD_NAK)]
        return answers[0] == CMD_ACK if answers else None

    def is_answered(self, heard: bytes) -> bool:
        """Tell whether a beep was heard, the last of what makes up an outcome."""
        return any(packet.opcode == BEEP for packet, _ in _packets(heard))

    def outcome(self, heard: bytes) -> Outcome | None:
        """Return what the commands of the host sound like; a NAK is an error tone."""
        if not self.is_confirmed(heard):
            return Outcome.NOT_SAVED
        return outcome_heard(self._profile, _outcome_commands(heard))

    def replies(self, heard: bytes) -> bytes:
        """Confirm each command of the host."""
        confirmation = packed(CMD_ACK, source=FROM_SCANNER)
        return confirmation * sum(
            packet.opcode not in (CMD_ACK, CMD_NAK) for packet, _ in _packets(heard)
        )


def _packets(heard: bytes) -> Iterator[tuple[Packet, bytes]]:
    """Yield the packets in `heard`, each with its bytes."""
    start = 0
    while start < len(heard):
        size = size_of(heard, start)
        raw = heard[start : start + size]
        packet = unpacked(raw) if size and len(raw) == size else None
        if packet is not None:
            yield packet, raw
        start += size if packet is not None else 1


def _outcome_commands(heard: bytes) -> bytes:
    """Return the lights and beeps in `heard`: what sets a scanner up is no outcome."""
    signs = (BEEP, LED_ON, LED_OFF)
    return b"".join(raw for packet, raw in _packets(heard) if packet.opcode in signs)


VOICES: Mapping[str, Callable[[Profile, bytes], Voice]] = MappingProxyType(
    {"line": LineVoice, "ssi": SsiVoice}
)
"""Each family that can be played, by the name of its protocol in the settings."""
