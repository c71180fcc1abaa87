"""The loudspeaker: on a sound card that plays into nothing, and on none."""

import logging
import threading

import miniaudio
import pytest

from scanner.scan import Outcome
from scanner.sound.speaker import NoSound, Speaker
from scanner.sound.tones import SAMPLES_PER_S, samples

WAIT_S = 30


class FakeCard:
    """A sound card that takes what it is given; when, the test says."""

    def __init__(self, is_held=False):
        self.heard = []
        self.is_open = True
        self.may_play = threading.Event()
        self.began = threading.Semaphore(0)
        if not is_held:
            self.may_play.set()

    def start(self, frames):
        def play():
            heard = []
            self.began.release()
            self.may_play.wait(WAIT_S)
            try:
                while True:
                    heard.extend(frames.send(1000))
            except StopIteration:
                self.heard.append(heard)

        self._player = threading.Thread(target=play)
        self._player.start()

    def stop(self):
        self._player.join(WAIT_S)

    def close(self):
        self.is_open = False


def without_tail(heard):
    """Return what was heard without the silence at its end, and so of a sound."""
    loud = [number for number, level in enumerate(heard) if level]
    return heard[: loud[-1] + 1]


def sound(outcome):
    return without_tail(list(samples(outcome)))


@pytest.fixture
def null_card():
    """Miniaudio's own device that plays into nothing, in real time."""
    opened = []

    def open_it():
        device = miniaudio.PlaybackDevice(
            nchannels=1,
            sample_rate=SAMPLES_PER_S,
            backends=[miniaudio.Backend.NULL],
        )
        opened.append(device)
        return device

    return open_it, opened


def test_a_sound_goes_to_the_card_whole_and_from_its_beginning():
    card = FakeCard()

    with Speaker(lambda: card) as speaker:
        speaker.play(Outcome.SET)
        assert card.began.acquire(timeout=WAIT_S)

    assert [without_tail(heard) for heard in card.heard] == [sound(Outcome.SET)]
    assert not card.is_open


def test_whoever_has_a_sound_played_does_not_wait_for_it():
    card = FakeCard(is_held=True)

    with Speaker(lambda: card) as speaker:
        speaker.play(Outcome.OK)
        assert card.began.acquire(timeout=WAIT_S)
        speaker.play(Outcome.ALREADY)  # Returns, while the first still sounds.

        assert card.heard == []
        card.may_play.set()
        assert card.began.acquire(timeout=WAIT_S)

    assert [without_tail(heard) for heard in card.heard] == [
        sound(Outcome.OK),
        sound(Outcome.ALREADY),
    ]


def test_of_what_waits_only_the_worst_is_heard():
    card = FakeCard(is_held=True)

    with Speaker(lambda: card) as speaker:
        speaker.play(Outcome.OK)
        assert card.began.acquire(timeout=WAIT_S)
        for outcome in (Outcome.OK, Outcome.REFUSED, Outcome.STORED, Outcome.OK):
            speaker.play(outcome)
        card.may_play.set()
        assert card.began.acquire(timeout=WAIT_S)

    assert [without_tail(heard) for heard in card.heard] == [
        sound(Outcome.OK),
        sound(Outcome.REFUSED),
    ]


def test_a_machine_without_a_loudspeaker_is_told_of_once_and_served_on(caplog):
    asked = threading.Semaphore(0)

    def open_nothing():
        asked.release()
        raise NoSound("This machine has no sound card.")

    caplog.set_level(logging.INFO)
    with Speaker(open_nothing) as speaker:
        speaker.play(Outcome.OK)
        assert asked.acquire(timeout=WAIT_S)
        speaker.play(Outcome.REFUSED)

    assert [record.getMessage() for record in caplog.records] == [
        "no sound through the loudspeaker: This machine has no sound card."
    ]


def test_a_card_that_is_pulled_out_is_let_go(caplog):
    class PulledOut(FakeCard):
        def start(self, frames):
            self.began.release()
            raise miniaudio.MiniaudioError("failed to start audio device", -1)

    card = PulledOut()
    with Speaker(lambda: card) as speaker:
        speaker.play(Outcome.OK)
        assert card.began.acquire(timeout=WAIT_S)

    assert not card.is_open
    assert "no sound through the loudspeaker" in caplog.text


def test_every_sound_plays_on_a_real_device_of_miniaudio(null_card, caplog):
    open_it, opened = null_card
    began = threading.Semaphore(0)

    class Counted:
        def __init__(self):
            self.device = open_it()

        def start(self, frames):
            began.release()
            self.device.start(frames)

        def stop(self):
            assert self.device.callback_generator is None  # It was played to its end.
            self.device.stop()

        def close(self):
            self.device.close()

    with Speaker(Counted) as speaker:
        for outcome in Outcome:
            speaker.play(outcome)
            assert began.acquire(timeout=WAIT_S)

    assert len(opened) == 1
    assert caplog.text == ""
