"""Zebra scanners, once Symbol and Motorola: BEL over plain RS-232, and SSI."""

from scanner.protocols.feedback.profile import counted, profile
from scanner.protocols.ssi_packet import acknowledgement, beep, light, please_resend
from scanner.scan import Outcome

# A BEL is one high beep (Zebra standard RS-232, option "Beep on BEL"), and high beeps
# are all there is.  Source: DS9208 Product Reference Guide, "Beeper definitions".
BEL = counted(b"\x07")

# Codes of the beeper.  Source: Symbol MK1000 Product Reference Guide, table 5-8.
_HIGH_1, _HIGH_2, _LOW_1 = beep(0x00), beep(0x01), beep(0x05)
_LONG_LOW_2, _FAST_WARBLE = beep(0x10), beep(0x14)
_LOW_HIGH, _HIGH_LOW_HIGH = beep(0x17), beep(0x18)
_LIT, _DARK = light(on=True), light(on=False)

# The light goes first: it stays as it is until the next scan, and must not be green
# beside a bad tone.  What is not saved is not confirmed but asked for again: the
# scanner sends it twice more, each time another chance to save it, and then sounds its
# own error tone (DS9208, "Transmission error").  A beep of ours might count as an
# answer.
SSI = profile(
    {
        Outcome.OK: (_LIT + _HIGH_1, "one high beep, green", "et højt bip, grønt"),
        Outcome.ALREADY: (
            _LIT + _HIGH_2,
            "two high beeps, green",
            "to høje bip, grønt",
        ),
        Outcome.SET: (
            _LIT + _LOW_HIGH,
            "a low and a high beep, green",
            "et lavt og et højt bip, grønt",
        ),
        Outcome.LOOKED: (
            _LIT + _HIGH_LOW_HIGH,
            "high, low, high, green",
            "højt, lavt, højt, grønt",
        ),
        Outcome.STORED: (_DARK + _LOW_1, "one low beep, dark", "et lavt bip, mørkt"),
        Outcome.UNKNOWN: (
            _DARK + _LONG_LOW_2,
            "two long low beeps, dark",
            "to lange lave bip, mørkt",
        ),
        Outcome.REFUSED: (
            _DARK + _FAST_WARBLE,
            "a fast warble, dark",
            "hurtig trille, mørkt",
        ),
        Outcome.NOT_SAVED: (
            please_resend(),
            "4 low beeps: the scanner's own error tone",
            "4 lave bip: scannerens egen fejltone",
        ),
    },
    saved=acknowledgement(),
)
