"""Scans that come in: as they are made, late, and ten thousand at once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from benchmarks.ledger.life import DEPOTS, SPAN_US, TECHNICIANS, Size
from benchmarks.ledger.plain import Move, Plain
from benchmarks.ledger.rows import stations, tag
from benchmarks.table import Calls, Measured, in_turns, rate_line
from fsc_logistics.core.database import Sessions
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.scanning.recording import record_scans
from fsc_logistics.core.tables.base import EPOCH, MICROSECOND
from fsc_logistics.domain.cards import Mode
from fsc_logistics.domain.custody import Signature, Transfer
from fsc_logistics.domain.station import Station, advance, write_station
from fsc_logistics.domain.uids import new_uid
from scanner.scan import Scan, Verdict

BLOCK = 10
BATCHES = 3
IDLE = timedelta(minutes=15)


def writes(
    sessions: Sessions, plain: Plain, size: Size, scans: int, batch: int
) -> Iterator[Measured]:
    """Yield what was measured of scans that are written one by one and in a batch."""
    # Other scans every time: what a database that is measured again has recorded
    # already would be looked up and not written.
    chance = Random()
    for what, late in (("live scans", False), ("late scans", True)):
        # Each is made before its clock runs: reading a code is the scanner's part.
        ours = (
            partial(_scan, sessions, _scanned(move), _moment(move.now_us))
            for move in _moves(chance, size, scans, late=late)
        )
        floor = (
            partial(plain.scan, move) for move in _moves(chance, size, scans, late=late)
        )
        yield rate_line(
            f"{what}, each durable before its beep", *in_turns(ours, floor, BLOCK)
        )
    wholes = (partial(_batch, sessions), partial(_plain_batch, plain))
    for whole in wholes:
        whole(list(_moves(chance, size, batch // 10, late=True)))
    ours_whole, floor_whole = (_batches(chance, size, batch, one) for one in wholes)
    yield rate_line(
        f"a batch of {batch:,} late scans",
        *in_turns(ours_whole, floor_whole, 1),
        each=batch,
    )


def _batches(
    chance: Random, size: Size, count: int, record: Callable[[list[Move]], None]
) -> Calls:
    # Made before the clock runs.
    made = [list(_moves(chance, size, count, late=True)) for _ in range(BATCHES)]
    return iter([partial(record, moves) for moves in made])


def _moves(chance: Random, size: Size, count: int, *, late: bool) -> Iterator[Move]:
    """Yield scans of devices that come into vehicles: just now, or late."""
    for number in range(count):
        now = datetime.now(UTC) + number * timedelta(milliseconds=1)
        ago = timedelta(microseconds=chance.randrange(SPAN_US // 2))
        yield Move(
            uid=new_uid(now),
            tag=tag(chance.randint(1, size.devices)),
            place=f"VAN-{chance.randrange(TECHNICIANS):02}",
            station=stations()[DEPOTS + chance.randrange(TECHNICIANS)],
            at_us=microseconds(now - ago if late else now),
            now_us=microseconds(now),
        )


def _scanned(move: Move) -> Scan:
    """Return the scan that the scanner service hands over."""
    at = _moment(move.at_us)
    before = at - timedelta(seconds=1)  # Faster than that no hand scans two boxes.
    context = write_station(Station(mode=Mode.MOVE, place=move.place, used_at=before))
    # As the writer of the journal does, which so knows what the next scan will mean.
    advance(context, move.tag, at, idle=IDLE)
    return Scan(
        scan_id=move.uid,
        station=move.station,
        station_seq=1,
        port=move.station,
        read_point=move.station,
        scanned_at=at,
        raw=move.tag.encode(),
        text=move.tag,
        symbology="",
        context=context,
    )


def _scan(sessions: Sessions, scan: Scan, now: datetime) -> Verdict:
    """Record a scan as the scanner service does."""
    (verdict,) = record_scans(sessions, [scan], now=now, idle=IDLE)
    return verdict


def _batch(sessions: Sessions, moves: list[Move]) -> None:
    """Record a station's backlog at once, each scan an event of its own."""
    with sessions.begin() as session:
        for move in moves:
            record_transfer(session, *_transfer(move), as_fact=True)


def _transfer(move: Move) -> tuple[Transfer, Signature]:
    transfer = Transfer(
        uid=move.uid,
        devices=(move.tag,),
        location=move.place,
        event_time=_moment(move.at_us),
        read_point=move.station,
    )
    by = Signature(
        station=move.station,
        actor=move.station,
        record_time=_moment(move.now_us),
    )
    return transfer, by


def _plain_batch(plain: Plain, moves: list[Move]) -> None:
    with plain.transaction():
        for move in moves:
            plain.move(move)


def _moment(at_us: int) -> datetime:
    return EPOCH + at_us * MICROSECOND
