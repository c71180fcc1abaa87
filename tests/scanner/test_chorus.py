"""What is heard where many tags are answered at once."""

import random
import threading

import pytest

from scanner.rfid.chorus import SETTLE_S, Chorus
from scanner.scan import Outcome


class Clock:
    """A timer that goes off when it is told to."""

    def __init__(self, wait_s, work):
        self.wait_s = wait_s
        self.work = work
        self.is_started = self.is_cancelled = False

    def start(self):
        self.is_started = True

    def cancel(self):
        self.is_cancelled = True


@pytest.fixture
def clocks():
    return []


@pytest.fixture
def heard():
    return []


@pytest.fixture
def chorus(clocks, heard):
    def later(wait_s, work):
        clocks.append(Clock(wait_s, work))
        return clocks[-1]

    return Chorus(heard.append, later=later)


def test_many_answers_at_once_are_heard_as_one(chorus, clocks, heard):
    for _ in range(1000):
        chorus.add(Outcome.OK)
    assert heard == []
    (clock,) = clocks
    assert clock.is_started
    assert clock.wait_s == SETTLE_S

    clock.work()

    assert heard == [Outcome.OK]


@pytest.mark.parametrize(
    ("together", "worst"),
    [
        ([Outcome.OK, Outcome.ALREADY], Outcome.OK),
        ([Outcome.ALREADY, Outcome.OK], Outcome.OK),
        ([Outcome.OK, Outcome.UNKNOWN, Outcome.OK], Outcome.UNKNOWN),
        ([Outcome.STORED, Outcome.UNKNOWN], Outcome.UNKNOWN),
        ([Outcome.UNKNOWN, Outcome.REFUSED], Outcome.REFUSED),
        (list(Outcome), Outcome.NOT_SAVED),
    ],
)
def test_of_many_answers_the_worst_is_heard(chorus, clocks, heard, together, worst):
    for outcome in together:
        chorus.add(outcome)

    clocks[0].work()

    assert heard == [worst]


def test_what_comes_later_is_heard_later(chorus, clocks, heard):
    chorus.add(Outcome.OK)
    clocks[0].work()
    chorus.add(Outcome.UNKNOWN)
    chorus.add(Outcome.OK)
    clocks[1].work()

    assert heard == [Outcome.OK, Outcome.UNKNOWN]
    assert len(clocks) == 2


def test_what_is_still_to_be_heard_at_the_end_is_heard(chorus, clocks, heard):
    chorus.add(Outcome.REFUSED)

    chorus.close()

    assert clocks[0].is_cancelled
    assert heard == [Outcome.REFUSED]


def test_a_timer_that_goes_off_after_the_end_sounds_nothing(chorus, clocks, heard):
    chorus.add(Outcome.OK)
    chorus.close()

    clocks[0].work()

    assert heard == [Outcome.OK]


def test_nothing_is_heard_at_the_end_of_silence(chorus, heard):
    chorus.close()

    assert heard == []


def test_whatever_many_threads_answer_the_worst_is_among_what_is_heard():
    heard = []
    done = threading.Event()

    def sound(outcome):
        heard.append(outcome)
        if outcome is Outcome.NOT_SAVED:
            done.set()

    chorus = Chorus(sound)
    outcomes = [*Outcome] * 50
    random.Random(5).shuffle(outcomes)  # noqa: S311 - no secret
    threads = [
        threading.Thread(target=lambda part=part: [chorus.add(it) for it in part])
        for part in (outcomes[:200], outcomes[200:])
    ]
    for thread in threads:
        thread.start()

    assert done.wait(30)
    for thread in threads:
        thread.join()
    chorus.close()
    assert len(heard) < len(outcomes)
