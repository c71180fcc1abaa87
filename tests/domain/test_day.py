from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from fsc_logistics.domain.day import OpeningHours, PlanningDay, WorkingCalendar

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
H = 3600


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 24), 24)],
)
def test_a_day_is_as_long_as_its_clocks_say(day, hours):
    assert PlanningDay(day, COPENHAGEN).length_s == hours * H


@pytest.mark.parametrize(
    ("day", "passed_s", "utc"),
    [
        (date(2026, 3, 29), 7 * H, "2026-03-29T06:00+00:00"),
        (date(2026, 10, 25), 9 * H, "2026-10-25T07:00+00:00"),
        (date(2026, 11, 24), 8 * H, "2026-11-24T07:00+00:00"),
    ],
)
def test_eight_o_clock_is_eight_by_the_clock_on_every_day(day, passed_s, utc):
    planning_day = PlanningDay(day, COPENHAGEN)

    assert planning_day.at_clock(8 * H) == passed_s
    assert planning_day.moment(passed_s) == datetime.fromisoformat(utc)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_seconds_and_moments_are_each_other_s_way_back(day):
    planning_day = PlanningDay(day, COPENHAGEN)

    for seconds in range(0, planning_day.length_s, 1800):
        assert planning_day.seconds(planning_day.moment(seconds)) == seconds


def test_a_time_the_clocks_skip_is_moved_on_and_the_first_of_two_counts():
    assert PlanningDay(date(2026, 3, 29), COPENHAGEN).at_clock(5 * H // 2) == 5 * H // 2
    assert (
        PlanningDay(date(2026, 10, 25), COPENHAGEN).at_clock(5 * H // 2) == 5 * H // 2
    )


def test_the_end_of_a_day_is_the_beginning_of_the_next():
    day = PlanningDay(date(2026, 10, 25), COPENHAGEN)

    assert day.at_clock(24 * H) == day.length_s == 25 * H


@pytest.mark.parametrize(
    ("day", "because"),
    [
        ("2026-04-02", "Maundy Thursday"),
        ("2026-05-01", None),
        ("2026-06-05", None),
        ("2026-12-24", None),
        ("2027-01-01", "New Year's Day"),
        ("2026-11-28", "a Saturday"),
    ],
)
def test_danish_holidays_and_weekends_are_closed(day, because):
    found = WorkingCalendar().closed_because(date.fromisoformat(day))

    assert found == because


def test_the_great_prayer_day_was_a_holiday_until_2023():
    calendar = WorkingCalendar()

    assert calendar.closed_because(date(2023, 5, 5)) is not None
    assert calendar.closed_because(date(2024, 4, 26)) is None


def test_working_days_are_counted_over_weekends_holidays_and_our_own_closed_days():
    calendar = WorkingCalendar(closed=frozenset({date(2026, 12, 24)}))

    assert calendar.add_working_days(date(2026, 12, 23), 0) == date(2026, 12, 23)
    assert calendar.next_working_day(date(2026, 12, 23)) == date(2026, 12, 28)
    assert calendar.add_working_days(date(2026, 12, 23), 5) == date(2027, 1, 4)


def test_a_calendar_without_working_days_is_a_mistake():
    closed = frozenset(date.fromordinal(d) for d in range(739_000, 741_000))

    with pytest.raises(ValueError, match="no working day in the year after 2025-01-01"):
        WorkingCalendar(closed=closed).next_working_day(date(2025, 1, 1))


def test_opening_hours_are_local_and_within_one_day():
    hours = OpeningHours(zone=COPENHAGEN)

    def covers(opens, closes):
        day = datetime(2026, 11, 24, tzinfo=UTC)
        return hours.covers(day.replace(hour=opens), day.replace(hour=closes, minute=0))

    assert covers(7, 15)
    assert not covers(6, 8)
    assert not covers(14, 16)
    assert hours.day_of(datetime(2026, 11, 24, 23, 30, tzinfo=UTC)) == date(
        2026, 11, 25
    )
