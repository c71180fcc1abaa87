"""Honeywell: Xenon and Granit, and the older Metrologic ones."""

from scanner.protocols.feedback.profile import profile
from scanner.scan import Outcome

# The comma is part of each command and commands may be chained.
# Source: Granit 1981i User's Guide, "Host ACK".
_GREEN_SHORT, _GREEN_LONG = b"\x1b1,", b"\x1b2,"
_LOW, _MID, _HIGH = b"\x1b4,", b"\x1b5,", b"\x1b6,"
_GOOD, _RAZZ = b"\x1b7,", b"\x1b8,"

HONEYWELL = profile(
    {
        Outcome.OK: (_GOOD + _GREEN_SHORT, "good tone, green", "god tone, grønt"),
        Outcome.ALREADY: (
            _MID + _MID + _GREEN_LONG,
            "two middle tones, long green",
            "to mellemtoner, længe grønt",
        ),
        Outcome.SET: (
            _LOW + _HIGH + _GREEN_LONG,
            "low and high, long green",
            "lavt og højt, længe grønt",
        ),
        Outcome.LOOKED: (
            _MID + _GREEN_SHORT,
            "one middle tone, green",
            "en mellemtone, grønt",
        ),
        Outcome.STORED: (_LOW, "one low tone", "en lav tone"),
        Outcome.UNKNOWN: (_RAZZ + _RAZZ, "razz, twice", "brummer to gange"),
        Outcome.REFUSED: (
            _RAZZ + _LOW,
            "razz and a low tone",
            "brummer, så en lav tone",
        ),
        Outcome.NOT_SAVED: (
            _RAZZ + _RAZZ + _RAZZ,
            "razz, three times",
            "brummer tre gange",
        ),
    }
)

# In ACK/NAK mode with "support BEL/CAN" the scanner waits for one byte: ACK ends with
# its beep, BEL with three beeps, NAK has it send again.  There is no fourth.
# Source: MS9540 Installation and User's Guide, "Software handshaking".
_ACK, _BEL, _NAK = b"\x06", b"\x07", b"\x15"
_THREE = (_BEL, "3 beeps: look at the screen", "3 bip: se på skærmen")

METROLOGIC = profile(
    {
        Outcome.OK: (_ACK, "1 beep", "1 bip"),
        Outcome.ALREADY: _THREE,
        Outcome.SET: _THREE,
        Outcome.LOOKED: _THREE,
        Outcome.STORED: _THREE,
        Outcome.UNKNOWN: _THREE,
        Outcome.REFUSED: _THREE,
        Outcome.NOT_SAVED: (
            _NAK,
            "silence, or the scanner's own error tone",
            "stilhed, eller scannerens egen fejltone",
        ),
    },
    is_coarse=True,
)
