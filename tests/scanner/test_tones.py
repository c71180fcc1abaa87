"""What the loudspeaker is given, measured."""

from itertools import pairwise

import numpy as np
import pytest

from scanner.scan import Outcome
from scanner.sound.tones import SAMPLES_PER_S, TONES, samples

HIGH_HZ = 1760


def strongest_hz(sound):
    """Return the frequency that carries the most of a sound."""
    heard = np.abs(np.fft.rfft(np.array(sound, dtype=float) * np.hanning(len(sound))))
    return float(np.argmax(heard) * SAMPLES_PER_S / len(sound))


def notes_of(outcome):
    """Return the strongest frequency and the length of each note, as measured."""
    sound = np.array(samples(outcome), dtype=float)
    # Silence is a hundredth of a second without a movement.
    step = SAMPLES_PER_S // 100
    loud = [
        np.abs(sound[at : at + step]).max() > 500 for at in range(0, len(sound), step)
    ]
    edges = [
        number
        for number, (a, b) in enumerate(pairwise([False, *loud, False]))
        if a != b
    ]
    return [
        (strongest_hz(sound[begin * step : end * step]), (end - begin) / 100)
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
    ]


@pytest.mark.parametrize("outcome", Outcome)
def test_each_note_has_the_pitch_that_the_table_says(outcome):
    sound = samples(outcome)
    start = 0
    for note in TONES[outcome]:
        count = round(note.duration_s * SAMPLES_PER_S)
        heard = sound[start : start + count]
        start += count
        if note.frequency_hz:
            assert strongest_hz(heard) == pytest.approx(note.frequency_hz, abs=8)
        else:
            assert not any(heard)

    assert start == len(sound)


def test_no_two_outcomes_sound_the_same():
    heard = {
        outcome: tuple(
            (round(hz, -2), round(length_s, 1)) for hz, length_s in notes_of(outcome)
        )
        for outcome in Outcome
    }

    assert len(set(heard.values())) == len(Outcome)


def test_only_recorded_is_a_high_tone():
    high = {
        outcome
        for outcome in Outcome
        if any(abs(hz - HIGH_HZ) < HIGH_HZ / 4 for hz, _ in notes_of(outcome))
    }

    assert high == {Outcome.OK}


@pytest.mark.parametrize(
    "outcome", [Outcome.UNKNOWN, Outcome.REFUSED, Outcome.NOT_SAVED]
)
def test_what_went_wrong_is_low_and_harsh(outcome):
    loud = np.array(samples(outcome), dtype=float)
    spectrum = np.abs(np.fft.rfft(loud)) ** 2
    hertz = np.fft.rfftfreq(len(loud), 1 / SAMPLES_PER_S)

    overtones = spectrum[hertz > 400].sum() / spectrum.sum()

    assert all(hz < 300 for hz, _ in notes_of(outcome))
    assert overtones > 0.1


@pytest.mark.parametrize("outcome", Outcome)
def test_a_sound_begins_and_ends_without_a_click_and_is_never_cut_off(outcome):
    sound = np.array(samples(outcome), dtype=int)

    assert abs(sound[0]) < 500
    assert abs(sound[-1]) < 500
    assert 15_000 < np.abs(sound).max() < 32_767
