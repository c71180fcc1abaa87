"""The applier: asks the house what each journaled scan means, in their order."""

import logging
import math
import threading
import time
import traceback
from collections.abc import Callable, Sequence

from scanner.journal.spool import Mark, Spool
from scanner.scan import Outcome, Record, Scan, Unavailable, Verdict
from scanner.serving.answers import Answers
from scanner.serving.inbox import Inbox, Settled
from scanner.serving.threads import IDLE_TICK_S
from scanner.settings import Timing
from scanner.telling.board import Board

log = logging.getLogger(__name__)

BATCH_MAX = 100
"""So many scans at most are recorded at once; the first waits for the last of them."""
BATCH_S = 1.0
"""So long a batch may take: a slow house is handed fewer at once, for a kill undoes
all of a batch, and with batches that outlast the time between two kills none would
ever be recorded."""

FAULT = Verdict(Outcome.REFUSED, "A fault kept this scan from being recorded.")


class Applier:
    """Takes scans out of the journal until all are recorded, or time is up."""

    def __init__(
        self,
        inbox: Inbox,
        spool: Spool,
        answers: Answers,
        board: Board,
        record: Record,
        timing: Timing,
    ) -> None:
        self._inbox = inbox
        self._spool = spool
        self._answers = answers
        self._board = board
        self._record = record
        self._timing = timing
        self._journaled_seq = spool.last_seq()
        self._journaled = threading.Event()
        self._all_journaled = threading.Event()
        self._give_up_s = math.inf
        self._asking = threading.Lock()
        self._asked_s: float | None = None
        self._batch_count = 1
        """How many are recorded at once now."""

    def journaled(self, seq: int) -> None:
        """Take note that all scans up to this number are durable, and may be asked."""
        self._journaled_seq = seq
        self._journaled.set()

    def finish(self, give_up_s: float) -> None:
        """End when all that is journaled is recorded, or at `give_up_s` at the latest.

        That is on the monotonic clock.
        """
        self._give_up_s = give_up_s
        self._all_journaled.set()
        self._journaled.set()

    def wait_no_longer(self) -> None:
        """Take a house that has not answered for too long for one that is away."""
        # Locked, or it could be called away just after it has answered.
        with self._asking:
            asked_s = self._asked_s
            if asked_s is None or time.monotonic() - asked_s < self._timing.patience_s:
                return
            if self._board.house_away:
                return  # Why is known, and better.
            self._answers.house_is_away(
                True,
                reason=f"It has not answered for {self._timing.patience_s:g} seconds.",
            )

    def run(self, tick: Callable[[], None]) -> None:
        """Apply until `finish`; call `tick` whenever the house is not being asked."""
        done_seq = 0
        pause_s = self._timing.retry_min_s
        while time.monotonic() < self._give_up_s:
            tick()
            self._journaled.clear()
            is_last = self._all_journaled.is_set()
            scans = self._spool.waiting(
                after_seq=done_seq,
                to_seq=self._journaled_seq,
                count_max=self._batch_count,
            )
            settled_count = self._settle(scans)
            if settled_count:
                done_seq = scans[settled_count - 1].station_seq
                pause_s = self._timing.retry_min_s
            elif is_last:
                break
            elif not scans:
                self._journaled.wait(IDLE_TICK_S)
            else:
                self._all_journaled.wait(pause_s)
                pause_s = min(2 * pause_s, self._timing.retry_max_s)

    def _settle(self, scans: Sequence[Scan]) -> int:
        """Have the house record `scans`, and answer; return how many it did record.

        They are asked for together, for a commit costs more than a scan.  Where it
        breaks over one of them, each is asked for alone: one scan over which the house
        breaks must not stop those behind it.
        """
        if not scans:
            return 0
        failed = False
        asked_s = time.monotonic()
        self._ask_since(asked_s)
        try:
            verdicts = self._record(scans)
        except Unavailable as error:
            self._batch_count = 1
            self._answers.house_is_away(True, reason=str(error))
            return 0
        except Exception as error:
            if len(scans) > 1:
                return self._settle_each(scans)
            verdicts, failed = [FAULT], True
            _log_fault(scans[0], error)
        finally:
            self._ask_since(None)
        self._size_batch(len(scans), time.monotonic() - asked_s)
        self._answers.house_is_away(False)
        settled = list(zip(scans, verdicts, strict=True))
        self._board.settled(len(settled), failed=failed)
        for scan, verdict in settled:
            self._answers.settle(scan, verdict)
        # Behind the answer: who is not marked is asked again and is answered the same.
        self._inbox.put(
            Settled(
                tuple(
                    Mark(scan=scan, verdict=verdict, failed=failed)
                    for scan, verdict in settled
                )
            )
        )
        return len(scans)

    def _ask_since(self, asked_s: float | None) -> None:
        with self._asking:
            self._asked_s = asked_s

    def _size_batch(self, count: int, took_s: float) -> None:
        """Hand over more at once, or fewer, by how long the last `count` took."""
        if took_s > BATCH_S:
            self._batch_count = max(1, count // 2)
        elif count == self._batch_count:
            self._batch_count = min(2 * self._batch_count, BATCH_MAX)

    def _settle_each(self, scans: Sequence[Scan]) -> int:
        for number, scan in enumerate(scans):
            if not self._settle([scan]):
                return number
        return len(scans)


def _log_fault(scan: Scan, error: Exception) -> None:
    """Log where the house broke, but not its message, which may hold the payload."""
    log.error(
        "scan %s (%d) failed in the house with %s and is kept:\n%s",
        scan.scan_id,
        scan.station_seq,
        type(error).__name__,
        "".join(traceback.format_tb(error.__traceback__)),
        extra={"event": "scan_failed", "port": scan.port, "scan_id": scan.scan_id},
    )
