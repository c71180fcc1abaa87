"""Each saying is there in each language, and names the same facts."""

from string import Formatter

import pytest

from fsc_logistics.domain.cards import CARE_CONDITIONS, Mode
from fsc_logistics.domain.care import Condition, Flag, ReturnReason
from fsc_logistics.domain.phrases import PHRASES, UNTOLD, WORDS
from fsc_logistics.domain.phrases_refused import REFUSALS
from fsc_logistics.domain.sayings import LANGUAGES, SAYINGS, Say, say, word


def named(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_there_is_no_text_that_nobody_says():
    assert sorted([*PHRASES, *REFUSALS]) == sorted(Say)


@pytest.mark.parametrize("key", Say)
def test_a_saying_is_there_in_each_language_with_the_same_facts(key):
    texts = SAYINGS[key]

    assert set(texts) == set(LANGUAGES)
    assert len({frozenset(named(text)) for text in texts.values()}) == 1
    assert all(text.strip() == text for text in texts.values())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("condition", Condition),
        ("reason", ReturnReason),
        ("flag", [*Flag, UNTOLD]),
    ],
)
def test_each_condition_and_reason_has_words_in_each_language(language, name, codes):
    assert set(WORDS[language][name]) == set(codes)


def test_each_mode_has_a_danish_name_of_its_own():
    assert set(WORDS["da"]["mode"]) == set(Mode)
    assert len(set(WORDS["da"]["mode"].values())) == len(Mode)


def test_a_fact_is_said_in_the_language_and_a_code_as_it_is():
    told = say(Say.CHOSEN, "da", mode="OUT", target="CIT-1")

    assert told == "UD: CIT-1"


def test_a_language_there_is_not_is_english():
    assert say(Say.UNDERSTOOD, "fr") == "Understood."


@pytest.mark.parametrize("condition", CARE_CONDITIONS)
def test_a_condition_set_is_told_in_whole_sentences(condition):
    told = say(Say.CARE_SET, condition=condition.value)

    assert told == f"CARE: each device scanned now is {word('condition', condition)}."
