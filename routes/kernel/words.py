"""The words the C code is spoken to in, with the numbers of `c/days.h`."""

FAR_S = 2**40
NEVER = -1
"""No moment; of prices: may not."""
DEAR = 2**61
"""More than any plan costs."""
VISIT, PICKUP, DROP, PAUSE, RELOAD, END = range(6)
"""What a node is."""

TOGETHER, AFTER, AFTER_SAME = range(3)
"""What a link asks for."""

PER_S, PER_M = 5, 6
"""Where the prices of driving stand in the row of a car."""

PLAIN_ROWS, PLAIN_SUMS = 3, 1
"""Of the state and the sums of a plain route; a sum for each dimension comes on top."""

RICH_SUMS = 8

ROW_MORE = 8
"""How many places a row has beyond its nodes."""


def rich_rows(wide: int, dimensions: int, *, given: bool) -> int:
    """Return the rows of the state of a technician's route.

    More of them where moments are `given`, and it costs to change them.
    """
    return (6 if given else 4) * wide + 3 * dimensions + 4
