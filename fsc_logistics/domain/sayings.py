"""What a station says to whoever scans: each saying by a key, in each language.

The English one goes into the ledger's own list of scans; a screen may say the same in
another language, from the key and the facts of the verdict.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from fsc_logistics.domain.care import Condition, ReturnReason, in_words

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
    PLACE_FIRST = "place_first"
    CARE_WHAT = "care_what"
    BUILD_WHAT = "build_what"
    OK_FIRST = "ok_first"
    # What a card has set or done.
    MODE_LOOK = "mode_look"
    MODE_IN = "mode_in"
    MODE_OUT = "mode_out"
    MODE_MOVE = "mode_move"
    MODE_COUNT = "mode_count"
    MODE_CARE = "mode_care"
    MODE_BUILD = "mode_build"
    CHOSEN = "chosen"
    CARE_SET = "care_set"
    REASON_SET = "reason_set"
    BADGE_SET = "badge_set"
    BADGE_OF_NOBODY = "badge_of_nobody"
    DONE = "done"
    KIT_WHOLE = "kit_whole"
    KIT_WANTS = "kit_wants"
    ORDER_WHOLE = "order_whole"
    ORDER_WANTS = "order_wants"
    CAME_WHOLE = "came_whole"
    CAME_WANTS = "came_wants"
    COUNT_WHOLE = "count_whole"
    COUNT_MISSES = "count_misses"
    COUNT_STRAYS = "count_strays"
    COUNT_UNKNOWN = "count_unknown"
    UNDERSTOOD = "understood"
    UNDONE = "undone"
    BAD_CARD = "bad_card"
    # What is said of a device, or of a code that is none.
    DEVICE_THERE = "device_there"
    DEVICES_THERE = "devices_there"
    HELD_BY = "held_by"
    HELD_BY_NOBODY = "held_by_nobody"
    CARED_FOR = "cared_for"
    COUNTED = "counted"
    COUNTED_STRAY = "counted_stray"
    COUNTED_ALREADY = "counted_already"
    UNKNOWN_CODE = "unknown_code"
    PERSONAL = "personal"
    SAME_BOX = "same_box"
    CONTRADICTED = "contradicted"
    PUT_ASIDE = "put_aside"
    TAKE_BACK = "take_back"
    WHICH_WAY = "which_way"
    NO_PORTAL = "no_portal"
    CLOCK_AHEAD = "clock_ahead"
    REFUSED = "refused"
    """It cannot be recorded; why stands in the message alone."""
    NOT_KNOWN = "not_known"
    """What was named is not registered; what it is stands in the message alone."""


def say(key: Say, language: str = "en", /, **facts: str) -> str:
    """Return a saying in a language, with `facts` in it; English where it has none.

    >>> say(Say.MOVE_WHERE, "da")
    'Scan først stedet, det flyttes til.'
    >>> say(Say.REASON_SET, "da", mode="IN", reason="swap")
    'IND, fordi: byttet.'
    """
    spoken = language if language in LANGUAGES else "en"
    worded = {name: word(name, text, spoken) for name, text in facts.items()}
    return SAYINGS[key][spoken].format(**worded)


def word(name: str, code: str, language: str = "en") -> str:
    """Return in words what the fact called `name` says; its code where it has none.

    >>> word("mode", "OUT", "da"), word("place", "H-A", "da")
    ('UD', 'H-A')
    """
    return WORDS[language].get(name, {}).get(code, code)


WORDS: Mapping[str, Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "en": {
            "condition": {one.value: in_words(one) for one in Condition},
            "reason": {one.value: one.replace("_", " ") for one in ReturnReason},
        },
        "da": {
            "mode": {
                "LOOK": "SLÅ OP",
                "IN": "IND",
                "OUT": "UD",
                "MOVE": "FLYT",
                "COUNT": "TÆL",
                "CARE": "PLEJE",
                "BUILD": "BYG",
            },
            "condition": {
                "ready": "klar",
                "returned": "returneret",
                "cleaning": "til rengøring",
                "quarantine": "i karantæne",
                "repair": "til reparation",
                "scrapped": "kasseret",
            },
            "reason": {
                "end_of_loan": "lånet er slut",
                "not_needed": "ikke længere brug for det",
                "defect": "defekt",
                "swap": "byttet",
                "wrong_delivery": "fejlleveret",
            },
        },
    }
)
"""What stands for a code in words, by the name of the fact, in each language."""


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
        Say.PLACE_FIRST: _both(
            "{read_point} is no place of this centre: scan the place first.",
            "{read_point} er ikke et sted i dette center: scan stedet først.",
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
        Say.MODE_LOOK: _both(
            "LOOK: scan a device to see who has it.",
            "SLÅ OP: scan udstyr for at se, hvem der har det.",
        ),
        Say.MODE_IN: _both("IN: scan what comes in.", "IND: scan det, der kommer ind."),
        Say.MODE_OUT: _both(
            "OUT: scan where it goes, then each device.",
            "UD: scan, hvor det skal hen, og så hvert stykke udstyr.",
        ),
        Say.MODE_MOVE: _both(
            "MOVE: scan the place, then each device.",
            "FLYT: scan stedet og så hvert stykke udstyr.",
        ),
        Say.MODE_COUNT: _both(
            "COUNT: scan the place, then all that is there.",
            "TÆL: scan stedet og så alt, hvad der er der.",
        ),
        Say.MODE_CARE: _both(
            "CARE: scan the condition, then each device.",
            "PLEJE: scan tilstanden og så hvert stykke udstyr.",
        ),
        Say.MODE_BUILD: _both(
            "BUILD: scan the kit, then each part.",
            "BYG: scan sættet og så hver del.",
        ),
        Say.CHOSEN: _both("{mode}: {target}", "{mode}: {target}"),
        Say.CARE_SET: _both(
            "CARE: each device scanned now is {condition}.",
            "PLEJE: alt udstyr, der scannes nu, er {condition}.",
        ),
        Say.REASON_SET: _both("{mode}, because: {reason}.", "{mode}, fordi: {reason}."),
        Say.BADGE_SET: _both(
            "{operator} scans here now.", "{operator} scanner her nu."
        ),
        Say.BADGE_OF_NOBODY: _both(
            "{operator} does not work here, and cannot sign what is scanned.",
            "{operator} arbejder ikke her og kan ikke stå for det, der scannes.",
        ),
        Say.DONE: _both("Done. Back to LOOK.", "Færdig. Tilbage til SLÅ OP."),
        Say.KIT_WHOLE: _both(
            "Done. {device} is whole: {count} in it.",
            "Færdig. {device} er komplet: {count} i det.",
        ),
        Say.KIT_WANTS: _both(
            "Done. {device} is not whole: {wants}.",
            "Færdig. {device} er ikke komplet: {wants}.",
        ),
        Say.ORDER_WHOLE: _both(
            "Done. {target}: all {expected} devices are where they should be.",
            "Færdig. {target}: alle {expected} stk. er, hvor de skal være.",
        ),
        Say.ORDER_WANTS: _both(
            "Done. {target}: {missing} of {expected} not scanned: {devices}.",
            "Færdig. {target}: {missing} af {expected} ikke scannet: {devices}.",
        ),
        Say.CAME_WHOLE: _both(
            "Done. All {expected} fetched with {target} are in.",
            "Færdig. Alle {expected}, der blev hentet med {target}, er kommet ind.",
        ),
        Say.CAME_WANTS: _both(
            "Done. {missing} of {expected} fetched with {target} not scanned:"
            " {devices}.",
            "Færdig. {missing} af {expected}, der blev hentet med {target}, er ikke"
            " scannet: {devices}.",
        ),
        Say.COUNT_WHOLE: _both(
            "{place}: all {expected} found.", "{place}: alle {expected} fundet."
        ),
        Say.COUNT_MISSES: _both(
            "{place}: {found} of {expected} found, missing: {devices}.",
            "{place}: {found} af {expected} fundet, mangler: {devices}.",
        ),
        Say.COUNT_STRAYS: _both(
            "Not expected here: {strays}.", "Ikke ventet her: {strays}."
        ),
        Say.COUNT_UNKNOWN: _both(
            "Unknown codes: {unknown}.", "Ukendte koder: {unknown}."
        ),
        Say.UNDERSTOOD: _both("Understood.", "Forstået."),
        Say.UNDONE: _both("Undone. {device}: {after}", "Fortrudt. {device}: {after}"),
        Say.BAD_CARD: _both(
            "{card} is not a card of this centre.",
            "{card} er ikke et kort fra dette center.",
        ),
        Say.DEVICE_THERE: _both("{target}: 1 device.", "{target}: 1 stk. udstyr."),
        Say.DEVICES_THERE: _both(
            "{target}: {count} devices.", "{target}: {count} stk. udstyr."
        ),
        Say.HELD_BY: _both("{device}: {after}", "{device}: {after}"),
        Say.HELD_BY_NOBODY: _both(
            "{device}: nobody had it yet.", "{device}: ingen har haft det endnu."
        ),
        Say.CARED_FOR: _both(
            "{device} is {condition}: {after}", "{device} er {condition}: {after}"
        ),
        Say.COUNTED: _both(
            "{device}: {found} of {expected} at {place}.",
            "{device}: {found} af {expected} på {place}.",
        ),
        Say.COUNTED_STRAY: _both(
            "{device} was not expected, and is here now: {after}."
            " {found} of {expected} at {place}.",
            "{device} var ikke ventet og er her nu: {after}."
            " {found} af {expected} på {place}.",
        ),
        Say.COUNTED_ALREADY: _both(
            "{device} is counted already: {found} of {expected} at {place}.",
            "{device} er talt allerede: {found} af {expected} på {place}.",
        ),
        Say.UNKNOWN_CODE: _both(
            "This code is not known here; the scan waits for somebody.",
            "Koden er ikke kendt her; scanningen venter på, at nogen ser på den.",
        ),
        Say.PERSONAL: _both(
            "That is a personal number, not a device. It was not kept.",
            "Det er et personnummer og ikke udstyr. Det blev ikke gemt.",
        ),
        Say.SAME_BOX: _both("Same box as {device}.", "Samme kasse som {device}."),
        Say.CONTRADICTED: _both(
            "{device}: recorded; somebody will look into it.",
            "{device}: registreret; nogen ser på det.",
        ),
        Say.PUT_ASIDE: _both(
            "{device} is out of use. Put it aside.",
            "{device} er taget ud af brug. Læg det til side.",
        ),
        Say.TAKE_BACK: _both(
            "{device} must not go out. Take it back.",
            "{device} må ikke gå ud. Tag det tilbage.",
        ),
        Say.WHICH_WAY: _both(
            "{device} went through {read_point}, and nobody can say which way. See"
            " where it is, and say so: fsc move {device} --to PLACE",
            "{device} gik gennem {read_point}, og ingen ved hvilken vej. Se, hvor det"
            " er, og sig det: fsc move {device} --to STED",
        ),
        Say.NO_PORTAL: _both(
            "{port} is a portal, and its [[port]] does not say what is inside and"
            " outside of it. Set both to a place.",
            "{port} er en portal, og dens [[port]] siger ikke, hvad der er inden for"
            " og uden for den. Sæt begge til et sted.",
        ),
        Say.CLOCK_AHEAD: _both(
            "The clock of this station is ahead of the ledger's; set it right.",
            "Uret på denne station er foran; stil det.",
        ),
        Say.REFUSED: _both(
            "It cannot be recorded so.", "Det kan ikke registreres sådan."
        ),
        Say.NOT_KNOWN: _both("That is not known here.", "Det er ikke kendt her."),
    }
)
"""Every saying there is, in every language there is."""
