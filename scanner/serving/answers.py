"""Who is owed an answer, and what was answered: each scan once, whoever decides it."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from scanner.journal.spool import Spool
from scanner.reader import Arrival, Scanner
from scanner.scan import Outcome, Scan, Verdict
from scanner.serving.inbox import Answered, Held, Inbox
from scanner.serving.resend import Resends
from scanner.telling.board import Board

log = logging.getLogger(__name__)

Listener = Callable[[Scan, Verdict], None]

STORED = Verdict(Outcome.STORED, "Saved here; the database is away.")
QUEUED = Verdict(Outcome.STORED, "Saved here; it waits for those made before it.")
NOT_SAVED = Verdict(Outcome.NOT_SAVED, "Not saved. Scan it again.")


class Answers:
    """The answers of one station; any thread may call it.

    A scan is owed an answer from when it is journaled until it is answered: with its
    verdict, or with STORED as soon as the house is away or it has waited for too long.
    No port is written under the lock.
    """

    def __init__(
        self,
        scanners: Mapping[str, Scanner],
        inbox: Inbox,
        resends: Resends,
        board: Board,
        on_scan: Listener | None,
    ) -> None:
        """`scanners` are those there are now, by their names; they may change."""
        self._scanners = scanners
        self._inbox = inbox
        self._resends = resends
        self._board = board
        self._on_scan = on_scan
        self._lock = threading.Lock()
        self._owed: dict[str, tuple[Scan, float]] = {}
        """Each with since when somebody waits, on the monotonic clock."""
        self._listener_failed = False

    def expect_again(self, port: str, spool: Spool) -> None:
        """Expect the last scan of `port` again, from before this start.

        Raises:
            SpoolUnusable: the spool cannot be read.
        """
        with self._lock:
            self._resends.restore_from(spool, [port])

    def is_resend(self, arrival: Arrival) -> bool:
        """Tell whether a scan is the last one sent again; note one that is new."""
        port, raw = arrival.scan.port, arrival.scan.raw
        with self._lock:
            # A tag that goes in and out again is told of twice, by one read.
            may_be = arrival.scan.direction is None
            if may_be and self._resends.repeated(port, raw, now_s=arrival.at_s):
                return True
            self._resends.scanned(port, raw, arrival.scan.scan_id)
            return False

    def answer_resend(self, arrival: Arrival) -> None:
        """Answer a resend like what it repeats, which is durable."""
        port, raw = arrival.scan.port, arrival.scan.raw
        with self._lock:
            last = self._resends.repeated(port, raw, now_s=arrival.at_s)
            if last is None:  # Something else was scanned since.
                return
            verdict = last.verdict
            if verdict is None and last.restored is not None:
                # Of an earlier start: now somebody does wait for its answer, and has
                # since then.
                waited = arrival.scan.scanned_at - last.restored.scanned_at
                since_s = arrival.at_s - max(0.0, waited.total_seconds())
                self._owed.setdefault(last.scan_id, (last.restored, since_s))
        # Before the outcome: a scanner that waits for this would not take that for it.
        self.confirm(port)
        if verdict is not None:
            self._answer(port, last.scan_id, verdict)
        self._answer_stored()

    def confirm(self, port: str) -> None:
        """Tell a scanner that waits for it that its scan is durable."""
        scanner = self._scanners.get(port)
        if scanner is not None:
            scanner.confirm()

    def owe(self, scans: Sequence[Scan], at_s: Sequence[float]) -> None:
        """Take note of journaled scans; while the house is away, answer them STORED.

        `at_s` is when each was read.
        """
        with self._lock:
            for scan, since_s in zip(scans, at_s, strict=True):
                self._owed[scan.scan_id] = scan, since_s
        self._answer_stored()

    def settle(self, scan: Scan, verdict: Verdict) -> None:
        """Answer a scan with its verdict, unless it was answered STORED."""
        with self._lock:
            owed = self._owed.pop(scan.scan_id, None)
            self._resends.decided(scan, verdict, now_s=time.monotonic())
        if owed is not None:
            self._answer(scan.port, scan.scan_id, verdict)
            _, since_s = owed
            self._board.answer_took.took(time.monotonic() - since_s)
        self._tell(scan, verdict)

    def start_over(self, port: str) -> None:
        """Have read again what lies at readers that follow `port`: it means more now.

        A tag that is told of again is then no resend.
        """
        for name, scanner in list(self._scanners.items()):
            if scanner.follows == port:
                with self._lock:
                    self._resends.forget(name)
                scanner.start_over()

    def refuse_unsaved(self, scans: Iterable[Scan]) -> None:
        """Answer scans that are not in the journal."""
        for scan in scans:
            with self._lock:
                self._resends.forget(scan.port)
            scanner = self._scanners.get(scan.port)
            if scanner is not None:
                scanner.unsaved(scan)
            self._tell(scan, NOT_SAVED)

    def house_is_away(self, away: bool, *, reason: str = "") -> None:
        """Take note whether the house can be asked; if not, answer all STORED.

        `reason` is told to those on duty, again when it is another one.
        """
        with self._lock:
            before = self._board.house_away, self._board.house_away_reason
            changed = before != (away, reason)
            self._board.house_away, self._board.house_away_reason = away, reason
        if changed and away:
            log.warning(
                "the database is away; scans are stored until it is back: %s",
                reason or "it does not say why",
                extra={"event": "house_away"},
            )
        elif changed:
            log.info(
                "the database is back; stored scans are being recorded",
                extra={"event": "house_back"},
            )
        self._answer_stored()

    def store_older(self, since_s: float) -> None:
        """Answer STORED who has waited since then, on the monotonic clock, or longer.

        While what was stored is being recorded, what is scanned waits behind it.
        """
        self._store(lambda scan_since_s: scan_since_s <= since_s, QUEUED)

    def _answer_stored(self) -> None:
        self._store(lambda _: self._board.house_away, STORED)

    def _store(self, is_due: Callable[[float], bool], verdict: Verdict) -> None:
        with self._lock:
            scans = [scan for scan, since_s in self._owed.values() if is_due(since_s)]
            for scan in scans:
                del self._owed[scan.scan_id]
                self._resends.decided(scan, verdict, now_s=time.monotonic())
        for scan in scans:
            self._answer(scan.port, scan.scan_id, verdict)
            self._tell(scan, verdict)

    def _answer(self, port: str, scan_id: str, verdict: Verdict) -> None:
        scanner = self._scanners.get(port)
        if scanner is None:  # Of an earlier start, or no longer in the settings.
            return
        held = None
        if verdict.holds and scanner.holds:
            held = Held(port)
            self._inbox.put(held)
        was_heard = scanner.sound(verdict.outcome)
        if held is not None:
            held.decide(was_heard)
        if was_heard:
            with self._lock:
                self._resends.answered(port, scan_id, now_s=time.monotonic())
            # It matters only after a restart, and there only for how long.
            self._inbox.put(Answered(scan_id, datetime.now(UTC)))

    def _tell(self, scan: Scan, verdict: Verdict) -> None:
        self._board.told(scan, verdict)
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
