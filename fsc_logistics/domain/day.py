"""The planning day: moments to seconds and back; the days people work.

The only place that converts between moments and seconds of a day, so that a day with 23
or 25 hours is right or wrong in one place.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock_time
from functools import cache
from typing import Protocol

SECOND = timedelta(seconds=1)
ONE_DAY = timedelta(days=1)
WEEKDAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
SATURDAY = 5
SEARCH_DAYS_MAX = 366
"""A calendar with no working day in a year is a mistake."""


@dataclass(frozen=True, slots=True)
class PlanningDay:
    """A day in a zone, counted in whole seconds that pass from its local midnight."""

    day: date
    zone: tzinfo

    @property
    def starts(self) -> datetime:
        """Its local midnight, as a moment."""
        return _midnight(self.day, self.zone)

    @property
    def length_s(self) -> int:
        """How long it lasts: 23, 24 or 25 hours."""
        return self.seconds(_midnight(self.day + ONE_DAY, self.zone))

    def seconds(self, moment: datetime) -> int:
        """Return how many seconds after its midnight `moment` is; negative before."""
        return (moment - self.starts) // SECOND

    def moment(self, seconds: int) -> datetime:
        """Return the moment so many seconds after its midnight, in UTC."""
        return self.starts + timedelta(seconds=seconds)

    def at_clock(self, time_of_day_s: int) -> int:
        """Return when its clocks show `time_of_day_s` (8 * 3600 is eight o'clock).

        A time the clocks skip is moved on as far as they are; of one they show twice,
        the first counts.
        """
        shown = datetime.combine(self.day, clock_time()) + timedelta(
            seconds=time_of_day_s
        )
        return self.seconds(shown.replace(tzinfo=self.zone).astimezone(UTC))


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, clock_time(), tzinfo=zone).astimezone(UTC)


class _Holidays(Protocol):
    def get(self, day: date, /) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """The days people work: Monday to Friday but for public holidays and our own."""

    country: str = "DK"
    """Whose holidays (ISO 3166)."""
    closed: frozenset[date] = frozenset()

    def closed_because(self, day: date) -> str | None:
        """Return why nobody works on `day`, in words, or None where people do.

        >>> calendar = WorkingCalendar(closed=frozenset({date(2026, 11, 23)}))
        >>> calendar.closed_because(date(2026, 12, 25))
        'Christmas Day'
        >>> calendar.closed_because(date(2026, 11, 22))
        'a Sunday'
        >>> calendar.closed_because(date(2026, 11, 23))
        'a day the centre is closed'
        >>> calendar.closed_because(date(2026, 11, 24)) is None
        True
        """
        if day in self.closed:
            return "a day the centre is closed"
        holiday = _holidays(self.country).get(day)
        if holiday is not None:
            return holiday
        return f"a {WEEKDAYS[day.weekday()]}" if day.weekday() >= SATURDAY else None

    def next_working_day(self, day: date) -> date:
        """Return the first working day after `day`."""
        for ahead in range(1, SEARCH_DAYS_MAX + 1):
            found = day + ahead * ONE_DAY
            if self.closed_because(found) is None:
                return found
        raise ValueError(f"no working day in the year after {day}")

    def add_working_days(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`; `day` itself for none.

        >>> WorkingCalendar().add_working_days(date(2026, 12, 22), 5).isoformat()
        '2026-12-30'
        """
        for _ in range(count):
            day = self.next_working_day(day)
        return day


@cache
def _holidays(country: str) -> _Holidays:
    # Slow to load: only what asks for a working day pays for it.
    import holidays

    language = "en_US" if country == "DK" else None
    found: _Holidays = holidays.country_holidays(country, language=language)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """When visits are made where nothing else is agreed."""

    zone: tzinfo
    calendar: WorkingCalendar = WorkingCalendar()
    open_from_s: int = 8 * 3600
    """By the clock, like `open_to_s`: seconds from midnight of a common day."""
    open_to_s: int = 16 * 3600

    def day_of(self, moment: datetime) -> date:
        """Return the local day of `moment`."""
        return moment.astimezone(self.zone).date()

    def covers(self, opens: datetime, closes: datetime) -> bool:
        """Return whether all from `opens` to `closes` is in the hours of one day."""
        day = PlanningDay(self.day_of(opens), self.zone)
        first, last = day.at_clock(self.open_from_s), day.at_clock(self.open_to_s)
        return first <= day.seconds(opens) <= day.seconds(closes) <= last
