"""What a profile is: for each outcome the bytes, and what they are like to a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scanner.scan import Outcome


@dataclass(frozen=True, slots=True)
class Words:
    """What an operator hears and sees, to be printed beside the scanner."""

    en: str
    da: str


@dataclass(frozen=True, slots=True)
class Profile:
    """How scanners of one make are answered."""

    sounds: Mapping[Outcome, bytes]
    saved: bytes = b""
    """Sent as soon as a scan is durable, before it is known what it means.

    For families whose scanner waits for a confirmation of what it sent, and sends it
    again without; what it sounds out comes after.
    """
    words: Mapping[Outcome, Words] = field(default_factory=dict)
    """What each is like; empty where nothing is heard."""
    is_coarse: bool = False
    """It can do little: what is not OK sounds alike, and the screen says the rest."""


def profile(
    signs: Mapping[Outcome, tuple[bytes, str, str]],
    *,
    saved: bytes = b"",
    is_coarse: bool = False,
) -> Profile:
    """Return the profile of a table: outcome to bytes, English and Danish words."""
    return Profile(
        sounds={outcome: sound for outcome, (sound, _, _) in signs.items()},
        saved=saved,
        words={outcome: Words(en, da) for outcome, (_, en, da) in signs.items()},
        is_coarse=is_coarse,
    )


def counted(sound: bytes) -> Profile:
    """Return the profile of a scanner that can do one beep, `sound`, and no other.

    One means recorded, a few mean saved or known, many mean look up.  A scanner that
    runs several together would make the good tone of them, so what is not saved is
    silence: nothing was heard, so nothing was recorded.
    """
    return profile(
        {
            outcome: (sound * count, f"{count} {en}", f"{count} bip")
            if count
            else (b"", "silence", "stilhed")
            for outcome, (count, en) in _COUNTS.items()
        }
    )


_COUNTS = {
    Outcome.OK: (1, "beep"),
    Outcome.ALREADY: (2, "beeps"),
    Outcome.SET: (3, "beeps"),
    Outcome.LOOKED: (4, "beeps"),
    Outcome.STORED: (5, "beeps"),
    Outcome.UNKNOWN: (7, "beeps"),
    Outcome.REFUSED: (9, "beeps"),
    Outcome.NOT_SAVED: (0, ""),
}
