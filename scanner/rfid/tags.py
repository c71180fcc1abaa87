"""What an RFID port makes of its reads: scans, each tag once, and none lost."""

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator

from scanner.protocols.read import Noise, Read, Reply
from scanner.rfid.field import Field, Sighting
from scanner.rfid.presence import TAGS_MAX
from scanner.scan import Scan
from scanner.settings import PortSettings

SET_S = 2.0
"""What tags mean is set with a few cards; until the last of them they mean nothing."""
AGAIN_MIN_S = 1.0
AGAIN_MAX_S = 15.0
"""What could not be saved is offered again after so long at least, and at most.

In between, as long as nothing could be saved already: each time is told, and a disk
that is full must not be filled with the news of it.
"""


class Unsaved:
    """The scans of tags at a port that could not be saved; any thread may call it.

    It outlives its reader: a port that is set anew goes on with it.
    """

    def __init__(self) -> None:
        """Begin with none."""
        # If it overflows the disk has been full for long, and each was told NOT_SAVED.
        self._scans: deque[tuple[float, Scan]] = deque(maxlen=TAGS_MAX)
        self._failing_since_s: float | None = None

    def offer_again(self, scan: Scan) -> None:
        """Take back a scan that could not be saved; nobody is there to scan again."""
        now_s = time.monotonic()
        since_s = self._failing_since_s
        if since_s is None:
            since_s = self._failing_since_s = now_s
        wait_s = min(max(now_s - since_s, AGAIN_MIN_S), AGAIN_MAX_S)
        self._scans.append((now_s + wait_s, scan))

    def saved(self) -> None:
        """Take note that a scan was saved: others may be too."""
        self._failing_since_s = None

    def due(self, now_s: float) -> Iterator[Scan]:
        """Yield, and keep no more, those that are to be offered again by now."""
        while self._scans and self._scans[0][0] <= now_s:
            yield self._scans.popleft()[1]


class Tags:
    """The tags at a port; read in one thread, told what became of them from any."""

    def __init__(self, settings: PortSettings, unsaved: Unsaved) -> None:
        """Begin with nothing in the field, and with what was `unsaved` before."""
        self._field = Field(settings)
        self._lock = threading.Lock()
        self._set_at_s: float | None = None
        """When it was last set what tags mean, if that is news to them."""
        self._unsaved = unsaved

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
        self._start_over_if_due(now_s)
        for item in decoded:
            if isinstance(item, Read):
                yield from self._field.read(item, now_s)
            else:
                yield item
        yield from self._field.tick(now_s)
        yield from self._unsaved.due(now_s)

    def end(self) -> Iterator[Sighting]:
        """Yield what is to be recorded once nothing more is read."""
        yield from self._field.end()

    def offer_again(self, scan: Scan) -> None:
        """Take back a scan that could not be saved."""
        self._unsaved.offer_again(scan)

    def saved(self) -> None:
        """Take note that a scan was saved: others may be too."""
        self._unsaved.saved()

    def start_over(self) -> None:
        """Have the tags that are there by now come again, once no more is set."""
        with self._lock:
            self._set_at_s = time.monotonic()

    def _start_over_if_due(self, now_s: float) -> None:
        with self._lock:
            set_at_s = self._set_at_s
            if set_at_s is None or now_s < set_at_s + SET_S:
                return
            self._set_at_s = None
        self._field.start_over(until_s=set_at_s)
