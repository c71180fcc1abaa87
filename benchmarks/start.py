"""How long `fsc` takes to start, beside Python itself and the library it stands on.

    python benchmarks/start.py [--quick]

Every case is a process of its own, and all cases take turns, so that a machine that is
busy for a while is busy for all of them.  Medians are compared, not means: a start is
sometimes disturbed, never helped.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from statistics import median, quantiles

FSC = "from fsc_logistics.cli.main import main; main()"
"""What the installed command `fsc` runs."""
PYTHON = "python -c pass"
CASES: Mapping[str, tuple[str, ...]] = {
    PYTHON: ("pass",),
    'python -c "import sqlalchemy"': ("import sqlalchemy",),
    'python -c "import sqlalchemy.orm"': ("import sqlalchemy.orm",),
    "fsc --help": (FSC, "--help"),
    "fsc who OXI-001": (FSC, "who", "OXI-001"),
}
DEVICES = 50


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="How long fsc takes to start.")
    parser.add_argument("--quick", action="store_true", help="Three rounds, not 25.")
    rounds = 3 if parser.parse_args(arguments).quick else 25
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "FSC_DATABASE": str(Path(folder) / "fsc.db")}
        make_centre(environment["FSC_DATABASE"])
        taken_s = measure(environment, rounds, Path(folder))
    print(machine(rounds))
    print("\n".join(table(taken_s)))


def make_centre(database: str) -> None:
    """Make a small database with the commands themselves."""
    for line in (
        "db upgrade",
        "party add DEPOT --kind partner",
        "location add HORSENS --kind warehouse --keeper DEPOT",
        "model add 3230 --maker Nonin --name Onyx --category oximeter",
        *(
            f"device add OXI-{number:03} --model 3230 --owner DEPOT"
            " --at-location HORSENS"
            for number in range(1, DEVICES + 1)
        ),
    ):
        run_here(database, line)


def run_here(database: str, line: str) -> None:
    """Run one command in this process, without its output."""
    from fsc_logistics.cli.main import fsc

    with redirect_stdout(StringIO()):
        fsc.main(["--database", database, *line.split()], standalone_mode=False)


def measure(
    environment: Mapping[str, str], rounds: int, folder: Path
) -> dict[str, list[float]]:
    """Return how long each case took in each round, in seconds."""
    taken_s: dict[str, list[float]] = {name: [] for name in CASES}
    for turn in range(rounds + 1):
        for name, arguments in CASES.items():
            begun = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", *arguments],
                env=environment,
                cwd=folder,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            # The first round only fills the caches: bytecode, and the disk's own.
            if turn > 0:
                taken_s[name].append(time.perf_counter() - begun)
    return taken_s


def machine(rounds: int) -> str:
    """Return what was measured on."""
    return (
        f"Python {platform.python_version()}, {platform.system()}"
        f" {platform.machine()}, {os.cpu_count()} cores, {rounds} rounds"
    )


def table(taken_s: Mapping[str, Sequence[float]]) -> list[str]:
    """Return the lines of a table: medians, quartiles, ratios to bare Python."""
    width = max(map(len, taken_s))
    bare_s = median(taken_s[PYTHON])
    lines = [f"{'case':{width}}  median   quartiles       over python"]
    for name, all_s in taken_s.items():
        low, middle, high = (round(1000 * s) for s in quantiles(all_s, n=4))
        lines.append(
            f"{name:{width}}  {middle:3} ms   {low:3} - {high:3} ms"
            f"  {median(all_s) / bare_s:8.1f} x"
        )
    return lines


if __name__ == "__main__":
    main()
