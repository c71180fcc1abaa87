"""How soon scans are answered, and how many a second."""

import re
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from benchmarks.scanner.floor import Floor, floor
from benchmarks.scanner.line import END, Line
from benchmarks.scanner.station import at_work, readers, rounds
from benchmarks.table import Measured, percentiles, rate_line

RATE = 20
"""Scans a second."""
P99_MAX_S = 0.015
TIMES_MAX = 3
GREEN = re.compile(rb"\x1b[12],")
"""What each answer to something recorded or set ends with, once."""
WINDOW = 64
"""So many scans at most are on their way at a port: a terminal holds 4 KiB."""
ROUNDS = 3


def latency(
    folder: Path, database: Path, ports: int, seconds: float
) -> Iterator[Measured]:
    """Yield how soon a scan is answered while others read the database."""
    for what, each_s in (
        (f"{RATE} scans a second, {ports} ports in all", ports / RATE),
        (f"{RATE} scans a second at each of {ports} ports", 1 / RATE),
    ):
        ours: list[float] = []
        plain: list[float] = []
        with (
            at_work(folder, ports) as (_, lines),
            floor(folder, database) as below,
            readers(database),
        ):
            scanned = [rounds(number, ports) for number in range(ports)]
            for line, texts in zip(lines, scanned, strict=True):
                for text in islice(texts, 3):
                    line.ask(text)
            scripts = list(zip(lines, scanned, strict=True))
            theirs = rounds(0, 1)
            for _ in range(ROUNDS):
                ours += _paced(scripts, each_s, seconds / ROUNDS)
                plain += _paced_floor(below, theirs, each_s / ports, seconds / ROUNDS)
        yield from _latency_lines(what, ours, plain)


def _paced(
    scripts: list[tuple[Line, Iterator[str]]], each_s: float, seconds: float
) -> list[float]:
    taken: list[list[float]] = [[] for _ in scripts]

    def scan(number: int) -> None:
        line, texts = scripts[number]
        begun = perf_counter()
        due = begun + each_s * number / len(scripts)
        while due < begun + seconds:
            sleep(max(0.0, due - perf_counter()))
            taken[number].append(line.ask(next(texts)))
            due += each_s

    threads = [threading.Thread(target=scan, args=(n,)) for n in range(len(scripts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [one for each in taken for one in each]


def _paced_floor(
    below: Floor, texts: Iterator[str], each_s: float, seconds: float
) -> list[float]:
    taken = []
    begun = due = perf_counter()
    while due < begun + seconds:
        sleep(max(0.0, due - perf_counter()))
        text = next(texts)
        from_s = perf_counter()
        below.scan(text)
        taken.append(perf_counter() - from_s)
        due += each_s
    return taken


def _latency_lines(
    what: str, ours: list[float], plain: list[float]
) -> Iterator[Measured]:
    (middle, slow), (floor_middle, floor_slow) = percentiles(ours), percentiles(plain)
    spread = f"{1000 * middle:.2f} / {1000 * slow:.2f} ms"
    beside = f"{1000 * floor_middle:.2f} / {1000 * floor_slow:.2f} ms"
    yield Measured(
        what=f"{what}, p50 / p99",
        ours=spread,
        floor=beside,
        ratio=middle / floor_middle,
    )
    yield Measured(
        what="  its p99 beside 15 ms",
        ours=f"{1000 * slow:.2f} ms",
        aim="< 15 ms",
        met=slow < P99_MAX_S,
    )
    yield Measured(
        what="  its p99 beside that of the floor",
        ours=f"{1000 * slow:.2f} ms",
        floor=f"{1000 * floor_slow:.2f} ms",
        ratio=slow / floor_slow,
        aim=f"<= {TIMES_MAX} times",
        met=slow <= TIMES_MAX * floor_slow,
    )


def sustained(folder: Path, database: Path, ports: int, scans: int) -> Measured:
    """Return how many scans a second are answered when they do not stop coming."""
    ours, plain = [], []
    with (
        at_work(folder, ports) as (_, lines),
        floor(folder, database) as below,
    ):
        scanned = [rounds(number, ports) for number in range(ports)]
        theirs = rounds(0, 1)
        for _ in range(ROUNDS):
            share = scans // ports // ROUNDS
            begun = perf_counter()
            burst(lines, scanned, share)
            ours.append((perf_counter() - begun) / (share * ports))
            begun = perf_counter()
            for text in islice(theirs, share * ports):
                below.scan(text)
            plain.append((perf_counter() - begun) / (share * ports))
    return rate_line(f"sustained, {ports} ports", [median(ours)], [median(plain)])


def burst(lines: list[Line], scanned: list[Iterator[str]], share: int) -> None:
    """Scan `share` codes at each port, a window ahead of the answers."""

    def scan(line: Line, texts: Iterator[str]) -> None:
        sent = answered = rest = 0
        heard = b""
        while answered < share:
            ahead = min(WINDOW - (sent - answered), share - sent)
            if ahead > 0:
                line.send(b"".join(it.encode() + END for it in islice(texts, ahead)))
                sent += ahead
            heard += line.hear()
            for green in GREEN.finditer(heard):
                answered += 1
                rest = green.end()
            heard, rest = heard[rest:], 0

    threads = [
        threading.Thread(target=scan, args=pair)
        for pair in zip(lines, scanned, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
