"""Torment a station, then count: what was answered, and what is in the ledger."""

import argparse
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from time import perf_counter

from benchmarks.ledger.rows import tag
from benchmarks.soak.gun import Gun
from benchmarks.soak.house import (
    DEVICES,
    Database,
    Service,
    database,
    mismatches,
    recorded,
)
from benchmarks.soak.trouble import Troubles
from scanner.scan import Outcome

GUNS = (
    ("line", "honeywell"),
    ("line", "honeywell"),
    ("line", "datalogic"),
    ("ssi", "ssi"),
)
PLACES = ("VAN-00", "VAN-01")


def main(arguments: Sequence[str] | None = None) -> int:
    """Torment and count; return 1 where a scan was lost, doubled or out of order."""
    given = _parser().parse_args(arguments)
    begun = perf_counter()
    with (
        tempfile.TemporaryDirectory(prefix="fsc-soak-") as name,
        database(given.engine, Path(name)) as store,
    ):
        faults = _torment(Path(name), store, given)
    print(f"{'seconds':<32}{perf_counter() - begun:,.0f}")
    return 1 if faults else 0


def _torment(folder: Path, store: Database, given: argparse.Namespace) -> int:
    guns = [
        Gun(folder / f"gun-{number}", *kind, _script(number), given.seed + number)
        for number, kind in enumerate(GUNS)
    ]
    for gun in guns:
        gun.plug_in()
    service = Service(folder, store.url, [gun.settings() for gun in guns])
    troubles = Troubles(service, store, given.seed)
    ended = threading.Event()
    failed: list[Exception] = []

    def answered_count() -> int:
        return sum(len(gun.answered) for gun in guns)

    def hold(gun: Gun) -> None:
        try:
            gun.scan_until(ended)
        except Exception as error:  # Told in the thread that waits for it.
            failed.append(error)
            ended.set()

    hands = [threading.Thread(target=hold, args=(gun,)) for gun in guns]
    for hand in hands:
        hand.start()
    try:
        troubles.all_once()
        troubles.make(
            given.kills,
            lambda: bool(failed) or answered_count() >= given.scans,
            given.every,
        )
    finally:
        ended.set()
        for hand in hands:
            hand.join()
    if failed:
        raise failed[0]
    service.wait_recorded()
    service.stop()
    for gun in guns:
        gun.unplug()
    return _tell(guns, troubles, store)


def _script(number: int) -> Iterator[str]:
    """Yield what is scanned at one of the guns: its devices go to and fro."""
    mine = [tag(one) for one in range(1 + number, 1 + DEVICES, len(GUNS))]
    yield "%C:MODE:MOVE"
    while True:
        for place in PLACES:
            yield f"%L:{place}"
            yield from mine


def _tell(guns: Sequence[Gun], troubles: Troubles, store: Database) -> int:
    """Print the counts; return how many faults there are."""
    lost = doubled = disordered = otherwise = in_ledger = 0
    for gun in guns:
        rows = recorded(store.url, gun.read_point)
        texts = [text for text, _, _ in rows]
        said = [text for text, _ in gun.answered]
        if texts != said:
            _show_difference(gun, texts)
            lost += max(0, len(said) - len(texts))
            doubled += max(0, len(texts) - len(said))
            disordered += sum(a != b for a, b in zip(texts, said, strict=False))
        for (_, heard), (_, outcome, is_event) in zip(gun.answered, rows, strict=False):
            otherwise += heard is not Outcome.STORED and heard.value != outcome
            otherwise += (outcome == Outcome.OK.value) != is_event
            in_ledger += is_event
    wrong = mismatches(store.url)
    told = {
        "scans answered": sum(len(gun.answered) for gun in guns),
        "  sent": sum(gun.sends_count for gun in guns),
        "  heard while the database was away": _heard(guns, Outcome.STORED),
        "  not saved, and scanned again": sum(gun.not_saved_count for gun in guns),
        "  confirmed in silence, and again": sum(gun.silent_count for gun in guns),
        "movements in the ledger": in_ledger,
        "longest wait for an answer, s": max(
            round(it) for gun in guns for it in gun.waited_s
        ),
        "cable pulled in a code": sum(gun.pulled_count for gun in guns),
        **troubles.counts,
        "lost": lost,
        "twice": doubled,
        "out of order": disordered,
        "recorded as another than heard": otherwise,
        "mismatches of the ledger": wrong,
    }
    for what, count in told.items():
        print(f"{what:<38}{count:>10,}")
    return lost + doubled + disordered + otherwise + wrong


def _show_difference(gun: Gun, texts: Sequence[str]) -> None:
    """Print where what is recorded of a gun first differs from what was answered."""
    said = [text for text, _ in gun.answered]
    pairs = zip_longest(said, texts)
    first = next(number for number, (a, b) in enumerate(pairs) if a != b)
    around = slice(max(0, first - 2), first + 3)
    print(f"{gun.read_point}, scan {first:,}:")
    print("  answered", *said[around])
    print("  recorded", *texts[around])
    print("  answered after, s", *(f"{it:.1f}" for it in gun.waited_s[around]))


def _heard(guns: Sequence[Gun], outcome: Outcome) -> int:
    return sum(heard is outcome for gun in guns for _, heard in gun.answered)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description="The scanner service under every fault there is.",
    )
    parser.add_argument("--scans", type=int, default=10_000, help="At least so many.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--every", type=float, default=4, help="Seconds, at most.")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
