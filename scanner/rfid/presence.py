"""Which tags are there: reads over and over become one coming and one going.

A reader tells of a tag some ten times a second while it is in the field, and misses it
as often: read rates of 60 to 70 % are normal.  So a tag is there once it was read often
enough within a window, and gone when it was not read for the whole of one.
Source: Jeffery, Garofalakis, Franklin: Adaptive Cleaning for RFID Data Streams (VLDB
2006); `tests/scanner/test_presence.py` says how often a window of what length errs.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from scanner.protocols.read import Noise, Read

TAGS_MAX = 10_000
"""So many tags are kept apart; a field that holds more drops the longest unread."""
STAY_DB = 6.0
"""A tag that is there stays so at this much less than the floor.

Its signal goes up and down with every hand that moves between it and the antenna; at
the floor itself it would come and go all day.
"""


@dataclass(frozen=True, slots=True)
class Came:
    """A tag is there."""

    read: Read
    """The one that decided it."""


@dataclass(frozen=True, slots=True)
class Left:
    """A tag that was read is read no more."""

    text: str
    came: Read | None
    """The one by which it had come; None: it was read too seldom to be there."""
    seen_at_s: float
    """When it was read last."""


@dataclass(slots=True)
class _Tag:
    """A tag that was read within the window."""

    seen_at_s: float
    counted_at_s: deque[float]
    """When it was read strongly, as often as it takes to be there."""
    came: Read | None = None
    came_at_s: float = 0.0


class Presence:
    """The tags at one read point; the clock is the caller's, and never goes back.

    Memory is bounded by `tags_max`.
    """

    def __init__(
        self,
        *,
        presence_s: float,
        reads_min: int,
        rssi_min_dbm: float | None = None,
        tags_max: int = TAGS_MAX,
    ) -> None:
        """Expect reads; where a reader tells no signal, none is too weak."""
        self._presence_s = presence_s
        self._reads_min = reads_min
        self._floor_dbm = rssi_min_dbm
        self._tags_max = tags_max
        # By when they were read last, the longest ago first.
        self._tags: OrderedDict[str, _Tag] = OrderedDict()

    def read(self, read: Read, now_s: float) -> Iterator[Came | Left | Noise]:
        """Take a read; yield what it changes, and which tags had left before it."""
        yield from self.gone(now_s)
        if not self.counts(read):
            return
        tag = self._tags.get(read.text)
        if tag is None:
            tag = _Tag(now_s, deque(maxlen=self._reads_min))
            self._tags[read.text] = tag
        tag.seen_at_s = now_s
        self._tags.move_to_end(read.text)
        if tag.came is None:
            tag.counted_at_s.append(now_s)
            if self._is_enough(tag.counted_at_s):
                tag.came, tag.came_at_s = read, now_s
                yield Came(read)
        yield from self._make_room()

    def gone(self, now_s: float) -> Iterator[Left]:
        """Yield the tags that have left by now."""
        while self._tags:
            text = next(iter(self._tags))
            if now_s - self._tags[text].seen_at_s <= self._presence_s:
                return
            yield self._dropped(text)

    def end(self) -> Iterator[Left]:
        """Yield the tags that are left when nothing more is read."""
        while self._tags:
            yield self._dropped(next(iter(self._tags)))

    def blind_until(self, now_s: float) -> None:
        """Take note that nothing could be read until now: no tag left unseen."""
        for tag in self._tags.values():
            tag.seen_at_s = now_s

    def came(self, text: str) -> Read | None:
        """Return by which read a tag came that is there; None if it is not."""
        tag = self._tags.get(text)
        return tag.came if tag is not None else None

    def counts(self, read: Read) -> bool:
        """Tell whether a read is strong enough to count."""
        if self._floor_dbm is None or read.rssi_dbm is None:
            return True
        needed_db = STAY_DB if self.came(read.text) is not None else 0.0
        return read.rssi_dbm >= self._floor_dbm - needed_db

    def forget(self, *, until_s: float) -> None:
        """Forget the tags that had come by then, so that they come again."""
        for text, tag in list(self._tags.items()):
            if tag.came is not None and tag.came_at_s <= until_s:
                del self._tags[text]

    def _is_enough(self, counted_at_s: deque[float]) -> bool:
        return (
            len(counted_at_s) == self._reads_min
            and counted_at_s[-1] - counted_at_s[0] <= self._presence_s
        )

    def _make_room(self) -> Iterator[Left | Noise]:
        if len(self._tags) > self._tags_max:
            yield self._dropped(next(iter(self._tags)))
            yield Noise.CROWDED

    def _dropped(self, text: str) -> Left:
        tag = self._tags.pop(text)
        return Left(text, tag.came, tag.seen_at_s)
