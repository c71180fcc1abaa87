from datetime import date

import pytest

from fsc_logistics.core.config import Planning, Settings
from fsc_logistics.core.orders.calendar import opening_hours
from fsc_logistics.domain.errors import Misconfigured


def test_the_settings_say_when_people_work():
    planning = Planning(closed_days=("2026-12-24",), open_from_s=9 * 3600)

    hours = opening_hours(Settings(planning=planning))

    assert hours.open_from_s == 9 * 3600
    assert hours.calendar.closed_because(date(2026, 12, 24)) is not None


@pytest.mark.parametrize(
    ("planning", "text"),
    [
        (
            Planning(closed_days=("24/12",)),
            "planning.closed_days: '24/12' is not a day. Write it as 2026-12-24.",
        ),
        (
            Planning(country="XX"),
            "planning.country = 'XX': its holidays are not known. Use a country code"
            " such as DK.",
        ),
    ],
)
def test_settings_that_make_no_calendar_are_told(planning, text):
    with pytest.raises(Misconfigured) as caught:
        opening_hours(Settings(planning=planning))

    assert str(caught.value) == text
