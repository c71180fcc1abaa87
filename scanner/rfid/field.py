"""What an RFID reader has around it: from reads over and over to one scan a tag."""

from collections.abc import Iterator
from dataclasses import dataclass

from scanner.protocols.read import Noise, Read
from scanner.rfid.portal import Passage
from scanner.rfid.presence import TAGS_MAX, Left, Presence
from scanner.scan import Direction
from scanner.settings import PortSettings


@dataclass(frozen=True, slots=True)
class Sighting:
    """A tag came, or went through: to be recorded, once."""

    read: Read
    """The one that made it present."""
    at_s: float
    """When it came or was seen last, on the monotonic clock."""
    direction: Direction | None = None
    """None where there is no portal."""


class Field:
    """The tags around one reader; pure, the clock is the caller's."""

    def __init__(self, settings: PortSettings, *, tags_max: int = TAGS_MAX) -> None:
        """Tell of tags as they come, or at a portal as they have gone through."""
        self._settings = settings
        self._presence = Presence(
            presence_s=settings.presence_s,
            reads_min=settings.reads_needed,
            rssi_min_dbm=settings.rssi_min_dbm,
            tags_max=tags_max,
        )
        self._is_portal = bool(settings.portal_antennas)
        self._passages: dict[str, Passage] = {}

    def read(self, read: Read, now_s: float) -> Iterator[Sighting | Noise]:
        """Take a read; yield what is to be recorded by now."""
        yield from self.tick(now_s)
        if self._is_portal and read.antenna not in self._settings.portal_antennas:
            yield Noise.ANTENNA
            return
        counts = self._presence.counts(read)
        for event in self._presence.read(read, now_s):
            if isinstance(event, Left):
                yield from self._left(event)
            elif isinstance(event, Noise):
                yield event
            elif not self._is_portal:
                yield Sighting(event.read, now_s)
        if self._is_portal and counts:
            yield from self._passing(read, now_s)

    def tick(self, now_s: float) -> Iterator[Sighting]:
        """Take note of the time: who was not read for long enough has left."""
        for left in self._presence.gone(now_s):
            yield from self._left(left)

    def end(self) -> Iterator[Sighting]:
        """Yield what is to be recorded of tags in a portal that is read no more."""
        for left in self._presence.end():
            yield from self._left(left)

    def opened(self, now_s: float) -> None:
        """Take note that the reader was away until now, and saw nobody leave."""
        self._presence.blind_until(now_s)

    def start_over(self, *, until_s: float) -> None:
        """Have tags that had come by then come again, if they are still there.

        Not at a portal: what stands in it has not gone through.
        """
        if not self._is_portal:
            self._presence.forget(until_s=until_s)

    def _passing(self, read: Read, now_s: float) -> Iterator[Sighting]:
        passage = self._passages.get(read.text)
        if passage is None:
            passage = self._passages[read.text] = Passage(
                at_s=now_s,
                presence_s=self._settings.presence_s,
                apart_s=self._settings.portal_apart_s,
            )
        passage.add(
            is_inside=read.antenna == self._settings.portal_antennas[0],
            rssi_dbm=read.rssi_dbm,
            at_s=now_s,
        )
        came = self._presence.came(read.text)
        direction = passage.passed() if came is not None else None
        if came is not None and direction is not None:
            yield Sighting(came, now_s, direction)

    def _left(self, left: Left) -> Iterator[Sighting]:
        passage = self._passages.pop(left.text, None)
        direction = passage.left() if passage is not None else None
        if left.came is not None and direction is not None:
            yield Sighting(left.came, left.seen_at_s, direction)
