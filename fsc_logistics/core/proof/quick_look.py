"""The quick look: whether a batch of the ledger is as it should be, and nothing more.

Nearly all of a ledger is.  The engine hands over each column as one text, its values
one after another, in a fraction of the time that a row for each event takes, and a
compiled module goes over them.  What it doubts, one wrong event among thousands or a
word that is no number, is left to `chains` and `fingerprints`, which say what is wrong;
they do all of it where the module is missing.
"""

import hashlib
from importlib import import_module
from typing import Any

from sqlalchemy.orm import Session

from fsc_logistics.core.proof.chains import Links
from fsc_logistics.core.proof.columns import (
    EVENTS,
    FILLER,
    HASHED,
    HASHED_OF_DEVICE,
    HASHED_OF_LINE,
    LINES,
    NAMED_OF_LINE,
    REGISTERED,
    SAID,
    SAID_OF_LINE,
    SPAN,
    SPAN_COLUMNS,
    TAGGED,
    TAGS,
    Read,
)
from fsc_logistics.core.proof.fingerprints import OPEN, WORDS, Sums, declared_wrong
from fsc_logistics.core.proof.known_codes import Codes
from fsc_logistics.core.proof.other_rows import other_rows

MADE_FOR = 4
"""What the compiled module says it was made for; as in c/quick_look.c."""


def load() -> Any:
    """Return the compiled module; None where there is none, or one of another time."""
    try:
        found = import_module("fsc_logistics.core.proof._quick_look")
    except ImportError:
        return None
    return found if getattr(found, "MADE_FOR", None) == MADE_FOR else None


compiled = load()

_READ_AT_ONCE = 1 << 16
"""Codes, of devices whose numbers follow each other."""

_DEVICES_MAX = 1 << 46
"""Times the groups of `Sums`, as many as the compiled module can count."""


def room_for_codes(devices: int) -> Codes:
    """Return room for the codes of so many devices, which must be a power of two."""
    return Codes(compiled, 0 if compiled is None else devices)


def foresee(codes: Codes, session: Session, devices: int) -> None:
    """Read the codes of devices in the order of their numbers, as far as there is room.

    Each by itself, when an event names it, takes ten times as long.
    """
    last = min(devices, codes.devices.room)
    for first in range(1, last + 1, _READ_AT_ONCE):
        read = TAGS.read(session, first, min(first + _READ_AT_ONCE - 1, last))
        if read is not None:
            codes.devices.foresee(read.of(TAGGED))
    codes.is_foreseen = True


def count_sound(
    links: Links, sums: Sums, codes: Codes, first: int, last: int
) -> int | None:
    """Return how many events are numbered `first` to `last`; None if one is doubted.

    If none is, what their lines say is in the sums, and the last event of each station
    in `links`; else nothing was done.
    """
    if compiled is None or sums.devices > _DEVICES_MAX:
        return None
    session = links.session
    read = _read(session, first, last)
    if read is None:
        return None
    events, lines, registered = read
    codes.devices.learn(session, lines.of(NAMED_OF_LINE))
    codes.parties.learn(session, events.of(("custodian_id",)))
    codes.places.learn(session, events.of(("location_id",)))
    codes.models.learn(session, registered.of(("model_id",)))
    codes.owners.learn(session, registered.of(("owner_id",)))
    heads: dict[int, tuple[int, bytes]] = {}
    if not compiled.is_chained(
        events.of(HASHED),
        lines.of(HASHED_OF_LINE),
        registered.of(HASHED_OF_DEVICE),
        events.rows - events.counted,
        FILLER,
        other_rows(session, first, last),
        codes.given,
        heads,
        links.codes,
        links.before,
        hashlib.sha256(),
    ):
        return None
    wrong = declared_wrong(session, first, last)
    said, of = events.of(SAID), lines.of(SAID_OF_LINE)
    if not compiled.add_lines(said, of, FILLER, wrong, WORDS, *_kept(sums)):
        return None
    links.heads.update(heads)
    return events.rows


def _read(session: Session, first: int, last: int) -> tuple[Read, Read, Read] | None:
    """Return events, lines and what is registered.

    None where a word holds a mark, or where the events are of the first form.
    """
    events = EVENTS.read(session, first, last)
    lines = LINES.read(session, first, last)
    if events is None or lines is None:
        return None
    if events.counted == events.rows:
        # Events that bring devices in are few: mostly there is nothing to ask for.
        return events, lines, REGISTERED.none
    registered = REGISTERED.read(session, first, last)
    if registered is None or registered.rows == 0:
        return None
    return events, lines, registered


def count_linked(
    sums: Sums, session: Session, chain: int, first: int, last: int
) -> int | None:
    """Add what the spans of a chain of devices say; return how many there are.

    None, and nothing was added, if they are not understood.
    Where one does not begin as the one before it ends, its group is marked.
    """
    if compiled is None or sums.devices > _DEVICES_MAX:
        return None
    read = SPAN_COLUMNS[chain].read(session, first, last)
    if read is None:
        return None
    marked = compiled.add_spans(read.of(SPAN), FILLER, chain, OPEN, WORDS, *_kept(sums))
    if marked is None:
        return None
    for device in marked:
        sums.mark(device)
    return read.rows


def _kept(sums: Sums) -> tuple[Any, ...]:
    return sums.keys, sums.sums, sums.devices
