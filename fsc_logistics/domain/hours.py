"""Hours of a working day as people write them: 08:00-16:00, 11:00-13:00/30."""

import re

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S
NO_LUNCH = "none"
_CLOCK = re.compile(r"([0-9]{1,2})(?::([0-9]{1,2}))?")
_MINUTES = re.compile(r"[0-9]{1,3}")


def read_hours(text: str) -> tuple[int, int] | None:
    """Return from when until when, in seconds from midnight, or None.

    24:00 is the end of the day.

    >>> read_hours("8-16:30")
    (28800, 59400)
    """
    begins, _, ends = text.partition("-")
    from_s, to_s = _read_clock(begins), _read_clock(ends)
    return None if from_s is None or to_s is None else (from_s, to_s)


def read_lunch(text: str) -> tuple[int, int, int] | None:
    """Return when lunch begins, earliest and latest, and how long it is, or None.

    In seconds; whoever has none has 0, 0, 0.

    >>> read_lunch("11:00-13:00/30"), read_lunch("none")
    ((39600, 46800, 1800), (0, 0, 0))
    """
    if text == NO_LUNCH:
        return 0, 0, 0
    window, _, minutes = text.partition("/")
    begins = read_hours(window)
    if begins is None or not _MINUTES.fullmatch(minutes):
        return None
    return *begins, int(minutes) * MINUTE_S


def shown_hours(from_s: int, to_s: int) -> str:
    """Return hours as `read_hours` reads them.

    >>> shown_hours(28800, 59400)
    '08:00-16:30'
    """
    return f"{_clock(from_s)}-{_clock(to_s)}"


def shown_lunch(from_s: int, to_s: int, lunch_s: int) -> str:
    """Return a lunch as `read_lunch` reads it.

    >>> shown_lunch(39600, 46800, 1800)
    '11:00-13:00/30'
    """
    if not (from_s or to_s or lunch_s):
        return NO_LUNCH
    return f"{shown_hours(from_s, to_s)}/{lunch_s // MINUTE_S}"


def _read_clock(text: str) -> int | None:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    minutes = int(found[2] or 0)
    seconds = int(found[1]) * HOUR_S + minutes * MINUTE_S
    return seconds if seconds <= DAY_S and minutes < HOUR_S // MINUTE_S else None


def _clock(time_s: int) -> str:
    return f"{time_s // HOUR_S:02}:{time_s // MINUTE_S % 60:02}"
