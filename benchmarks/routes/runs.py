"""Everybody is a process of its own, with the same limit and the same cores."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Timer
from time import perf_counter
from typing import Any

from benchmarks.routes.environment import ROOT, python_in, versions

OURS = "ours"
PEERS = {"pyvrp": 2, "vroom": 1, "vrp_cli": 1, "ortools": 2}
"""How many of each take the two cores: of those that use one, two with other seeds."""
FSC = "from fsc_logistics.cli.main import main; main()"
GRACE_S = 60.0
"""Beyond twice its limit nobody is waited for longer."""


PACKAGES = {
    "pyvrp": "pyvrp",
    "vroom": "pyvroom",
    "vrp_cli": "vrp-cli",
    "ortools": "ortools",
}


@cache
def version_of(who: str) -> str:
    """Return what is pinned of a peer, and a hash of what is written here for it.

    Of ours, a hash of what it is written in.
    """
    if who == OURS:
        return _hash_of(ROOT / "routes")
    pinned = next(one for one in versions() if one.startswith(f"{PACKAGES[who]}=="))
    return f"{pinned} {_hash_of(Path(__file__).with_name('peers'))}"


def _hash_of(folder: Path) -> str:
    sources = sorted(
        one for one in folder.rglob("*") if one.suffix in (".py", ".c", ".h")
    )
    return sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who is asked, and what they are given."""

    who: str
    problem: Path
    seconds: float
    seed: int
    threads: int
    peers: Path
    """The environment of the peers."""

    def commands(self) -> list[list[str]]:
        """Return what is started at the same time."""
        if self.who == OURS:
            options = {
                "--time-limit": self.seconds,
                "--threads": self.threads,
                "--seed": self.seed,
            }
            told = [f"{word}" for pair in options.items() for word in pair]
            solve = ("route", "solve", str(self.problem))
            return [[sys.executable, "-c", FSC, *solve, *told]]
        module = f"benchmarks.routes.peers.by_{self.who}"
        copies = min(PEERS[self.who], self.threads)
        threads = self.threads // copies
        return [
            [
                *(str(python_in(self.peers)), "-m", module, str(self.problem)),
                *(f"{self.seconds:g}", str(self.seed * copies + n), str(threads)),
            ]
            for n in range(copies)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of it."""

    answers: tuple[dict[str, Any], ...]
    wall_s: float
    """Of the slowest, from its start to its end."""
    cpu_s: float
    """Of all of them together."""
    memory_mib: float
    """At its most, of the largest."""
    error: str = ""


def run(asked: Asked) -> Ran:
    """Start all copies of a solver, wait for them, and return their answers."""
    ran = together(asked.commands(), limit_s=2 * asked.seconds + GRACE_S)
    if asked.who == OURS:
        return replace(ran, answers=tuple({"plan": one} for one in ran.answers))
    return ran


def together(commands: Sequence[Sequence[str]], *, limit_s: float) -> Ran:
    """Start `commands` at once and return what they answered, JSON each.

    Those that are not done by the limit are ended.
    """
    begun = perf_counter()
    with tempfile.TemporaryDirectory(prefix="fsc-bench-") as name:
        stems = [Path(name) / str(n) for n in range(len(commands))]
        children = [
            _start(command, stem) for command, stem in zip(commands, stems, strict=True)
        ]
        usages = [_wait(child, begun + limit_s) for child in children]
        wall_s = perf_counter() - begun
        told = [stem.with_suffix(".out").read_text("utf-8") for stem in stems]
        errors = [
            stem.with_suffix(".err").read_text("utf-8")
            for stem, child in zip(stems, children, strict=True)
            if child.returncode
        ]
    return Ran(
        answers=() if errors else tuple(json.loads(text) for text in told),
        wall_s=wall_s,
        cpu_s=sum(one.ru_utime + one.ru_stime for one in usages),
        memory_mib=max(one.ru_maxrss for one in usages) / 1024,
        error=_last_line(errors[0], wall_s) if errors else "",
    )


def _start(command: Sequence[str], stem: Path) -> subprocess.Popen[bytes]:
    with (
        stem.with_suffix(".out").open("wb") as out,
        stem.with_suffix(".err").open("wb") as err,
    ):
        return subprocess.Popen(
            command, cwd=ROOT, stdout=out, stderr=err, start_new_session=True
        )


def _wait(child: subprocess.Popen[bytes], end: float) -> Any:
    """Wait for `child` or, at `end`, for its end; return what it used."""
    watch = Timer(max(0.0, end - perf_counter()), _kill, [child.pid])
    watch.start()
    try:
        _, status, usage = os.wait4(child.pid, 0)
    except BaseException:
        _kill(child.pid)
        raise
    finally:
        watch.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _last_line(text: str, wall_s: float) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else f"ended without a word after {wall_s:.0f} s"
