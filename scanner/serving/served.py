"""The scanners that are served: begun, changed and ended one by one, while all run."""

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from scanner.journal.spool import PortNote
from scanner.port import PAUSE_MAX_S
from scanner.reader import Arrival, Scanner
from scanner.rfid.tags import Unsaved
from scanner.scan import Outcome
from scanner.serving.inbox import Inbox
from scanner.serving.threads import Threads, Tick
from scanner.settings import PortSettings, check_follows

END_PATIENCE_S = 5.0
"""A reader that does not end by then is left behind; its port is closed under it."""


def check_ports(ports: Sequence[PortSettings]) -> dict[str, PortSettings]:
    """Return `ports` by their names, if they can be served; none is opened.

    Raises:
        ValueError: two have one name, or one cannot be as it is set.
    """
    named = {port.name: port for port in ports}
    if len(named) < len(ports):
        raise ValueError("Each port needs a name of its own.")
    check_follows(ports)
    for port in ports:
        try:
            Scanner(port, station="")
        except ValueError as error:
            raise ValueError(
                f"the port {port.name} cannot be as it is set: {error}"
            ) from error
    return named


class Served:
    """The scanners there are now; each is read in a thread of its own."""

    def __init__(
        self,
        inbox: Inbox,
        threads: Threads,
        *,
        station: str,
        play: Callable[[Outcome], None] | None,
        hang_s: float,
    ) -> None:
        self._inbox = inbox
        self._threads = threads
        self._station = station
        self._play = play
        self._hang_s = hang_s
        self._scanners: dict[str, Scanner] = {}
        self._settings: dict[str, PortSettings] = {}
        self._readers: dict[str, threading.Thread] = {}
        self._unsaved: dict[str, Unsaved] = {}
        self._closed: list[Scanner] = []
        """What changed there last is still to be told."""
        self.scanners: Mapping[str, Scanner] = MappingProxyType(self._scanners)

    def change_to(
        self,
        ports: Sequence[PortSettings],
        *,
        begin: Callable[[PortSettings], None],
        end: Callable[[str], None],
    ) -> None:
        """Serve `ports` and no others; one that is as it was is not touched.

        `begin` is called before a port is read, `end` after it was closed for good.

        Raises:
            ValueError: two have one name, or one cannot be as it is set; then nothing
                has changed.
        """
        # All of them first: one that cannot be leaves the others as they are.
        wanted = check_ports(ports)
        made = {
            name: Scanner(
                port,
                station=self._station,
                play=self._play,
                unsaved=self._unsaved.setdefault(name, Unsaved()),
            )
            for name, port in wanted.items()
            if self._settings.get(name) != port
        }
        gone = [it for it in self._scanners if it not in wanted or it in made]
        self._end_reading(gone, END_PATIENCE_S)
        for name in gone:
            if name not in wanted or not wanted[name].family.is_rfid:
                self._offer_unsaved(name)
            self._close(name)
            if name not in wanted:
                # Until then, and while it is begun anew, it takes back what could
                # not be saved.
                del self._scanners[name]
                end(name)
        for name, port in wanted.items():
            begin(port)
            if name in made:
                self._begin(port, made[name])

    def end_reading(self, patience_s: float) -> None:
        """Read no more; what was read is in the inbox then."""
        self._end_reading(list(self._scanners), patience_s)
        for name in self._scanners:
            self._offer_unsaved(name)

    def close(self) -> None:
        """Close all ports."""
        for name in list(self._scanners):
            self._close(name)
            del self._scanners[name]

    def notes(self) -> list[PortNote]:
        """Return what changed at ports since it was last asked."""
        asked, self._closed = [*self._closed, *self._scanners.values()], []
        notes = [scanner.note() for scanner in asked]
        return [note for note in notes if note is not None]

    def _begin(self, port: PortSettings, scanner: Scanner) -> None:
        self._scanners[port.name] = scanner
        self._settings[port.name] = port

        def read(tick: Tick) -> None:
            for arrival in scanner.arrivals(tick):
                self._inbox.put(arrival)

        self._readers[port.name] = self._threads.start(
            f"read {port.name}", read, within_s=self._hang_s + port.gap_s + PAUSE_MAX_S
        )

    def _end_reading(self, names: Sequence[str], patience_s: float) -> None:
        for name in names:
            self._scanners[name].end_reading()
        give_up_s = time.monotonic() + patience_s
        for name in names:
            self._readers[name].join(max(0.0, give_up_s - time.monotonic()))

    def _offer_unsaved(self, name: str) -> None:
        """Have what could not be saved at a port tried once more: it is its last."""
        for scan in self._unsaved[name].due(math.inf):
            self._inbox.put(Arrival(scan=scan, at_s=time.monotonic()))

    def _close(self, name: str) -> None:
        scanner = self._scanners[name]
        del self._settings[name], self._readers[name]
        scanner.close()
        self._closed.append(scanner)
