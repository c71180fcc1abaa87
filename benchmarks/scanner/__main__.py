"""Put a station to work, measure, print a table."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.folder import folder
from benchmarks.scanner.rates import latency, sustained
from benchmarks.scanner.station import make_centre
from benchmarks.scanner.whole import bulk, idle, memory
from benchmarks.table import Measured, heading, machine


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    given = _parser().parse_args(arguments)
    print(machine("sqlite"))
    print(*heading(), sep="\n", flush=True)
    with folder(given.dir) as where:
        for measured in _measured(where, given):
            print(measured.line(), flush=True)


def _measured(folder: Path, given: argparse.Namespace) -> Iterator[Measured]:
    database = make_centre(folder)
    yield from latency(folder, database, given.ports, given.seconds)
    yield sustained(folder, database, given.ports, given.scans)
    yield bulk(folder, database, given.tags)
    yield idle(folder, 2 * given.ports, given.idle)
    yield memory(folder, given.ports, given.memory_scans)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scanner", description="The scanner service at work."
    )
    parser.add_argument("--ports", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60, help="Of paced scans.")
    parser.add_argument("--scans", type=int, default=20_000)
    parser.add_argument("--tags", type=int, default=1_000)
    parser.add_argument("--idle", type=float, default=30, help="Seconds of rest.")
    parser.add_argument("--memory-scans", type=int, default=1_000_000)
    parser.add_argument("--dir", type=Path, help="Where the files are made, and kept.")
    return parser


if __name__ == "__main__":
    main()
