"""The scanner service: from the bytes of many scanners to one row of recorded scans.

    reader, one a port    bytes -> codes; noise is answered at once
         |  inbox
    writer, one           resends aside; what the port's context was; one commit for all
         |  spool         that came meanwhile.  From here on nothing is lost
    applier, one          asks the house, in the order of the journal; answers
         |  inbox         what became of it, to be marked when a commit is due anyway

    serve, the caller     starts, changes, watches and ends them; tells how they fare

The journal is the queue between writer and applier, so a scan that was journaled is the
same to the applier whether it came a moment or a power cut ago.
"""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from scanner.journal.spool import DELETE_MAX, PortNote, Spool, SpoolUnusable
from scanner.scan import Advance, Hold, Outcome, Record
from scanner.serving.answers import Answers, Listener
from scanner.serving.applier import Applier
from scanner.serving.inbox import Flush, Inbox
from scanner.serving.resend import Resends
from scanner.serving.served import Served
from scanner.serving.threads import IDLE_TICK_S, Threads
from scanner.serving.watchdog import Watchdog
from scanner.serving.writer import Writer
from scanner.settings import DEFAULT_TIMING, PortSettings, Timing
from scanner.telling.board import Board
from scanner.telling.health import in_a_line
from scanner.telling.showing import CannotListen as CannotListen  # part of this door
from scanner.telling.showing import show

log = logging.getLogger(__name__)

TICK_S = 0.25
RELOAD_EVERY_S = 1.0
CHECKPOINT_EVERY_S = 30.0
PRUNE_EVERY_S = 3600.0

Reload = Callable[[], Sequence[PortSettings] | None]
"""The ports as they are set now, if that has changed since it was last asked."""


class ServiceFailed(Exception):
    """A thread of the service died; what was answered is in the spool."""


def serve(
    ports: Sequence[PortSettings],
    spool: Spool,
    record: Record,
    advance: Advance,
    stop: threading.Event,
    *,
    hold: Hold = str,
    on_scan: Listener | None = None,
    play: Callable[[Outcome], None] | None = None,
    timing: Timing = DEFAULT_TIMING,
    reload: Reload | None = None,
    listen: str | None = None,
) -> None:
    """Serve `ports` until `stop` is set, then finish what is held and return.

    **The guarantee.**  A scan that was answered, other than NOT_SAVED, is in the spool,
    on disk; it is handed to `record` in the order of the journal, with the context it
    was made in, and if need be again with the same `scan_id`, until `record` returns or
    fails.  So whatever is killed or unplugged at whatever moment, the house that counts
    a `scan_id` once has every answered scan exactly once.  A good tone follows the
    return of `record`, never precedes it.  A scan that was not answered may be recorded
    or not; scanned again within `Timing.resend_unanswered_s`, or so soon after a start
    that came within `Timing.resend_restart_s`, with nothing else scanned at that port
    in between, it counts once all the same.

    While `record` raises `Unavailable`, scans wait in the spool and are answered
    STORED, once; they are recorded in order when the house is back.  A scan that has
    waited for `Timing.patience_s` behind others is answered so, too.  One over which
    `record` breaks with another exception is answered REFUSED, stays in the spool as
    failed and is tried once more at the next start, in its old place; those behind it
    go on.

    After `stop`, which a dying thread sets too, the ports are read no more, what was
    read is journaled, and the house is asked for at most `Timing.finish_s`.  What it
    did not record waits for the next start.

    `on_scan` is told of every scan and its verdict, in the threads of the service: of a
    scan that waited twice, STORED first, and of a resend not at all.  A payload to
    forget is blank, but not yet where it is STORED: show no such text.

    `hold` makes of a port's context the one after its operator was told to stop: once a
    verdict that holds was sounded there, and at ports that hold.  Scans that were read
    before are not held, nor is anybody for a scan that was answered STORED.

    `reload` is asked every second for other ports than before, or None: those that
    changed are ended and begun, the others are not touched.  Ports that cannot be as
    they are set leave all as it is, with a line in the log.

    `listen` is an address of this machine for the pages /health, /metrics and /state;
    where it is, `read_address` tells.

    `play` sounds an outcome through a loudspeaker, without waiting for it, at the ports
    that are set so: when the scanner is answered, and as it is.

    Raises:
        ValueError: two ports have one name, a port cannot be as it is set, or `listen`
            is no address of this machine alone.
        CannotListen: there is somebody at `listen`, or it may not be listened at.
        SpoolUnusable: the spool cannot be written at the start.
        ServiceFailed: a thread died unexpectedly, and everything was stopped.
    """
    _Service(
        spool,
        record,
        advance,
        stop,
        hold=hold,
        on_scan=on_scan,
        play=play,
        timing=timing,
    ).run(ports, reload, listen)


class _Service:
    def __init__(
        self,
        spool: Spool,
        record: Record,
        advance: Advance,
        stop: threading.Event,
        *,
        hold: Hold,
        on_scan: Listener | None,
        play: Callable[[Outcome], None] | None,
        timing: Timing,
    ) -> None:
        self._spool = spool
        self._stop = stop
        self._timing = timing
        self._threads = Threads(stop)
        self._watchdog = Watchdog(os.environ)
        inbox: Inbox = queue.SimpleQueue()
        self._inbox = inbox
        self._served = Served(
            inbox,
            self._threads,
            station=spool.station,
            play=play,
            hang_s=timing.hang_s,
        )
        failed_count = spool.retry_failed()
        if failed_count:
            log.info("%d failed scans are tried again", failed_count)
        waiting_count, failed_count = spool.counts()
        self._board = Board(
            spool.station, waiting_count=waiting_count, failed_count=failed_count
        )
        if spool.is_robbed:
            self._board.is_robbed = True
            log.error(
                "the log of the spool, its file that ends in -wal, was taken away"
                " before this start: what was scanned last before it, and not recorded"
                " yet, may be lost; scan it again",
                extra={"event": "spool_robbed"},
            )
        self._resends = Resends(
            within_s=timing.resend_within_s,
            unanswered_s=timing.resend_unanswered_s,
            restart_s=timing.resend_restart_s,
        )
        self._answers = Answers(
            self._served.scanners, inbox, self._resends, self._board, on_scan
        )
        self._applier = Applier(
            inbox, spool, self._answers, self._board, record, timing
        )
        self._writer = Writer(
            inbox,
            spool,
            self._answers,
            self._board,
            advance=advance,
            hold=hold,
            journaled=self._applier.journaled,
        )
        self._notes: list[PortNote] = []
        self._reload_at_s = self._checkpoint_at_s = self._prune_at_s = 0.0

    def run(
        self,
        ports: Sequence[PortSettings],
        reload: Reload | None,
        listen: str | None,
    ) -> None:
        """Run the threads until the stop, and end them in order."""
        pages = None
        if listen is not None:
            pages = show(listen, self._board, self._threads, self._spool)
        writer = applier = None
        try:
            self._change_to(ports)
            hang_s = self._timing.hang_s + IDLE_TICK_S
            writer = self._threads.start("write", self._writer.run, within_s=hang_s)
            applier = self._threads.start("apply", self._applier.run, within_s=hang_s)
            self._note_ports()
            self._watchdog.ready()
            while not self._stop.wait(TICK_S):
                self._keep_house(reload)
        finally:
            self._watchdog.stopping()
            self._end(writer, applier)
            if pages is not None:
                pages.close()
        failure = self._threads.failure
        if failure is not None:
            kind = type(failure).__name__
            raise ServiceFailed(
                f"The scanner service stopped: {kind} in its thread"
                f" '{self._threads.failed_name}'."
            ) from failure

    def _change_to(self, ports: Sequence[PortSettings]) -> None:
        self._served.change_to(ports, begin=self._begin, end=self._board.drop)

    def _begin(self, port: PortSettings) -> None:
        """Have a port's scans expected before it is read."""
        context = self._writer.context_of(port.set_at)
        if context is None:
            context = self._spool.context_of(port.set_at)
        if self._writer.serve(port.name, set_at=port.set_at, context=context):
            self._answers.expect_again(port.name, self._spool)
            # It stands in the status from the first moment.
            self._notes.append(
                PortNote(port=port.name, is_open=False, error="", noise_added_count=0)
            )
            self._note_ports()
        self._board.serve(port, context)

    def _keep_house(self, reload: Reload | None) -> None:
        """Tell how all fare; see to what changed, and to what is old."""
        now_s = time.monotonic()
        self._note_ports()
        if not self._threads.late():
            self._watchdog.feed()
        self._applier.wait_no_longer()
        self._answers.store_older(now_s - self._timing.patience_s)
        if now_s >= self._reload_at_s:
            self._reload_at_s = now_s + RELOAD_EVERY_S
            self._spool.forget_owed()
            self._watchdog.status(in_a_line(self._board))
            if reload is not None:
                self._look_for_changes(reload)
        if now_s >= self._checkpoint_at_s:
            self._checkpoint_at_s = now_s + CHECKPOINT_EVERY_S
            with suppress(SpoolUnusable):  # Next time.
                self._spool.checkpoint()
        if now_s >= self._prune_at_s:
            with suppress(SpoolUnusable):
                if self._spool.prune(datetime.now(UTC)) < DELETE_MAX:
                    self._prune_at_s = now_s + PRUNE_EVERY_S

    def _look_for_changes(self, reload: Reload) -> None:
        ports = reload()
        if ports is None:
            return
        try:
            self._change_to(ports)
        except ValueError as error:
            log.error(
                "the ports stay as they were: %s",
                error,
                extra={"event": "not_reloaded"},
            )
        else:
            log.info(
                "the ports are as they are set now: %s",
                ", ".join(port.name for port in ports),
                extra={"event": "reloaded"},
            )

    def _note_ports(self) -> None:
        notes = self._served.notes()
        self._board.note(notes)
        self._notes += notes
        if self._notes:
            with suppress(SpoolUnusable):  # They are kept until it can.
                self._spool.note_ports(self._notes)
                self._notes.clear()

    def _end(
        self, writer: threading.Thread | None, applier: threading.Thread | None
    ) -> None:
        give_up_s = time.monotonic() + self._timing.finish_s
        self._served.end_reading(self._timing.finish_s)
        if writer is not None and applier is not None:
            self._flush(writer)
            self._applier.finish(give_up_s)
            applier.join(max(0.0, give_up_s - time.monotonic()) + TICK_S)
            if applier.is_alive():
                log.warning(
                    "the database did not finish in time; scans wait in the spool"
                )
            self._inbox.put(None)
            writer.join(self._timing.finish_s)
        self._served.close()
        self._note_ports()

    def _flush(self, writer: threading.Thread) -> None:
        """Wait until what was read is journaled, or the writer has died of it."""
        flush = Flush()
        self._inbox.put(flush)
        give_up_s = time.monotonic() + self._timing.finish_s
        while writer.is_alive() and time.monotonic() < give_up_s:
            if flush.done.wait(TICK_S):
                return
