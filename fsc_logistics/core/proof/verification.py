"""Proof that the ledger is whole and that what is derived from it follows from it."""

import ctypes
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import islice
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from secrets import randbits

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fsc_logistics.core.database import Sessions, make_engine
from fsc_logistics.core.ledger import spans
from fsc_logistics.core.ledger.named import lock
from fsc_logistics.core.proof import quick_look, stock_books
from fsc_logistics.core.proof.batches import event_ranges, last_event, read_batch
from fsc_logistics.core.proof.chains import Links
from fsc_logistics.core.proof.checkpoint_proof import (
    checkpoint_mismatches,
    file_mismatches,
)
from fsc_logistics.core.proof.fingerprints import (
    SPANS,
    Sums,
    add_lines,
    add_spans,
    device_ranges,
)
from fsc_logistics.core.proof.known_codes import Codes
from fsc_logistics.core.proof.resolutions import exception_mismatches
from fsc_logistics.core.proof.soundness import soundness_mismatches
from fsc_logistics.core.stock import spans as stock_spans
from fsc_logistics.core.tables import (
    Base,
    ConditionSpan,
    CustodySpan,
    Device,
    Event,
    FlagSpan,
    KitSpan,
    Lot,
    StockSpan,
)

Progress = Callable[[int, int], None]
"""Told how much is done, of how much."""

MISMATCHES_MAX = 1_000
"""More than these are not listed; the ledger is then beyond reading."""

ALONE_MAX = 200_000
"""A ledger of more events than these is read by several processes."""

_ROOM, _ROOM_MAX = 1 << 12, 1 << 21
"""For the codes of how many devices: where one process looks, in each of several."""

PARTS_MAX = 64
"""However many, so that a number far beyond the others makes no endless work."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""As in the GNU C library's malloc.h; others have no such function, or ignore it."""
_KEPT_BYTES, _ONE_TEXT_BYTES = 1 << 28, 1 << 25
"""What is kept, and the largest text that is kept too."""

_SPAN_TABLES = (CustodySpan, KitSpan, ConditionSpan, FlagSpan, StockSpan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at, and what did not fit."""

    events: int
    devices: int
    spans: int
    mismatches: tuple[str, ...]


@dataclass(slots=True)
class _Compared:
    """What came of comparing the events of devices with their spans."""

    mismatches: list[str]
    """What is wrong with the events."""
    suspects: list[tuple[int, int]]
    """The devices to be looked at closely: ranges of their numbers, few at a time."""
    events: int
    spans: int


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the ledger to be looked at, and what was found there."""

    first: int
    last: int
    """Events from `first` to `last`, or devices."""
    of_spans: bool


@dataclass(slots=True)
class _Found:
    part: _Part
    mismatches: list[str]
    sums: Sums
    rows: int = 0
    """How many events there are, or spans."""


def verify(
    session: Session,
    progress: Progress | None = None,
    *,
    against: Sequence[Path] = (),
    trusted: Collection[bytes] = (),
) -> Verified:
    """Recompute every hash and every span from the events, and compare.

    The checkpoints in the database, and those in the files `against`, are held against
    the events too; with `trusted` public keys, signatures must be made with one of
    them.

    Raises:
        BadInput: a file cannot be read, or holds no checkpoint.
    """
    # First, because they are few, and tell what nothing else can.
    found = list(file_mismatches(session, against, trusted))
    found += islice(checkpoint_mismatches(session, trusted), MISMATCHES_MAX)
    with _comparing(session, progress) as compared:
        # Meanwhile, where other processes compare.
        found += soundness_mismatches(session)
        looked = compared()
    found += looked.mismatches
    differing = (
        mismatch
        for first, last in looked.suspects
        for mismatch in spans.mismatches(session, first, last)
    )
    found += islice(differing, max(0, MISMATCHES_MAX - len(found)))
    balances = stock_books.mismatches(session)
    found += islice(balances, max(0, MISMATCHES_MAX - len(found)))
    exceptions = exception_mismatches(session)
    found += islice(exceptions, max(0, MISMATCHES_MAX - len(found)))
    return Verified(
        events=looked.events,
        devices=_count(session, Device),
        spans=looked.spans + _count(session, StockSpan),
        mismatches=tuple(found[:MISMATCHES_MAX]),
    )


def rebuild(
    session: Session, progress: Progress | None = None, *, only_wrong: bool = False
) -> Verified:
    """Make every span anew from the events, in the one transaction it is called in.

    With `only_wrong` all are compared with the events, and those of devices where they
    differ are written: a small part of the time, in which nobody else can write.
    """
    total, done = _count(session, Device), 0
    if only_wrong:
        with _comparing(session, progress) as compared:
            suspects = compared().suspects
        for first, last in suspects:
            lock(session, range(first, last + 1))
            for chain in spans.CHAINS:
                spans.rebuild_wrong(session, chain, first, last)
    else:
        for first, last in spans.ranges(session, Device.id):
            lock(session, range(first, last + 1))
            for chain in spans.CHAINS:
                spans.rebuild_range(session, chain, first, last)
            done = min(done + spans.BATCH, total)
            if progress is not None:
                progress(done, total)
    for first, last in spans.ranges(session, Lot.id):
        stock_spans.lock(session, range(first, last + 1))
        stock_spans.rebuild_range(session, first, last)
    events, devices, span_count = _sizes(session)
    return Verified(events=events, devices=devices, spans=span_count, mismatches=())


@contextmanager
def _comparing(
    session: Session, progress: Progress | None
) -> Iterator[Callable[[], _Compared]]:
    """Begin to compare events and spans, and yield what waits for the end of it."""
    last, devices = last_event(session), _highest_device(session)
    secret = randbits(64)
    said, kept = Sums(secret, devices), Sums(secret, devices)
    parts = _parts(last, devices)

    def compared() -> _Compared:
        found = _Compared([], [], 0, 0)
        for done, looked in enumerate(looking, start=1):
            found.mismatches += looked.mismatches
            if looked.part.of_spans:
                kept.add(looked.sums)
                found.spans += looked.rows
            else:
                said.add(looked.sums)
                found.events += looked.rows
            if progress is not None:
                progress(done, len(parts))
        found.suspects += said.differing(kept)
        return found

    with _looking(session, parts, secret, devices) as looking:
        yield compared


def _parts(last: int, devices: int) -> list[_Part]:
    """Return the parts to look at: one of each sort where there are few events."""
    count = 1 if last <= ALONE_MAX else min(PARTS_MAX, max(8, last // 500_000))
    parts = [
        _Part(first, until, of_spans)
        for of_spans, highest in ((False, last), (True, devices))
        for first, until in _split(highest, count)
    ]
    return parts


def _split(highest: int, count: int) -> Iterator[tuple[int, int]]:
    size = max(1, -(-highest // count))
    for first in range(1, highest + 1, size):
        yield first, min(first + size - 1, highest)


@contextmanager
def _looking(
    session: Session, parts: list[_Part], secret: int, devices: int
) -> Iterator[Iterator[_Found]]:
    """Look at each part, in as many processes as there are cores; yield what is found.

    A few are looked at here, as they are asked for.
    """
    if len(parts) <= 2:
        codes = quick_look.room_for_codes(_ROOM)
        yield (_look_at(session, part, secret, devices, codes) for part in parts)
        return
    url = session.get_bind().engine.url.render_as_string(hide_password=False)
    # Spawned, not forked: connections and threads do not survive a fork.
    context = get_context("spawn")
    with ProcessPoolExecutor(
        cpu_count(), context, initializer=_keep_what_is_freed
    ) as pool:
        looking: list[Future[_Found]] = [
            pool.submit(_look_from_afar, url, part, secret, devices) for part in parts
        ]
        try:
            yield (looked.result() for looked in as_completed(looking))
        finally:
            pool.shutdown(cancel_futures=True)


def _keep_what_is_freed() -> None:
    """Have this process keep the memory of one batch for the next, where it can.

    Else each text of a column is new memory, that the system clears first: a tenth of
    the time.
    """
    with suppress(OSError, AttributeError):
        tell = ctypes.CDLL(None).mallopt
        tell(_TRIM_THRESHOLD, _KEPT_BYTES)
        tell(_MMAP_THRESHOLD, _ONE_TEXT_BYTES)


@cache
def _codes_here() -> Codes:
    """Those of this process, which looks at one ledger only."""
    return quick_look.room_for_codes(_ROOM_MAX)


def _look_from_afar(url: str, part: _Part, secret: int, devices: int) -> _Found:
    """Look at a part from a process of its own."""
    engine = make_engine(url)
    try:
        with Sessions(engine).read() as session:
            codes = _codes_here()
            if not codes.is_foreseen:
                quick_look.foresee(codes, session, devices)
            return _look_at(session, part, secret, devices, codes)
    finally:
        engine.dispose()


def _look_at(
    session: Session,
    part: _Part,
    secret: int,
    devices: int,
    codes: Codes,
) -> _Found:
    found = _Found(part, [], Sums(secret, devices))
    if part.of_spans:
        _look_at_spans(session, found)
    else:
        _look_at_events(session, found, codes)
    return found


def _look_at_spans(session: Session, found: _Found) -> None:
    for chain in SPANS:
        for start, end in device_ranges(session, found.part.first, found.part.last):
            rows = quick_look.count_linked(found.sums, session, chain, start, end)
            if rows is None:
                rows = add_spans(found.sums, session, chain, start, end)
            found.rows += rows


def _look_at_events(session: Session, found: _Found, codes: Codes) -> None:
    links = Links(session)
    for start, end, lines in event_ranges(session, found.part.first, found.part.last):
        sound = quick_look.count_sound(links, found.sums, codes, start, end)
        if sound is not None:
            found.rows += sound
            continue
        batch = read_batch(session, start, end, lines)
        found.rows += batch.events
        room = MISMATCHES_MAX - len(found.mismatches)
        found.mismatches += islice(links.mismatches(batch), max(0, room))
        add_lines(found.sums, session, batch)


def _sizes(session: Session) -> tuple[int, int, int]:
    """Return how many events, devices and spans there are."""
    spans_of_all = sum(_count(session, table) for table in _SPAN_TABLES)
    return _count(session, Event), _count(session, Device), spans_of_all


def _highest_device(session: Session) -> int:
    return session.scalar(select(func.max(Device.id))) or 0


def _count(session: Session, table: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0
