"""Datalogic: the radio ones that take messages, and the older ones of PSC."""

from scanner.protocols.feedback.profile import Profile, counted, profile
from scanner.scan import Outcome

# Source: Datalogic QuickScan I QD2400 Product Reference Guide, chapter 4, "Message
# formatting" (the same in Gryphon GM4400): up to 48 characters, ended by CR; DC2 in
# front where it is not the answer to a label.  The light goes on and off as written.
_LIT, _DARK, _WAIT = b"\x1b[6q", b"\x1b[7q", b"\x1b[5q"
_HIGH, _LOW, _LONG_LOW = b"\x1b[0q", b"\x1b[1q", b"\x1b[2q"
_GOOD, _BAD = b"\x1b[3q", b"\x1b[4q"
_DC2, _CR = b"\x12", b"\r"


def _profile(start: bytes) -> Profile:
    def green(sound: bytes) -> bytes:
        return start + _LIT + sound + _WAIT + _DARK + _CR

    def dark(sound: bytes) -> bytes:
        return start + sound + _CR

    return profile(
        {
            Outcome.OK: (green(_GOOD), "good tone, green", "god tone, grønt"),
            Outcome.ALREADY: (
                green(_HIGH + _HIGH),
                "two high beeps, green",
                "to høje bip, grønt",
            ),
            Outcome.SET: (
                green(_LOW + _HIGH),
                "low and high, green",
                "lavt og højt, grønt",
            ),
            Outcome.LOOKED: (
                green(_HIGH + _LOW),
                "high and low, green",
                "højt og lavt, grønt",
            ),
            Outcome.STORED: (dark(_LOW), "one low beep", "et lavt bip"),
            Outcome.UNKNOWN: (
                dark(_BAD + _BAD),
                "bad tone, twice",
                "dårlig tone to gange",
            ),
            Outcome.REFUSED: (
                dark(_BAD + _LONG_LOW),
                "bad tone and a long low one",
                "dårlig tone, så en lang lav",
            ),
            Outcome.NOT_SAVED: (
                dark(_LONG_LOW * 3),
                "three long low tones",
                "tre lange lave toner",
            ),
        }
    )


DATALOGIC = _profile(_DC2)
"""Any transmit mode: a message at any time."""
DATALOGIC_ACK = _profile(b"")
"""Transmit mode "ACK from host": the scanner waits, and takes the message as answer."""

# 01 sounds one good read beep whatever else is set; B does only where the beep after a
# good read is on, which would be a good tone before anything is saved.
# Source: Datalogic QuickScan QD 2300 Product Reference Guide, appendix G.
PSC = counted(b"\x01")
