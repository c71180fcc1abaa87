import pytest

from scanner.protocols.feedback import PROFILES, outcome_heard
from scanner.scan import Outcome

SOUNDING = [PROFILES["bel"], PROFILES["honeywell"]]


@pytest.mark.parametrize("profile", SOUNDING)
def test_no_two_outcomes_sound_the_same(profile):
    sounds = [sound for sound in profile.sounds.values() if sound]

    assert len(set(sounds)) == len(sounds)


@pytest.mark.parametrize("profile", PROFILES.values())
def test_every_profile_answers_every_outcome(profile):
    assert set(profile.sounds) == set(Outcome)


@pytest.mark.parametrize("profile", SOUNDING)
def test_what_is_heard_tells_the_outcome(profile):
    heard = {
        outcome: outcome_heard(profile, profile.sounds[outcome]) for outcome in Outcome
    }

    assert all(heard[outcome] in (outcome, None) for outcome in Outcome)
    assert heard[Outcome.OK] is Outcome.OK


def test_one_bel_means_recorded_and_nothing_else():
    one_bel = [
        outcome for outcome in Outcome if PROFILES["bel"].sounds[outcome] == b"\x07"
    ]

    assert one_bel == [Outcome.OK]


def test_what_is_not_saved_never_has_a_good_tone():
    good_tones = (b"\x1b5,", b"\x1b6,", b"\x1b7,")

    sound = PROFILES["honeywell"].sounds[Outcome.NOT_SAVED]

    assert PROFILES["bel"].sounds[Outcome.NOT_SAVED] == b""
    assert sound.startswith(b"\x1b8,")
    assert not any(tone in sound for tone in good_tones)


def test_the_good_tone_of_honeywell_is_for_recorded_only():
    profile = PROFILES["honeywell"]

    assert [outcome for outcome in Outcome if b"\x1b7," in profile.sounds[outcome]] == [
        Outcome.OK
    ]


def test_an_unknown_sound_tells_nothing():
    assert outcome_heard(PROFILES["bel"], b"\x07" * 40) is None
    assert outcome_heard(PROFILES["bel"], b"") is None
