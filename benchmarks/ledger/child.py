"""Commands of `fsc`, each in a process of its own: how long, and how much memory."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
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
    if process.returncode != 0:
        raise RuntimeError(f"fsc {' '.join(arguments)} failed: {said}")
    return Done(taken_s, usage.ru_maxrss * KIB, said)
