"""What a station says to whoever scans: each saying by a key, in each language.

The English one goes into the ledger's own list of scans; a screen may say the same in
another language, from the key and the facts of the verdict.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

LANGUAGES = ("da", "en")


class Say(StrEnum):
    """The key of a saying."""

    # What to scan next.
    HINT_LOOKING = "hint_looking"
    HINT_IN = "hint_in"
    HINT_OUT_WHERE = "hint_out_where"
    HINT_OUT = "hint_out"
    HINT_MOVE_WHERE = "hint_move_where"
    HINT_MOVE = "hint_move"
    HINT_COUNT = "hint_count"
    HINT_CARE_WHAT = "hint_care_what"
    HINT_CARE = "hint_care"
    HINT_BUILD_WHAT = "hint_build_what"
    HINT_BUILD = "hint_build"
    HINT_STOPPED = "hint_stopped"
    # Why a scan makes no sense now.
    IN_TAKES = "in_takes"
    MOVE_TAKES = "move_takes"
    COUNT_TAKES = "count_takes"
    CARE_TAKES = "care_takes"
    BUILD_TAKES = "build_takes"
    REASON_WHERE = "reason_where"
    OUT_WHERE = "out_where"
    MOVE_WHERE = "move_where"
    CARE_WHAT = "care_what"
    BUILD_WHAT = "build_what"
    OK_FIRST = "ok_first"


def say(key: Say, language: str = "en", /, **facts: object) -> str:
    """Return a saying in a language, with `facts` in it; English where it has none.

    >>> say(Say.MOVE_WHERE, "da")
    'Scan først stedet, det flyttes til.'
    """
    texts = SAYINGS[key]
    return texts.get(language, texts["en"]).format(**facts)


def _both(en: str, da: str) -> Mapping[str, str]:
    return MappingProxyType({"da": da, "en": en})


SAYINGS: Mapping[Say, Mapping[str, str]] = MappingProxyType(
    {
        Say.HINT_LOOKING: _both(
            "Scan a device to see who has it, or a mode card to begin.",
            "Scan udstyr for at se, hvem der har det, eller et kort for at begynde.",
        ),
        Say.HINT_IN: _both("Scan what comes in.", "Scan det, der kommer ind."),
        Say.HINT_OUT_WHERE: _both(
            "Scan where it goes: a person, a place, an order or a kit.",
            "Scan, hvor det skal hen: en person, et sted, en ordre eller et sæt.",
        ),
        Say.HINT_OUT: _both(
            "Scan each device that goes out.", "Scan alt udstyr, der skal ud."
        ),
        Say.HINT_MOVE_WHERE: _both(
            "Scan the place it moves to.", "Scan stedet, det flyttes til."
        ),
        Say.HINT_MOVE: _both(
            "Scan each device that moves.", "Scan alt udstyr, der flyttes."
        ),
        Say.HINT_COUNT: _both(
            "Scan all that is here; END when done.",
            "Scan alt, hvad der er her; SLUT, når du er færdig.",
        ),
        Say.HINT_CARE_WHAT: _both(
            "Scan the condition: cleaning, quarantine, repair or ready.",
            "Scan tilstanden: rengøring, karantæne, reparation eller klar.",
        ),
        Say.HINT_CARE: _both(
            "Scan each device that is so.", "Scan alt udstyr, der er i den tilstand."
        ),
        Say.HINT_BUILD_WHAT: _both(
            "Scan the kit: its card or its own tag.",
            "Scan sættet: dets kort eller dets eget mærke.",
        ),
        Say.HINT_BUILD: _both(
            "Scan each part; END when done.",
            "Scan hver del; SLUT, når sættet er færdigt.",
        ),
        Say.HINT_STOPPED: _both(
            "Stop. Read what is wrong, then scan OK.",
            "Stop. Læs, hvad der er galt, og scan så OK.",
        ),
        Say.IN_TAKES: _both(
            "IN takes a place card only; for a person, an order or a kit, scan OUT"
            " first.",
            "IND tager kun et sted; scan UD først for en person, en ordre eller et"
            " sæt.",
        ),
        Say.MOVE_TAKES: _both(
            "MOVE takes a place card; for an order or a kit, scan OUT first.",
            "FLYT tager et sted; scan UD først for en ordre eller et sæt.",
        ),
        Say.COUNT_TAKES: _both(
            "COUNT takes a place card only; for all else, scan END first.",
            "TÆL tager kun et sted; scan SLUT først for alt andet.",
        ),
        Say.CARE_TAKES: _both(
            "CARE moves nothing; scan IN, OUT or MOVE first.",
            "PLEJE flytter intet; scan IND, UD eller FLYT først.",
        ),
        Say.BUILD_TAKES: _both(
            "BUILD takes a kit only; for all else, scan END first.",
            "BYG tager kun et sæt; scan SLUT først for alt andet.",
        ),
        Say.REASON_WHERE: _both(
            "A reason goes with IN or CARE: scan one of them first.",
            "En årsag hører til IND eller PLEJE: scan et af dem først.",
        ),
        Say.OUT_WHERE: _both(
            "Scan where it goes first: a person, a place, an order or a kit.",
            "Scan først, hvor det skal hen: en person, et sted, en ordre eller et sæt.",
        ),
        Say.MOVE_WHERE: _both(
            "Scan the place it moves to first.", "Scan først stedet, det flyttes til."
        ),
        Say.CARE_WHAT: _both(
            "Scan the condition first: cleaning, quarantine, repair or ready.",
            "Scan først tilstanden: rengøring, karantæne, reparation eller klar.",
        ),
        Say.BUILD_WHAT: _both(
            "Scan the kit first: its card or its own tag.",
            "Scan først sættet: dets kort eller dets eget mærke.",
        ),
        Say.OK_FIRST: _both(
            "Scan OK first: a device before this one was in the wrong state.",
            "Scan OK først: et udstyr før dette var i en forkert tilstand.",
        ),
    }
)
"""Every saying there is, in every language there is."""
