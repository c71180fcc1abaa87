"""What goes over all of it: import, export, verify, rebuild, and their memory."""

import csv
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from secrets import token_hex
from time import perf_counter

from benchmarks.ledger.child import Done, run
from benchmarks.ledger.life import DEPOTS, END_US, SHELVES, Size
from benchmarks.ledger.plain import Plain
from benchmarks.ledger.plain_whole import import_devices, rebuild, verify
from benchmarks.table import Measured, rate_line

MIB = 1 << 20
VERIFY_MAX_S = 60.0
GROWTH_MAX = 32 * MIB
"""More than this for ten times the rows is growth, not noise."""
LINES_LEAST, LINES_MAX = 10_000, 100_000
"""Of the larger file: a tenth of the devices, where that is enough to tell a rate."""
VERIFY, REBUILD = ("ledger", "verify"), ("ledger", "rebuild")
COLUMNS = ("device", "model", "serial", "owner", "location")


def whole(database: str, smaller: str, size: Size, folder: Path) -> Iterator[Measured]:
    """Yield what was measured of a large ledger, and of a smaller one beside it."""
    plain = Plain(database)
    lines = min(LINES_MAX, max(size.devices // 10, min(size.devices, LINES_LEAST)))
    few, many = _file(folder, "FEW", lines // 10), _file(folder, "MANY", lines)
    little = run(database, "device", "import", str(few), "--json")
    much = run(database, "device", "import", str(many), "--json")
    floor_s = _timed(
        partial(import_devices, plain, _file(folder, "RAW", lines), END_US)
    )
    yield rate_line("import of devices", [much.taken_s], [floor_s], each=lines)
    memory = [("import of devices", little, much)]
    done = run(database, *VERIFY)
    yield _time_line("verify", done, _timed(partial(verify, plain)))
    memory.append(("verify", run(smaller, *VERIFY), done))
    plain.close()
    yield from _rebuilt(database, smaller, memory)
    export = ("device", "export", str(folder / "devices.csv"))
    memory.append(("export of devices", run(smaller, *export), run(database, *export)))
    for name, little, much in memory:
        yield _memory_line(name, little, much)


def _rebuilt(
    database: str, smaller: str, memory: list[tuple[str, Done, Done]]
) -> Iterator[Measured]:
    """Yield how long rebuilding takes.

    Every span of a tenth of the devices: all of a large ledger are most of an hour,
    for the floor too.  Of all devices, those that are wrong: none are.
    """
    plain = Plain(smaller)
    done = run(smaller, *REBUILD)
    yield _time_line("rebuild, of a tenth of it", done, _timed(partial(rebuild, plain)))
    plain.close()
    wrong = run(database, *REBUILD, "--only-wrong")
    yield Measured(what="rebuild of what is wrong", ours=f"{wrong.taken_s:.1f} s")
    little = run(smaller, *REBUILD, "--only-wrong")
    memory.append(("rebuild of what is wrong", little, wrong))


def _file(folder: Path, prefix: str, lines: int) -> Path:
    """Write a file of new devices, as a maker sends it."""
    file = folder / f"{prefix}.csv"
    # A database that is measured again has those of the last time.
    prefix += token_hex(3).upper()
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for number in range(lines):
            shelf = f"D{number % DEPOTS:02}-S{number // 100 % SHELVES:02}"
            tag = f"{prefix}-{number:07}"
            writer.writerow((tag, "OXI", f"{prefix}{number}", "REGION", shelf))
    return file


def _timed(call: Callable[[], None]) -> float:
    begun = perf_counter()
    call()
    return perf_counter() - begun


def _time_line(what: str, done: Done, floor_s: float) -> Measured:
    aimed = what == "verify"
    return Measured(
        what=f"{what} ({done.said.strip().splitlines()[-1]})",
        ours=f"{done.taken_s:.1f} s",
        floor=f"{floor_s:.1f} s",
        ratio=done.taken_s / floor_s,
        aim=f"< {VERIFY_MAX_S:.0f} s" if aimed else "-",
        met=done.taken_s < VERIFY_MAX_S if aimed else None,
    )


def _memory_line(what: str, little: Done, much: Done) -> Measured:
    growth = much.memory_bytes - little.memory_bytes
    return Measured(
        what=f"memory of {what}, of ten times as much",
        ours=f"{little.memory_bytes / MIB:.0f} -> {much.memory_bytes / MIB:.0f} MiB",
        aim=f"< {GROWTH_MAX // MIB} MiB more",
        met=growth < GROWTH_MAX,
    )
