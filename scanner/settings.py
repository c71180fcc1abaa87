"""What can be set: a port and what is connected to it, and how long to wait."""

from collections.abc import Collection
from dataclasses import dataclass

from scanner.protocols import FAMILIES
from scanner.protocols.feedback import PROFILES


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSettings:
    """One scanner: where it is connected, where it stands, what it speaks.

    Raises:
        ValueError: there is no such protocol or feedback.
    """

    name: str
    """For people, the journal and the log; unique at a station, and lasting: the mode
    that was set at a port and the scan to expect again are found by it."""
    url: str
    """A device path, COM3, socket://host:port, rfc2217://host:port or loop://."""
    read_point: str
    protocol: str = "line"
    feedback: str = "none"
    """none, bel or honeywell."""
    baud: int = 9600
    framing: str = "8N1"
    """Data bits, parity (N, E, O, M, S) and stop bits."""
    gap_s: float = 0.5
    """A code that pauses for longer is broken off and dropped.

    A cable needs a hundredth of that (a character takes 1 ms at 9600 baud, and a USB
    adapter holds it for 16 ms at most); a network may lose a packet, so allow it 2 s.
    """

    def __post_init__(self) -> None:
        """Check what is named."""
        _check_known("protocol", self.protocol, FAMILIES)
        _check_known("feedback", self.feedback, PROFILES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long the service waits for what."""

    resend_within_s: float = 3.0
    """The same bytes this soon after their answer are a scanner that missed it."""
    resend_unanswered_s: float = 90.0
    """The same, if the answer never went out: the longest host-ack time-out."""
    retry_min_s: float = 0.2
    """The first pause before the house is asked again after `Unavailable`."""
    retry_max_s: float = 15.0
    """The longest: it doubles from time to time."""
    finish_s: float = 10.0
    """How long the house may take, after a stop, to record what is journaled."""


DEFAULT_TIMING = Timing()


def _check_known(what: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        choices = ", ".join(sorted(known))
        raise ValueError(f"'{name}' is not a {what}. Choose from: {choices}.")
