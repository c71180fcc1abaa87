"""What a UHF tag says of itself on the air: length and check of its EPC."""

from binascii import crc_hqx

EPC_BYTES_MAX = 62
"""31 words: the length has five bits."""


def air_crc16(words: bytes) -> int:
    """Return the CRC-16 that a tag sends after its PC and EPC.

    Source: ISO/IEC 13239; EPC UHF Gen2 Air Interface Protocol, annex F.

    >>> hex(air_crc16(bytes.fromhex("3400E20010710000529B0940B402")))
    '0x163d'
    """
    return crc_hqx(words, 0xFFFF) ^ 0xFFFF


def epc_bytes_count(pc: bytes) -> int:
    """Return how long the EPC is that comes after the protocol control word `pc`.

    Source: EPC UHF Gen2 Air Interface Protocol, 6.3.2.1.2.2: five bits, in words.

    >>> epc_bytes_count(bytes.fromhex("3400"))
    12
    """
    return (pc[0] >> 3) * 2
