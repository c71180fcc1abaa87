"""Feedback profiles: which bytes make a scanner sound out an outcome.

A profile is a table, outcome to bytes; a scanner of another make is another table.
Within one, no two outcomes that are heard at all sound the same, and what is sent for
`OK` is sent for nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from scanner.scan import Outcome


@dataclass(frozen=True, slots=True)
class Profile:
    """How scanners of one make are answered."""

    sounds: Mapping[Outcome, bytes]
    saved: bytes = b""
    """Sent as soon as a scan is durable, before it is known what it means.

    For families whose scanner waits for a confirmation of what it sent, and sends it
    again without; what it sounds out comes after.
    """


_NONE = dict.fromkeys(Outcome, b"")

# A BEL is one high beep (Zebra standard RS-232, option "Beep on BEL"), and high beeps
# are all there is: one means recorded, a few mean saved or known, many mean look up.
# A scanner that runs several together would make the good tone of them, so what is
# not saved is silence: nothing was heard, so nothing was recorded.
_BEL_COUNT = {
    Outcome.OK: 1,
    Outcome.ALREADY: 2,
    Outcome.SET: 3,
    Outcome.LOOKED: 4,
    Outcome.STORED: 5,
    Outcome.UNKNOWN: 7,
    Outcome.REFUSED: 9,
    Outcome.NOT_SAVED: 0,
}

# Honeywell Xenon and Granit; the comma is part of each command and commands may be
# chained.  Source: Granit 1981i User's Guide, "Host ACK".
_GREEN_SHORT, _GREEN_LONG = b"\x1b1,", b"\x1b2,"
_LOW, _MID, _HIGH = b"\x1b4,", b"\x1b5,", b"\x1b6,"
_GOOD, _RAZZ = b"\x1b7,", b"\x1b8,"

_HONEYWELL = {
    Outcome.OK: _GOOD + _GREEN_SHORT,
    Outcome.ALREADY: _MID + _MID + _GREEN_LONG,
    Outcome.SET: _LOW + _HIGH + _GREEN_LONG,
    Outcome.LOOKED: _MID + _GREEN_SHORT,
    Outcome.STORED: _LOW,
    Outcome.UNKNOWN: _RAZZ + _RAZZ,
    Outcome.REFUSED: _RAZZ + _LOW,
    Outcome.NOT_SAVED: _RAZZ + _RAZZ + _RAZZ,
}

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "none": Profile(_NONE),
        "bel": Profile({it: b"\x07" * count for it, count in _BEL_COUNT.items()}),
        "honeywell": Profile(_HONEYWELL),
    }
)


def outcome_heard(profile: Profile, heard: bytes) -> Outcome | None:
    r"""Return the outcome that sounds like `heard`, or None if none does.

    >>> outcome_heard(PROFILES["bel"], b"\x07\x07")
    <Outcome.ALREADY: 'already'>
    """
    if not heard:
        return None
    return next((it for it, sound in profile.sounds.items() if sound == heard), None)
