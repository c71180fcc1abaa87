"""Tell a scanner that sends a scan again from an operator who scans again.

A scanner that missed its answer sends the same bytes once more, and to record them
twice would be wrong.  So the same bytes from the same port count as a resend

* while the scan they repeat has no verdict yet: one answer will do for both;
* within `resend_within_s` of its last answer: it is answered again, as before;
* within `resend_unanswered_s`, if its answer never went out because the port was away;
* so soon after a start, if the service was killed before it could answer, and that is
  not longer ago than `resend_restart_s`;

and only if nothing else was scanned at that port in between.  An operator who scans the
same code twice on purpose within that time is taken for a scanner: nobody can tell.
For a device that is right (it is where it is); an UNDO card undoes once, and is scanned
again after the time is over, or after any other code.
"""

import hashlib
import math
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from scanner.journal.spool import Spool
from scanner.journal.spool_rows import Journaled
from scanner.scan import Scan, Verdict


@dataclass(slots=True)
class Last:
    """The last scan of a port; what changes is how it was answered."""

    digest: bytes
    scan_id: str
    until_s: float = math.inf
    """Until when, on the monotonic clock, the same bytes are a resend of it."""
    verdict: Verdict | None = None
    restored: Scan | None = None
    """The scan, where it was made before this start: nobody waits for its answer."""


class Resends:
    """The last scan of each port.

    Of a payload it keeps no more than a digest under a key that lives as long as this
    object: somebody may have scanned a health card.
    """

    def __init__(
        self, *, within_s: float, unanswered_s: float, restart_s: float
    ) -> None:
        self._within_s = within_s
        self._unanswered_s = unanswered_s
        self._restart_s = restart_s
        self._key = secrets.token_bytes(16)
        self._last: dict[str, Last] = {}

    def restore_from(self, spool: Spool, ports: Iterable[str]) -> None:
        """Take the last scan of each port from before this start out of the journal.

        Raises:
            SpoolUnusable: the spool cannot be read.
        """
        now_s, now = time.monotonic(), datetime.now(UTC)
        for port in ports:
            journaled = spool.last_of(port)
            if journaled is not None:
                self.restore(port, journaled, now_s=now_s, now=now)

    def restore(
        self, port: str, journaled: Journaled, *, now_s: float, now: datetime
    ) -> None:
        """Expect again the scan that was the last of `port` before this start.

        How long ago it was is read off the wall clock, which may have been put back:
        no scan is then expected again for longer than if it were made now.
        """
        since = journaled.answered_at or journaled.scan.scanned_at
        age_s = max(0.0, (now - since).total_seconds())
        if journaled.answered_at is not None:
            left_s = self._within_s - age_s
        elif age_s <= self._restart_s:
            # Who was waiting could not scan again before now.
            left_s = self._unanswered_s
        else:
            left_s = -math.inf
        self._last[port] = Last(
            digest=self._digest(journaled.scan.raw),
            scan_id=journaled.scan.scan_id,
            until_s=now_s + left_s,
            verdict=journaled.verdict,
            restored=journaled.scan,
        )

    def repeated(self, port: str, raw: bytes, *, now_s: float) -> Last | None:
        """Return the scan that `raw` repeats, or None if it is a scan of its own."""
        last = self._last.get(port)
        if last is None or last.digest != self._digest(raw) or now_s > last.until_s:
            return None
        return last

    def scanned(self, port: str, raw: bytes, scan_id: str) -> None:
        """Take note of a new scan, now the last of `port`."""
        self._last[port] = Last(digest=self._digest(raw), scan_id=scan_id)

    def decided(self, scan: Scan, verdict: Verdict, *, now_s: float) -> None:
        """Take note of a verdict that was not heard yet."""
        last = self._last.get(scan.port)
        if last is not None and last.scan_id == scan.scan_id and last.verdict is None:
            last.verdict = verdict
            last.until_s = min(last.until_s, now_s + self._unanswered_s)

    def answered(self, port: str, scan_id: str, *, now_s: float) -> None:
        """Take note that the verdict went out."""
        last = self._last.get(port)
        if last is not None and last.scan_id == scan_id:
            last.until_s = now_s + self._within_s

    def forget(self, port: str) -> None:
        """Take note that something was scanned that could not be saved."""
        self._last.pop(port, None)

    def _digest(self, raw: bytes) -> bytes:
        return hashlib.blake2b(raw, key=self._key).digest()
