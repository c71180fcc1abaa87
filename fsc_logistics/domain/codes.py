"""Codes: what the centre calls its parties, places, models and devices."""

import re

from fsc_logistics.domain.errors import BadIdentifier
from fsc_logistics.domain.people import looks_like_cpr

CODE_LENGTH_MAX = 40
_CODE = re.compile(rf"[A-Z0-9][A-Z0-9._-]{{0,{CODE_LENGTH_MAX - 1}}}")


def read_code(text: str) -> str:
    """Return `text` as a code: upper case, and nothing Code 128 could not carry.

    Raises:
        BadIdentifier: it has other signs, is too long, or could be a CPR number: codes
            stand in the ledger and on paper, where no personal number may be.

    >>> read_code(" depot-1 ")
    'DEPOT-1'
    """
    code = text.strip().upper()
    if looks_like_cpr(code):
        raise BadIdentifier(
            "A code must not be a CPR number: it stands in the ledger and on paper."
            " Choose another."
        )
    if not _CODE.fullmatch(code):
        raise BadIdentifier(
            f"'{text}' cannot be a code: use up to {CODE_LENGTH_MAX} of A-Z, 0-9,"
            " '-', '.' and '_', a letter or digit first."
        )
    return code
