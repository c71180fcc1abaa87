"""The clock of the machine is set back and forward while scans are made."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from scanner import reader
from scanner.journal.spool_rows import Journaled
from scanner.scan import Outcome, Verdict
from scanner.serving.resend import Resends
from scanner.settings import Timing

PATIENT = Timing(resend_within_s=60, patience_s=60)
YEAR = timedelta(days=365)


class Clock:
    """The clock on the wall, which can be set; the monotonic one cannot."""

    def __init__(self):
        self.wrong_by = timedelta()

    def now(self, zone):
        return datetime.now(zone) + self.wrong_by


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(reader, "datetime", clock)
    return clock


@pytest.mark.parametrize("changes", [[-YEAR, YEAR, -YEAR], [YEAR, -2 * YEAR, YEAR]])
def test_scans_are_recorded_in_the_order_they_were_made_whatever_the_clock_says(
    station, gun, clock, changes
):
    station.start(gun)

    for number, change in enumerate(changes):
        gun.send(f"A-{number}")
        clock.wrong_by += change
        gun.send(f"B-{number}")

    moments = [scan.scanned_at for scan, _ in station.told]
    assert station.house.texts() == [f"{it}-{n}" for n in range(3) for it in "AB"]
    assert [seq for (seq,) in station.house.recorded("seq")] == [1, 2, 3, 4, 5, 6]
    assert moments != sorted(moments)
    assert len({scan.scan_id for scan, _ in station.told}) == 6


def test_what_waited_while_the_clock_was_set_is_recorded_in_its_order(
    station, gun, clock, wait_until
):
    station.house.away.set()
    station.start(gun)
    for change in (YEAR, -2 * YEAR, YEAR):
        gun.send(f"A{change.days}")
        clock.wrong_by += change
    station.stop()
    station.house.away.clear()

    station.start(gun)
    wait_until(lambda: len(station.house.texts()) == 3)

    assert station.house.texts() == ["A365", "A-730", "A365"]


@pytest.mark.parametrize("change", [-YEAR, YEAR])
def test_a_resend_is_one_by_the_time_that_passed_and_not_by_the_clock(
    station, gun, clock, change
):
    station.start(gun, timing=PATIENT)
    gun.send("OXI-0007")
    clock.wrong_by += change

    heard = gun.send("OXI-0007")

    assert heard.outcome is Outcome.OK
    assert station.house.texts() == ["OXI-0007"]


@pytest.mark.parametrize("change", [-YEAR, YEAR])
def test_a_mode_is_set_whatever_the_clock_says(station, gun, clock, change):
    station.start(gun)
    gun.send("%C:MODE:IN")
    clock.wrong_by += change

    gun.send("A")

    assert station.house.recorded("text", "context")[-1] == ("A", "%C:MODE:IN")


def test_after_a_clock_was_set_back_no_scan_is_expected_again_for_longer(
    station, gun, clock
):
    clock.wrong_by = YEAR
    station.start(gun)
    gun.send("OXI-0007")
    scan, verdict = station.told[-1]
    resends = Resends(within_s=3, unanswered_s=90, restart_s=300)
    now_s = time.monotonic()

    resends.restore(
        "P0",
        Journaled(scan=scan, verdict=verdict, answered_at=scan.scanned_at),
        now_s=now_s,
        now=datetime.now(UTC),
    )

    assert resends.repeated("P0", scan.raw, now_s=now_s + 2.9) is not None
    assert resends.repeated("P0", scan.raw, now_s=now_s + 3.1) is None
    assert verdict == Verdict(Outcome.OK, "OXI-0007 recorded.")
