"""How each outcome sounds through a loudspeaker, for a scanner that cannot sound.

The table says the same as those of the scanners: one high tone means recorded and
nothing else does; low and harsh means stop and look.  It is rendered to samples here;
`scanner.sound.speaker` plays them.
"""

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from scanner.scan import Outcome

SAMPLES_PER_S = 44_100
LOUDNESS = 0.6
"""Of what the loudspeaker can, which is set in the system."""
FADE_S = 0.006
"""Each note swells and dies for so long; without, it begins and ends with a click."""
HARMONICS = (1, 3, 5, 7, 9, 11)
"""Of a harsh note: a buzz, which small loudspeakers let hear even where it is low."""


@dataclass(frozen=True, slots=True)
class Note:
    """A tone, or with 0 Hz a rest."""

    frequency_hz: float
    duration_s: float
    is_harsh: bool = False


_REST = Note(0, 0.06)
_HIGH = Note(1760, 0.13)
_MID = Note(880, 0.10)
_LOW = Note(440, 0.11)
_RAZZ = Note(165, 0.22, is_harsh=True)

TONES: Mapping[Outcome, Sequence[Note]] = MappingProxyType(
    {
        Outcome.OK: (_HIGH,),
        Outcome.ALREADY: (_MID, _REST, _MID),
        Outcome.SET: (_LOW, _MID),
        Outcome.LOOKED: (Note(660, 0.18),),
        Outcome.STORED: (Note(392, 0.40),),
        Outcome.UNKNOWN: (_RAZZ, _REST, _RAZZ),
        Outcome.REFUSED: (_RAZZ, _REST, Note(220, 0.70, is_harsh=True)),
        Outcome.NOT_SAVED: (_RAZZ, _REST, _RAZZ, _REST, _RAZZ, _REST, _RAZZ),
    }
)


@cache
def samples(outcome: Outcome) -> "array[int]":
    """Return how `outcome` sounds: mono, 16 bits, `SAMPLES_PER_S` a second."""
    rendered = array("h")
    for note in TONES[outcome]:
        rendered.extend(_rendered(note))
    return rendered


def _rendered(note: Note) -> "array[int]":
    count = round(note.duration_s * SAMPLES_PER_S)
    if not note.frequency_hz:
        return array("h", bytes(2 * count))
    parts = HARMONICS if note.is_harsh else (1,)
    # These overtones make a square wave, a little lower than its first alone.
    top = 32_767 * LOUDNESS
    turn = 2 * math.pi * note.frequency_hz / SAMPLES_PER_S
    fade_count = FADE_S * SAMPLES_PER_S
    return array(
        "h",
        (
            round(
                top
                * min(1.0, number / fade_count, (count - number) / fade_count)
                * sum(math.sin(part * turn * number) / part for part in parts)
            )
            for number in range(count)
        ),
    )
