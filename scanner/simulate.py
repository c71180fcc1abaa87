"""Scanners on pseudo-terminals, for people without hardware (Linux and macOS)."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from scanner.scan import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came back for one scan."""

    outcome: Outcome | None
    """None: nothing came in time, or nothing the feedback profile knows."""
    raw: bytes
    sends_count: int


class SimulatedScanner:
    """A scanner on a pseudo-terminal; `with` plugs it in and pulls it out."""

    def __init__(
        self,
        link: Path | None = None,
        *,
        feedback: str = "bel",
        end: bytes = b"\r",
        answer_timeout_s: float = 10.0,
        sends_max: int = 1,
    ) -> None:
        """Describe a scanner; `link` is a stable name for its device path.

        With `sends_max` above 1 it acts like a scanner with host acknowledgement: what
        is not answered within `answer_timeout_s` is sent again, so often in all.

        Raises:
            OSError: this system has no pseudo-terminals.
        """
        raise NotImplementedError

    @property
    def device(self) -> str:
        """The path to give to the service: the link, or the terminal itself."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        raise NotImplementedError

    def send(self, text: str | bytes) -> Heard:
        """Scan `text`, wait for the answer, and return what was heard.

        Waits until somebody listens; with the feedback `none` no answer is awaited.
        """
        raise NotImplementedError

    def emit(self, data: bytes) -> None:
        """Send bytes as they are, without an end and without waiting for an answer."""
        raise NotImplementedError

    def unplug(self) -> None:
        """Pull the cable."""
        raise NotImplementedError

    def replug(self) -> None:
        """Plug it in again: a new terminal under the same link."""
        raise NotImplementedError
