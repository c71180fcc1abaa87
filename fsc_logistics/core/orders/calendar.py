"""The centre's opening hours and working days, from the settings."""

from datetime import date

from fsc_logistics.core.config import Settings
from fsc_logistics.domain.day import OpeningHours, WorkingCalendar
from fsc_logistics.domain.errors import Misconfigured


def opening_hours(settings: Settings) -> OpeningHours:
    """Return when visits are made where nothing else is agreed.

    Raises:
        Misconfigured: a closed day is no day, or the country has no known holidays.
    """
    planning = settings.planning
    calendar = WorkingCalendar(
        country=planning.country,
        closed=frozenset(_day(text) for text in planning.closed_days),
    )
    try:
        calendar.closed_because(date.min.replace(year=2026))
    except NotImplementedError:
        raise Misconfigured(
            f"planning.country = '{planning.country}': its holidays are not known."
            " Use a country code such as DK."
        ) from None
    return OpeningHours(
        zone=settings.timezone,
        calendar=calendar,
        open_from_s=planning.open_from_s,
        open_to_s=planning.open_to_s,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Misconfigured(
            f"planning.closed_days: '{text}' is not a day. Write it as 2026-12-24."
        ) from None
