"""Many answers at once are one: a crate of tags must not sound a hundred times."""

import threading
from collections.abc import Callable
from typing import Protocol

from scanner.scan import WORST_FIRST, Outcome

SETTLE_S = 0.3
"""Answers that come within so long are one; a person hears no pause in it."""


class Later(Protocol):
    """Something that will be done, unless it is called off: a `threading.Timer`."""

    def start(self) -> None:
        """Begin to wait."""
        ...

    def cancel(self) -> None:
        """Call it off."""
        ...


class Chorus:
    """The answers of one reader: at most one each `SETTLE_S`, the worst of them.

    Any thread may call it.
    """

    def __init__(
        self,
        sound: Callable[[Outcome], object],
        *,
        later: Callable[[float, Callable[[], None]], Later] = threading.Timer,
    ) -> None:
        """`sound` answers, in a thread of its own, once others had time to come."""
        self._sound = sound
        self._later = later
        self._lock = threading.Lock()
        self._worst: Outcome | None = None
        self._waiting: Later | None = None

    def add(self, outcome: Outcome) -> None:
        """Have an outcome heard soon, or one that is worse."""
        with self._lock:
            known = [it for it in (self._worst, outcome) if it is not None]
            self._worst = min(known, key=WORST_FIRST.index)
            if self._waiting is None:
                self._waiting = self._later(SETTLE_S, self._sing)
                self._waiting.start()

    def close(self) -> None:
        """Sound what is still to be heard, and no more after it."""
        with self._lock:
            waiting = self._waiting
        if waiting is not None:
            waiting.cancel()
            self._sing()

    def _sing(self) -> None:
        with self._lock:
            worst, self._worst, self._waiting = self._worst, None, None
        if worst is not None:
            self._sound(worst)
