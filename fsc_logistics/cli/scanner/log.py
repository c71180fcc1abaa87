"""How the scanner service logs: a line for a person, or an object for a program.

Neither has a payload in it: somebody may have scanned a health card.  The object has
the codes of port, station and scan, and no message of the house, which names devices.
"""

import atexit
import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fsc_logistics.cli.scanner.lines import Lines

if TYPE_CHECKING:
    from scanner.scan import Scan, Verdict

CLOCK = "%Y-%m-%d %H:%M:%S"
"""How a scan and a line of the log say when."""
_NAMED = ("event", "port", "scan_id")
"""What a line of the log may carry beside its words."""


def start_log(kind: str, station: str, zone: ZoneInfo) -> None:
    """Have all that is logged written to stderr, as text or as json.

    Nobody waits for that, as nobody may read it.
    """
    lines = Lines(sys.stderr)
    atexit.register(lines.close)
    handler = _Handler(lines)
    handler.setFormatter(_Objects(station) if kind == "json" else _text(zone))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def scan_line(kind: str, scan: "Scan", verdict: "Verdict", zone: ZoneInfo) -> str:
    """Return what is told of a scan: whoever sees the line may read the message."""
    if kind != "json":
        local = scan.scanned_at.astimezone(zone)
        return (
            f"{local:{CLOCK}} {scan.read_point} {verdict.outcome.value.upper():9}"
            f" {verdict.message}"
        )
    return json.dumps(
        {
            "time": scan.scanned_at.isoformat(timespec="milliseconds"),
            "level": "info",
            "event": "scan",
            "station": scan.station,
            "port": scan.port,
            "scan_id": scan.scan_id,
            "outcome": verdict.outcome.value,
        }
    )


class _Handler(logging.Handler):
    """Puts what is logged before whoever writes it."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Have the line written soon."""
        try:
            self._lines.put(self.format(record))
        except Exception:
            self.handleError(record)


class _Objects(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, station: str) -> None:
        super().__init__()
        self._station = station

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        said: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.name,
            "station": self._station,
            "message": record.getMessage(),
        }
        for name in _NAMED:
            if hasattr(record, name):
                said[name] = getattr(record, name)
        if record.exc_info and record.exc_info[0] is not None:
            # Where and what kind, and not its words: they may quote a payload.
            kind, _, trace = record.exc_info
            said["error"] = kind.__name__
            said["trace"] = "".join(traceback.format_tb(trace))
        return json.dumps(said)


def _text(zone: ZoneInfo) -> logging.Formatter:
    """Return a format whose times are those of the scans, whatever the system's are."""
    form = logging.Formatter("%(asctime)s %(levelname)s %(message)s", datefmt=CLOCK)
    form.converter = lambda at_s: datetime.fromtimestamp(at_s or 0, zone).timetuple()
    return form
