r"""Packets of the Simple Serial Interface (SSI) of Zebra, once Symbol and Motorola.

    length  opcode  source  status  data...  checksum (2, high byte first)

The length counts from itself to the end of the data; the checksum is the two's
complement of the sum of these bytes.  Source: Zebra, "Simple Serial Interface
Programmer's Guide", 72E-40451, chapter 2.

>>> acknowledgement().hex(" ")
'04 d0 04 00 ff 28'
"""

from dataclasses import dataclass

HEADER_BYTES = 4
CHECKSUM_BYTES = 2

CMD_ACK = 0xD0
CMD_NAK = 0xD1
DECODE_DATA = 0xF3
PARAM_SEND = 0xC6
BEEP = 0xE6
LED_ON = 0xE7
LED_OFF = 0xE8
_OPCODE_MIN = 0x80
"""Every opcode a scanner may send has its top bit set, and no ASCII text does."""

FROM_SCANNER = 0
FROM_HOST = 4

_UNSEEN = bytes([HEADER_BYTES, _OPCODE_MIN, FROM_SCANNER, 0])

STATUS_AGAIN = 0x01
"""It was sent before, and not answered."""
STATUS_MORE = 0x02
"""What it carries goes on in the next packet."""

_CAUSE_RESEND = 1
_NO_BEEP = 0xFF
_PARAMETER_PACKETED = 0xEE
_PARAMETER_HANDSHAKE = 0x9F
_PARAMETER_BEEP_AFTER_DECODE = 0x38
_DECODE_LED = 0x01
"""The first light.  A model that has none refuses the command and loses nothing by it;
which one is the first was not tried on each."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet whose checksum was right."""

    opcode: int
    source: int
    status: int
    data: bytes


def packed(
    opcode: int, data: bytes = b"", *, source: int = FROM_HOST, status: int = 0
) -> bytes:
    """Return a packet as it goes over the line; `data` is 251 bytes at most."""
    content = bytes([HEADER_BYTES + len(data), opcode, source, status]) + data
    return content + checksum(content)


def checksum(content: bytes) -> bytes:
    r"""Return the checksum of a packet's bytes before it.

    >>> checksum(bytes.fromhex("07f30000014e52")).hex()
    'fe65'
    """
    return (-sum(content) & 0xFFFF).to_bytes(CHECKSUM_BYTES, "big")


def size_of(data: bytes | bytearray, start: int) -> int:
    """Return how long the packet at `start` is with its checksum, 0 if none can begin.

    What has not come yet is taken to fit.
    """
    header = bytes(data[start : start + HEADER_BYTES])
    length, opcode, source, _ = header + _UNSEEN[len(header) :]
    if length < HEADER_BYTES or opcode < _OPCODE_MIN:
        return 0
    if source not in (FROM_SCANNER, FROM_HOST):
        return 0
    return length + CHECKSUM_BYTES


def unpacked(data: bytes) -> Packet | None:
    """Return the packet that `data` is, from its length to its checksum.

    None if the checksum is not right.
    """
    content = data[:-CHECKSUM_BYTES]
    if checksum(content) != data[-CHECKSUM_BYTES:]:
        return None
    return Packet(
        opcode=content[1],
        source=content[2],
        status=content[3],
        data=content[HEADER_BYTES:],
    )


def acknowledgement() -> bytes:
    """Return what says that a packet is safe here."""
    return packed(CMD_ACK)


def please_resend() -> bytes:
    """Return what asks for the last packet again.

    The scanner sends it twice more at most, then sounds its own error tone.
    """
    return packed(CMD_NAK, bytes([_CAUSE_RESEND]))


def beep(code: int) -> bytes:
    """Return what sounds the beeper in one of its 27 ways."""
    return packed(BEEP, bytes([code]))


def light(*, on: bool) -> bytes:
    """Return what switches the decode light, which stays as it is until the next."""
    return packed(LED_ON if on else LED_OFF, bytes([_DECODE_LED]))


def set_up() -> bytes:
    """Return what sets up a scanner until it loses power.

    Packets, to be acknowledged, and no beep before we give one.  Not for good, for the
    memory of a scanner wears out: that is what its set-up sheet is for.
    """
    parameters = (_PARAMETER_PACKETED, _PARAMETER_HANDSHAKE)
    values = b"".join(bytes([parameter, 1]) for parameter in parameters)
    silent = bytes([_PARAMETER_BEEP_AFTER_DECODE, 0])
    return packed(PARAM_SEND, bytes([_NO_BEEP]) + values + silent)
