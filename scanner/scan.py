"""What goes out of the scanner service, and what comes back.

The whole vocabulary the house needs to talk with the service: it is handed a `Scan`,
it answers with a `Verdict`.  Nothing here touches a port, a file or a clock.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Outcome(StrEnum):
    """What became of a scan: one for each sound an operator must tell apart."""

    OK = "ok"
    """Recorded."""
    ALREADY = "already"
    """It was already so; nothing was added."""
    SET = "set"
    """A mode, a place or a person was set for the scans that follow."""
    LOOKED = "looked"
    """A question was answered; nothing was recorded."""
    UNKNOWN = "unknown"
    """The code names nothing that is known."""
    REFUSED = "refused"
    """A rule forbids it, or what was scanned is in the wrong state: stop and look."""
    STORED = "stored"
    """Saved here and not yet checked: the database is away, or has much to catch up."""
    NOT_SAVED = "not_saved"
    """Not saved anywhere; it must be scanned again.  Never a good tone."""


WORST_FIRST = (
    Outcome.NOT_SAVED,
    Outcome.REFUSED,
    Outcome.UNKNOWN,
    Outcome.STORED,
    Outcome.SET,
    Outcome.LOOKED,
    Outcome.OK,
    Outcome.ALREADY,
)
"""Where one sound stands for many: of a crate that was recorded but for one device,
that one is what must be heard; of one where nothing was new but one device, that
something was recorded."""


class Direction(StrEnum):
    """Which way something went through a portal."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"
    """It was there, and nobody can say which way it went: ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One code that was read, at one moment, through one port."""

    scan_id: str
    """A UUIDv7, made where and when the scan was made: what makes it count once."""
    station: str
    station_seq: int
    """Grows with every scan of the station, for ever; gaps are allowed.

    0 only in what a listener is told of a scan that could not be saved.
    """
    port: str
    read_point: str
    scanned_at: datetime
    """Aware, UTC: when the last byte of the frame was read."""
    raw: bytes = field(repr=False)
    """The frame as it came, without its end; in no log, as it may be anything."""
    text: str = field(repr=False)
    r"""The decoded payload without its AIM identifier; GS stays ``\x1d``."""
    symbology: str
    """The AIM identifier, such as ``]C1``, or nothing where the scanner sends none."""
    context: str
    """What the operator had set when he scanned; the scanner cannot read it."""
    direction: Direction | None = None
    """Which way a tag went through a portal; None where it is none."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of the house to one scan."""

    outcome: Outcome
    message: str
    """For the operator; kept in the spool, so without personal data."""
    forget: bool = False
    """The payload must not be kept: somebody scanned a health card.

    Until the house has said so it is in the spool, as any other.
    """
    holds: bool = False
    """Whoever hears it must stop: the port's context is then put through `Hold`."""
    facts: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The same for a screen, by name: codes only, and kept in memory alone."""


class Unavailable(Exception):
    """The database is away or busy: ask with the same scan again later, in order.

    Its text is why, for those on duty: it is logged, so without personal data.
    """


Record = Callable[[Sequence[Scan]], Sequence[Verdict]]
"""All the service asks of the house: record these scans, each once, and say what became
of each, in their order.

They are recorded all or none.  A scan whose `scan_id` was recorded before is answered
as it was then: after a crash or a lost answer the service asks again.  A refusal is a
`Verdict`.  `Unavailable` is raised when the answer must wait; any other exception is a
fault of the house, over one of them: the service then asks for one after the other.
"""

Advance = Callable[[str, str, datetime], str]
"""The context after a scan, from (context before, text, moment).

Pure and never failing.  It needs no database, so that a mode card works while the
database is away, and the scans behind it are replayed in the mode they were made in.
"""

Hold = Callable[[str], str]
"""The context once the operator was told to stop, from that before it.

Pure and never failing.  The scans behind it carry it, until one of them lets go.
"""


def new_scan_id(moment: datetime) -> str:
    """Return a UUIDv7 for a scan made at `moment`: sorts by time, to the millisecond.

    Source: RFC 9562, section 5.7.

    >>> from datetime import UTC, datetime
    >>> new_scan_id(datetime(2026, 5, 1, 12, tzinfo=UTC))[:15]
    '019de368-f600-7'
    """
    milliseconds = int(moment.timestamp() * 1000)
    version, variant = 0x7, 0b10
    bits = milliseconds << 80 | version << 76 | secrets.randbits(12) << 64
    return str(UUID(int=bits | variant << 62 | secrets.randbits(62)))
