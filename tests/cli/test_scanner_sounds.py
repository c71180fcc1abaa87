"""What each sound means, as it is listed and played."""

import json
import tomllib
from importlib.resources import files

import pytest

from fsc_logistics.cli.scanner.sounds import MEANINGS, SCREENS, TONES
from scanner.protocols.feedback import PROFILES, describe
from scanner.scan import Outcome


@pytest.fixture(autouse=True)
def settings(folder):
    (folder / "fsc.toml").write_text('language = "en"\n')
    return folder / "fsc.toml"


@pytest.fixture
def no_sound_card(monkeypatch):
    def open_nothing():
        raise NoSound("This machine has no sound card.")

    from scanner.sound.speaker import NoSound

    monkeypatch.setattr("scanner.sound.speaker.open_loudspeaker", open_nothing)


@pytest.fixture
def played(monkeypatch):
    """A sound card that tells what it plays."""

    class Card:
        def close(self):
            heard.append("closed")

    heard = []
    monkeypatch.setattr("scanner.sound.speaker.open_loudspeaker", Card)
    monkeypatch.setattr(
        "scanner.sound.speaker.play_whole", lambda _, outcome: heard.append(outcome)
    )
    return heard


def listed(fsc, *arguments):
    told = fsc("scanner", "sounds", "--json", *arguments)
    assert told.code == 0
    return json.loads(told.out)


def test_without_ports_every_profile_is_listed(fsc):
    rows = listed(fsc)

    assert [(row["feedback"], row["outcome"]) for row in rows] == [
        (profile, outcome.value) for profile in PROFILES for outcome in Outcome
    ]


def test_a_row_says_what_is_heard_seen_and_meant(fsc):
    row = next(
        row
        for row in listed(fsc, "--feedback", "honeywell")
        if row["outcome"] == "stored"
    )

    assert row == {
        "feedback": "honeywell",
        "outcome": "stored",
        "meaning": "saved here, not checked yet",
        "scanner": describe("honeywell", Outcome.STORED, "en"),
        "loudspeaker": "one long low tone",
        "screen": "amber",
    }


def test_with_ports_their_profiles_are_listed_each_once(fsc, settings):
    ports = (("COM1", "bel"), ("COM2", "honeywell"), ("COM3", "bel"))
    settings.write_text(
        "".join(
            f'[[port]]\nurl = "{url}"\nread_point = "{url}"\nfeedback = "{feedback}"\n'
            for url, feedback in ports
        )
    )

    profiles = [row["feedback"] for row in listed(fsc)]

    assert list(dict.fromkeys(profiles)) == ["bel", "honeywell"]
    assert len(profiles) == 2 * len(Outcome)


def test_the_list_is_danish_where_that_is_asked_for(fsc):
    (row, *_) = listed(fsc, "--feedback", "none", "--language", "da")

    assert (row["meaning"], row["screen"]) == ("registreret", "grøn")


def test_a_profile_that_is_not_there_is_refused_with_those_that_are(fsc):
    told = fsc("scanner", "sounds", "--feedback", "smoke")

    assert (told.code, told.err) == (
        1,
        f"Error: 'smoke' is not a feedback. Choose from: {', '.join(PROFILES)}.\n",
    )


def test_what_is_asked_for_is_played_in_the_order_of_the_list(fsc, played):
    told = fsc("scanner", "sounds", "--play", "refused", "--play", "ok")

    assert told.code == 0
    assert played == [Outcome.OK, Outcome.REFUSED, "closed"]


def test_all_can_be_played(fsc, played):
    fsc("scanner", "sounds", "--play", "all")

    assert played == [*Outcome, "closed"]


def test_without_a_loudspeaker_nothing_can_be_played(fsc, no_sound_card):
    told = fsc("scanner", "sounds", "--play", "ok")

    assert told.code == 1
    assert told.err == (
        "Error: Nothing can be played. This machine has no sound card.\n"
    )


@pytest.mark.parametrize("table", [MEANINGS, SCREENS, TONES])
def test_every_outcome_has_its_words_in_both_languages(table):
    for language in ("da", "en"):
        assert set(table[language]) == set(Outcome)


@pytest.mark.parametrize("table", [MEANINGS, TONES])
def test_no_two_outcomes_are_said_to_be_the_same(table):
    for language in ("da", "en"):
        assert len(set(table[language].values())) == len(Outcome)


@pytest.mark.parametrize("language", ["da", "en"])
def test_an_outcome_means_the_same_on_the_sheet_and_in_the_list_of_sounds(language):
    sheet = files("fsc_logistics.templates") / language / "set_up.toml"

    printed = tomllib.loads(sheet.read_text("utf-8"))["outcome"]

    assert printed == {it.value: told for it, told in MEANINGS[language].items()}
