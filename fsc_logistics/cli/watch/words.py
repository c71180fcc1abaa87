"""What the screen says, in each language it speaks."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from fsc_logistics.domain.anomalies import ExceptionKind
from scanner.scan import Outcome

LANGUAGES = ("da", "en")


class Word(StrEnum):
    """The key of a text."""

    NOT_RUNNING = "not_running"
    NOT_RUNNING_HOW = "not_running_how"
    NO_SUCH_PORT = "no_such_port"
    PORTS_ARE = "ports_are"
    NO_PORTS = "no_ports"
    PORT_AWAY = "port_away"
    PORT_AWAY_HOW = "port_away_how"
    READY = "ready"
    STOP = "stop"
    SCAN_OK = "scan_ok"
    SCAN_AGAIN = "scan_again"
    STORED_HOW = "stored_how"
    NOT_SAVED = "not_saved"
    NOT_SAVED_HOW = "not_saved_how"
    HOUSE_AWAY = "house_away"
    WAITING = "waiting"
    FAILED = "failed"
    STOPPED_AT = "stopped_at"
    NO_OPERATOR = "no_operator"
    FALLS_BACK = "falls_back"
    SINCE = "since"
    UNKNOWN_CODES = "unknown_codes"
    LATE = "late"
    UNDONE = "undone"
    AWAY = "away"
    PART_OF = "part_of"
    WITH_PART = "with_part"
    WITH_PARTS = "with_parts"
    WITH_KIT = "with_kit"


def word(key: Word, language: str, /, **facts: object) -> str:
    """Return a text of the screen.

    >>> word(Word.READY, "da")
    'KLAR'
    """
    return WORDS[language][key].format(**facts)


_EN = {
    Word.NOT_RUNNING: "SERVICE NOT RUNNING",
    Word.NOT_RUNNING_HOW: (
        "Nothing that is scanned now is saved. Start it: fsc scanner run."
        " This screen finds it by itself."
    ),
    Word.NO_SUCH_PORT: "NO SCANNER {port}",
    Word.PORTS_ARE: "There are: {ports}",
    Word.NO_PORTS: "NO SCANNERS",
    Word.PORT_AWAY: "SCANNER AWAY",
    Word.PORT_AWAY_HOW: "{port} does not answer. Check its cable and its power.",
    Word.READY: "READY",
    Word.STOP: "STOP",
    Word.SCAN_OK: "SCAN OK",
    Word.SCAN_AGAIN: "Scan it again.",
    Word.STORED_HOW: "Saved here. It is checked when the database is back.",
    Word.NOT_SAVED: "NOT SAVED",
    Word.NOT_SAVED_HOW: (
        "Nothing can be saved on this machine: its disk is full or broken."
        " Stop scanning and call for help."
    ),
    Word.HOUSE_AWAY: "Database away: {count} saved here, to be checked later",
    Word.WAITING: "{count} waiting",
    Word.FAILED: "{count} failed: call for help",
    Word.STOPPED_AT: "STOP at {read_point}: somebody must scan OK there",
    Word.NO_OPERATOR: "nobody signed on",
    Word.FALLS_BACK: "back to LOOK in {minutes}:{seconds:02}",
    Word.SINCE: "since {time}",
    Word.UNKNOWN_CODES: "Unknown codes {times}",
    Word.LATE: "checked later",
    Word.UNDONE: "UNDONE",
    Word.AWAY: "away",
    Word.PART_OF: "a part of {kit}",
    Word.WITH_PART: "with {count} part",
    Word.WITH_PARTS: "with {count} parts",
    Word.WITH_KIT: "{parts}, and {kit}",
}
_DA = {
    Word.NOT_RUNNING: "TJENESTEN KØRER IKKE",
    Word.NOT_RUNNING_HOW: (
        "Det, der scannes nu, bliver ikke gemt. Start den: fsc scanner run."
        " Skærmen finder den selv."
    ),
    Word.NO_SUCH_PORT: "INGEN SCANNER {port}",
    Word.PORTS_ARE: "Der er: {ports}",
    Word.NO_PORTS: "INGEN SCANNERE",
    Word.PORT_AWAY: "SCANNER VÆK",
    Word.PORT_AWAY_HOW: "{port} svarer ikke. Se efter kabel og strøm.",
    Word.READY: "KLAR",
    Word.STOP: "STOP",
    Word.SCAN_OK: "SCAN OK",
    Word.SCAN_AGAIN: "Scan det igen.",
    Word.STORED_HOW: "Gemt her. Det kontrolleres, når databasen er tilbage.",
    Word.NOT_SAVED: "IKKE GEMT",
    Word.NOT_SAVED_HOW: (
        "Intet kan gemmes på denne maskine: disken er fuld eller i stykker."
        " Hold op med at scanne, og tilkald hjælp."
    ),
    Word.HOUSE_AWAY: "Databasen er væk: {count} gemt her, kontrolleres senere",
    Word.WAITING: "{count} venter",
    Word.FAILED: "{count} mislykkedes: tilkald hjælp",
    Word.STOPPED_AT: "STOP ved {read_point}: nogen skal scanne OK dér",
    Word.NO_OPERATOR: "ingen har meldt sig",
    Word.FALLS_BACK: "tilbage til SLÅ OP om {minutes}:{seconds:02}",
    Word.SINCE: "siden {time}",
    Word.UNKNOWN_CODES: "Ukendte koder {times}",
    Word.LATE: "kontrolleret senere",
    Word.UNDONE: "FORTRUDT",
    Word.AWAY: "væk",
    Word.PART_OF: "en del af {kit}",
    Word.WITH_PART: "med {count} del",
    Word.WITH_PARTS: "med {count} dele",
    Word.WITH_KIT: "{parts} og {kit}",
}
WORDS: Mapping[str, Mapping[Word, str]] = MappingProxyType({"da": _DA, "en": _EN})
"""Every text of the screen, by language."""

OUTCOMES: Mapping[str, Mapping[Outcome, str]] = MappingProxyType(
    {
        "da": {
            Outcome.OK: "REGISTRERET",
            Outcome.ALREADY: "VAR DER ALLEREDE",
            Outcome.SET: "VALGT",
            Outcome.LOOKED: "SLÅET OP",
            Outcome.UNKNOWN: "UKENDT",
            Outcome.REFUSED: "AFVIST",
            Outcome.STORED: "GEMT",
            Outcome.NOT_SAVED: "IKKE GEMT",
        },
        "en": {
            Outcome.OK: "RECORDED",
            Outcome.ALREADY: "WAS THERE ALREADY",
            Outcome.SET: "CHOSEN",
            Outcome.LOOKED: "LOOKED UP",
            Outcome.UNKNOWN: "UNKNOWN",
            Outcome.REFUSED: "REFUSED",
            Outcome.STORED: "SAVED",
            Outcome.NOT_SAVED: "NOT SAVED",
        },
    }
)
"""What became of a scan, in large letters."""

COUNTED: Mapping[str, Mapping[Outcome, str]] = MappingProxyType(
    {
        "da": {
            Outcome.OK: "registreret",
            Outcome.ALREADY: "var der allerede",
            Outcome.LOOKED: "slået op",
            Outcome.UNKNOWN: "ukendt",
            Outcome.REFUSED: "afvist",
            Outcome.STORED: "gemt, ikke kontrolleret",
            Outcome.NOT_SAVED: "ikke gemt",
        },
        "en": {
            Outcome.OK: "recorded",
            Outcome.ALREADY: "there already",
            Outcome.LOOKED: "looked up",
            Outcome.UNKNOWN: "unknown",
            Outcome.REFUSED: "refused",
            Outcome.STORED: "saved, not checked",
            Outcome.NOT_SAVED: "not saved",
        },
    }
)
"""The same behind a number.  What was only set is not counted."""

WRONG: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "da": {
            ExceptionKind.SCRAPPED_ALIVE: "KASSERET",
            ExceptionKind.RECALLED_HANDED_OUT: "TILBAGEKALDT",
            ExceptionKind.NOT_READY_HANDED_OUT: "IKKE KLAR",
        },
        "en": {
            ExceptionKind.SCRAPPED_ALIVE: "SCRAPPED",
            ExceptionKind.RECALLED_HANDED_OUT: "RECALLED",
            ExceptionKind.NOT_READY_HANDED_OUT: "NOT READY",
        },
    }
)
"""Why somebody is told to stop, by the kind of the exception that it became."""
