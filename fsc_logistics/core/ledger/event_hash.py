"""What an event says, as one text, and the SHA-256 that chains it to the one before.

Three forms exist.  In the second, everything is named by its code, so that a party or
device whose code was changed afterwards is found, and anyone who has the events can
compute the hash without this database.  The third, of events that bring devices in,
also says how each is registered.  The first named by numbers; it is only checked.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from fsc_logistics.core.tables.base import EPOCH, MICROSECOND

FORM = 2
"""The form new events are written in, but for those that bring devices in."""

REGISTERING = 3
"""The form of these."""

GENESIS = bytes(32)
"""What the first event of a station is chained to."""

FIELDS = (
    "uid",
    "station",
    "station_seq",
    "kind",
    "event_time",
    "record_time",
    "biz_step",
    "disposition",
    "actor",
    "read_point",
    "custodian",
    "location",
    "document",
    "condition",
    "flag",
    "raised",
    "reason",
)
"""What is hashed of an event itself, in this order."""

SEPARATOR, ROW, NOTHING = "\x1f", "\x1e", "\x1d"
"""Between fields, before each row, and instead of a field that is empty."""

Field = str | int | None
Row = tuple[Field, ...]
"""What an event says of one device, lot or wrong event; a letter for its kind first:
`d` tag, kit, and in the third form model, serial, owner · `m` lot, from, to, quantity ·
`c` lot, place, counted · `w` uid, reason, replacement, tag."""


def event_text(
    fields: Sequence[Field], rows: Iterable[Row], *, form: int = FORM
) -> str:
    """Return what is hashed of an event: its `FIELDS`, then its rows in order.

    Moments are whole microseconds since 1970; yes and no are 1 and 0.

    Raises:
        ValueError: a field holds one of the separators.

    >>> event_text(["u1", None], [("d", "OXI-1", None)])
    '2\\x1fu1\\x1f\\x1d\\x1ed\\x1fOXI-1\\x1f\\x1d'
    """
    said = _joined((form, *fields))
    lines = sorted(_joined(row) for row in rows)
    return ROW.join((said, *lines))


def chained(before: bytes, text: str) -> bytes:
    """Return the SHA-256 over the hash `before` and `text` in UTF-8."""
    return hashlib.sha256(before + text.encode()).digest()


def _joined(fields: Sequence[Field]) -> str:
    text = SEPARATOR.join([NOTHING if f is None else str(f) for f in fields])
    if (
        text.count(SEPARATOR) != len(fields) - 1
        or text.count(NOTHING) != fields.count(None)
        or ROW in text
        or "\x00" in text
    ):
        raise ValueError("a field of an event holds a control character")
    return text


def first_form_hash(
    before: bytes,
    row: Mapping[str, object],
    lines: Iterable[tuple[int, int | None]],
    wrong: tuple[int, str, int | None] | None,
) -> bytes:
    """Return the hash of an event of the first form.

    Over the former hash and everything the event says, as JSON: names sorted, moments
    in microseconds since 1970, lines by device.
    """
    said: dict[str, object] = {
        name: microseconds(value) if isinstance(value, datetime) else value
        for name, value in row.items()
    }
    said["lines"] = sorted([device, kit or 0] for device, kit in lines)
    if wrong is not None:
        said["wrong"] = list(wrong)
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return chained(before, text)


def microseconds(moment: datetime) -> int:
    """Return the whole microseconds from 1970 to `moment`."""
    return (moment - EPOCH) // MICROSECOND
