"""The scanner's end of a pseudo-terminal, as plain and as quick as can be."""

import os
import select
import tty
from time import perf_counter

END = b"\r"
PATIENCE_S = 60.0


class Line:
    """A scanner that sends, and hears how it is answered."""

    def __init__(self) -> None:
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.device = os.ttyname(self._slave)

    def close(self) -> None:
        """Pull the plug."""
        os.close(self.master)
        os.close(self._slave)

    def send(self, data: bytes) -> None:
        """Send all of `data`; wait where the other end is slow to take it."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.master, rest) :]

    def hear(self, timeout_s: float = PATIENCE_S) -> bytes:
        """Return what comes next.

        Raises:
            TimeoutError: nothing did.
        """
        ready, _, _ = select.select([self.master], [], [], timeout_s)
        if not ready:
            raise TimeoutError(f"no answer at {self.device}")
        return os.read(self.master, 65536)

    def ask(self, text: str) -> float:
        """Scan `text`; return how long its answer took, seconds from its last byte."""
        self.send(text.encode() + END)
        begun = perf_counter()
        self.hear()
        return perf_counter() - begun
