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
        BadInput: it could hold a CPR number, or holds what cannot be printed.

    >>> read_line(" Depot  Horsens\\n", "name")
    'Depot Horsens'
    """
    line = read_any_line(text, what)
    check_no_cpr(line, what)
    return line


def check_no_cpr(text: str, what: str) -> None:
    """Refuse a text that could hold a CPR number, without repeating it.

    Whoever types one into the wrong field would have it in lists, on labels and in
    logs.  Ten digits that begin with no date are another number and pass.

    Raises:
        BadInput: with what to do instead.
    """
    if holds_cpr(text):
        raise BadInput(
            f"The {what} must not hold a CPR number: it stands in lists and on paper."
            " Leave the number out."
        )


def read_any_line(text: str, what: str) -> str:
    """Return a text as one line, whatever numbers it holds.

    For serials, which makers count up to ten digits and past every date, and for what
    is masked afterwards; for all else there is `read_line`.

    Raises:
        BadInput: it holds what cannot be printed, which a terminal would obey and a
            printer would not know.
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
