"""Feedback profiles: which bytes make a scanner sound out an outcome.

A profile is a table, outcome to bytes; a scanner of another make is another table, one
file a maker.  Within one, what is sent for `OK` is sent for nothing else, what is sent
for `NOT_SAVED` is never a good tone, and no two outcomes that are heard at all sound
the same, but in the few that say they are coarse.
"""

from collections.abc import Mapping
from types import MappingProxyType

from scanner.protocols.feedback.chafon import CHAFON
from scanner.protocols.feedback.cipherlab import CIPHERLAB
from scanner.protocols.feedback.datalogic import DATALOGIC, DATALOGIC_ACK, PSC
from scanner.protocols.feedback.honeywell import HONEYWELL, METROLOGIC
from scanner.protocols.feedback.profile import Profile, Words
from scanner.protocols.feedback.zebra import BEL, SSI
from scanner.scan import Outcome

__all__ = ["PROFILES", "Profile", "describe", "outcome_heard"]

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "none": Profile(dict.fromkeys(Outcome, b"")),
        "bel": BEL,
        "chafon": CHAFON,
        "cipherlab": CIPHERLAB,
        "datalogic": DATALOGIC,
        "datalogic-ack": DATALOGIC_ACK,
        "honeywell": HONEYWELL,
        "metrologic": METROLOGIC,
        "psc": PSC,
        "ssi": SSI,
    }
)
"""Each profile by the name it has in the settings."""

_MUTE = Words("nothing: look at the screen", "intet: se på skærmen")


def describe(profile: str, outcome: Outcome, language: str) -> str:
    """Return what the operator hears and sees; `language` is "da", or else English.

    >>> describe("honeywell", Outcome.STORED, "da")
    'en lav tone'
    """
    words = PROFILES[profile].words.get(outcome, _MUTE)
    return words.da if language == "da" else words.en


def outcome_heard(profile: Profile, heard: bytes) -> Outcome | None:
    r"""Return the outcome that sounds like `heard`, or None if none or several do.

    >>> outcome_heard(PROFILES["bel"], b"\x07\x07")
    <Outcome.ALREADY: 'already'>
    """
    if not heard:
        return None
    outcomes = [it for it, sound in profile.sounds.items() if sound == heard]
    return outcomes[0] if len(outcomes) == 1 else None
