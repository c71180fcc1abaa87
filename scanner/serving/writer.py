"""The writer: from what came at many ports to one journal, in the order it came.

It alone knows what was set at each port, and it alone writes scans: while a group is
committed the next one gathers, so that a commit is shared by all who wait for it.
"""

import logging
import math
import queue
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from scanner.journal.spool import Mark, Spool, SpoolUnusable
from scanner.journal.spool_file import SpoolFull
from scanner.port import WRITE_TIMEOUT_S
from scanner.reader import Arrival
from scanner.scan import Advance, Hold, Scan
from scanner.serving.answers import Answers
from scanner.serving.inbox import Answered, Flush, Held, Inbox, Item, Settled
from scanner.serving.threads import IDLE_TICK_S
from scanner.telling.board import Board

log = logging.getLogger(__name__)

GROUP_MAX = 200
"""So many scans at most share a commit."""
MARK_DELAY_S = 0.5
"""So long marks wait for a scan whose commit they can share."""
RETRY_S = 1.0
"""So often a spool that cannot be written is tried again, without a scan."""


class Writer:
    """Journals what is in the inbox, and has answered what can be answered then."""

    def __init__(
        self,
        inbox: Inbox,
        spool: Spool,
        answers: Answers,
        board: Board,
        *,
        advance: Advance,
        hold: Hold,
        journaled: Callable[[int], None],
    ) -> None:
        """`journaled` is told the number of the last scan that is durable."""
        self._inbox = inbox
        self._spool = spool
        self._answers = answers
        self._board = board
        self._advance = advance
        self._hold = hold
        self._journaled = journaled
        self._contexts: dict[str, str] = {}
        self._set_at: dict[str, str] = {}
        """At which port it is set what scans of each port mean."""
        self._followed: set[str] = set()
        self._newly_set: set[str] = set()
        """Those of them where a scan of this group has set something."""
        self._marks: list[Mark] = []
        self._answered: dict[str, datetime] = {}
        self._marks_due_s = math.inf

    def serve(self, port: str, *, set_at: str, context: str) -> bool:
        """Expect scans of `port`, before it is read; return whether it is a new one.

        What they mean is set at `set_at`, at first `context`.
        """
        is_new = port not in self._set_at
        self._contexts.setdefault(set_at, context)
        self._set_at[port] = set_at
        if set_at != port:
            self._followed.add(set_at)
        return is_new

    def context_of(self, port: str) -> str | None:
        """Return what is set at `port`, or None if it never was served or followed."""
        return self._contexts.get(port)

    def run(self, tick: Callable[[], None]) -> None:
        """Write until the last item; call `tick` at least every `IDLE_TICK_S`."""
        for group in self._groups():
            tick()
            self._write(group)

    def _groups(self) -> Iterator[list[Item]]:
        """Yield what comes; what came while a group was committed is the next one."""
        while True:
            group: list[Item] = []
            with suppress(queue.Empty):
                group.append(self._inbox.get(timeout=self._pause_s()))
            while len(group) < GROUP_MAX and not self._inbox.empty():
                group.append(self._inbox.get())
            yield group
            if None in group:
                return

    def _pause_s(self) -> float:
        if not self._board.is_saving:
            return RETRY_S
        return max(0.0, min(self._marks_due_s - time.monotonic(), IDLE_TICK_S))

    def _write(self, group: Sequence[Item]) -> None:
        arrivals: list[Arrival] = []
        contexts: dict[str, str] = {}
        held: list[str] = []
        again: list[Arrival] = []
        self._newly_set.clear()
        for item in group:
            match item:
                case Arrival():
                    if self._answers.is_resend(item):
                        again.append(item)
                    else:
                        arrivals.append(self._placed(item, contexts))
                case Held():
                    if item.was_heard(2 * WRITE_TIMEOUT_S):
                        port = self._set_at[item.port]
                        held.append(port)
                        contexts[port] = self._hold(
                            contexts.get(port, self._contexts[port])
                        )
                case Settled():
                    self._marks += item.marks
                case Answered():
                    self._answered[item.scan_id] = item.at
        if self._marks or self._answered:
            self._marks_due_s = min(self._marks_due_s, time.monotonic() + MARK_DELAY_S)
        self._journal(arrivals, contexts, held, group)
        # A resend in the group of its first is durable only now; if that could not be
        # saved, there is nothing that it repeats.
        for arrival in again:
            self._answers.answer_resend(arrival)
        for item in group:
            if isinstance(item, Flush):
                item.done.set()

    def _placed(self, arrival: Arrival, contexts: dict[str, str]) -> Arrival:
        """Return a scan with the context it was made in, and keep the one after it."""
        scan = arrival.scan
        port = self._set_at[scan.port]
        context = contexts.get(port, self._contexts[port])
        contexts[port] = self._advance(context, scan.text, scan.scanned_at)
        # A scan that says nothing leaves what is set, though not what time it is.
        if port in self._followed and contexts[port] != self._advance(
            context, "", scan.scanned_at
        ):
            self._newly_set.add(port)
        return replace(arrival, scan=replace(scan, context=context))

    def _journal(
        self,
        arrivals: Sequence[Arrival],
        contexts: dict[str, str],
        held: Iterable[str],
        group: Sequence[Item],
    ) -> None:
        scans = [arrival.scan for arrival in arrivals]
        saved: tuple[Scan, ...] = ()
        try:
            if scans or contexts or not self._board.is_saving:
                saved = self._spool.append(
                    scans, contexts, marks=self._marks, answered=self._answered
                )
                self._forget_marks()
            elif self._marks_are_due(group):
                self._spool.mark(self._marks, self._answered)
                self._forget_marks()
        except SpoolUnusable as error:
            if isinstance(error, SpoolFull):
                self._forget_marks()
            self._is_failing(error)
            # Whoever was told to stop has stopped, though nothing says so on disk.
            for port in held:
                self._contexts[port] = self._hold(self._contexts[port])
            self._answers.refuse_unsaved(scans)
            return
        self._is_fine()
        self._contexts |= contexts
        self._board.saved(saved, contexts)
        # Before it is heard: what comes after that is not to come twice.  And not only
        # once the house has said so, which may be away while the tags lie there.
        for port in self._newly_set:
            self._answers.start_over(port)
        if saved:
            self._tell_saved(saved, [arrival.at_s for arrival in arrivals])

    def _marks_are_due(self, group: Sequence[Item]) -> bool:
        """Tell whether what is to be marked waits no longer for a scan.

        What is not marked at the end is asked of the house again, which says the same.
        """
        if any(mark.verdict.forget for mark in self._marks):
            return True
        if any(item is None or isinstance(item, Flush) for item in group):
            return True
        return time.monotonic() >= self._marks_due_s

    def _forget_marks(self) -> None:
        self._marks.clear()
        self._answered.clear()
        self._marks_due_s = math.inf

    def _tell_saved(self, saved: Sequence[Scan], at_s: Sequence[float]) -> None:
        now_s = time.monotonic()
        for since_s in at_s:
            self._board.journal_took.took(now_s - since_s)
        for scan in saved:
            self._answers.confirm(scan.port)
        self._answers.owe(saved, at_s)
        # Only now may the applier see them: it settles what is owed.
        self._journaled(saved[-1].station_seq)

    def _is_failing(self, error: SpoolUnusable) -> None:
        # Once as an error; a full disk must not be filled with the news of it.
        level = logging.ERROR if self._board.is_saving else logging.DEBUG
        self._board.is_saving = False
        log.log(
            level,
            "the spool cannot be written, scans are not saved: %s",
            error,
            extra={"event": "not_saving"},
        )

    def _is_fine(self) -> None:
        if not self._board.is_saving:
            log.info("the spool can be written again", extra={"event": "saving"})
        self._board.is_saving = True
