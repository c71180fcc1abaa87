"""What stations say, in each language: the text behind each key of `domain.sayings`."""

from collections.abc import Mapping
from types import MappingProxyType

from fsc_logistics.domain.care import Condition, Flag, ReturnReason, in_words

UNTOLD = "untold"
"""What stands for a condition that nobody has told."""
WORDS: Mapping[str, Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "en": {
            "condition": {one.value: in_words(one) for one in Condition},
            "reason": {one.value: one.replace("_", " ") for one in ReturnReason},
            "flag": {one.value: one.value for one in Flag} | {UNTOLD: in_words(None)},
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
            "flag": {
                "recalled": "tilbagekaldt",
                "missing": "savnet",
                UNTOLD: "i en tilstand, ingen har sagt noget om",
            },
        },
    }
)
"""What stands for a code in words, by the name of the fact, in each language."""


def _both(en: str, da: str) -> Mapping[str, str]:
    return MappingProxyType({"da": da, "en": en})


PHRASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "hint_looking": _both(
            "Scan a device to see who has it, or a mode card to begin.",
            "Scan udstyr for at se, hvem der har det, eller et kort for at begynde.",
        ),
        "hint_in": _both("Scan what comes in.", "Scan det, der kommer ind."),
        "hint_out_where": _both(
            "Scan where it goes: a person, a place, an order or a kit.",
            "Scan, hvor det skal hen: en person, et sted, en ordre eller et sæt.",
        ),
        "hint_out": _both(
            "Scan each device that goes out.", "Scan alt udstyr, der skal ud."
        ),
        "hint_move_where": _both(
            "Scan the place it moves to.", "Scan stedet, det flyttes til."
        ),
        "hint_move": _both(
            "Scan each device that moves.", "Scan alt udstyr, der flyttes."
        ),
        "hint_count": _both(
            "Scan all that is here; END when done.",
            "Scan alt, hvad der er her; SLUT, når du er færdig.",
        ),
        "hint_care_what": _both(
            "Scan the condition: cleaning, quarantine, repair or ready.",
            "Scan tilstanden: rengøring, karantæne, reparation eller klar.",
        ),
        "hint_care": _both(
            "Scan each device that is so.", "Scan alt udstyr, der er i den tilstand."
        ),
        "hint_build_what": _both(
            "Scan the kit: its card or its own tag.",
            "Scan sættet: dets kort eller dets eget mærke.",
        ),
        "hint_build": _both(
            "Scan each part; END when done.",
            "Scan hver del; SLUT, når sættet er færdigt.",
        ),
        "hint_stopped": _both(
            "Stop. Read what is wrong, then scan OK.",
            "Stop. Læs, hvad der er galt, og scan så OK.",
        ),
        "in_takes": _both(
            "IN takes a place card only; for a person, an order or a kit, scan OUT"
            " first.",
            "IND tager kun et sted; scan UD først for en person, en ordre eller et"
            " sæt.",
        ),
        "move_takes": _both(
            "MOVE takes a place card; for an order or a kit, scan OUT first.",
            "FLYT tager et sted; scan UD først for en ordre eller et sæt.",
        ),
        "count_takes": _both(
            "COUNT takes a place card only; for all else, scan END first.",
            "TÆL tager kun et sted; scan SLUT først for alt andet.",
        ),
        "care_takes": _both(
            "CARE moves nothing; scan IN, OUT or MOVE first.",
            "PLEJE flytter intet; scan IND, UD eller FLYT først.",
        ),
        "build_takes": _both(
            "BUILD takes a kit only; for all else, scan END first.",
            "BYG tager kun et sæt; scan SLUT først for alt andet.",
        ),
        "reason_where": _both(
            "A reason goes with IN or CARE: scan one of them first.",
            "En årsag hører til IND eller PLEJE: scan et af dem først.",
        ),
        "out_where": _both(
            "Scan where it goes first: a person, a place, an order or a kit.",
            "Scan først, hvor det skal hen: en person, et sted, en ordre eller et sæt.",
        ),
        "move_where": _both(
            "Scan the place it moves to first.", "Scan først stedet, det flyttes til."
        ),
        "place_first": _both(
            "{read_point} is no place of this centre: scan the place first.",
            "{read_point} er ikke et sted i dette center: scan stedet først.",
        ),
        "care_what": _both(
            "Scan the condition first: cleaning, quarantine, repair or ready.",
            "Scan først tilstanden: rengøring, karantæne, reparation eller klar.",
        ),
        "build_what": _both(
            "Scan the kit first: its card or its own tag.",
            "Scan først sættet: dets kort eller dets eget mærke.",
        ),
        "ok_first": _both(
            "Scan OK first: a device before this one was in the wrong state.",
            "Scan OK først: et udstyr før dette var i en forkert tilstand.",
        ),
        "mode_look": _both(
            "LOOK: scan a device to see who has it.",
            "SLÅ OP: scan udstyr for at se, hvem der har det.",
        ),
        "mode_in": _both("IN: scan what comes in.", "IND: scan det, der kommer ind."),
        "mode_out": _both(
            "OUT: scan where it goes, then each device.",
            "UD: scan, hvor det skal hen, og så hvert stykke udstyr.",
        ),
        "mode_move": _both(
            "MOVE: scan the place, then each device.",
            "FLYT: scan stedet og så hvert stykke udstyr.",
        ),
        "mode_count": _both(
            "COUNT: scan the place, then all that is there.",
            "TÆL: scan stedet og så alt, hvad der er der.",
        ),
        "mode_care": _both(
            "CARE: scan the condition, then each device.",
            "PLEJE: scan tilstanden og så hvert stykke udstyr.",
        ),
        "mode_build": _both(
            "BUILD: scan the kit, then each part.",
            "BYG: scan sættet og så hver del.",
        ),
        "chosen": _both("{mode}: {target}", "{mode}: {target}"),
        "care_set": _both(
            "CARE: each device scanned now is {condition}.",
            "PLEJE: alt udstyr, der scannes nu, er {condition}.",
        ),
        "reason_set": _both("{mode}, because: {reason}.", "{mode}, fordi: {reason}."),
        "badge_set": _both("{operator} scans here now.", "{operator} scanner her nu."),
        "badge_of_nobody": _both(
            "{badge} does not work here: {port} signs until a badge is shown.",
            "{badge} arbejder ikke her: {port} står for det, til der vises et skilt.",
        ),
        "badge_unknown": _both(
            "{badge} is nobody this centre knows: {port} signs until a badge is shown.",
            "{badge} kendes ikke i dette center: {port} står for det, til der vises et"
            " skilt.",
        ),
        "not_counted": _both(
            "No device was scanned, so nothing is counted. Back to LOOK.",
            "Intet udstyr er scannet, så intet er talt. Tilbage til SLÅ OP.",
        ),
        "done": _both("Done. Back to LOOK.", "Færdig. Tilbage til SLÅ OP."),
        "kit_whole": _both(
            "Done. {device} is whole: {count} in it.",
            "Færdig. {device} er komplet: {count} i det.",
        ),
        "kit_wants": _both(
            "Done. {device} is not whole: {wants}.",
            "Færdig. {device} er ikke komplet: {wants}.",
        ),
        "order_whole": _both(
            "Done. {target}: all {expected} devices are where they should be.",
            "Færdig. {target}: alle {expected} stk. er, hvor de skal være.",
        ),
        "order_wants": _both(
            "Done. {target}: {missing} of {expected} not scanned: {devices}.",
            "Færdig. {target}: {missing} af {expected} ikke scannet: {devices}.",
        ),
        "came_whole": _both(
            "Done. All {expected} fetched with {target} are in.",
            "Færdig. Alle {expected}, der blev hentet med {target}, er kommet ind.",
        ),
        "came_wants": _both(
            "Done. {missing} of {expected} fetched with {target} not scanned:"
            " {devices}.",
            "Færdig. {missing} af {expected}, der blev hentet med {target}, er ikke"
            " scannet: {devices}.",
        ),
        "count_whole": _both(
            "{place}: all {expected} found.", "{place}: alle {expected} fundet."
        ),
        "count_misses": _both(
            "{place}: {found} of {expected} found, missing: {devices}.",
            "{place}: {found} af {expected} fundet, mangler: {devices}.",
        ),
        "count_strays": _both(
            "Not expected here: {strays}.", "Ikke ventet her: {strays}."
        ),
        "count_unknown": _both(
            "Unknown codes: {unknown}.", "Ukendte koder: {unknown}."
        ),
        "understood": _both("Understood.", "Forstået."),
        "undone": _both("Undone. {device}: {after}", "Fortrudt. {device}: {after}"),
        "bad_card": _both(
            "{card} is not a card of this centre.",
            "{card} er ikke et kort fra dette center.",
        ),
        "no_card": _both(
            "That is not a card of this centre. It was not kept.",
            "Det er ikke et kort fra dette center. Det blev ikke gemt.",
        ),
        "device_there": _both("{target}: 1 device.", "{target}: 1 stk. udstyr."),
        "devices_there": _both(
            "{target}: {count} devices.", "{target}: {count} stk. udstyr."
        ),
        "held_by": _both("{device}: {after}", "{device}: {after}"),
        "held_by_nobody": _both(
            "{device}: nobody had it yet.", "{device}: ingen har haft det endnu."
        ),
        "cared_for": _both(
            "{device} is {condition}: {after}", "{device} er {condition}: {after}"
        ),
        "counted": _both(
            "{device}: {found} of {expected} at {place}.",
            "{device}: {found} af {expected} på {place}.",
        ),
        "counted_stray": _both(
            "{device} was not expected, and is here now: {after}."
            " {found} of {expected} at {place}.",
            "{device} var ikke ventet og er her nu: {after}."
            " {found} af {expected} på {place}.",
        ),
        "counted_already": _both(
            "{device} is counted already: {found} of {expected} at {place}.",
            "{device} er talt allerede: {found} af {expected} på {place}.",
        ),
        "uncounted": _both(
            "Undone. {device} is not counted: {found} of {expected} at {place}.",
            "Fortrudt. {device} er ikke talt: {found} af {expected} på {place}.",
        ),
        "unknown_code": _both(
            "This code is not known here; the scan waits for somebody.",
            "Koden er ikke kendt her; scanningen venter på, at nogen ser på den.",
        ),
        "kit_again": _both(
            "This code is not known here: scan the kit again, its card or its own tag.",
            "Koden er ikke kendt her: scan sættet igen, dets kort eller dets eget"
            " mærke.",
        ),
        "unknown_listed": _both(
            "This tag is not known here; it is listed with the count.",
            "Mærket er ikke kendt her; det står på optællingens liste.",
        ),
        "personal": _both(
            "That is a personal number, not a device. It was not kept.",
            "Det er et personnummer og ikke udstyr. Det blev ikke gemt.",
        ),
        "same_box": _both("Same box as {device}.", "Samme kasse som {device}."),
        "contradicted": _both(
            "{device}: recorded; somebody will look into it.",
            "{device}: registreret; nogen ser på det.",
        ),
        "put_aside": _both(
            "{device} is out of use, and is recorded all the same. Put it aside: scan"
            " OK, then UNDO if it was a slip.",
            "{device} er taget ud af brug og er registreret alligevel. Læg det til"
            " side: scan OK, og så FORTRYD, hvis det var en fejl.",
        ),
        "take_back": _both(
            "{device} must not go out, and is recorded all the same. Take it back: scan"
            " OK, then UNDO or IN.",
            "{device} må ikke gå ud, men er registreret som udleveret. Tag det tilbage:"
            " scan OK, og så FORTRYD eller IND.",
        ),
        "which_way": _both(
            "{device} went through {read_point}, and nobody can say which way. See"
            " where it is, and say so: fsc move {device} --to PLACE",
            "{device} gik gennem {read_point}, og ingen ved hvilken vej. Se, hvor det"
            " er, og sig det: fsc move {device} --to STED",
        ),
        "no_portal": _both(
            "{port} is a portal, and its [[port]] does not say what is inside and"
            " outside of it. Set both to a place.",
            "{port} er en portal, og dens [[port]] siger ikke, hvad der er inden for"
            " og uden for den. Sæt begge til et sted.",
        ),
        "portal_place": _both(
            "{device} went through {port}, which leads to {place}: no such place is"
            " registered. Set inside and outside of that [[port]] right.",
            "{device} gik gennem {port}, som fører til {place}: det sted findes ikke."
            " Ret inside og outside for den [[port]].",
        ),
        "clock_ahead": _both(
            "The clock of this station is ahead of the ledger's; set it right.",
            "Uret på denne station er foran; stil det.",
        ),
        "refused": _both(
            "It cannot be recorded so.", "Det kan ikke registreres sådan."
        ),
        "no_place": _both(
            "The place that was scanned is not registered here.",
            "Stedet, der blev scannet, er ikke registreret her.",
        ),
        "no_party": _both(
            "Whoever was scanned is not registered here.",
            "Den, der blev scannet, er ikke registreret her.",
        ),
        "no_order": _both(
            "The order that was scanned is not registered here.",
            "Ordren, der blev scannet, er ikke registreret her.",
        ),
        "no_kit": _both(
            "The kit that was scanned is not registered here.",
            "Sættet, der blev scannet, er ikke registreret her.",
        ),
        "not_known": _both("That is not known here.", "Det er ikke kendt her."),
    }
)
"""What is said, by the key of the saying."""
