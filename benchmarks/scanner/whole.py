"""A heap of RFID tags at once; a station at rest; one that never rests."""

import sqlite3
from contextlib import closing
from pathlib import Path
from time import perf_counter, sleep

from benchmarks.ledger.rows import tag
from benchmarks.scanner.floor import floor
from benchmarks.scanner.rates import burst
from benchmarks.scanner.station import PLACES, Station, at_work, rounds
from benchmarks.table import Measured
from fsc_logistics.core.database import open_sessions
from fsc_logistics.core.devices.codes import link_code

MIB = 1 << 20
BULK_MAX_S = 1.0
IDLE_MAX = 0.01
READS = 2
"""How often a tag must be read before it counts."""
SETTLED_SCANS = 50_000
"""After so many everything that is kept is kept, such as the pages SQLite holds."""
GROWTH_MAX = 1.05


def bulk(folder: Path, database: Path, tags: int) -> Measured:
    """Return how long a heap of tags takes, from its first byte to the last record."""
    _link_tags(database, tags)
    with at_work(folder, 1, rfid=True) as (_, (line, rfid)):
        for text in ("%C:MODE:MOVE", f"%L:{PLACES[0]}"):
            line.ask(text)
        before = _scanned_count(database)
        begun = perf_counter()
        for _ in range(READS):
            for number in range(1, tags + 1):
                rfid.send(_frame(_epc(number)))
        while _scanned_count(database) < before + tags:
            sleep(0.002)
        taken_s = perf_counter() - begun
    with floor(folder, database) as below:
        below.scan(f"%L:{PLACES[1]}")
        begun = perf_counter()
        for number in range(1, tags + 1):
            below.scan(tag(number))
        floor_s = perf_counter() - begun
    return Measured(
        what=f"{tags:,} RFID tags at once, to the last one recorded",
        ours=f"{taken_s:.2f} s",
        floor=f"{floor_s:.2f} s",
        ratio=taken_s / floor_s,
        aim=f"< {BULK_MAX_S:.0f} s",
        met=taken_s < BULK_MAX_S,
    )


def idle(folder: Path, ports: int, seconds: float) -> Measured:
    """Return how much of a core a station takes at which nobody scans."""
    with at_work(folder, ports) as (station, _):
        sleep(min(2.0, seconds))  # What a start takes is another question.
        before, begun = _cpu_s(station), perf_counter()
        sleep(seconds)
        share = (_cpu_s(station) - before) / (perf_counter() - begun)
    return Measured(
        what=f"idle, {ports} ports, of a core",
        ours=f"{100 * share:.2f} %",
        aim=f"< {100 * IDLE_MAX:.0f} %",
        met=share < IDLE_MAX,
    )


def memory(folder: Path, ports: int, scans: int) -> Measured:
    """Return how much memory a service has after so many scans, and had before."""
    first = min(SETTLED_SCANS, scans // 2)
    with at_work(folder, ports) as (station, lines):
        scanned = [rounds(number, ports) for number in range(ports)]
        burst(lines, scanned, first // ports)
        before = station.process.memory_info().rss
        burst(lines, scanned, (scans - first) // ports)
        after = station.process.memory_info().rss
    return Measured(
        what=f"memory after {scans:,} scans, beside that after {first:,}",
        ours=f"{after / MIB:.0f} MiB",
        floor=f"{before / MIB:.0f} MiB",
        ratio=after / before,
        aim=f"<= {GROWTH_MAX} times",
        met=after <= GROWTH_MAX * before,
    )


def _scanned_count(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM scan WHERE mode = 'MOVE'"
        ).fetchone()
    return int(count)


def _cpu_s(station: Station) -> float:
    taken = station.process.cpu_times()
    return float(taken.user + taken.system)


def _epc(number: int) -> str:
    return f"E28011700000{number:012X}"


def _link_tags(database: Path, tags: int) -> None:
    """Have the first devices carry tags, with what their maker wrote on them."""
    sessions = open_sessions(str(database))
    with sessions.begin() as session:
        for number in range(1, tags + 1):
            link_code(session, tag(number), _epc(number))
    sessions.engine.dispose()


def _frame(epc: str) -> bytes:
    """Return what an R200 module sends of a tag.

    Source: electron.id, protocol of the EL-UHF-RMT01.
    """
    protocol_control = b"\x30\x00"
    code = protocol_control + bytes.fromhex(epc)
    payload = b"\xc8" + code + _gen2_crc(code).to_bytes(2, "big")
    body = b"\x02\x22" + len(payload).to_bytes(2, "big") + payload
    return b"\xbb" + body + bytes([sum(body) & 0xFF]) + b"\x7e"


def _gen2_crc(data: bytes) -> int:
    """Return the CRC-16 a tag sends with its code (ISO/IEC 18000-63, annex F)."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
            crc &= 0xFFFF
    return crc ^ 0xFFFF
