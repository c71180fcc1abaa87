"""What the engines complain of, turned into what a person can do about it."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from fsc_logistics.domain.errors import FscError, Misconfigured, TryLater

_LATER_SQLSTATES = ("08", "40", "53", "55", "57")
"""Connection lost, deadlock or conflict, no room, lock not to be had, shutting down."""
_LET_IN_NOBODY = re.compile(
    r"FATAL:\s+(.*(?:does not exist|authentication failed|no pg_hba\.conf entry).*)"
)
"""What a server says while connecting, for which libpq has no SQLSTATE."""
_WRONG_URL = re.compile(r"(?:connection is bad: )?((?:invalid|bad) .*)")
"""What libpq and its driver say of a URL before they connect anywhere."""


@contextmanager
def in_words(*, reading: bool = False) -> Iterator[None]:
    """Raise what an engine says as an error a person can act on, where there is one.

    What remains keeps its traceback, without the row a server quotes in its details:
    that row may be a citizen's.
    """
    try:
        yield
    except exc.DBAPIError as error:
        told = _told(error, reading)
        if told is not None:
            raise told from error
        raise _without_details(error).with_traceback(error.__traceback__) from None


def _without_details(error: exc.DBAPIError) -> exc.DBAPIError:
    """Return `error` with the first line of what the server said, and no more."""
    diagnostics = getattr(error.orig, "diag", None)
    if error.orig is None or diagnostics is None:
        return error
    first = diagnostics.message_primary or "the server gave no reason"
    return type(error)(
        error.statement, None, type(error.orig)(first), hide_parameters=True
    )


def _told(error: exc.DBAPIError, reading: bool) -> FscError | None:
    if isinstance(error.orig, sqlite3.Error):
        return _told_by_sqlite(str(error.orig), reading)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return _told_while_connecting(error)
    if state == "25006":
        return Misconfigured("The database is read-only; nothing was recorded.")
    if state == "42501":
        return Misconfigured(
            f"The database does not let us do that: {_first_line(error)}. Give this"
            " user of the server the rights on the tables."
        )
    if state == "53100":
        return TryLater("The database's disk is full; nothing was recorded.")
    if state[:2] in _LATER_SQLSTATES:
        return TryLater("The database is away or busy. Try again in a moment.")
    return None


def _told_while_connecting(error: exc.DBAPIError) -> FscError | None:
    if refusal := _LET_IN_NOBODY.search(str(error.orig)):
        return Misconfigured(
            f"The database server does not let us in: {refusal[1]}. Do the names and"
            " the password in its URL fit?"
        )
    if wrong := _WRONG_URL.match(str(error.orig)):
        return Misconfigured(
            f"The database's URL cannot be used: {wrong[1]}. Correct it in --database,"
            " FSC_DATABASE or fsc.toml."
        )
    if isinstance(error, exc.OperationalError):
        return TryLater("The database does not answer. Try again in a moment.")
    return None


def _first_line(error: exc.DBAPIError) -> str:
    diagnostics = getattr(error.orig, "diag", None)
    return getattr(diagnostics, "message_primary", None) or "it does not say why"


def _told_by_sqlite(text: str, reading: bool) -> FscError | None:
    if "locked" in text or "busy" in text:
        return TryLater("The database is busy. Try again in a moment.")
    if "full" in text:
        return TryLater("The disk is full; nothing was recorded. Make room, try again.")
    if "disk I/O error" in text:
        return TryLater(
            "The disk cannot be read or written; nothing was recorded. Is it full?"
        )
    if "readonly" in text and reading:
        return Misconfigured(
            "The database cannot be read: SQLite writes beside it even then. Give this"
            " user the right to write the file and its folder."
        )
    if "readonly" in text:
        return Misconfigured("The database is read-only; nothing was recorded.")
    if "not a database" in text or "malformed" in text:
        return Misconfigured(
            "The database file is damaged or not a database. Restore a copy with:"
            " fsc db restore FILE"
        )
    if "unable to open" in text:
        return Misconfigured(
            "The database file cannot be opened. Do the folder and its rights fit?"
        )
    return None
