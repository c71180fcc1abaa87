"""Commands of `fsc`, each in a process of its own: how long, and how much memory.

python -m benchmarks.ledger.child DATABASE ARGUMENT...   measures one, and says so
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

_FSC = "from fsc_logistics.cli.main import main; main()"
KIB = 1024


@dataclass(frozen=True, slots=True)
class Done:
    """What a command took."""

    taken_s: float
    memory_bytes: int
    """The most that it, or the largest of its own processes, had at once."""
    said: str


def run(database: str, *arguments: str) -> Done:
    """Run a command of `fsc`.

    Raises:
        RuntimeError: it failed.
    """
    # By a small process between: what a process had before it became another program
    # counts as that one's memory too, and this one has built a ledger.
    done = subprocess.run(
        [sys.executable, "-m", __name__, database, *arguments],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"fsc {' '.join(arguments)} failed: {done.stdout}")
    return Done(**json.loads(done.stdout))


def main(database: str, arguments: Sequence[str]) -> int:
    """Run a command of `fsc` and print what it took; return its exit code."""
    environment: Mapping[str, str] = {**os.environ, "FSC_DATABASE": database}
    begun = perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", _FSC, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        # Not `wait`: the usage of this child alone is wanted.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    taken_s = perf_counter() - begun
    if process.returncode == 0:
        print(json.dumps(asdict(Done(taken_s, usage.ru_maxrss * KIB, said))))
    else:
        print(said)
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
