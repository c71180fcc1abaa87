"""What is put before the writer: the one thread that writes the journal's scans.

All of it goes through one queue, so that what came first is first.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from queue import SimpleQueue
from typing import TypeAlias

from scanner.journal.spool_rows import Mark
from scanner.reader import Arrival


@dataclass(frozen=True, slots=True)
class Settled:
    """The house has decided on scans; that is to be marked."""

    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """A scanner was answered; that is to be marked."""

    scan_id: str
    at: datetime


class Held:
    """The operator at a port is about to be told to stop.

    It stands in the queue before he is told, so that no scan he makes after it can be
    before it; whether he was told is known a moment later.
    """

    def __init__(self, port: str) -> None:
        self.port = port
        self._decided = threading.Event()
        self._was_heard = False

    def decide(self, was_heard: bool) -> None:
        """Say whether it went out."""
        self._was_heard = was_heard
        self._decided.set()

    def was_heard(self, patience_s: float) -> bool:
        """Wait until that is known, and return it."""
        self._decided.wait(patience_s)
        return self._was_heard


@dataclass(frozen=True, slots=True)
class Flush:
    """Whoever sets this wants to know when all before it is written."""

    done: threading.Event = field(default_factory=threading.Event)


Item: TypeAlias = Arrival | Settled | Answered | Held | Flush | None
"""None is the last one."""
Inbox: TypeAlias = SimpleQueue[Item]
