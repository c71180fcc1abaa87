"""What can be wrong with a plan."""

from dataclasses import dataclass
from enum import StrEnum


class ViolationKind(StrEnum):
    """Which rule is broken."""

    UNKNOWN_TECHNICIAN = "unknown_technician"
    UNKNOWN_STOP = "unknown_stop"
    TWO_ROUTES = "two_routes"
    TWICE = "twice"
    FORGOTTEN = "forgotten"
    ENDS = "ends"
    """A route does not begin and end where its technician does."""
    PLACE = "place"
    SKILLS = "skills"
    WINDOW = "window"
    SHIFT = "shift"
    TRAVEL_TIME = "travel_time"
    EARLY_START = "early_start"
    """Work or a break begins before the technician is there."""
    DURATION = "duration"
    SETUP = "setup"
    BREAK_MISSING = "break_missing"
    BREAK_WINDOW = "break_window"
    CAPACITY = "capacity"
    LOAD = "load"
    """What the plan says is in the car is not."""
    TASKS_MAX = "tasks_max"
    TRAVEL_MAX = "travel_max"
    DISTANCE_MAX = "distance_max"
    SPLIT_SHIPMENT = "split_shipment"
    SHIPMENT_ORDER = "shipment_order"
    TOTALS = "totals"
    COST = "cost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One broken rule."""

    kind: ViolationKind
    text: str
    technician: str | None = None
    stop: str | None = None
