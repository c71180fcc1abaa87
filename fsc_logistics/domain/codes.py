"""Codes and names: what the centre calls its parties, places, models and devices."""

import re

from fsc_logistics.domain.errors import BadIdentifier, BadInput
from fsc_logistics.domain.people import holds_cpr

CODE_LENGTH_MAX = 40
_CODE = re.compile(rf"[A-Z0-9][A-Z0-9._-]{{0,{CODE_LENGTH_MAX - 1}}}")


def read_code(text: str) -> str:
    """Return `text` as a code: upper case, and nothing Code 128 could not carry.

    Raises:
        BadIdentifier: it has other signs, is too long, or could hold a CPR number:
            codes stand in the ledger and on paper, where no personal number may be.
            The text of the error does not repeat it.

    >>> read_code(" depot-1 ")
    'DEPOT-1'
    """
    code = text.strip().upper()
    if holds_cpr(code):
        raise BadIdentifier(
            "A code must not hold a CPR number: it stands in the ledger and on paper."
            " Choose another."
        )
    if not _CODE.fullmatch(code):
        raise BadIdentifier(
            f"That cannot be a code: use up to {CODE_LENGTH_MAX} of A-Z, 0-9, '-', '.'"
            " and '_', a letter or digit first."
        )
    return code


def read_line(text: str, what: str) -> str:
    """Return a name or another short text as one line without blanks around it.

    Raises:
        BadInput: it holds what cannot be printed, which a terminal would obey and a
            printer would not know.

    >>> read_line(" Depot  Horsens\\n", "name")
    'Depot Horsens'
    """
    line = " ".join(text.split())
    if not line.isprintable():
        raise BadInput(f"The {what} holds a sign that cannot be printed. Type it anew.")
    return line


def shown_code(text: str, otherwise: str = "That") -> str:
    """Return what was typed for a code as an error may repeat it.

    What could be somebody's name or number is not repeated: other signs than those of a
    code, a CPR number, a word without a digit that is not in capitals.

    >>> [shown_code(text) for text in ("MOON", "oxi-9", "Nancy Berggren", "nancy")]
    ['MOON', 'oxi-9', 'That', 'That']
    """
    typed = text.strip()
    code = typed.upper()
    coded = typed == code or any(sign.isdigit() for sign in code)
    if coded and _CODE.fullmatch(code) and not holds_cpr(code):
        return typed
    return otherwise
