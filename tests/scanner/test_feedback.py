import pytest

from scanner.protocols.feedback import PROFILES, describe, outcome_heard
from scanner.protocols.feedback.profile import Words
from scanner.scan import Outcome

SOUNDING = sorted(name for name in PROFILES if any(PROFILES[name].sounds.values()))
FINE = [name for name in SOUNDING if not PROFILES[name].is_coarse]

GOOD_TONES = {
    "bel": (b"\x07",),
    "cipherlab": (b"#@////\r",),
    "datalogic": (b"\x1b[0q", b"\x1b[3q"),
    "datalogic-ack": (b"\x1b[0q", b"\x1b[3q"),
    "honeywell": (b"\x1b5,", b"\x1b6,", b"\x1b7,"),
    "metrologic": (b"\x06",),
    "psc": (b"\x01", b"B"),
    # BEEP with a code of high tones, or the confirmation of what was scanned.
    "ssi": (b"\x05\xe6\x04\x00\x00", b"\x05\xe6\x04\x00\x01", b"\x04\xd0\x04\x00"),
}
"""Sounds of each family that a person may take for "recorded"."""


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_profile_answers_every_outcome(name):
    assert set(PROFILES[name].sounds) == set(Outcome)


@pytest.mark.parametrize("name", FINE)
def test_no_two_outcomes_sound_the_same(name):
    sounds = [sound for sound in PROFILES[name].sounds.values() if sound]

    assert len(set(sounds)) == len(sounds)


@pytest.mark.parametrize("name", FINE)
def test_no_two_outcomes_are_described_the_same(name):
    words = PROFILES[name].words

    assert len({it.en for it in words.values()}) == len(Outcome)
    assert len({it.da for it in words.values()}) == len(Outcome)


@pytest.mark.parametrize("name", SOUNDING)
def test_what_is_sent_for_recorded_is_sent_for_nothing_else(name):
    sounds = PROFILES[name].sounds

    assert sounds[Outcome.OK]
    assert [it for it in Outcome if sounds[it] == sounds[Outcome.OK]] == [Outcome.OK]


@pytest.mark.parametrize("name", SOUNDING)
def test_what_is_not_saved_never_has_a_good_tone(name):
    sound = PROFILES[name].sounds[Outcome.NOT_SAVED]

    if name in GOOD_TONES:
        assert not any(tone in sound for tone in GOOD_TONES[name])
    assert sound not in [
        PROFILES[name].sounds[it] for it in Outcome if it is not Outcome.NOT_SAVED
    ]


@pytest.mark.parametrize("name", SOUNDING)
def test_what_is_heard_tells_the_outcome(name):
    profile = PROFILES[name]
    heard = {it: outcome_heard(profile, profile.sounds[it]) for it in Outcome}

    assert all(heard[outcome] in (outcome, None) for outcome in Outcome)
    assert heard[Outcome.OK] is Outcome.OK


@pytest.mark.parametrize("name", ["bel", "cipherlab", "psc"])
def test_where_a_beep_is_all_there_is_one_means_recorded_and_none_not_saved(name):
    sounds = PROFILES[name].sounds
    beep = sounds[Outcome.OK]
    counts = {it: sounds[it].count(beep) for it in Outcome}

    assert [it for it in Outcome if counts[it] == 1] == [Outcome.OK]
    assert sounds[Outcome.NOT_SAVED] == b""
    assert all(sounds[it] == beep * counts[it] for it in Outcome)


def test_a_scanner_that_confirms_what_it_sent_is_told_when_it_is_saved():
    assert PROFILES["ssi"].saved == bytes.fromhex("04d00400ff28")
    assert [name for name in SOUNDING if PROFILES[name].saved] == ["ssi"]


@pytest.mark.parametrize("name", ["datalogic", "datalogic-ack"])
def test_a_message_to_a_datalogic_is_short_and_ended_by_its_only_cr(name):
    messages = PROFILES[name].sounds.values()

    assert all(len(message) <= 48 for message in messages)
    assert all(message.find(b"\r") == len(message) - 1 for message in messages)


def test_a_message_that_answers_no_label_starts_with_dc2():
    anytime, answer = PROFILES["datalogic"], PROFILES["datalogic-ack"]

    assert all(
        anytime.sounds[it] == b"\x12" + answer.sounds[it] and answer.sounds[it]
        for it in Outcome
    )


def test_a_light_that_was_switched_on_is_switched_off_in_the_same_message():
    for message in PROFILES["datalogic"].sounds.values():
        assert message.count(b"\x1b[6q") == message.count(b"\x1b[7q") <= 1


def test_a_light_that_stays_is_never_lit_beside_a_bad_tone():
    sounds = PROFILES["ssi"].sounds
    lit, dark = bytes.fromhex("05e7040001"), bytes.fromhex("05e8040001")
    good = {Outcome.OK, Outcome.ALREADY, Outcome.SET, Outcome.LOOKED}

    assert {it for it in Outcome if sounds[it].startswith(lit)} == good
    assert {it for it in Outcome if sounds[it].startswith(dark)} == {
        Outcome.STORED,
        Outcome.UNKNOWN,
        Outcome.REFUSED,
    }


def test_an_unknown_sound_tells_nothing():
    assert outcome_heard(PROFILES["bel"], b"\x07" * 40) is None
    assert outcome_heard(PROFILES["bel"], b"") is None


def test_a_sound_of_several_outcomes_tells_nothing():
    assert outcome_heard(PROFILES["metrologic"], b"\x07") is None


def test_what_is_heard_is_said_in_both_languages():
    assert describe("ssi", Outcome.OK, "en") == "one high beep, green"
    assert describe("ssi", Outcome.OK, "da") == "et højt bip, grønt"
    assert describe("bel", Outcome.ALREADY, "da") == "2 bip"


def test_where_nothing_is_heard_the_screen_is_named():
    assert describe("none", Outcome.OK, "en") == "nothing: look at the screen"
    assert describe("none", Outcome.OK, "da") == "intet: se på skærmen"


@pytest.mark.parametrize("name", SOUNDING)
def test_every_profile_that_sounds_says_what_it_is_like(name):
    assert set(PROFILES[name].words) == set(Outcome)
    assert all(isinstance(it, Words) for it in PROFILES[name].words.values())
