"""One scanner: its port, what its bytes mean, and how it is answered."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scanner.journal.spool import PortNote
from scanner.port import Port, PortAway
from scanner.protocols.read import Decoder, Noise, Read, Reply
from scanner.rfid.chorus import Chorus
from scanner.rfid.field import Sighting
from scanner.rfid.tags import Tags, Unsaved
from scanner.scan import Outcome, Scan, new_scan_id
from scanner.settings import PortSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A scan as it came: not journaled, so without a number and a context."""

    scan: Scan
    at_s: float
    """When, on the monotonic clock."""


class Scanner:
    """A scanner at a station: read in its own thread, answered from any."""

    def __init__(
        self,
        settings: PortSettings,
        *,
        station: str,
        play: Callable[[Outcome], None] | None = None,
        unsaved: Unsaved | None = None,
    ) -> None:
        """`unsaved` is what tags could not be saved at this port before."""
        self._settings = settings
        self._play = play if settings.speaker else None
        self._station = station
        self._profile = settings.profile
        self._decoder = settings.family.decoder()
        self._tags = (
            Tags(settings, unsaved or Unsaved()) if settings.family.is_rfid else None
        )
        self._chorus = Chorus(self._answer)
        self._port = Port(
            settings.url,
            baud=settings.line_baud,
            framing=settings.framing,
            gap_s=settings.gap_s,
            name=settings.name,
            on_change=self._changed_to,
        )
        self._lock = threading.Lock()
        self._is_open = False
        self._error = ""
        self._noise_added_count = 0
        self._changed = True
        self._noise_told: set[Noise] = set()

    def arrivals(self, tick: Callable[[], None] | None = None) -> Iterator[Arrival]:
        """Yield the codes as they are scanned, until `end_reading`.

        `tick` is called over and over meanwhile, also while the port is away.

        Noise is answered at once like a scan that could not be saved, for that is what
        it is to the operator; it is counted, and no byte of it is kept or logged.  Of a
        tag it is none: it is read again.
        """
        for chunk in self._port.chunks(tick):
            for item in self._meanings(chunk):
                if isinstance(item, Sighting):
                    yield self._arrival(item)
                elif isinstance(item, Scan):
                    yield Arrival(scan=item, at_s=time.monotonic())
                elif isinstance(item, Reply):
                    self._send(item.data)
                else:
                    self._noise(item)
                    # Who has just put a cable back does not wait for an answer, and it
                    # would be taken for that of the next scan.
                    if chunk is not None and self._tags is None:
                        self.sound(Outcome.NOT_SAVED)
        if self._tags is not None:
            # A tag in a portal has come, and nobody will see it leave.
            for sighting in self._tags.end():
                yield self._arrival(sighting)

    @property
    def holds(self) -> bool:
        """Whether a wrong scan stops the operator until he says OK."""
        return self._settings.holds

    def confirm(self) -> None:
        """Tell a scanner that waits for it that its scan is durable."""
        self._send(self._profile.saved)

    def sound(self, outcome: Outcome) -> bool:
        """Answer; return whether the answer went out, if only into silence.

        A reader of tags is answered soon, for all that are answered meanwhile.
        """
        if self._tags is None:
            return self._answer(outcome)
        if outcome is not Outcome.NOT_SAVED:
            self._tags.saved()
        self._chorus.add(outcome)
        return True

    def unsaved(self, scan: Scan) -> None:
        """Answer a scan that could not be saved; a tag cannot scan itself again."""
        if self._tags is not None:
            self._tags.offer_again(scan)
        self.sound(Outcome.NOT_SAVED)

    def start_over(self) -> None:
        """Have the tags that lie here read again: what they mean has been set."""
        if self._tags is not None:
            self._tags.start_over()

    @property
    def follows(self) -> str:
        """The port whose mode, place and person count here too; or nothing."""
        return self._settings.follows

    def _answer(self, outcome: Outcome) -> bool:
        if self._play is not None:
            self._play(outcome)
        return self._send(self._profile.sounds[outcome])

    def _send(self, data: bytes) -> bool:
        try:
            if data:
                self._port.write(data)
        except PortAway as error:
            log.debug("scanner %s was not answered: %s", self._settings.name, error)
            return False
        return True

    def note(self) -> PortNote | None:
        """Return what changed since it was last asked, or None if nothing did."""
        with self._lock:
            if not self._changed:
                return None
            note = PortNote(
                port=self._settings.name,
                is_open=self._is_open,
                error=self._error,
                noise_added_count=self._noise_added_count,
            )
            self._changed, self._noise_added_count = False, 0
            return note

    def end_reading(self) -> None:
        """Have `arrivals` end soon; it can still be answered."""
        self._port.end_reading()

    def close(self) -> None:
        """Close the port."""
        self._chorus.close()
        self._port.close()
        self._changed_to(False, "")

    def _meanings(
        self, chunk: bytes | None
    ) -> Iterator[Sighting | Scan | Reply | Noise]:
        now_s = time.monotonic()
        decoded = _decoded(self._decoder, chunk)
        if self._tags is not None:
            yield from self._tags.sightings(decoded, now_s, was_opened=chunk is None)
            return
        for item in decoded:
            yield Sighting(item, now_s) if isinstance(item, Read) else item

    def _arrival(self, sighting: Sighting) -> Arrival:
        now_s, read = time.monotonic(), sighting.read
        moment = datetime.now(UTC)
        if self._tags is not None:
            # A tag is told of when it has gone through, and was there before that.  Not
            # so a code: two clocks less each other would put those of a burst, which
            # are a microsecond apart, into another order than they came in.
            moment -= timedelta(seconds=now_s - sighting.at_s)
        scan = Scan(
            scan_id=new_scan_id(moment),
            station=self._station,
            station_seq=0,
            port=self._settings.name,
            read_point=self._settings.read_point,
            scanned_at=moment,
            raw=read.raw,
            text=read.text,
            symbology=read.symbology,
            context="",
            direction=sighting.direction,
        )
        return Arrival(scan=scan, at_s=now_s)

    def _noise(self, noise: Noise) -> None:
        with self._lock:
            self._noise_added_count += 1
            self._changed = True
        # Each kind once as a warning; a wrong setting comes with every scan.
        level = logging.DEBUG if noise in self._noise_told else logging.WARNING
        self._noise_told.add(noise)
        log.log(
            level,
            "scanner %s: %s",
            self._settings.name,
            noise.value,
            extra={"event": "noise", "port": self._settings.name},
        )

    def _changed_to(self, is_open: bool, error: str) -> None:
        with self._lock:
            self._is_open, self._error, self._changed = is_open, error, True


def _decoded(decoder: Decoder, chunk: bytes | None) -> Iterator[Read | Reply | Noise]:
    """Yield what a chunk means; what it is when there is none, `Port.chunks` says."""
    if chunk:
        yield from decoder.feed(chunk)
        return
    yield from decoder.silence()
    if chunk is None:
        yield from decoder.opened()
