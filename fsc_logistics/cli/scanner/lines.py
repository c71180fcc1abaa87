"""Lines for a screen or a log that perhaps nobody reads: no scan waits for them.

A terminal that was stopped with Ctrl-S, or a pipe whose reader hangs, holds whoever
writes into it.  So a thread of its own writes, and what it cannot is let go.
"""

import threading
from collections import deque
from typing import TextIO

from fsc_logistics.domain.numbers import counted

LINES_MAX = 1000
"""So many lines wait; one more, and the oldest is let go."""
CLOSE_S = 2.0
"""At the end the last lines are waited for so long."""


class Lines:
    """Writes lines in the order they came; any thread may call it, and none waits."""

    def __init__(self, out: TextIO, *, lines_max: int = LINES_MAX) -> None:
        """Write to `out`, from the first line on."""
        self._out = out
        self._lines_max = lines_max
        self._waiting: deque[str] = deque()
        self._dropped_count = 0
        self._is_closing = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def put(self, line: str) -> None:
        """Have `line` written soon."""
        with self._changed:
            if self._is_closing:
                return
            if len(self._waiting) >= self._lines_max:
                self._waiting.popleft()
                self._dropped_count += 1
            self._waiting.append(line)
            if self._thread is None:
                # A daemon: one that hangs must not keep the process alive.
                self._thread = threading.Thread(
                    target=self._write_all, name="scanner lines", daemon=True
                )
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Take no more lines, and wait a moment for the last ones."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(CLOSE_S)

    def _write_all(self) -> None:
        while (text := self._next()) is not None:
            try:
                _write(self._out, text)
            except (OSError, ValueError):
                # A closed pipe: nobody will read what follows either, and the scans
                # are in the ledger.
                continue

    def _next(self) -> str | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closing)
            if not self._waiting:
                return None
            text, count = self._waiting.popleft(), self._dropped_count
            self._dropped_count = 0
        if count:
            missing = counted(count, "line is", "lines are")
            return f"{missing} missing here: nobody read in time.\n{text}\n"
        return f"{text}\n"


def _write(out: TextIO, text: str) -> None:
    """Write, but not through the buffer of `out`: one that hangs stays locked."""
    raw = getattr(getattr(out, "buffer", None), "raw", None)
    if raw is None:
        out.write(text)
        out.flush()
        return
    rest = memoryview(text.encode(out.encoding or "utf-8", "backslashreplace"))
    while rest:
        rest = rest[raw.write(rest) or 0 :]
