"""What people type: moments, days and spans, read into values."""

import math
import re
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from typing import Any

import click

from fsc_logistics.cli.desk import Desk
from fsc_logistics.domain.moments import AmbiguousMoment, MissingMoment, to_utc

SEARCH_S_MAX = 24 * 3600


class Time(click.ParamType[datetime]):
    """A moment, ISO 8601; without an offset it is local time.

    One that does not exist or exists twice that day is refused with both readings.
    """

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the moment in UTC."""
        if isinstance(value, datetime):
            return value
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is not a time. Try 2026-08-01T14:30.", param, ctx)
        if not _is_near(read):
            self.fail(f"'{value}' is too long ago or too far ahead.", param, ctx)
        if read.tzinfo is not None:
            return read.astimezone(UTC)
        desk = ctx.find_object(Desk) if ctx is not None else None
        assert desk is not None, "a moment is read at a desk"
        try:
            return to_utc(read, desk.settings.timezone)
        except (MissingMoment, AmbiguousMoment) as error:
            self.fail(str(error), param, ctx)


KNOWN_AT = click.option(
    "--known-at", type=Time(), help="As the ledger stood at this time."
)


class CalendarDay(click.ParamType[date]):
    """A day: ISO 8601, or `today`, `tomorrow`, `yesterday`."""

    name = "day"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Return the day."""
        if isinstance(value, date):
            return value
        words = {"yesterday": -1, "today": 0, "tomorrow": 1}
        if value in words:
            desk = ctx.find_object(Desk) if ctx is not None else None
            assert desk is not None, "a day is read at a desk"
            today = desk.now().astimezone(desk.settings.timezone).date()
            return today + timedelta(days=words[value])
        try:
            read = date.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is not a day. Try 2026-11-24.", param, ctx)
        if not _is_near(read):
            self.fail(f"'{value}' is too long ago or too far ahead.", param, ctx)
        return read


class Shift(click.ParamType[timedelta]):
    """How much later, or with a minus earlier: days, hours, minutes, seconds."""

    name = "span"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Return the span; never none."""
        if isinstance(value, timedelta):
            return value
        read = re.fullmatch(
            r"([+-]?)(?:([0-9]{1,3})d)?(?:([0-9]{1,5})h)?(?:([0-9]{1,5})m)?"
            r"(?:([0-9]{1,5})s)?",
            str(value),
        )
        if read is not None:
            days, hours, minutes, seconds = (
                int(part or 0) for part in read.groups()[1:]
            )
            span = timedelta(days, seconds, minutes=minutes, hours=hours)
            if span:
                return -span if read[1] == "-" else span
        self.fail(f"'{value}' is not a span. Try -1h or +1h30m.", param, ctx)


def _is_near(day: date) -> bool:
    # In the first and the last year some zones' clocks show a year there is not.
    return MINYEAR < day.year < MAXYEAR


class SearchTime(click.FloatRange):
    """How long to search, in seconds: not for nothing, and a day at most."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True, max=SEARCH_S_MAX)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return seconds."""
        seconds = float(super().convert(value, param, ctx))
        # It is neither below nor above any limit.
        if math.isnan(seconds):
            self.fail(f"'{value}' is no number of seconds.", param, ctx)
        return seconds
