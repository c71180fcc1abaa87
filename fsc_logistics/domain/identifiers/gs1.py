"""GS1: GTINs, element strings and Digital Links.

A scanner may be set to say that a symbol is GS1's.  Where it says nothing, only a code
with a valid check digit is taken for one: a fifth of all asset numbers could be read as
element strings too.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from fsc_logistics.domain.errors import BadIdentifier
from fsc_logistics.domain.identifiers.aim import GS1_SYMBOLS, split_aim

if TYPE_CHECKING:
    from biip.gs1_element_strings import GS1ElementString

GTIN_DIGITS = 14
LENGTH_MAX = 400
"""Longer texts are no codes; no symbol that GS1 allows carries so much."""
_TYPED = re.compile(r"\(\d{2,4}\)")
_CHECKED = re.compile(r"01\d{14}|00\d{18}|8003\d{14}", re.ASCII)
"""How an element string with a check digit begins."""
_ASSET_LENGTH_MIN = 15
"""Of GIAI codes that nothing marks, which have no check digit: shorter texts that begin
with 8004 are asset numbers."""
_DIGITAL_LINK = re.compile(r"https?://[^/\s]+/", re.IGNORECASE)
_SEPARATOR = "\x1d"
_INDIVIDUAL = (
    ("01", "21"),
    ("8003",),
    ("8004",),
    ("00",),
    ("8006", "21"),
    ("8010", "8011"),
    ("8018",),
    ("414", "254"),
)
"""Which elements together name one piece: its key."""
_GRAI_TYPE_LENGTH = 14
"""A returnable asset without more than that is a kind of asset."""


@dataclass(frozen=True, slots=True)
class SerialisedItem:
    """One piece of a trade item: its GTIN in fourteen digits, and its serial."""

    gtin: str
    serial: str


@dataclass(frozen=True, slots=True)
class TradeItemLot:
    """A batch of a trade item: its GTIN in fourteen digits, its number, its last day.

    What the code does not say is `None`.
    """

    gtin: str
    lot: str | None
    expires: date | None


def gs1_check_digit(digits: str) -> int:
    """Return the check digit that completes `digits`.

    Weights 3, 1, 3, … are counted from the right, so one rule serves every length.

    Source: GS1 General Specifications, section 7.9.1.

    >>> gs1_check_digit("950110153100")
    0
    """
    weighted = (
        int(digit) * (1 if place % 2 else 3)
        for place, digit in enumerate(reversed(digits))
    )
    return -sum(weighted) % 10


def read_gtin(text: str) -> str:
    """Return a GTIN of 8, 12, 13 or 14 digits, filled up to 14.

    Raises:
        BadIdentifier: it has another length, or its check digit is wrong.

    >>> read_gtin("9501101531000")
    '09501101531000'
    """
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) in (8, 12, 13, 14)):
        # Not repeated: from a wrong cell it may be anything, somebody's name too.
        raise BadIdentifier("A GTIN has 8, 12, 13 or 14 digits.")
    right = gs1_check_digit(digits[:-1])
    if int(digits[-1]) != right:
        raise BadIdentifier(
            f"'{digits}' is not a GTIN: its last digit should be {right}, not"
            f" {digits[-1]}."
        )
    return digits.zfill(GTIN_DIGITS)


def read_trade_item_lot(text: str) -> TradeItemLot | None:
    """Return the batch a GS1 code names, or None where it is no such code.

    Read are element strings and Digital Links with GTIN (01), and lot (10) and last day
    of use (17) where they are there, as scanned or as typed with brackets.

    >>> read_trade_item_lot("(01)09501101531000(17)270131(10)L1").lot
    'L1'
    """
    found = {element.ai.ai: element for element in _elements(*split_aim(text.strip()))}
    if "01" not in found:
        return None
    lot, expires = found.get("10"), found.get("17")
    return TradeItemLot(
        found["01"].value,
        lot.value if lot is not None else None,
        expires.date if expires is not None else None,
    )


def read_elements(symbology: str, text: str) -> dict[str, str]:
    """Return what a GS1 code says by application identifier; nothing where it is none.

    Read are element strings, as scanned or as typed with brackets, and Digital Links.
    `symbology` is the AIM identifier, or nothing where the scanner sent none.

    >>> read_elements("", "(8004)9501101ABC")
    {'8004': '9501101ABC'}
    """
    return {element.ai.ai: element.value for element in _elements(symbology, text)}


def individual_key(values: Mapping[str, str]) -> str | None:
    """Return what names one piece in a GS1 code, with brackets, or None.

    >>> individual_key({"01": "09501101531000", "10": "L1", "21": "SN-7"})
    '(01)09501101531000(21)SN-7'
    >>> individual_key({"01": "09501101531000", "10": "L1"}) is None
    True
    """
    for elements in _INDIVIDUAL:
        if all(ai in values for ai in elements):
            if elements == ("8003",) and len(values["8003"]) <= _GRAI_TYPE_LENGTH:
                continue
            return "".join(f"({ai}){values[ai]}" for ai in elements)
    return None


def _elements(symbology: str, text: str) -> "tuple[GS1ElementString, ...]":
    """Return the elements of a GS1 code; none where it is none, or a digit is wrong."""
    bare = text.strip().strip(_SEPARATOR)
    if len(bare) > LENGTH_MAX:
        return ()
    if _DIGITAL_LINK.match(bare):
        return _sound(_read_link(bare))
    if _TYPED.match(bare):
        return _sound(_read_typed(bare))
    if symbology in GS1_SYMBOLS or _is_surely_gs1(bare):
        return _sound(_read_scanned(bare))
    return ()


def _is_surely_gs1(text: str) -> bool:
    """Tell whether a code that nothing marks begins as an element string must."""
    if _CHECKED.match(text):
        return True
    return text.startswith("8004") and len(text) >= _ASSET_LENGTH_MIN


def _read_link(text: str) -> "Iterable[GS1ElementString]":
    from biip import ParseError
    from biip.gs1_digital_link_uris import GS1DigitalLinkURI

    # In a QR symbol it may stand in capitals, which saves space.
    scheme, _, rest = text.partition("://")
    host, _, path = rest.partition("/")
    try:
        link = GS1DigitalLinkURI.parse(f"{scheme.lower()}://{host.lower()}/{path}")
    except (ParseError, ValueError):  # ValueError: urllib, of a host it cannot read.
        return ()
    return link.element_strings


def _read_typed(text: str) -> "Iterable[GS1ElementString]":
    from biip import ParseError
    from biip.gs1_messages import GS1Message

    try:
        message = GS1Message.parse_hri(text)
    except (ParseError, ValueError):
        return ()
    # What stands in brackets inside a serial would be cut off without a word.
    return message.element_strings if message.as_hri() == text else ()


def _read_scanned(text: str) -> "Iterable[GS1ElementString]":
    from biip import ParseError
    from biip.gs1_messages import GS1Message

    try:
        return GS1Message.parse(text).element_strings
    except (ParseError, ValueError):
        return ()


def _sound(elements: "Iterable[GS1ElementString]") -> "tuple[GS1ElementString, ...]":
    """Return `elements`, or none of them where a check digit in one is wrong."""
    found = tuple(elements)
    return found if all(_is_sound(element) for element in found) else ()


def _is_sound(element: "GS1ElementString") -> bool:
    if element.gtin_error or element.sscc_error or element.gln_error:
        return False
    if element.ai.ai == "8003":
        digits = element.value[:_GRAI_TYPE_LENGTH]
        return gs1_check_digit(digits[:-1]) == int(digits[-1])
    return True
