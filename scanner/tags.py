"""What an RFID port makes of its reads: scans, each tag once, and none lost."""

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator

from scanner.field import Field, Sighting
from scanner.presence import TAGS_MAX
from scanner.protocols.read import Noise, Read, Reply
from scanner.scan import Scan
from scanner.settings import PortSettings

AGAIN_S = 1.0
"""What could not be saved is offered again after so long."""


class Tags:
    """The tags at a port; read in one thread, told what became of them from any."""

    def __init__(self, settings: PortSettings) -> None:
        """Begin with nothing in the field."""
        self._field = Field(settings)
        self._starts_over = threading.Event()
        # If it overflows the disk has been full for long, and each was told NOT_SAVED.
        self._unsaved: deque[tuple[float, Scan]] = deque(maxlen=TAGS_MAX)

    def sightings(
        self,
        decoded: Iterable[Read | Reply | Noise],
        now_s: float,
        *,
        was_opened: bool,
    ) -> Iterator[Sighting | Scan | Reply | Noise]:
        """Yield what is to be recorded, and what else was decoded.

        To be called at every chunk and pause: who left, and what is offered again, is
        told then.
        """
        if was_opened:
            self._field.opened(now_s)
        if self._starts_over.is_set():
            self._starts_over.clear()
            self._field.start_over()
        for item in decoded:
            if isinstance(item, Read):
                yield from self._field.read(item, now_s)
            else:
                yield item
        yield from self._field.tick(now_s)
        while self._unsaved and self._unsaved[0][0] <= now_s:
            yield self._unsaved.popleft()[1]

    def offer_again(self, scan: Scan) -> None:
        """Take back a scan that could not be saved; nobody is there to scan again."""
        self._unsaved.append((time.monotonic() + AGAIN_S, scan))

    def start_over(self) -> None:
        """Have the tags that are there come again."""
        self._starts_over.set()
