"""What arrives when the two ends of a serial line are set differently, bit by bit."""


def with_parity(data: bytes, parity: str) -> bytes:
    """Return 7-bit characters with their parity bit on top: E, O or M (mark)."""
    tops = {
        "E": lambda byte: byte.bit_count() % 2,
        "O": lambda byte: 1 - byte.bit_count() % 2,
        "M": lambda byte: 1,
    }
    return bytes(byte | tops[parity](byte) << 7 for byte in data)


def at_speed(data: bytes, *, sent: int, read: int) -> bytes:
    """Return what a receiver at `read` baud makes of `data`, 8N1, at `sent` baud."""
    levels = [1, 1]
    for byte in data:
        levels += [0, *(byte >> bit & 1 for bit in range(8)), 1]
    levels += [1] * 12

    # A tick is so short that both ends' bits are whole numbers of it.
    sent_bit, read_bit = 32 * read, 32 * sent

    def level(tick: int) -> int:
        place = tick // sent_bit
        return levels[place] if place < len(levels) else 1

    heard, now, end = bytearray(), sent_bit, len(levels) * sent_bit
    step = read_bit // 16  # Receivers look 16 times a bit for its start.
    while now < end:
        if level(now) == 1:
            now += step
            continue
        bits = [level(now + k * read_bit + read_bit // 2) for k in range(1, 9)]
        heard.append(sum(bit << place for place, bit in enumerate(bits)))
        now += 9 * read_bit + read_bit // 2
        while now < end and level(now) == 0:  # A break is one byte, however long.
            now += step
    return bytes(heard)
