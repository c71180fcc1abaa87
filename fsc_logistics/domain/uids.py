"""Names made where something happens, so that telling it twice adds nothing."""

import secrets
from datetime import datetime
from uuid import UUID


def new_uid(now: datetime) -> str:
    """Return a UUID of version 7: unique, and sorted by the moment it was made.

    Source: RFC 9562, section 5.7.
    """
    milliseconds = int(now.timestamp() * 1000)
    random = secrets.randbits(74)
    value = milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64
    value |= 0b10 << 62 | random & (1 << 62) - 1
    return str(UUID(int=value))
