"""Ask everybody the same, have every plan read twice, print tables."""

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from benchmarks.folder import folder
from benchmarks.routes import day_table, distance_table, own_table, phone_table, weeks
from benchmarks.routes.asking import (
    DAY_SET,
    OWN_SET,
    Terms,
    alone_and_longer,
    ask_all,
    of_days,
    of_files,
    of_own_days,
)
from benchmarks.routes.days import DAYS
from benchmarks.routes.distance_files import SAMPLE, files
from benchmarks.routes.environment import FOLDER, is_made, versions
from benchmarks.routes.results import Result, Results
from benchmarks.routes.runs import OURS, PEERS
from benchmarks.table import heading

PHONE_SET = "phone"
WEEKS_SET = "weeks"
SETS = (*SAMPLE, DAY_SET, OWN_SET, PHONE_SET, WEEKS_SET)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print tables."""
    parser = _parser()
    given = parser.parse_args(arguments)
    peers = [one for one in given.peers.split(",") if one]
    if unknown := set(peers) - PEERS.keys():
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    groups = given.groups.split(",")
    if unknown := set(groups) - set(SETS):
        parser.error(f"no such set: {', '.join(sorted(unknown))}")
    if peers and not is_made(given.peers_dir):
        parser.error(f"no peers in {given.peers_dir}: make bench-routes installs them")
    if given.files is None:
        groups = [one for one in groups if one not in SAMPLE]
    terms = Terms(
        seconds=[float(one) for one in given.seconds.split(",")],
        seeds=range(1, given.seeds + 1),
        threads=given.threads,
        solvers=[OURS, *peers],
        peers=given.peers_dir,
    )
    print(_machine(terms), flush=True)
    with folder(given.dir) as where:
        results = _ask(given, groups, terms, where)
    _print(results)
    for group, rows in ((PHONE_SET, phone_table.rows), (WEEKS_SET, weeks.rows)):
        if group in groups:
            for measured in rows():
                print(measured.line(), flush=True)


def _ask(
    given: argparse.Namespace, groups: Sequence[str], terms: Terms, where: Path
) -> list[Result]:
    results = Results(where / "results.jsonl")
    found: list[Result] = []
    academic = [one for one in groups if one in SAMPLE]
    if academic:
        read = files(given.files, whole=given.set == "whole", groups=academic)
        found += ask_all(of_files(read), terms, results, where, _say)
    if DAY_SET in groups:
        found += ask_all(of_days(given.days), terms, results, where, _say)
    if OWN_SET in groups:
        alone = alone_and_longer(terms)
        found += ask_all(of_own_days(), alone, results, where, _say)
    return found


def _print(results: Sequence[Result]) -> None:
    distances = [one for one in results if one.group in SAMPLE]
    days = [one for one in results if one.group == DAY_SET]
    own = [one for one in results if one.group == OWN_SET]
    print(*distance_table.tables(distances), *day_table.tables(days), sep="\n")
    print("", *heading(), sep="\n")
    for measured in chain(
        distance_table.aims(distances), day_table.aims(days), own_table.aims(own)
    ):
        print(measured.line())


def _say(sentence: str) -> None:
    # On stderr: the tables alone are what a run is for.
    print(sentence, file=sys.stderr, flush=True)


def _machine(terms: Terms) -> str:
    beside = f"; {', '.join(versions())}" if len(terms.solvers) > 1 else ""
    return (
        f"Python {platform.python_version()}, {platform.system()}"
        f" {platform.machine()}, {os.cpu_count()} cores,"
        f" {terms.threads} for each{beside}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.routes", description="Routes, beside those of peers."
    )
    add = parser.add_argument
    add("--files", type=Path, help="Where the academic files are; none without it.")
    add("--set", choices=("sample", "whole"), default="sample", help="Of the files.")
    add("--groups", default=",".join(SETS), help=f"Of {', '.join(SETS)}.")
    add("--days", type=int, default=DAYS, help="How many of the sixty.")
    add("--seconds", default="10,30", help="Time limits, one after the other.")
    add("--seeds", type=int, default=3, help="From 1 on.")
    add("--threads", type=int, default=2, help="Cores for each solver.")
    add("--peers", default=",".join(PEERS), help="Who; an empty list for nobody.")
    add("--peers-dir", type=Path, default=FOLDER, help="Their environment.")
    add("--dir", type=Path, help="Kept: a run broken off goes on where it was.")
    return parser


if __name__ == "__main__":
    main()
