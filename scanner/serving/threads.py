"""The threads of the service: none may die, or hang, unnoticed."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

IDLE_TICK_S = 5.0
"""So often a thread that has nothing to do comes round."""

Tick = Callable[[], None]
"""What a thread calls each time it comes round."""


@dataclass(slots=True)
class _Watched:
    name: str
    within_s: float
    ticked_s: float


class Threads:
    """Starts threads, ends the service if one dies, knows which do not come round."""

    def __init__(self, stop: threading.Event) -> None:
        """`stop` is set when a thread dies."""
        self._stop = stop
        self._lock = threading.Lock()
        self._watched: list[_Watched] = []
        self.failure: BaseException | None = None
        """Why the first thread that died did."""
        self.failed_name = ""
        """Which one that was."""

    def start(
        self, name: str, work: Callable[[Tick], None], *, within_s: float
    ) -> threading.Thread:
        """Run `work` in a thread; it hangs if it has not ticked for `within_s`."""
        watched = _Watched(name, within_s, time.monotonic())

        def tick() -> None:
            watched.ticked_s = time.monotonic()

        def guarded() -> None:
            try:
                work(tick)
            # A service with a dead thread looks alive and is not: end it as a whole.
            except BaseException as error:
                if self.failure is None:
                    self.failure, self.failed_name = error, name
                log.error(
                    "the thread '%s' of the scanner service died",
                    name,
                    extra={"event": "thread_died"},
                )
                self._stop.set()
            finally:
                with self._lock:
                    self._watched.remove(watched)

        with self._lock:
            self._watched.append(watched)
        # A daemon, for one that hangs in the house must not keep the process alive.
        thread = threading.Thread(target=guarded, name=f"scanner {name}", daemon=True)
        thread.start()
        return thread

    def late(self) -> list[str]:
        """Return the names of those that hang; all is well with none."""
        now_s = time.monotonic()
        with self._lock:
            return [
                it.name for it in self._watched if now_s - it.ticked_s > it.within_s
            ]
