"""What there is to do: at one door, at two, and in which order."""

from dataclasses import dataclass

from routes.amounts import Amounts
from routes.rules import (
    DURATION_MAX_S,
    check,
    check_amounts,
    check_limit,
    check_price,
    check_priority,
    check_span,
)
from routes.windows import TimeWindow, check_windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """How long after a window work may still begin, and what that costs."""

    max_s: int
    per_hour: int

    def __post_init__(self) -> None:
        """Refuse negative spans and prices."""
        check_span("being late", self.max_s)
        check_price("the price of being late", self.per_hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """A place where something is done, and how long it takes.

    Work begins in one of `windows` (at any time if there are none) and may run past its
    end.  It is `setup_s`, unless the technician is there already, and then `service_s`.
    With `lateness` it may begin later than a window closes, but no earlier than one
    opens.
    """

    place: int
    setup_s: int = 0
    service_s: int = 0
    windows: tuple[TimeWindow, ...] = ()
    lateness: Lateness | None = None

    def __post_init__(self) -> None:
        """Refuse negative durations and windows out of order."""
        check_span("setting up", self.setup_s)
        check_span("service", self.service_s)
        check_windows(self.windows)

    def late_s(self, begin_s: int) -> int | None:
        """Return how late work that begins at `begin_s` is; None if it may not begin.

        The last window that has opened is the one that counts.
        """
        opened = [one for one in self.windows if one.opens_s <= begin_s]
        if not opened:
            return None if self.windows else 0
        late_s = max(0, begin_s - opened[-1].closes_s)
        most_s = 0 if self.lateness is None else self.lateness.max_s
        return late_s if late_s <= most_s else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an earlier plan promised; `Problem.changes` says what breaking it costs."""

    technician: str
    """A shift or a person."""
    begin_s: int | None = None
    """When work begins, where that was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Halt):
    """Something to be done at one place, by somebody with all of `skills`.

    `deliver` is clean and in the car from the start of the route (or the reload
    before), `collect` is used and in it to the end (or the reload after).  Technicians
    are named by shift or by person.
    """

    id: str
    skills: frozenset[str] = frozenset()
    deliver: Amounts = ()
    collect: Amounts = ()
    priority: int = 0
    people: int = 1
    """So many different people begin it together, each with all of `skills`.

    There is room in each of their cars for what is delivered and collected.
    """
    area: str | None = None
    """None: everybody's."""
    allowed: frozenset[str] | None = None
    """The only ones; None: everybody who is not forbidden."""
    forbidden: frozenset[str] = frozenset()
    preferred: frozenset[str] = frozenset()
    """The citizen knows them; anybody else costs `preferred_price`."""
    preferred_price: int = 0
    given: Given | None = None

    def __post_init__(self) -> None:
        """Refuse amounts, prices and a priority out of range."""
        # super() without arguments does not work in a slotted dataclass.
        Halt.__post_init__(self)
        check_amounts(self.deliver)
        check_amounts(self.collect)
        check_priority(self.priority)
        check_price("the price of another technician", self.preferred_price)
        check(1 <= self.people <= 2, "a visit is for one person or two")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """Something fetched at one place and brought to another on the same route.

    It counts as clean, and does not pass a reload in the car.
    """

    id: str
    pickup: Halt
    delivery: Halt
    amount: Amounts = ()
    skills: frozenset[str] = frozenset()
    priority: int = 0

    def __post_init__(self) -> None:
        """Refuse negative amounts and a priority out of range."""
        check_amounts(self.amount)
        check_priority(self.priority)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Visit `second` begins after visit `first` is done, whoever does them.

    Linked visits are all done or all left out.
    """

    first: str
    second: str
    least_s: int = 0
    most_s: int | None = None
    """None: any time after."""
    same_person: bool = False

    def __post_init__(self) -> None:
        """Refuse spans that are negative or the wrong way round, and loops."""
        check_span("the least time between visits", self.least_s)
        check_limit("the most time between visits", self.most_s, DURATION_MAX_S)
        right = self.most_s is None or self.most_s >= self.least_s
        check(right, "the most time between visits is less than the least")
        check(self.first != self.second, f"visit {self.first} is linked to itself")
