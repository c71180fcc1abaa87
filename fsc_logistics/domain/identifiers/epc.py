"""What RFID tags hold: EPCs, and the numbers of 125 kHz cards.

Source: GS1 EPC Tag Data Standard 1.13, sections 7 and 14.
"""

import re

_EPC = re.compile(r"(?:[0-9A-Fa-f]{4}){6,32}|[0-9A-Fa-f]{50}")
"""A tag answers in words of sixteen bits; 198 bits may stand in whole bytes too.

Shorter ones have no key of any standard, and are as they are.
"""
_CARD = re.compile(r"(?=[0-9]*[A-Fa-f])[0-9A-Fa-f]{10}")
"""Five bytes; of digits alone it could as well be the decimal number of another."""


def is_epc(text: str) -> bool:
    """Return whether `text` can be what a UHF tag holds, as hexadecimal digits.

    >>> is_epc("E2801160600002054D5E1234"), is_epc("62E3086CED")
    (True, False)
    """
    return _EPC.fullmatch(text) is not None


def read_epc(text: str) -> str:
    """Return the GS1 key in an EPC, with brackets, or its digits where it holds none.

    >>> read_epc("3474257BF40000000000162E")
    '(8004)06141415678'
    >>> read_epc("e2801160600002054d5e1234")
    'E2801160600002054D5E1234'
    """
    from epcpy.utils.common import ConvertException
    from epcpy.utils.parsers import hex_to_tag_encodable

    digits = text.upper()
    try:
        tag = hex_to_tag_encodable(digits)
        said = getattr(tag, "gs1_element_string", None)
        return str(said()) if said is not None else digits
    except (ConvertException, ValueError):
        # A tag of a newer standard, or one that its maker has numbered.
        return digits


def is_card(text: str) -> bool:
    """Return whether `text` is the five bytes of a 125 kHz card, and nothing else."""
    return _CARD.fullmatch(text) is not None


def card_number(text: str) -> str | None:
    """Return the ten decimal digits that a 125 kHz card also goes by, or None.

    Readers on a serial line send five bytes as hexadecimal digits, those that type as a
    keyboard the last four as a decimal number, which is printed on most cards too.
    Cards that differ in their first byte share it.

    >>> card_number("62E3086CED")
    '3808980205'
    """
    if not is_card(text):
        return None
    return f"{int(text[2:], 16):010}"
