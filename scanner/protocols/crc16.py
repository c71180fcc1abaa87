"""The check of the Chafon family: CRC-16 over bits sent lowest first."""

from binascii import crc_hqx

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def crc16(data: bytes) -> bytes:
    """Return the two bytes that check `data`, low byte first.

    Polynomial 0x8408, start 0xFFFF: the CRC that the standard library has, of bytes
    and sum with their bits the other way round.

    Source: UHFReader18 User's Manual, 3, "Data block"; known as CRC-16/MCRF4XX.

    >>> crc16(b"123456789").hex()
    '916f'
    """
    turned = crc_hqx(data.translate(_REVERSED), 0xFFFF)
    return turned.to_bytes(2).translate(_REVERSED)


def with_crc16(data: bytes) -> bytes:
    """Return `data` and what checks it.

    >>> with_crc16(bytes.fromhex("04FF21")).hex()
    '04ff211995'
    """
    return data + crc16(data)
