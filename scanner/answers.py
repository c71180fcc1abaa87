"""Who is owed an answer, and what was answered: each scan once, whoever decides it."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from scanner.reader import Arrival, Scanner
from scanner.resend import Resends
from scanner.scan import Outcome, Scan, Verdict
from scanner.spool import Spool, SpoolUnusable

log = logging.getLogger(__name__)

Listener = Callable[[Scan, Verdict], None]

STORED = Verdict(Outcome.STORED, "Saved here; the database is away.")
NOT_SAVED = Verdict(Outcome.NOT_SAVED, "Not saved. Scan it again.")


class Answers:
    """The answers of one station; any thread may call it.

    A scan is owed an answer from when it is journaled until it is answered: with its
    verdict, or with STORED as soon as the house is away.  No port is written under the
    lock.
    """

    def __init__(
        self,
        scanners: Mapping[str, Scanner],
        spool: Spool,
        resends: Resends,
        on_scan: Listener | None,
    ) -> None:
        self._scanners = scanners
        self._spool = spool
        self._resends = resends
        self._on_scan = on_scan
        self._lock = threading.Lock()
        self._owed: dict[str, Scan] = {}
        self._house_away = False
        self._listener_failed = False

    def take_resend(self, arrival: Arrival) -> bool:
        """Answer a resend like what it repeats; return False if it is a new scan."""
        port, raw = arrival.scan.port, arrival.scan.raw
        with self._lock:
            last = self._resends.repeated(port, raw, now_s=arrival.at_s)
            if last is None:
                self._resends.scanned(port, raw, arrival.scan.scan_id)
                return False
            verdict = last.verdict
            if verdict is None and last.restored is not None:
                # Of an earlier start: now somebody does wait for its answer.
                self._owed[last.scan_id] = last.restored
        if verdict is not None:
            self._answer(port, last.scan_id, verdict)
        self._answer_stored()
        return True

    def owe(self, scans: Iterable[Scan]) -> None:
        """Take note of journaled scans; while the house is away, answer them STORED."""
        with self._lock:
            self._owed.update((scan.scan_id, scan) for scan in scans)
        self._answer_stored()

    def settle(self, scan: Scan, verdict: Verdict) -> None:
        """Answer a scan with its verdict, unless it was answered STORED."""
        with self._lock:
            is_owed = self._owed.pop(scan.scan_id, None) is not None
            self._resends.decided(scan, verdict, now_s=time.monotonic())
        if is_owed:
            self._answer(scan.port, scan.scan_id, verdict)
        self._tell(scan, verdict)

    def refuse_unsaved(self, scans: Iterable[Scan]) -> None:
        """Answer scans that are not in the journal."""
        for scan in scans:
            with self._lock:
                self._resends.forget(scan.port)
            self._scanners[scan.port].sound(Outcome.NOT_SAVED)
            self._tell(scan, NOT_SAVED)

    def house_is_away(self, away: bool) -> None:
        """Take note whether the house can be asked; if not, answer all STORED."""
        with self._lock:
            changed = self._house_away != away
            self._house_away = away
        if changed and away:
            log.warning("the database is away; scans are stored until it is back")
        elif changed:
            log.info("the database is back; stored scans are being recorded")
        self._answer_stored()

    def _answer_stored(self) -> None:
        with self._lock:
            if not self._house_away:
                return
            scans = list(self._owed.values())
            self._owed.clear()
            for scan in scans:
                self._resends.decided(scan, STORED, now_s=time.monotonic())
        for scan in scans:
            self._answer(scan.port, scan.scan_id, STORED)
            self._tell(scan, STORED)

    def _answer(self, port: str, scan_id: str, verdict: Verdict) -> None:
        # A scan from an earlier start may be of a port that is no longer there.
        if port not in self._scanners or not self._scanners[port].sound(
            verdict.outcome
        ):
            return
        with self._lock:
            self._resends.answered(port, scan_id, now_s=time.monotonic())
        # It matters only after a restart, and there only for how long.
        with suppress(SpoolUnusable):
            self._spool.mark_answered([scan_id], datetime.now(UTC))

    def _tell(self, scan: Scan, verdict: Verdict) -> None:
        if self._on_scan is None:
            return
        if verdict.forget:
            scan = replace(scan, raw=b"", text="")
        try:
            self._on_scan(scan, verdict)
        # Whatever breaks in somebody's display, such as a closed pipe, must not keep
        # scans from being recorded.
        except Exception as error:
            level = logging.DEBUG if self._listener_failed else logging.WARNING
            self._listener_failed = True
            log.log(level, "the listener failed: %s", type(error).__name__)
