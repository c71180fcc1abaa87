"""The academic files, read from a folder that is given: they are not carried here.

What a file says is written as the VROOM API does, in whole numbers, so that everybody
is asked the same: Solomon's and Gehring and Homberger's in tenths, distances cut to one
decimal (the convention of the 12th DIMACS challenge); Li and Lim's in thousandths
rounded up, with a vehicle dearer than any route: fewest routes first.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor, hypot
from pathlib import Path
from typing import Any

TENTHS = 10
THOUSANDTHS = 1000
_CLASS = re.compile("l?(rc|r|c)([12])", re.IGNORECASE)
VEHICLE_COST = 10**7
"""In thousandths: more than all driving of any of these files."""

SOLOMON = "solomon"
HOMBERGER_200 = "homberger_200"
HOMBERGER_400 = "homberger_400"
LI_LIM = "li_lim_100"
KNOWN = {
    SOLOMON: "vrptw_distance_dimacs",
    HOMBERGER_200: "vrptw_distance_dimacs",
    HOMBERGER_400: "vrptw_distance_dimacs",
    LI_LIM: "li_lim_100_hierarchical",
}
SAMPLE = {
    SOLOMON: (
        *("C104", "C106", "C109", "C203", "C204", "C207"),
        *("R104", "R108", "R112", "R203", "R208", "R211"),
        *("RC104", "RC106", "RC108", "RC203", "RC204", "RC207"),
    ),
    HOMBERGER_200: (
        *("C1_2_3", "C1_2_9", "C2_2_3", "C2_2_10"),
        *("R1_2_5", "R1_2_10", "R2_2_3", "R2_2_9"),
        *("RC1_2_3", "RC1_2_7", "RC2_2_5", "RC2_2_9"),
    ),
    HOMBERGER_400: (*("C1_4_7", "C2_4_5", "R1_4_3", "R2_4_7", "RC1_4_5", "RC2_4_9"),),
    LI_LIM: (
        *("lc103", "lc109", "lc203", "lc207", "lr104", "lr112"),
        *("lr204", "lr211", "lrc104", "lrc108", "lrc204", "lrc208"),
    ),
}
"""All six classes alike, chosen before there was a search to be measured."""
TUNED_ON = frozenset({HOMBERGER_400})
"""The search was tuned on these, and on no others."""


@dataclass(frozen=True, slots=True)
class Row:
    """One customer, or the depot, as the file has it."""

    number: int
    x: float
    y: float
    demand: int
    ready: int
    due: int
    service: int
    pickup: int = 0
    delivery: int = 0


@dataclass(frozen=True, kw_only=True)
class File:
    """One file, and the best that is known of it."""

    name: str
    group: str
    fleet: int
    capacity: int
    rows: tuple[Row, ...]
    best_distance: float
    best_routes: int | None = None

    @property
    def pairs(self) -> bool:
        """Return whether every customer is one half of a pair."""
        return self.group == LI_LIM

    @property
    def scale(self) -> int:
        """How many of our units make one of the file's."""
        return THOUSANDTHS if self.pairs else TENTHS

    @property
    def kind(self) -> str:
        """Return its class: C1, C2, R1, R2, RC1 or RC2."""
        letters, digit = _CLASS.match(self.name).groups()  # type: ignore[union-attr]
        return f"{letters.upper()}{digit}"

    @cached_property
    def problem(self) -> dict[str, Any]:
        """Return it as the VROOM API writes problems."""
        depot = self.rows[0]
        costs = {"fixed": VEHICLE_COST if self.pairs else 0}
        vehicle = {
            "profile": "car",
            "start_index": 0,
            "end_index": 0,
            "capacity": [self.capacity],
            "time_window": [depot.ready * self.scale, depot.due * self.scale],
            "costs": costs,
        }
        found: dict[str, Any] = {
            "vehicles": [{"id": n + 1, **vehicle} for n in range(self.fleet)],
            "matrices": {"car": {"durations": self._travel()}},
        }
        if self.pairs:
            found["shipments"] = [
                self._shipment(row) for row in self.rows[1:] if row.delivery
            ]
        else:
            found["jobs"] = [self._job(row) for row in self.rows[1:]]
        return found

    def _travel(self) -> list[list[int]]:
        cut = ceil if self.pairs else floor
        return [
            [cut(self.scale * hypot(a.x - b.x, a.y - b.y)) for b in self.rows]
            for a in self.rows
        ]

    def _halt(self, row: Row) -> dict[str, Any]:
        return {
            "id": row.number,
            "location_index": row.number,
            "service": row.service * self.scale,
            "time_windows": [[row.ready * self.scale, row.due * self.scale]],
        }

    def _job(self, row: Row) -> dict[str, Any]:
        return {**self._halt(row), "delivery": [row.demand]}

    def _shipment(self, row: Row) -> dict[str, Any]:
        return {
            "pickup": self._halt(row),
            "delivery": self._halt(self.rows[row.delivery]),
            "amount": [row.demand],
        }


def files(folder: Path, *, whole: bool, groups: list[str]) -> Iterator[File]:
    """Yield the files of `groups` in `folder`: the frozen sample, or the whole sets.

    Raises:
        FileNotFoundError: a file of the sample, or `best_known.json`, is not there.
    """
    known = json.loads((folder / "best_known.json").read_text("utf-8"))
    for group in groups:
        names = SAMPLE[group]
        if whole:
            paths = (folder / group).glob("*.txt")
            names = tuple(sorted(path.stem for path in paths))
        for name in names:
            best = known[KNOWN[group]][name]
            text = (folder / group / f"{name}.txt").read_text("ascii")
            yield read(text, name=name, group=group, best=best)


def read(text: str, *, name: str, group: str, best: Any) -> File:
    """Return what a file says; `best` is as `best_known.json` has it."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    numbers = [line for line in lines if _is_number(line[0])]
    (fleet, capacity, *_), *rows = numbers
    if group == LI_LIM:
        routes, distance = best["routes"], best["distance"]
        made = tuple(Row(*_row(row)) for row in rows)
    else:
        routes, distance = None, float(best)
        made = tuple(Row(*_row(row[:7])) for row in rows)
    return File(
        name=name,
        group=group,
        fleet=int(fleet),
        capacity=int(capacity),
        rows=made,
        best_distance=distance,
        best_routes=routes,
    )


def _row(cells: list[str]) -> list[Any]:
    number, x, y, *rest = cells
    return [int(number), float(x), float(y), *(int(float(one)) for one in rest)]


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()
