"""The scanner service: from the bytes of many scanners to one row of recorded scans."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scanner.scan import Advance, Record, Scan, Verdict
from scanner.spool import Spool

Listener = Callable[[Scan, Verdict], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSettings:
    """One scanner and where it stands."""

    name: str
    url: str
    """A device path, COM3, socket://host:port, rfc2217://host:port or loop://."""
    read_point: str
    protocol: str = "line"
    feedback: str = "none"
    """none, bel or honeywell."""
    baud: int = 9600
    framing: str = "8N1"
    """Data bits, parity (N, E, O, M, S), stop bits."""
    gap_s: float = 0.5
    """A frame that pauses for longer is broken off and dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long the service waits for what."""

    resend_within_s: float = 3.0
    """The same bytes this soon after their answer are a scanner that missed it."""
    resend_unanswered_s: float = 90.0
    """The same for a scan whose answer never went out; longest host-ack time-out."""
    retry_min_s: float = 0.2
    """First pause before the house is asked again after `Unavailable`."""
    retry_max_s: float = 15.0
    finish_s: float = 10.0
    """How long a stop may take to have the house record what is journaled."""


class ServiceFailed(Exception):
    """A thread of the service died; what was answered is in the spool."""


def serve(
    ports: Sequence[PortSettings],
    spool: Spool,
    record: Record,
    advance: Advance,
    stop: threading.Event,
    *,
    on_scan: Listener | None = None,
    timing: Timing = Timing(),
) -> None:
    """Serve `ports` until `stop` is set, then finish what is held and return.

    `on_scan` is told of every scan and its verdict, from the service's threads; a scan
    that waited for the database is told twice (STORED, then what became of it).

    Raises:
        ServiceFailed: a thread died unexpectedly; everything was stopped.
    """
    raise NotImplementedError
