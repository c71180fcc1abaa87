"""What is printed on devices by others: GTINs, GS1 element strings, EPCs.

Our own tags and linked codes are compared as they are; nothing here knows them.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from fsc_logistics.domain.errors import BadIdentifier

if TYPE_CHECKING:
    from biip.gs1_messages import GS1Message

GTIN_DIGITS = 14
_TYPED = re.compile(r"\(01\)\d{14}\(")
_SCANNED = re.compile(r"01\d{14}.")
_GTIN_FIRST = re.compile(r"01\d{14}")
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_EPC_HEX = re.compile(r"[0-9A-Fa-f]{24}|[0-9A-Fa-f]{50}|[0-9A-Fa-f]{52}")
"""SGTIN-96 is 96 bits; SGTIN-198 is 198, padded to whole bytes or words."""


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


def without_aim(text: str) -> str:
    """Return a scan without the AIM identifier some scanners put in front.

    >>> without_aim("]C0OXI-000007")
    'OXI-000007'
    """
    prefix = _AIM.match(text)
    return text[prefix.end() :] if prefix else text


def read_item(text: str) -> SerialisedItem | None:
    """Return the piece a GS1 code or an RFID tag names, or None where it names none.

    Read are element strings with GTIN (01) and serial (21), as scanned or as typed
    with brackets, and SGTIN tags as hexadecimal digits.
    """
    bare = without_aim(text.strip())
    if _TYPED.match(bare):
        return _read_element_string(bare, typed=True)
    if _SCANNED.match(bare):
        return _read_element_string(bare, typed=False)
    return _read_epc(bare) if _EPC_HEX.fullmatch(bare) else None


def read_trade_item_lot(text: str) -> TradeItemLot | None:
    """Return the batch a GS1 code names, or None where it is no such code.

    Read are element strings with GTIN (01), and lot (10) and last day of use (17)
    where they are there, as scanned or as typed with brackets.

    >>> read_trade_item_lot("(01)09501101531000(17)270131(10)L1").lot
    'L1'
    """
    bare = without_aim(text.strip())
    typed = bare.startswith("(01)")
    if not typed and not _GTIN_FIRST.match(bare):
        return None
    message = _element_strings(bare, typed=typed)
    if message is None:
        return None
    found = {element.ai.ai: element for element in message.element_strings}
    if "01" not in found:
        return None
    lot, expires = found.get("10"), found.get("17")
    return TradeItemLot(
        found["01"].value,
        lot.value if lot is not None else None,
        expires.date if expires is not None else None,
    )


def _element_strings(text: str, *, typed: bool) -> "GS1Message | None":
    from biip import ParseError
    from biip.gs1_messages import GS1Message

    try:
        return GS1Message.parse_hri(text) if typed else GS1Message.parse(text)
    except ParseError:
        return None


def _read_element_string(text: str, *, typed: bool) -> SerialisedItem | None:
    message = _element_strings(text, typed=typed)
    if message is None:
        return None
    values = {element.ai.ai: element.value for element in message.element_strings}
    if "01" not in values or "21" not in values:
        return None
    return SerialisedItem(values["01"], values["21"])


def _read_epc(text: str) -> SerialisedItem | None:
    from epcpy.epc_schemes.sgtin import SGTIN
    from epcpy.utils.common import ConvertException
    from epcpy.utils.parsers import hex_to_tag_encodable

    try:
        tag = hex_to_tag_encodable(text)
    except (ConvertException, ValueError):
        return None
    if not isinstance(tag, SGTIN):
        return None
    element_string = tag.gs1_element_string()
    return _read_element_string(element_string, typed=True)
