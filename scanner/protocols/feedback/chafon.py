"""Chafon and UHFReader18: a buzzer with a light, on and off so many times."""

from scanner.protocols.crc16 import with_crc16
from scanner.protocols.feedback.profile import profile
from scanner.scan import Outcome

_ANY_ADDRESS, _BUZZ = 0xFF, 0x33
_SHORT, _LONG, _VERY_LONG = 2, 10, 60
"""How long it is on, in 50 ms."""
_PAUSE = 2


def _buzz(on: int, times: int) -> bytes:
    """Return the command to be on for `on` times 50 ms, `times` times.

    Source: UHFReader18 User's Manual, 8.4.9, "Acousto-optic control".
    """
    return with_crc16(bytes([7, _ANY_ADDRESS, _BUZZ, on, _PAUSE, times]))


CHAFON = profile(
    {
        Outcome.OK: (_buzz(_SHORT, 1), "one short buzz", "et kort bip"),
        Outcome.ALREADY: (_buzz(_SHORT, 2), "two short buzzes", "to korte bip"),
        Outcome.SET: (_buzz(_SHORT, 3), "three short buzzes", "tre korte bip"),
        Outcome.LOOKED: (_buzz(_SHORT, 4), "four short buzzes", "fire korte bip"),
        Outcome.STORED: (_buzz(_LONG, 1), "one long buzz", "et langt bip"),
        Outcome.UNKNOWN: (_buzz(_LONG, 2), "two long buzzes", "to lange bip"),
        Outcome.REFUSED: (_buzz(_LONG, 3), "three long buzzes", "tre lange bip"),
        Outcome.NOT_SAVED: (
            _buzz(_VERY_LONG, 1),
            "a buzz of three seconds",
            "et bip på tre sekunder",
        ),
    }
)
