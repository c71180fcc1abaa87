"""The scanner service: from the bytes of many scanners to one row of recorded scans.

    reader, one a port    bytes -> codes; noise is answered at once
         |  inbox
    writer, one           resends aside; what the port's context was; one commit for all
         |  spool         that came meanwhile.  From here on nothing is lost
    applier, one          asks the house, in the order of the journal; marks; answers

    serve, the caller     starts, watches and ends them; keeps the status table

The journal is the queue between writer and applier, so a scan that was journaled is the
same to the applier whether it came a moment or a power cut ago.
"""

import logging
import math
import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from scanner.answers import Answers, Listener
from scanner.reader import Arrival, Scanner
from scanner.resend import Resends
from scanner.scan import Advance, Outcome, Record, Scan, Unavailable, Verdict
from scanner.settings import DEFAULT_TIMING, PortSettings, Timing
from scanner.spool import Mark, PortNote, Spool, SpoolUnusable

log = logging.getLogger(__name__)

GROUP_MAX = 200
"""So many scans at most share a commit."""
BATCH_MAX = 100
"""So many scans at most are recorded at once; the first waits for the last of them."""
TICK_S = 0.25
PRUNE_EVERY_S = 3600.0

FAULT = Verdict(Outcome.REFUSED, "A fault kept this scan from being recorded.")


class ServiceFailed(Exception):
    """A thread of the service died; what was answered is in the spool."""


def serve(
    ports: Sequence[PortSettings],
    spool: Spool,
    record: Record,
    advance: Advance,
    stop: threading.Event,
    *,
    on_scan: Listener | None = None,
    play: Callable[[Outcome], None] | None = None,
    timing: Timing = DEFAULT_TIMING,
) -> None:
    """Serve `ports` until `stop` is set, then finish what is held and return.

    **The guarantee.**  A scan that was answered, other than NOT_SAVED, is in the spool,
    on disk; it is handed to `record` in the order of the journal, with the context it
    was made in, and if need be again with the same `scan_id`, until `record` returns or
    fails.  So whatever is killed or unplugged at whatever moment, the house that counts
    a `scan_id` once has every answered scan exactly once.  A good tone follows the
    return of `record`, never precedes it.  A scan that was not answered may be recorded
    or not; scanned again within `Timing.resend_unanswered_s`, with nothing else scanned
    at that port in between, it counts once all the same.

    While `record` raises `Unavailable`, scans wait in the spool and are answered
    STORED, once; they are recorded in order when the house is back.  A scan over which
    `record` breaks with another exception is answered REFUSED, stays in the spool as
    failed and is tried once more at the next start, in its old place; those behind it
    go on.

    After `stop`, which a dying thread sets too, the ports are read no more, what was
    read is journaled, and the house is asked for at most `Timing.finish_s`.  What it
    did not record waits for the next start.

    `on_scan` is told of every scan and its verdict, in the threads of the service: of a
    scan that waited twice, STORED first, and of a resend not at all.  A payload to
    forget is blank, but not yet where it is STORED: show no such text.

    `play` sounds an outcome through a loudspeaker, without waiting for it, at the ports
    that are set so: when the scanner is answered, and as it is.

    Raises:
        ValueError: two ports have one name, or a port cannot be as it is set.
        SpoolUnusable: the spool cannot be written at the start.
        ServiceFailed: a thread died unexpectedly, and everything was stopped.
    """
    if len({port.name for port in ports}) < len(ports):
        raise ValueError("Each port needs a name of its own.")
    _Service(ports, spool, record, advance, stop, on_scan, play, timing).run()


class _Service:
    def __init__(
        self,
        ports: Sequence[PortSettings],
        spool: Spool,
        record: Record,
        advance: Advance,
        stop: threading.Event,
        on_scan: Listener | None,
        play: Callable[[Outcome], None] | None,
        timing: Timing,
    ) -> None:
        self._spool = spool
        self._record = record
        self._advance = advance
        self._stop = stop
        self._timing = timing
        self._scanners = {
            port.name: Scanner(port, station=spool.station, play=play) for port in ports
        }
        resends = Resends(
            within_s=timing.resend_within_s, unanswered_s=timing.resend_unanswered_s
        )
        resends.restore_from(spool, self._scanners)
        self._answers = Answers(self._scanners, spool, resends, on_scan)
        self._contexts = {port.name: spool.context_of(port.name) for port in ports}
        self._inbox: queue.SimpleQueue[Arrival | None] = queue.SimpleQueue()
        self._journaled_seq = spool.last_seq()
        self._journaled = threading.Event()
        self._all_journaled = threading.Event()
        self._unmarked: list[Mark] = []
        self._notes: list[PortNote] = []
        self._spool_failing = False
        self._give_up_s = math.inf
        self._prune_at_s = 0.0
        self._failure: BaseException | None = None

    def run(self) -> None:
        """Run the threads until the stop, and end them in order."""
        self._note_ports()
        failed_count = self._spool.retry_failed()
        if failed_count:
            log.info("%d failed scans are tried again", failed_count)
        readers = [
            self._thread(f"read {name}", self._read, scanner)
            for name, scanner in self._scanners.items()
        ]
        writer = self._thread("write", self._write)
        applier = self._thread("apply", self._apply)
        try:
            while not self._stop.wait(TICK_S):
                self._keep_house()
        finally:
            self._end(readers, writer, applier)
        if self._failure is not None:
            kind = type(self._failure).__name__
            raise ServiceFailed(
                f"The scanner service stopped: {kind} in one of its threads."
            ) from self._failure

    def _end(
        self,
        readers: Iterable[threading.Thread],
        writer: threading.Thread,
        applier: threading.Thread,
    ) -> None:
        self._give_up_s = time.monotonic() + self._timing.finish_s
        for scanner in self._scanners.values():
            scanner.end_reading()
        for reader in readers:
            reader.join(self._timing.finish_s)
        self._inbox.put(None)
        writer.join(self._timing.finish_s)
        self._all_journaled.set()
        self._journaled.set()
        applier.join(max(0.0, self._give_up_s - time.monotonic()) + TICK_S)
        if applier.is_alive():
            log.warning("the database did not finish in time; scans wait in the spool")
        for scanner in self._scanners.values():
            scanner.close()
        self._note_ports()

    def _read(self, scanner: Scanner) -> None:
        for arrival in scanner.arrivals():
            self._inbox.put(arrival)

    def _write(self) -> None:
        for group in self._groups():
            self._journal(group)

    def _groups(self) -> Iterator[list[Arrival]]:
        """Yield what comes; what came while a group was committed is the next one."""
        for arrival in iter(self._inbox.get, None):
            group = [arrival]
            while len(group) < GROUP_MAX and not self._inbox.empty():
                more = self._inbox.get()
                if more is None:
                    yield group
                    return
                group.append(more)
            yield group

    def _journal(self, group: Iterable[Arrival]) -> None:
        contexts: dict[str, str] = {}
        scans = []
        for arrival in group:
            if self._answers.take_resend(arrival):
                continue
            port = arrival.scan.port
            context = contexts.get(port, self._contexts[port])
            scan = replace(arrival.scan, context=context)
            contexts[port] = self._advance(context, scan.text, scan.scanned_at)
            scans.append(scan)
        if not scans:
            return
        try:
            saved = self._spool.append(scans, contexts)
        except SpoolUnusable as error:
            self._spool_is_failing(error)
            self._answers.refuse_unsaved(scans)
            return
        self._spool_is_fine()
        self._contexts |= contexts
        self._answers.owe(saved)
        # Only now may the applier see them: it settles what is owed.
        self._journaled_seq = saved[-1].station_seq
        self._journaled.set()

    def _apply(self) -> None:
        done_seq = 0
        pause_s = self._timing.retry_min_s
        while time.monotonic() < self._give_up_s:
            self._journaled.clear()
            is_last = self._all_journaled.is_set()
            scans = self._spool.waiting(
                after_seq=done_seq, to_seq=self._journaled_seq, count_max=BATCH_MAX
            )
            settled_count = self._settle(scans)
            if settled_count:
                done_seq = scans[settled_count - 1].station_seq
                pause_s = self._timing.retry_min_s
            elif is_last:
                break
            elif not scans:
                self._journaled.wait()
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
        try:
            verdicts = self._record(scans)
        except Unavailable:
            self._answers.house_is_away(True)
            return 0
        except Exception as error:
            if len(scans) > 1:
                return self._settle_each(scans)
            verdicts, failed = [FAULT], True
            _log_fault(scans[0], error)
        self._answers.house_is_away(False)
        settled = list(zip(scans, verdicts, strict=True))
        self._unmarked += [
            Mark(scan=scan, verdict=verdict, failed=failed) for scan, verdict in settled
        ]
        self._mark()
        for scan, verdict in settled:
            self._answers.settle(scan, verdict)
        return len(scans)

    def _settle_each(self, scans: Sequence[Scan]) -> int:
        for number, scan in enumerate(scans):
            if not self._settle([scan]):
                return number
        return len(scans)

    def _mark(self) -> None:
        """Mark what was settled; what cannot be marked now is marked with the next.

        If it never is, the house is asked again at the next start, and says the same.
        """
        try:
            self._spool.mark(self._unmarked)
        except SpoolUnusable as error:
            self._spool_is_failing(error)
        else:
            self._unmarked.clear()

    def _keep_house(self) -> None:
        """Show in the status table what changed; delete what is old."""
        self._note_ports()
        if time.monotonic() >= self._prune_at_s:
            self._prune_at_s = time.monotonic() + PRUNE_EVERY_S
            with suppress(SpoolUnusable):  # Next time.
                self._spool.prune(datetime.now(UTC))

    def _note_ports(self) -> None:
        notes = [scanner.note() for scanner in self._scanners.values()]
        self._notes += [note for note in notes if note is not None]
        if self._notes:
            with suppress(SpoolUnusable):  # They are kept until it can.
                self._spool.note_ports(self._notes)
                self._notes.clear()

    def _spool_is_failing(self, error: SpoolUnusable) -> None:
        # Once as an error; a full disk must not be filled with the news of it.
        level = logging.DEBUG if self._spool_failing else logging.ERROR
        self._spool_failing = True
        log.log(level, "the spool cannot be written, scans are not saved: %s", error)

    def _spool_is_fine(self) -> None:
        if self._spool_failing:
            log.info("the spool can be written again")
        self._spool_failing = False

    def _thread(
        self, name: str, work: Callable[..., None], *args: Scanner
    ) -> threading.Thread:
        def guarded() -> None:
            try:
                work(*args)
            # A service with a dead thread looks alive and is not: end it as a whole.
            except BaseException as error:
                self._failure = self._failure or error
                log.error("the thread '%s' of the scanner service died", name)
                self._stop.set()

        # A daemon, for one that hangs in the house must not keep the process alive.
        thread = threading.Thread(target=guarded, name=f"scanner {name}", daemon=True)
        thread.start()
        return thread


def _log_fault(scan: Scan, error: Exception) -> None:
    """Log where the house broke, but not its message, which may hold the payload."""
    log.error(
        "scan %s (%d) failed in the house with %s and is kept:\n%s",
        scan.scan_id,
        scan.station_seq,
        type(error).__name__,
        "".join(traceback.format_tb(error.__traceback__)),
    )
