"""The question put to the solver: who can go, what is to be done, how far it is.

Every moment is in whole seconds from one origin (the house takes local midnight of the
planning day), every distance in whole metres, every place an index into the matrices.
What cannot be a problem raises `ValueError` where it is made.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

Amounts: TypeAlias = tuple[int, ...]
"""How much, in each dimension (pieces, litres, …); what is left out at the end is 0."""

Table: TypeAlias = tuple[tuple[int, ...], ...]
"""From place (row) to place (column)."""

FOREVER_S = 2**40
PRIORITY_MAX = 100
SPEED_FACTOR_MAX = 5.0


class BadProblem(ValueError):
    """A file does not hold a problem or a plan; the text says where and why."""


def _check(right: bool, sentence: str) -> None:
    if not right:
        raise ValueError(sentence)


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """From `opens_s` to `closes_s`, both included."""

    opens_s: int
    closes_s: int

    def __post_init__(self) -> None:
        """Refuse a window that closes before it opens."""
        _check(self.opens_s <= self.closes_s, "a time window closes before it opens")

    def meets(self, other: "TimeWindow") -> bool:
        """Return whether some moment is in both."""
        return self.opens_s <= other.closes_s and other.opens_s <= self.closes_s


ALWAYS = TimeWindow(0, FOREVER_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A pause that must begin in one of `windows`, and anywhere in the shift if none.

    It may interrupt a drive, never a visit.
    """

    id: str
    duration_s: int
    windows: tuple[TimeWindow, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a negative duration and windows out of order."""
        _check(self.duration_s >= 0, "a break lasts less than nothing")
        _check_windows(self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a technician costs who drives at all: whole units of any currency.

    Waiting and service are not paid for, as in VROOM, whose defaults these are: with
    them a plan costs its driving seconds.
    """

    fixed: int = 0
    per_hour: int = 3600
    per_km: int = 0

    def __post_init__(self) -> None:
        """Refuse negative costs."""
        least = min(self.fixed, self.per_hour, self.per_km)
        _check(least >= 0, "a cost is less than nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Technician:
    """Somebody who can drive one route."""

    id: str
    start: int | None
    """None: the route begins at its first stop."""
    end: int | None
    """None: the route ends at its last stop."""
    shift: TimeWindow = ALWAYS
    breaks: tuple[Break, ...] = ()
    """In the order they are taken; all of them, by anyone who drives at all."""
    skills: frozenset[str] = frozenset()
    capacity: Amounts = ()
    tasks_max: int | None = None
    """Visits and shipment halves, counted together."""
    travel_max_s: int | None = None
    distance_max_m: int | None = None
    speed_factor: float = 1.0
    """2.0 drives every leg in half its time."""
    costs: Costs = Costs()
    profile: str = "car"

    def __post_init__(self) -> None:
        """Refuse negative amounts and limits, and factors out of range."""
        _check_amounts(self.capacity)
        limits = (self.tasks_max, self.travel_max_s, self.distance_max_m)
        least = min((limit for limit in limits if limit is not None), default=0)
        _check(least >= 0, "a limit is less than nothing")
        fits = 0 < self.speed_factor <= SPEED_FACTOR_MAX
        _check(fits, f"a speed factor is above 0 and at most {SPEED_FACTOR_MAX:g}")
        _check_unique("break", (pause.id for pause in self.breaks))


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """A place where something is done, and how long it takes.

    Work begins in one of `windows` (at any time if there are none) and may run past its
    end.  It is `setup_s`, unless the technician is there already, and then `service_s`.
    """

    place: int
    setup_s: int = 0
    service_s: int = 0
    windows: tuple[TimeWindow, ...] = ()

    def __post_init__(self) -> None:
        """Refuse negative durations and windows out of order."""
        _check(min(self.setup_s, self.service_s) >= 0, "work lasts less than nothing")
        _check_windows(self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Halt):
    """Something to be done at one place, by somebody with all of `skills`.

    `deliver` is in the car from the start of the route, `collect` to its end.
    """

    id: str
    skills: frozenset[str] = frozenset()
    deliver: Amounts = ()
    collect: Amounts = ()
    priority: int = 0

    def __post_init__(self) -> None:
        """Refuse negative amounts and a priority out of range."""
        # super() without arguments does not work in a slotted dataclass.
        Halt.__post_init__(self)
        _check_amounts(self.deliver)
        _check_amounts(self.collect)
        _check_priority(self.priority)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """Something fetched at one place and brought to another on the same route."""

    id: str
    pickup: Halt
    delivery: Halt
    amount: Amounts = ()
    skills: frozenset[str] = frozenset()
    priority: int = 0

    def __post_init__(self) -> None:
        """Refuse negative amounts and a priority out of range."""
        _check_amounts(self.amount)
        _check_priority(self.priority)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """How long and how far it is from each place to each place."""

    travel_s: Table
    distance_m: Table | None = None
    """None: nobody asks how far it is."""

    def __post_init__(self) -> None:
        """Refuse what is not square or holds negative numbers."""
        for table in (self.travel_s, self.distance_m or ()):
            square = all(len(row) == len(table) for row in table)
            _check(square, "a matrix has as many columns as rows")
            least = min((min(row) for row in table), default=0)
            _check(least >= 0, "a matrix holds a negative number")
        same = self.distance_m is None or len(self.distance_m) == len(self.travel_s)
        _check(
            same, "travel times and distances are between different numbers of places"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Technicians, and what there is for them to do."""

    technicians: tuple[Technician, ...]
    visits: tuple[Visit, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    matrices: Mapping[str, Matrix] = field(default_factory=dict)
    """By profile."""

    def __post_init__(self) -> None:
        """Refuse ids given twice, and places and profiles in no matrix."""
        _check_unique("technician", (one.id for one in self.technicians))
        _check_unique("visit", (visit.id for visit in self.visits))
        _check_unique("shipment", (shipment.id for shipment in self.shipments))
        for technician in self.technicians:
            self._check_matrix_of(technician)
        ends = [end for one in self.technicians for end in (one.start, one.end)]
        halves = [half for one in self.shipments for half in (one.pickup, one.delivery)]
        places = {halt.place for halt in (*self.visits, *halves)}
        places |= {end for end in ends if end is not None}
        count = min((len(one.travel_s) for one in self.matrices.values()), default=None)
        for place in sorted(places):
            known = place >= 0 and (count is None or place < count)
            _check(known, f"place {place} is in no matrix, or not in all")

    def _check_matrix_of(self, technician: Technician) -> None:
        name = technician.id
        matrix = self.matrices.get(technician.profile)
        if matrix is None:
            raise ValueError(
                f"{name} has profile {technician.profile} without a matrix"
            )
        asks = technician.distance_max_m is not None or technician.costs.per_km > 0
        known = matrix.distance_m is not None or not asks
        _check(known, f"{name} has a limit or a cost for distance; none are given")

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


def add(one: Amounts, other: Amounts, *, sign: int = 1) -> Amounts:
    """Return `one` plus (or, with sign -1, minus) `other`, in each dimension.

    >>> add((1, 2), (3,))
    (4, 2)
    """
    length = max(len(one), len(other))
    return tuple(at(one, d) + sign * at(other, d) for d in range(length))


def at(amounts: Amounts, dimension: int) -> int:
    """Return what `amounts` says of `dimension`."""
    return amounts[dimension] if dimension < len(amounts) else 0


def holds(capacity: Amounts, load: Amounts) -> bool:
    """Return whether `load` fits `capacity` in every dimension.

    >>> holds((4,), (4, 0)), holds((4,), (4, 1))
    (True, False)
    """
    return all(amount <= at(capacity, d) for d, amount in enumerate(load))


def _check_amounts(amounts: Amounts) -> None:
    _check(min(amounts, default=0) >= 0, "an amount is less than nothing")


def _check_priority(priority: int) -> None:
    fits = 0 <= priority <= PRIORITY_MAX
    _check(fits, f"a priority is between 0 and {PRIORITY_MAX}, not {priority}")


def _check_windows(windows: tuple[TimeWindow, ...]) -> None:
    for one, following in pairwise(windows):
        apart = one.closes_s < following.opens_s
        _check(apart, "time windows overlap or are not in order")


def _check_unique(noun: str, ids: Iterable[Hashable]) -> None:
    for id_, count in Counter(ids).items():
        _check(count == 1, f"two of the same {noun}: {id_}")
