"""What was found, one JSON object a line, so that a run broken off can go on."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

Key: TypeAlias = tuple[str, str, str, str, float, int, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one solver made of one question with one seed."""

    group: str
    """Which set: days, own, solomon, …"""
    name: str
    kind: str
    """Its class within the set."""
    who: str
    version: str
    """Of the solver: another one is asked again."""
    seconds: float
    seed: int
    threads: int
    hash: str
    """Of the question."""
    best: float | None = None
    """Best known, of an academic file."""
    best_routes: int | None = None
    not_able: str = ""
    error: str = ""
    worth: dict[str, Any] | None = None
    """A `Worth`, field by field; None where there is no plan."""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    memory_mib: float = 0.0

    @property
    def key(self) -> Key:
        """Return what nobody is asked twice."""
        return (
            *(self.group, self.name, self.who, self.version),
            *(self.seconds, self.seed, self.threads, self.hash),
        )

    @property
    def legal(self) -> bool:
        """Return whether there is a plan in which neither checker finds anything."""
        worth = self.worth
        return worth is not None and not worth["wrong"] and not worth["wrong_too"]

    @property
    def gap(self) -> float:
        """Return by how many per cent a file's distance is above the best known.

        Infinite where there is no legal plan.
        """
        if self.worth is None or not self.legal or self.best is None:
            return float("inf")
        return 100 * (float(self.worth["distance"]) / self.best - 1)


class Results:
    """A file that only grows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found = {one.key: one for one in _read(path)}

    def add(self, result: Result) -> None:
        """Keep `result`, on disk first."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(result)) + "\n")
        self.found[result.key] = result

    def get(self, key: Key) -> Result | None:
        """Return what was found then, or None where nobody has asked yet."""
        return self.found.get(key)


def _read(path: Path) -> Iterator[Result]:
    if not path.exists():
        return
    lines = path.read_bytes().splitlines(keepends=True)
    if lines and not lines[-1].endswith(b"\n"):
        # The line that a crash cut short is asked again, and must not spoil the next.
        lines.pop()
        path.write_bytes(b"".join(lines))
    for line in lines:
        yield Result(**json.loads(line))
