"""Search: when what was typed means what is registered, though it is not the same."""

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum

SEPARATORS = " -./_"
"""What stands between groups of signs in a code, and is typed or left out at will."""
NEAR_LENGTH_MIN = 4
"""Of shorter texts too many codes are one sign away."""
NEAR_LENGTH_MAX = 60
_SIGNS = string.digits + string.ascii_uppercase
_NORMAL = str.maketrans(string.ascii_lowercase, string.ascii_uppercase, SEPARATORS)
_DANISH = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})

# The vowels of ae, oe and aa; ss, which may be ß; all that only SQLite folds not.
_UNSURE = re.compile(r"(?:ss|[^b-df-np-z0-9])+")


class Match(StrEnum):
    """How well something fits what was typed; the best first."""

    EXACT = "exact"
    PREFIX = "prefix"
    WORDS = "words"
    """All words that were typed stand in its name, in whatever order."""
    TYPO = "typo"
    """One sign was mistyped, left out or put in, or two neighbours changed places."""
    CONTAINS = "contains"


def normal_form(text: str) -> str:
    """Return a code as codes are compared: in capitals, without separators.

    Capitals are those of A to Z, all that SQLite knows; `core.tables.normal` is the
    same for the database.

    >>> normal_form(" oxi 000.007")
    'OXI000007'
    """
    return text.strip().translate(_NORMAL)


def near_forms(normal: str) -> set[str]:
    """Return the normal forms that `normal` may be a slip of the finger of.

    One sign another, one missing, one too many, or two neighbours changed round.  None
    for a text so short that everything is near, or too long for a code.

    >>> {"OXI7", "0XI7", "XOI7", "OXI07", "OX7"} & near_forms("OXI7") == {
    ...     "0XI7", "XOI7", "OXI07", "OX7"
    ... }
    True
    """
    if not NEAR_LENGTH_MIN <= len(normal) <= NEAR_LENGTH_MAX:
        return set()
    return set(_slips(normal)) - {normal}


def _slips(normal: str) -> Iterator[str]:
    for place in range(len(normal) + 1):
        before, after = normal[:place], normal[place:]
        yield from (before + sign + after for sign in _SIGNS)
        if after:
            yield before + after[1:]
            yield from (before + sign + after[1:] for sign in _SIGNS)
            yield before + after[1:2] + after[:1] + after[2:]


def folded(text: str) -> str:
    """Return a name as names are compared: Danish letters as they are typed without.

    >>> folded("Århus SØ") == folded("aarhus soe")
    True
    """
    return unicodedata.normalize("NFC", text).casefold().translate(_DANISH)


def like_pattern(word: str) -> str:
    """Return a pattern of LIKE, in either case, that every name with `word` fits.

    Others fit it too: signs that a name may have in another form (`folded`), or that
    mean something in a pattern, stand for anything.  It saves a database from handing
    out every name, and decides nothing.

    >>> like_pattern(folded("Lægehus"))
    '%l%g%hus%'
    """
    return f"%{_UNSURE.sub('%', word)}%".replace("%%", "%")


def words_fit(words: Iterable[str], *fields: str | None) -> bool:
    """Return whether every one of `words`, folded, stands in one of `fields`."""
    said = [folded(field) for field in fields if field]
    return all(any(word in field for field in said) for word in words)
