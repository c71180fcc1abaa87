"""What the service shows of itself: to a screen, to those on duty, never a payload."""

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scanner.journal.spool import PortNote
from scanner.scan import Outcome, Scan, Verdict
from scanner.settings import PortSettings
from scanner.telling.latencies import Latencies

LAST_MAX = 20
"""So many scans of a port are shown."""
BEGAN = "since"
"""The fact that says when what a scan was made in was set: a count begins there."""
COUNTS_AS = "counts_as"
"""The fact of a scan that is told worse than it was recorded: what it is counted as."""
TAKES_BACK = "takes_back"
"""The fact of a scan that takes back another: what that one was counted as."""
TAKEN_BACK = "taken_back"
"""The fact of the same: the id of that other scan."""
COUNTED_MAX = 2000
"""So many scans are known by the port that counts them: whoever takes one back does so
at the scanner which his reader of tags follows."""


@dataclass(slots=True)
class Shown:
    """One scan as it is shown."""

    scan_id: str
    scanned_at: datetime
    verdict: Verdict
    is_late: bool = False
    """It waited, was answered STORED, and this verdict came after."""


@dataclass(slots=True)
class Panel:
    """One port as it is shown."""

    settings: PortSettings
    is_open: bool = False
    error: str = ""
    """Why it is away; empty while it is open."""
    noise_count: int = 0
    context: str = ""
    last: deque[Shown] = field(default_factory=lambda: deque(maxlen=LAST_MAX))
    """The newest first."""
    counts: Counter[Outcome] = field(default_factory=Counter)
    """Since the operator last set something: a scan that waited counts once."""
    counts_since: datetime | None = None
    began: str = ""
    """When that was set, as the house says it."""
    stored: set[str] = field(default_factory=set)
    """The scans that were answered STORED, and are not checked yet."""


class Board:
    """How the service and its ports fare, in memory; any thread may call it."""

    def __init__(self, station: str, *, waiting_count: int, failed_count: int) -> None:
        self._station = station
        self._started_at = datetime.now(UTC)
        self._lock = threading.Lock()
        self._panels: dict[str, Panel] = {}
        self._totals: Counter[tuple[str, Outcome]] = Counter()
        self._last_at: dict[str, datetime] = {}
        self._counted_at: OrderedDict[str, str] = OrderedDict()
        """At which port each of the last scans is counted."""
        self._waiting_count = waiting_count
        self._failed_count = failed_count
        self.journal_took = Latencies()
        """From the last byte of a code until it was durable."""
        self.answer_took = Latencies()
        """From the last byte of a code until its verdict was sounded."""
        self.is_saving = True
        """Whether the spool took what it was last given."""
        self.is_robbed = False
        """Whether answered scans of before the start may be lost."""
        self.house_away = False
        self.house_away_reason = ""

    def serve(self, settings: PortSettings, context: str) -> None:
        """Show a port; one of that name that is there already goes on counting."""
        with self._lock:
            panel = self._panels.pop(settings.name, Panel(settings))
            panel.settings, panel.context = settings, context
            self._panels[settings.name] = panel

    def drop(self, port: str) -> None:
        """Show a port no more."""
        with self._lock:
            self._panels.pop(port, None)

    def note(self, notes: Sequence[PortNote]) -> None:
        """Show what changed at ports."""
        with self._lock:
            for note in notes:
                panel = self._panels.get(note.port)
                if panel is not None:
                    panel.is_open = note.is_open
                    panel.error = "" if note.is_open else note.error
                    panel.noise_count += note.noise_added_count

    def saved(self, scans: Sequence[Scan], contexts: Mapping[str, str]) -> None:
        """Take note of journaled scans, and of the contexts after them."""
        with self._lock:
            self._waiting_count += len(scans)
            for panel in self._panels.values():
                panel.context = contexts.get(panel.settings.set_at, panel.context)
            for scan in scans:
                self._last_at[scan.port] = scan.scanned_at

    def settled(self, count: int, *, failed: bool) -> None:
        """Take note that so many scans wait no more."""
        with self._lock:
            self._waiting_count -= count
            if failed:
                self._failed_count += count

    def told(self, scan: Scan, verdict: Verdict) -> None:
        """Show a scan and its verdict; a late verdict takes the place of STORED."""
        with self._lock:
            self._totals[scan.port, verdict.outcome] += 1
            panel = self._panels.get(scan.port)
            if panel is None:
                return
            is_late = scan.scan_id in panel.stored
            if is_late:
                panel.stored.discard(scan.scan_id)
                panel.counts[Outcome.STORED] -= 1
            self._show(panel, scan, verdict, is_late=is_late)
            began = verdict.facts.get(BEGAN, "")
            if began and began != panel.began:
                self._count_anew(panel.settings.set_at, began, scan.scanned_at)
            panel.counts_since = panel.counts_since or scan.scanned_at
            if TAKES_BACK in verdict.facts:
                self._take_back(panel, verdict)
                return
            panel.counts[Outcome(verdict.facts.get(COUNTS_AS, verdict.outcome))] += 1
            self._counted_at[scan.scan_id] = scan.port
            if len(self._counted_at) > COUNTED_MAX:
                self._counted_at.popitem(last=False)
            if verdict.outcome is Outcome.STORED:
                panel.stored.add(scan.scan_id)

    def _take_back(self, undone_at: Panel, verdict: Verdict) -> None:
        """Take a scan off the count it is in, if that goes on."""
        port = self._counted_at.pop(verdict.facts.get(TAKEN_BACK, ""), None)
        panel = undone_at if port is None else self._panels.get(port)
        outcome = Outcome(verdict.facts[TAKES_BACK])
        # Not below nothing: what is taken back may be of the count before.
        if panel is not None and panel.counts[outcome] > 0:
            panel.counts[outcome] -= 1

    def _show(
        self, panel: Panel, scan: Scan, verdict: Verdict, *, is_late: bool
    ) -> None:
        """Show a scan as the last one; one that is checked late where it stands."""
        if not is_late:
            panel.last.appendleft(Shown(scan.scan_id, scan.scanned_at, verdict))
            return
        for shown in panel.last:
            if shown.scan_id == scan.scan_id:
                shown.verdict, shown.is_late = verdict, True

    def _count_anew(self, set_at: str, began: str, moment: datetime) -> None:
        """Count anew wherever what is set at `set_at` counts.

        What waits there was scanned later, as all is checked in its order.
        """
        for panel in self._panels.values():
            if panel.settings.set_at == set_at:
                panel.counts = Counter({Outcome.STORED: len(panel.stored)})
                # Of something set before the start only the rest is counted.
                is_card = datetime.fromisoformat(began) == moment
                panel.counts_since = moment if is_card else None
                panel.began = began

    def totals(self) -> dict[tuple[str, Outcome], int]:
        """Return how often each outcome was told of each port since the start."""
        with self._lock:
            return dict(self._totals)

    def last_scans(self) -> dict[str, datetime]:
        """Return when the last scan of each port was made, of those since the start."""
        with self._lock:
            return dict(self._last_at)

    def waiting_count(self) -> int:
        """Return how many scans wait for the house."""
        return self._waiting_count

    def failed_count(self) -> int:
        """Return over how many scans the house broke; they are tried at a restart."""
        return self._failed_count

    def panels(self) -> list[Panel]:
        """Return the ports, in the order they were named; their fields live on."""
        with self._lock:
            return list(self._panels.values())

    def as_json(self) -> dict[str, Any]:
        """Return all of it for a screen, as values JSON knows; no payload is in it."""
        with self._lock:
            return {
                "station": self._station,
                "started_at": self._started_at.isoformat(),
                "now": datetime.now(UTC).isoformat(),
                "is_saving": self.is_saving,
                "house_away": self.house_away,
                "waiting_count": self._waiting_count,
                "failed_count": self._failed_count,
                "ports": [_panel_json(panel) for panel in self._panels.values()],
            }


def _panel_json(panel: Panel) -> dict[str, Any]:
    since = panel.counts_since
    return {
        "name": panel.settings.name,
        "read_point": panel.settings.read_point,
        "set_at": panel.settings.set_at,
        "is_open": panel.is_open,
        "error": panel.error,
        "noise_count": panel.noise_count,
        "context": panel.context,
        "counts": {it.value: n for it, n in sorted(panel.counts.items()) if n > 0},
        "counts_since": None if since is None else since.isoformat(),
        "last": [
            {
                "scan_id": shown.scan_id,
                "moment": shown.scanned_at.isoformat(),
                "outcome": shown.verdict.outcome.value,
                "message": shown.verdict.message,
                "facts": dict(shown.verdict.facts),
                "is_late": shown.is_late,
            }
            for shown in panel.last
        ],
    }
