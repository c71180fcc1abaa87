"""Who can go: one shift of one person, with a car."""

from dataclasses import dataclass

from routes.amounts import Amounts
from routes.rules import (
    DISTANCE_MAX_M,
    DURATION_MAX_S,
    SPEED_FACTOR_MAX,
    SPEED_FACTOR_MIN,
    check,
    check_amounts,
    check_limit,
    check_price,
    check_span,
    check_unique,
)
from routes.windows import ALWAYS, TimeWindow, check_windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A pause that must begin in one of `windows`, and anywhere in the shift if none.

    It may interrupt a drive, never a visit; one at a place is driven to.
    """

    id: str
    duration_s: int
    windows: tuple[TimeWindow, ...] = ()
    place: int | None = None
    """None: wherever the technician is."""
    is_paid: bool = True
    """One that is not paid does not count as working time."""

    def __post_init__(self) -> None:
        """Refuse a negative duration and windows out of order."""
        check_span("a break", self.duration_s)
        check_windows(self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a technician costs who drives at all: whole units of any currency.

    Waiting and service are not paid for unless `per_work_hour` says so, as in VROOM,
    whose defaults these are: with them a plan costs its driving seconds.
    """

    fixed: int = 0
    per_hour: int = 3600
    """Of driving."""
    per_km: int = 0
    per_work_hour: int = 0
    """From leaving the start to being at the end, less breaks that are not paid."""
    per_overtime_hour: int = 0
    """Of what is after the shift closes; on top of all else."""

    def __post_init__(self) -> None:
        """Refuse costs that are negative or absurd."""
        for price in (
            self.fixed,
            self.per_hour,
            self.per_km,
            self.per_work_hour,
            self.per_overtime_hour,
        ):
            check_price("a cost", price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload:
    """Where a technician may come by to unload what is used and load anew."""

    places: tuple[int, ...]
    duration_s: int = 0
    times_max: int = 1
    windows: tuple[TimeWindow, ...] = ()
    """When it may begin; at any time of the shift if there are none."""

    def __post_init__(self) -> None:
        """Refuse nowhere, negative durations and windows out of order."""
        check(bool(self.places), "reloading has no place")
        check_span("reloading", self.duration_s)
        check_limit("how often to reload", self.times_max, 100)
        check_windows(self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Technician:
    """Somebody who can drive one route: one shift of one person."""

    id: str
    start: int | None
    """None: the route begins at its first stop."""
    end: int | None
    """None: the route ends at its last stop."""
    person: str | None = None
    """Who this is, where one person has several shifts; the id if None."""
    shift: TimeWindow = ALWAYS
    overtime_max_s: int = 0
    """The route ends at most this long after the shift closes."""
    breaks: tuple[Break, ...] = ()
    """In the order they are taken; all of them, by anyone who drives at all."""
    skills: frozenset[str] = frozenset()
    capacity: Amounts = ()
    used_capacity: Amounts | None = None
    """Of a compartment of its own for what is collected.

    None: one space for clean and used, with a wall that moves: together they fit.
    """
    aboard: Amounts = ()
    """What is used and in the car already when the route begins."""
    reload: Reload | None = None
    tasks_max: int | None = None
    """Visits and shipment halves, counted together; not reloads and breaks."""
    travel_max_s: int | None = None
    distance_max_m: int | None = None
    work_max_s: int | None = None
    """From leaving the start to being at the end, less breaks that are not paid."""
    areas: frozenset[str] | None = None
    """Where the technician is at home; None: everywhere."""
    away_price: int | None = None
    """Of each visit in another area; None: there are none."""
    first: tuple[str, ...] = ()
    """The visits this route begins with, in this order."""
    last: tuple[str, ...] = ()
    """The visits this route ends with, in this order."""
    speed_factor: float = 1.0
    """2.0 drives every leg in half its time."""
    costs: Costs = Costs()
    profile: str = "car"

    def __post_init__(self) -> None:
        """Refuse amounts, limits and factors out of range, and a visit pinned twice."""
        for amounts in (self.capacity, self.used_capacity or (), self.aboard):
            check_amounts(amounts)
        check_limit("the most tasks", self.tasks_max, DURATION_MAX_S)
        check_limit("the most driving", self.travel_max_s, DURATION_MAX_S)
        check_limit("the most work", self.work_max_s, DURATION_MAX_S)
        check_limit("the longest way", self.distance_max_m, DISTANCE_MAX_M)
        check_span("overtime", self.overtime_max_s)
        if self.away_price is not None:
            check_price("the price of being away", self.away_price)
        fits = SPEED_FACTOR_MIN <= self.speed_factor <= SPEED_FACTOR_MAX
        between = f"{SPEED_FACTOR_MIN:g} and {SPEED_FACTOR_MAX:g}"
        check(fits, f"a speed factor is between {between}")
        check_unique("break", (pause.id for pause in self.breaks))
        check_unique("pinned visit", (*self.first, *self.last))

    @property
    def who(self) -> str:
        """Return the person whose shift this is."""
        return self.id if self.person is None else self.person

    @property
    def names(self) -> frozenset[str]:
        """Return what a visit may call this one by: the shift or the person."""
        return frozenset((self.id, self.who))

    @property
    def latest_end_s(self) -> int:
        """Return when the route is over at the very latest."""
        return self.shift.closes_s + self.overtime_max_s
