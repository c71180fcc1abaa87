"""Technicians' days as arrays: what the rules of the compiled search read.

Times are in seconds and distances in metres.  What something costs is in 1 / 3,600,000
of a unit until it is added up, and then in as many of those as `STEP` says.
"""

from typing import NamedTuple

import numpy as np

FAR_S = 2**40
NEVER = -1
"""No moment; of prices: may not."""
DEAR = 2**61
"""More than any plan costs."""

# Columns of `nodes`.
PLACE, SETUP, SERVICE, WINDOW, WINDOW_END, LATE_MOST, LATE_PRICE = 0, 1, 2, 3, 4, 5, 6
GIVEN, REQUEST, SOFT, KIND, MATE, LINKED = 7, 8, 9, 10, 11, 12
NODE_COLUMNS = 13

# What a node is.
VISIT, PICKUP, DROP, PAUSE, RELOAD, END = 0, 1, 2, 3, 4, 5

# Columns of `routes`.
SPEED, OPENS, CLOSES, OVER, FIXED, PER_S, PER_M, PER_WORK_S, PER_OVER_S = (
    0, 1, 2, 3, 4, 5, 6, 7, 8,
)  # fmt: skip
TASKS_MAX, TRAVEL_MAX, DISTANCE_MAX, WORK_MAX, APART, PERSON = 9, 10, 11, 12, 13, 14
FIRST, LAST, ALIKE, STRICT, BREAK, BREAK_END, RELOADS, RELOADS_END = (
    15, 16, 17, 18, 19, 20, 21, 22,
)  # fmt: skip
ROUTE_COLUMNS = 23

# The planes of `amounts` and `capacity`.
DELIVER, COLLECT, CARRY = 0, 1, 2
CLEAN, USED, ABOARD = 0, 1, 2

# Columns of `breaks`.
BREAK_S, BREAK_PAID, BREAK_WINDOW, BREAK_WINDOW_END = 0, 1, 2, 3

# Columns of `links`, and their kinds.
FROM, TO, LEAST, MOST, LINK_KIND = 0, 1, 2, 3, 4
TOGETHER, AFTER, AFTER_SAME = 0, 1, 2

# Columns of `plan`.
STEP, MOVED, EVEN = 0, 1, 2


class Days(NamedTuple):
    """A problem; nodes are tasks, breaks at places, reloads, then starts and ends."""

    nodes: np.ndarray
    """[node, column].  The place is -1 at an open end; the windows are those of
    `windows` from WINDOW up to WINDOW_END; GIVEN is -1 where nothing was; REQUEST is -1
    of what is never taken out; SOFT is 1 where the moment has a price; MATE is the other
    half of a shipment, and 1 of a break at a place that is not paid; LINKED is 1 in links and in visits of two people."""
    windows: np.ndarray
    """[window, 2]: opens, closes."""
    amounts: np.ndarray
    """[node, plane, dimension]; CARRY is what half a shipment adds to the car."""
    price: np.ndarray
    """[node, route]: what it costs extra, in the search's units, or -1: may not."""
    routes: np.ndarray
    """[route, column].  OVER is when it has to end; FIRST and LAST are how many visits
    stay at its beginning and end; ALIKE is equal where routes are; STRICT is 1 where
    beginning and ending have neither price nor limit but the shift."""
    capacity: np.ndarray
    """[route, plane, dimension]: CLEAN (or all), USED, and what is ABOARD already."""
    travel: np.ndarray
    """[speed, from, to]"""
    distance: np.ndarray
    breaks: np.ndarray
    """[break, column]: those that are at no place."""
    links: np.ndarray
    """[link, column]: LEAST and MOST seconds from the end of the one to the other."""
    member: np.ndarray
    """The nodes of each request, those that come first before the others."""
    member_of: np.ndarray
    """[request, 2]: its nodes are those from the one number to the other."""
    agreed: np.ndarray
    """[node, 2]: between which moments it begins, agreed on with what is linked."""
    kept_agreed: np.ndarray
    best_agreed: np.ndarray
    share: np.ndarray
    """[person]: the fair share of all that is busy time, of 1."""
    busy: np.ndarray
    """Scratch: [person]."""
    plan: np.ndarray
    """[column]: STEP; what a second costs that is MOVED, or busy beyond the EVEN."""
    reloads: int
    """How many reload nodes there are."""
    blink: float
    memo: np.ndarray
    """[node, route, 3]: the version it holds for, the extra cost, the place."""
    linked: np.ndarray
    """The nodes that are in links or in visits of two people."""
    early: np.ndarray
    """Scratch: [2, breaks + 1]."""
    out: np.ndarray
    """Scratch: [place, 2 * (breaks + 1)]."""
    row: np.ndarray
    """Scratch: a row of nodes."""
    tried: np.ndarray
    """Scratch: [route]."""
