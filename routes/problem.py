"""The question put to the solver: who can go, what is to be done, how far it is.

Every moment is in whole seconds from one origin (the house takes local midnight of the
first planned day, and several days go on counting), every distance in whole metres,
every price in whole units of one currency, every place an index into the matrices.
What cannot be a problem raises `ValueError` where it is made.

This is the door of the tree: its parts are technicians (`routes.technician`), visits,
shipments and links (`routes.visit`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from routes.amounts import Amounts, add, at, holds
from routes.rules import (
    DISTANCE_MAX_M,
    DURATION_MAX_S,
    FOREVER_S,
    PRIORITY_MAX,
    SPEED_FACTOR_MAX,
    BadProblem,
    check,
    check_price,
    check_unique,
)
from routes.technician import Break, Costs, Reload, Technician
from routes.visit import Given, Halt, Lateness, Link, Shipment, Visit
from routes.windows import ALWAYS, TimeWindow, check_windows, common

__all__ = [
    "ALWAYS",
    "FOREVER_S",
    "PRIORITY_MAX",
    "SPEED_FACTOR_MAX",
    "Amounts",
    "BadProblem",
    "Break",
    "Changes",
    "Costs",
    "Given",
    "Halt",
    "Lateness",
    "Link",
    "Matrix",
    "Problem",
    "Reload",
    "Shipment",
    "Table",
    "Technician",
    "TimeWindow",
    "Visit",
    "add",
    "at",
    "holds",
]

Table: TypeAlias = tuple[tuple[int, ...], ...]
"""From place (row) to place (column)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """How long and how far it is from each place to each place."""

    travel_s: Table
    distance_m: Table | None = None
    """None: nobody asks how far it is."""

    def __post_init__(self) -> None:
        """Refuse what is not square, and numbers that are negative or absurd."""
        for table, most, unit in (
            (self.travel_s, DURATION_MAX_S, "seconds"),
            (self.distance_m or (), DISTANCE_MAX_M, "metres"),
        ):
            square = all(len(row) == len(table) for row in table)
            check(square, "a matrix has as many columns as rows")
            least = min((min(row) for row in table), default=0)
            check(least >= 0, "a matrix holds a negative number")
            largest = max((max(row) for row in table), default=0)
            check(largest <= most, f"a matrix holds more than {most} {unit}")
        same = self.distance_m is None or len(self.distance_m) == len(self.travel_s)
        check(
            same, "travel times and distances are between different numbers of places"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What it costs to break what visits have `given`; nothing unless it is said."""

    per_technician: int = 0
    """For each visit that somebody else makes."""
    per_hour: int = 0
    """For each hour a visit begins earlier or later."""

    def __post_init__(self) -> None:
        """Refuse negative prices."""
        check_price("the price of a change", self.per_technician)
        check_price("the price of a change", self.per_hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Technicians, and what there is for them to do."""

    technicians: tuple[Technician, ...]
    visits: tuple[Visit, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    matrices: Mapping[str, Matrix] = field(default_factory=dict)
    """By profile."""
    links: tuple[Link, ...] = ()
    area_windows: Mapping[str, tuple[TimeWindow, ...]] = field(default_factory=dict)
    """When visits of an area may begin (its fixed days); at any time if not named."""
    changes: Changes = Changes()
    evenness_price: int = 0
    """Of each hour somebody is busy beyond their fair share (`timetable.evenness`)."""

    def __post_init__(self) -> None:
        """Refuse ids given twice or unknown, and places and profiles in no matrix."""
        check_unique("technician", (one.id for one in self.technicians))
        check_unique("visit", (visit.id for visit in self.visits))
        check_unique("shipment", (shipment.id for shipment in self.shipments))
        check_price("the price of evenness", self.evenness_price)
        for windows in self.area_windows.values():
            check_windows(windows)
        self._check_persons()
        self._check_names()
        for technician in self.technicians:
            self._check_matrix_of(technician)
        self._check_places()

    def _check_persons(self) -> None:
        """Refuse shifts of one person that overlap, and a person named as a shift."""
        shifts: dict[str, list[Technician]] = {}
        for one in self.technicians:
            shifts.setdefault(one.who, []).append(one)
        for person, some in shifts.items():
            mixed = any(o.id == person and o.who != person for o in self.technicians)
            check(not mixed, f"{person} is both a person and another person's shift")
            in_order = sorted(some, key=lambda one: one.shift.opens_s)
            for before, after in pairwise(in_order):
                apart = before.latest_end_s <= after.shift.opens_s
                check(apart, f"the shifts {before.id} and {after.id} overlap")

    def _check_names(self) -> None:
        """Refuse technicians and visits that are named and not there."""
        visits = {visit.id for visit in self.visits}
        names = frozenset[str]().union(*(one.names for one in self.technicians))
        for visit in self.visits:
            given = set() if visit.given is None else {visit.given.technician}
            for name in (visit.allowed or frozenset()) | visit.forbidden:
                check(name in names, f"visit {visit.id} names {name}, who is not there")
            for name in visit.preferred | given:
                # Who is preferred may be off that day.
                check(bool(name), f"visit {visit.id} names nobody")
        pinned = [id_ for one in self.technicians for id_ in (*one.first, *one.last)]
        check_unique("pinned visit", pinned)
        linked = [id_ for one in self.links for id_ in (one.first, one.second)]
        for id_ in (*pinned, *linked):
            check(id_ in visits, f"there is no visit {id_} to pin or link")
        check_unique("link", ((one.first, one.second) for one in self.links))

    def _check_places(self) -> None:
        count = min((len(one.travel_s) for one in self.matrices.values()), default=None)
        for noun, place in self._places():
            known = place >= 0 and (count is None or place < count)
            check(known, f"{noun}: place {place} is in no matrix, or not in all")

    def _places(self) -> Iterator[tuple[str, int]]:
        for one in self.technicians:
            for end in (one.start, one.end, *(pause.place for pause in one.breaks)):
                if end is not None:
                    yield f"technician {one.id}", end
            for place in one.reload.places if one.reload else ():
                yield f"technician {one.id}", place
        for visit in self.visits:
            yield f"visit {visit.id}", visit.place
        for shipment in self.shipments:
            yield f"shipment {shipment.id}", shipment.pickup.place
            yield f"shipment {shipment.id}", shipment.delivery.place

    def _check_matrix_of(self, technician: Technician) -> None:
        name = f"technician {technician.id}"
        matrix = self.matrices.get(technician.profile)
        if matrix is None:
            raise ValueError(
                f"{name} has profile {technician.profile} without a matrix"
            )
        asks = technician.distance_max_m is not None or technician.costs.per_km > 0
        known = matrix.distance_m is not None or not asks
        check(known, f"{name} has a limit or a cost for distance; none are given")

    def travel_s(
        self, technician: Technician, origin: int | None, destination: int | None
    ) -> int:
        """Return how long `technician` drives; nothing to or from an open end."""
        if origin is None or destination is None:
            return 0
        travel_s = self.matrices[technician.profile].travel_s[origin][destination]
        factor = technician.speed_factor
        return travel_s if factor == 1 else round(travel_s / factor)

    def distance_m(
        self, technician: Technician, origin: int | None, destination: int | None
    ) -> int:
        """Return how far `technician` drives; 0 where no distances are known."""
        table = self.matrices[technician.profile].distance_m
        if table is None or origin is None or destination is None:
            return 0
        return table[origin][destination]

    def windows_of(self, visit: Visit) -> tuple[TimeWindow, ...] | None:
        """Return when `visit` may begin on its area's days: () always, None never."""
        fixed = None if visit.area is None else self.area_windows.get(visit.area)
        if fixed is None:
            return visit.windows
        found = common(visit.windows or (ALWAYS,), fixed)
        return found or None
