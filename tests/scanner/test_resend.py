from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scanner.journal.spool import Journaled
from scanner.scan import Outcome, Scan, Verdict
from scanner.serving.resend import Resends

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
OK = Verdict(Outcome.OK, "recorded")
SCAN = Scan(
    scan_id="1",
    station="HORSENS",
    station_seq=1,
    port="P0",
    read_point="DOCK-1",
    scanned_at=NOON,
    raw=b"A",
    text="A",
    symbology="",
    context="",
)


@pytest.fixture
def resends():
    return Resends(within_s=3.0, unanswered_s=90.0, restart_s=300.0)


def test_the_same_bytes_repeat_a_scan_in_flight_however_long_it_takes(resends):
    resends.scanned("P0", b"A", "1")

    assert resends.repeated("P0", b"A", now_s=10_000).scan_id == "1"


@pytest.mark.parametrize(("now_s", "is_resend"), [(103.0, True), (103.1, False)])
def test_after_the_answer_they_do_for_three_seconds(resends, now_s, is_resend):
    resends.scanned("P0", b"A", "1")
    resends.decided(SCAN, OK, now_s=99)
    resends.answered("P0", "1", now_s=100)

    assert (resends.repeated("P0", b"A", now_s=now_s) is not None) == is_resend


@pytest.mark.parametrize(("now_s", "is_resend"), [(190.0, True), (190.1, False)])
def test_without_an_answer_they_do_for_ninety(resends, now_s, is_resend):
    resends.scanned("P0", b"A", "1")
    resends.decided(SCAN, OK, now_s=100)

    assert (resends.repeated("P0", b"A", now_s=now_s) is not None) == is_resend


def test_anything_else_in_between_makes_it_a_new_scan(resends):
    resends.scanned("P0", b"A", "1")
    resends.scanned("P0", b"%C:UNDO", "2")

    assert resends.repeated("P0", b"A", now_s=0) is None


def test_something_that_was_not_saved_in_between_makes_it_a_new_scan_too(resends):
    resends.scanned("P0", b"A", "1")
    resends.forget("P0")

    assert resends.repeated("P0", b"A", now_s=0) is None


def test_another_port_repeats_nothing(resends):
    resends.scanned("P0", b"A", "1")

    assert resends.repeated("P1", b"A", now_s=0) is None


@pytest.mark.parametrize(
    ("answered_ago_s", "made_ago_s", "is_resend"),
    [
        (None, 299, True),
        (None, 301, False),
        (2, 60, True),
        (4, 60, False),
        (None, -3600, True),
    ],
)
def test_after_a_restart_it_depends_on_the_answer(
    resends, answered_ago_s, made_ago_s, is_resend
):
    answered_at = (
        None if answered_ago_s is None else NOON - timedelta(seconds=answered_ago_s)
    )
    scan = replace(SCAN, scanned_at=NOON - timedelta(seconds=made_ago_s))
    journaled = Journaled(scan=scan, verdict=OK, answered_at=answered_at)

    resends.restore("P0", journaled, now_s=1000, now=NOON)

    assert (resends.repeated("P0", b"A", now_s=1000) is not None) == is_resend


def test_what_was_not_answered_before_a_restart_may_be_scanned_again_soon_after_it(
    resends,
):
    made = replace(SCAN, scanned_at=NOON - timedelta(minutes=4))

    resends.restore(
        "P0",
        Journaled(scan=made, verdict=OK, answered_at=None),
        now_s=1000,
        now=NOON,
    )

    assert resends.repeated("P0", b"A", now_s=1089).scan_id == "1"
    assert resends.repeated("P0", b"A", now_s=1091) is None


def test_a_clock_that_was_put_back_does_not_make_it_last_longer(resends):
    later = replace(SCAN, scanned_at=NOON + timedelta(hours=1))

    resends.restore(
        "P0",
        Journaled(scan=later, verdict=None, answered_at=None),
        now_s=1000,
        now=NOON,
    )

    assert resends.repeated("P0", b"A", now_s=1091) is None


def test_the_verdict_of_an_older_scan_is_not_that_of_the_last(resends):
    resends.scanned("P0", b"A", "1")
    resends.scanned("P0", b"B", "2")
    resends.decided(SCAN, OK, now_s=0)
    resends.answered("P0", "1", now_s=0)

    assert resends.repeated("P0", b"B", now_s=10_000).verdict is None
