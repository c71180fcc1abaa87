"""ISO/IEC 15434: what is said of a piece in one symbol, each behind its identifier.

``[)>`` RS, then for each format its number and what it says, parted by GS, and RS; at
last EOT.  Read are formats 05, GS1's application identifiers, and 06, data identifiers.

Source: ISO/IEC 15434; ANSI MH10.8.2; DoD Guide to Uniquely Identifying Items.
"""

import re
from collections.abc import Iterable

from fsc_logistics.domain.identifiers.gs1 import individual_key, read_elements

_BEGIN, _END = "[)>\x1e", "\x04"
_BETWEEN_FORMATS, _BETWEEN_FIELDS = "\x1e", "\x1d"
_IDENTIFIER = re.compile(r"\d{0,3}[A-Z]", re.ASCII)
_INDIVIDUAL = (
    ("25S",),
    ("18S",),
    ("17V", "1P", "S"),
    ("18V", "1P", "S"),
    ("12V", "1P", "S"),
)
"""Which data identifiers together name one piece: a number that its maker gave no other
piece, or the maker, the part and its serial."""


def is_envelope(text: str) -> bool:
    """Return whether `text` begins as an envelope does."""
    return text.startswith(_BEGIN)


def enveloped_key(text: str) -> str | None:
    r"""Return what names one piece in an envelope, or None.

    Data identifiers stay in front of what they say, as in a symbol of its own.

    >>> enveloped_key("[)>\x1e06\x1d17V0CVA5\x1d1P1234\x1dS786950\x1e\x04")
    '17V0CVA5/1P1234/S786950'
    >>> enveloped_key("[)>\x1e05\x1d0109501101531000\x1d21SN-7\x1e\x04")
    '(01)09501101531000(21)SN-7'
    """
    for said in text.removeprefix(_BEGIN).rstrip(_END).split(_BETWEEN_FORMATS):
        number, _, fields = said.partition(_BETWEEN_FIELDS)
        key = None
        if number == "05":
            key = individual_key(read_elements("]d2", fields))
        elif number == "06":
            key = _piece(fields.split(_BETWEEN_FIELDS))
        if key is not None:
            return key
    return None


def _piece(fields: Iterable[str]) -> str | None:
    told = {
        identifier[0]: field
        for field in fields
        if (identifier := _IDENTIFIER.match(field)) and identifier.end() < len(field)
    }
    for identifiers in _INDIVIDUAL:
        if all(it in told for it in identifiers):
            return "/".join(told[it] for it in identifiers)
    return None
