"""The benchmarks measure what they say, on what is whole; a small slice of each."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from benchmarks.ledger.build import build
from benchmarks.ledger.life import Size, lives
from benchmarks.routes.days import day, frozen_hashes
from fsc_logistics.core.database import Sessions
from fsc_logistics.core.database_check import defects
from fsc_logistics.core.proof.verification import verify

ROOT = Path(__file__).parents[1]
SMALL = Size(devices=100, events_per_device=8)
ROWS = [
    "bytes per event",
    "who, p50 / p99",
    "who --at, p50 / p99",
    "who --at, p99",
    "holdings of a citizen, p50 / p99",
    "holdings of a warehouse now",
    "holdings of a warehouse a year ago",
    "live scans, each durable before its beep",
    "late scans, each durable before its beep",
    "a batch of 300 late scans",
    "import of devices",
    "verify",
    "rebuild, of a tenth of it",
    "rebuild of what is wrong",
    "memory of import of devices",
    "memory of verify",
    "memory of rebuild of what is wrong",
    "memory of export of devices",
]


def silent(_what: str) -> None:
    pass


def guards(engine):
    """Return every index and trigger of a database, as the engine tells them."""
    query = (
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger')"
        if engine.dialect.name == "sqlite"
        else "SELECT 'index', indexname, indexdef FROM pg_indexes"
        " WHERE schemaname = 'public'"
    )
    with engine.connect() as connection:
        return set(map(tuple, connection.execute(sa.text(query))))


@pytest.fixture
def made_up(engine, database_url):
    """A made-up centre, and the indexes and triggers there were before it."""
    before = guards(engine)
    # The journal is another while loading: nobody else may have the file open.
    engine.dispose()
    build(database_url, SMALL, lives(SMALL), silent)
    return before


def test_a_made_up_ledger_is_verified_like_a_real_one(made_up, engine):
    with Sessions(engine).read() as session:
        found = verify(session)

    assert found.mismatches == ()
    assert (found.devices, found.events) == (100, 800)


def test_bulk_loading_puts_back_what_it_put_aside(made_up, engine):
    assert guards(engine) == made_up
    assert defects(engine) == []


def test_the_benchmark_of_the_ledger_measures_every_row():
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "benchmarks.ledger",
            *("--devices", "300", "--events-per-device", "6"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )

    machine, heads, _rule, *rows = done.stdout.splitlines()
    assert machine.endswith(" cores")
    assert heads.split() == ["what", "ours", "floor", "ratio", "aim"]
    for row, what in zip(rows, ROWS, strict=True):
        assert row.startswith(what)
    (verified,) = (row for row in rows if row.startswith("verify"))
    assert ", 0 mismatches)" in verified


SCANNER_ROWS = [
    "20 scans a second, 2 ports in all, p50 / p99",
    "  its p99 beside 15 ms",
    "  its p99 beside that of the floor",
    "20 scans a second at each of 2 ports, p50 / p99",
    "  its p99 beside 15 ms",
    "  its p99 beside that of the floor",
    "sustained, 2 ports",
    "50 RFID tags at once, to the last one recorded",
    "idle, 4 ports, of a core",
    "memory after 400 scans, beside that after 200",
]


def run(module, *arguments):
    """Run a benchmark, and return what it prints, by lines."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.skipif(os.name == "nt", reason="needs pseudo-terminals")
def test_the_benchmark_of_the_scanner_measures_every_row():
    _machine, _heads, _rule, *rows = run(
        "benchmarks.scanner",
        *("--ports", "2", "--seconds", "0.8", "--scans", "150", "--tags", "50"),
        *("--idle", "0.5", "--memory-scans", "400"),
    )

    for row, what in zip(rows, SCANNER_ROWS, strict=True):
        assert row.startswith(what)


@pytest.mark.skipif(os.name == "nt", reason="needs pseudo-terminals")
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_tormented_station_loses_no_answered_scan_and_doubles_none(engine):
    told = dict(
        line.rsplit(maxsplit=1)
        for line in run(
            "benchmarks.soak", *("--scans", "300", "--kills", "5", "--engine", engine)
        )
    )

    assert int(told["scans answered"].replace(",", "")) >= 300
    assert {
        what: told[what] for what in ("kill -9", "lost", "twice", "out of order")
    } == {"kill -9": "5", "lost": "0", "twice": "0", "out of order": "0"}
    assert told["recorded as another than heard"] == "0"
    assert told["mismatches of the ledger"] == "0"
    for trouble in ("database stopped and started", "slow disk", "full disk"):
        assert int(told[trouble]) >= 1
    for trouble in ("clock set", "second service refused"):
        assert int(told[trouble]) >= 1


def tiny(folder):
    """Write two files in Solomon's form and what is best known of them."""
    head = (
        "TINY\n\nVEHICLE\nNUMBER CAPACITY\n 3 10\n\nCUSTOMER\nCUST NO. X Y D R D S\n\n"
    )
    rows = ["0 0 0 0 0 100 0", "1 3 4 4 0 90 5", "2 6 8 4 0 90 5", "3 0 5 4 40 60 5"]
    (folder / "solomon").mkdir()
    for name in ("C1_tiny", "R2_tiny"):
        text = head + "\n".join(rows) + "\n"
        (folder / "solomon" / f"{name}.txt").write_text(text)
    best = {"vrptw_distance_dimacs": {"C1_tiny": 30.0, "R2_tiny": 30.0}}
    (folder / "best_known.json").write_text(json.dumps(best))
    return folder


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX processes")
def test_the_benchmark_of_routes_has_every_plan_read_twice(tmp_path):
    asked = (
        *("--groups", "solomon,days", "--set", "whole", "--files", tiny(tmp_path)),
        *("--days", "1", "--seconds", "1", "--seeds", "1", "--peers", ""),
        *("--threads", "1", "--dir", tmp_path / "kept"),
    )

    first = run("benchmarks.routes", *asked)
    kept = (tmp_path / "kept" / "results.jsonl").read_text()
    again = run("benchmarks.routes", *asked)

    assert again == first
    assert (tmp_path / "kept" / "results.jsonl").read_text() == kept
    assert kept.count("\n") == 3
    (gap,) = (line for line in first if line.startswith("solomon, mean gap"))
    # There and back through the first two, 20.0, and out to the third, 10.0.
    assert "0.000 %" in gap
    (broken,) = (line for line in first if line.startswith("days, plans with"))
    assert "0 of 1" in broken
    assert broken.endswith("none met")


@pytest.mark.parametrize("what", ["first", "insert", "without"])
def test_the_benchmark_of_routes_asks_on_the_phone(what):
    (line,) = run("benchmarks.routes.phone", what, "12", "4", "1")

    told = json.loads(line)
    assert told["wrong"] == []
    assert told["left_out"] == 0


def test_the_benchmark_of_routes_plans_many_days():
    (line,) = run("benchmarks.routes.weeks", "30", "2", "1")

    told = json.loads(line)
    assert told["wrong"] == []
    assert told["left_out"] == 0


@pytest.mark.parametrize("number", [1, 24, 60])
def test_a_frozen_day_is_what_it_was(number):
    made = day(number)

    assert made.hash == frozen_hashes()[made.name]
    assert len(made.problem["jobs"]) == made.visits
