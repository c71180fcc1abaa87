"""What waited is recorded in portions; who scans meanwhile is told: it is saved."""

import math
import queue
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from scanner.journal.spool import Spool
from scanner.journal.spool_rows import Journaled
from scanner.reader import Arrival
from scanner.scan import Outcome, Scan, Unavailable, Verdict
from scanner.serving import applier
from scanner.serving.answers import Answers
from scanner.serving.applier import Applier
from scanner.serving.resend import Resends
from scanner.settings import DEFAULT_TIMING, Timing
from scanner.telling.board import Board

OK = Verdict(Outcome.OK, "recorded")
SCAN = Scan(
    scan_id="1",
    station="HORSENS",
    station_seq=1,
    port="P0",
    read_point="DOCK-0",
    scanned_at=datetime(2026, 5, 1, 12, tzinfo=UTC),
    raw=b"A",
    text="A",
    symbology="",
    context="",
)


class Heard:
    """A scanner that keeps what it is answered."""

    holds = False

    def __init__(self):
        self.outcomes = []

    def confirm(self):
        pass

    def sound(self, outcome):
        self.outcomes.append(outcome)
        return True


@pytest.fixture
def scanner():
    return Heard()


@pytest.fixture
def board():
    return Board("HORSENS", waiting_count=0, failed_count=0)


@pytest.fixture
def resends():
    return Resends(within_s=3, unanswered_s=90, restart_s=300)


@pytest.fixture
def answers(scanner, board, resends):
    return Answers({"P0": scanner}, queue.SimpleQueue(), resends, board, None)


def test_who_waits_for_too_long_is_told_that_it_is_saved_and_nothing_more(
    answers, scanner, board
):
    later = replace(SCAN, scan_id="2")
    answers.owe([SCAN, later], [100.0, 101.0])

    answers.store_older(100.5)
    before = list(scanner.outcomes)
    answers.settle(SCAN, OK)
    answers.settle(later, OK)

    assert before == [Outcome.STORED]
    assert scanner.outcomes == [Outcome.STORED, Outcome.OK]
    assert not board.house_away


def test_who_has_waited_since_before_a_restart_is_told_soon(answers, scanner, resends):
    later = SCAN.scanned_at + timedelta(seconds=20)
    made = Journaled(scan=SCAN, verdict=None, answered_at=None)
    resends.restore("P0", made, now_s=100, now=later)

    answers.answer_resend(Arrival(scan=replace(SCAN, scanned_at=later), at_s=101))
    answers.store_older(101 - 20)

    assert scanner.outcomes == [Outcome.STORED]


@pytest.fixture
def portions(tmp_path, answers, board, monkeypatch):
    """Give what tells how many are recorded at once by a house that takes so long.

    `away_at` is the call at which it is away.
    """

    def recorded(count, *, each_s, away_at=None):
        sizes = []
        now_s = 0.0

        def record(scans):
            nonlocal now_s
            sizes.append(len(scans))
            if len(sizes) == away_at:
                raise Unavailable
            now_s += each_s * len(scans)
            if scans[-1].station_seq == count:
                it.finish(math.inf)
            return [OK] * len(scans)

        clock = SimpleNamespace(monotonic=lambda: now_s)
        monkeypatch.setattr(applier, "time", clock)
        timing = replace(DEFAULT_TIMING, retry_min_s=0.001)
        with Spool(tmp_path / "spool.db", station="HORSENS") as spool:
            spool.append(
                [replace(SCAN, scan_id=f"{number}") for number in range(count)], {}
            )
            it = Applier(queue.SimpleQueue(), spool, answers, board, record, timing)
            it.run(lambda: None)
        return sizes

    return recorded


def test_a_quick_house_is_handed_ever_more_at_once_up_to_a_hundred(portions):
    assert portions(400, each_s=0.001) == [1, 2, 4, 8, 16, 32, 64, 100, 100, 73]


def test_a_slow_house_is_handed_no_more_than_it_takes_a_second_for(portions):
    assert portions(14, each_s=0.4) == [1, 2, 4, 2, 4, 1]


def test_a_house_that_was_away_is_handed_one_at_first(portions):
    assert portions(15, each_s=0.001, away_at=4) == [1, 2, 4, 8, 1, 2, 4, 1]


def test_who_scans_while_much_is_caught_up_with_hears_that_it_is_saved(
    station, gun, monkeypatch, wait_until
):
    stored = [replace(SCAN, scan_id=f"{number}") for number in range(40)]
    with Spool(station.spool_path, station="HORSENS") as spool:
        spool.append(stored, {})
    may_go_on = threading.Event()

    def record(scan):
        may_go_on.wait(0.1)
        return station.house.record(scan)

    # One at a time, so that the house is never long about any of them.
    monkeypatch.setattr(applier, "BATCH_MAX", 1)
    station.start(gun, record=record, timing=Timing(patience_s=0.5))
    heard = gun.send("B")
    may_go_on.set()
    wait_until(lambda: len(station.house.texts()) == 41)

    assert heard.outcome is Outcome.STORED
    assert station.house.texts() == ["A"] * 40 + ["B"]
