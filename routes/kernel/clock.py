"""When what is on a way or at a stop may begin: forwards, and backwards."""

from routes.kernel.compiled import compiled, inlined
from routes.kernel.days import (
    BREAK_S,
    BREAK_WINDOW,
    BREAK_WINDOW_END,
    FAR_S,
    NEVER,
)


@inlined
def begin_at(windows, first, after, late_most, time):
    """Return when work may begin that one is ready for at `time`.

    The windows are those from `first` up to `after`.  -1 if it is too late.
    """
    for n in range(first, after):
        closes = windows[n, 1]
        if time <= closes:
            return max(time, windows[n, 0])
        if time - closes <= late_most and not (
            n + 1 < after and windows[n + 1, 0] <= time
        ):
            return time
    if first == after:
        return time
    return NEVER


@inlined
def late_by(windows, first, after, begin):
    """Return how long after its window work begins that begins at `begin`."""
    for n in range(after - 1, first - 1, -1):
        if windows[n, 0] <= begin:
            return max(0, begin - windows[n, 1])
    return 0


@inlined
def latest_begin(windows, first, after, late_most, limit):
    """Return the last moment up to `limit` at which work may begin; -1 if none is."""
    if first == after:
        return limit
    for n in range(after - 1, first - 1, -1):
        if windows[n, 0] <= limit:
            return min(limit, windows[n, 1] + late_most)
    return NEVER


@compiled
def drive(windows, breaks, time, travel, first, after):
    """Return when one is there who takes the breaks `first` up to `after` on the way."""
    for n in range(first, after):
        pause = breaks[n]
        begin = begin_at(windows, pause[BREAK_WINDOW], pause[BREAK_WINDOW_END], 0, time)
        if begin < 0:
            return FAR_S
        travel -= min(travel, begin - time)
        time = begin + pause[BREAK_S]
    return time + travel


@compiled
def latest_drive(windows, breaks, limit, travel, first, after):
    """Return the last moment to leave at to be there by `limit`; negative if none is.

    Driving goes on whenever no break does, so that only two things bind: all of it
    has to fit, and each break begins in one of its windows before the next.
    """
    if limit < 0:
        return NEVER
    pauses, begin = 0, limit
    for n in range(after - 1, first - 1, -1):
        pause = breaks[n]
        pauses += pause[BREAK_S]
        begin = latest_begin(
            windows,
            pause[BREAK_WINDOW],
            pause[BREAK_WINDOW_END],
            0,
            begin - pause[BREAK_S],
        )
        if begin < 0:
            return NEVER
    latest = limit - travel - pauses
    return min(latest, begin) if after > first else latest
