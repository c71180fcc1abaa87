import re
from datetime import date, datetime
from pathlib import Path

import pytest

import fsc_logistics.core.printing
from fsc_logistics.core.printing import languages
from fsc_logistics.core.printing.language import (
    TEMPLATES,
    clock,
    distance,
    duration,
    long_date,
    phone,
    read_words,
)

SOURCES = "\n".join(
    path.read_text("utf-8")
    for folder, pattern in (
        (TEMPLATES, "*.typ"),
        (Path(fsc_logistics.core.printing.__file__).parent, "*.py"),
    )
    for path in sorted(folder.glob(pattern))
)
SERVICES = {
    "DELIVER",
    "INSTALL",
    "TRAINING",
    "RE-TRAINING",
    "CALIBRATION",
    "MAINTENANCE",
    "REPAIR",
    "REPLACE",
    "PICKUP",
}
LOOKED_UP = {"service", "checklist", "command", "failed"}
"""Sections whose keys are codes from elsewhere."""


def shape(words):
    """Return the keys of `words`, and how many there are of what is counted."""
    if isinstance(words, dict):
        return {key: shape(value) for key, value in words.items()}
    return len(words) if isinstance(words, list) else None


def test_paper_comes_in_danish_and_english():
    assert languages() == ("da", "en")


@pytest.mark.parametrize("language", languages())
def test_every_language_has_the_same_keys(language):
    assert shape(read_words(language)) == shape(read_words("da"))


@pytest.mark.parametrize("language", languages())
def test_every_text_says_something(language):
    def texts(words):
        if isinstance(words, str):
            yield words
        else:
            for value in words.values() if isinstance(words, dict) else words:
                yield from texts(value)

    assert all(text.strip() for text in texts(read_words(language)))


@pytest.mark.parametrize(
    ("section", "key"),
    [
        (section, key)
        for section, keys in read_words("da").items()
        if section not in LOOKED_UP
        for key in keys
    ],
)
def test_every_key_is_used(section, key):
    assert re.search(rf'\bwords\.{section}\.{key}\b|"{key}"', SOURCES)


@pytest.mark.parametrize("language", languages())
def test_every_word_a_template_asks_for_is_there(language):
    words = read_words(language)

    asked = set(re.findall(r"\bwords\.([a-z]+)\.([a-z_]+)(?![a-z_]*\()", SOURCES))

    assert {(s, k) for s, k in asked if k not in words[s]} == set()


@pytest.mark.parametrize("language", languages())
def test_every_service_of_the_national_interface_has_words(language):
    words = read_words(language)

    assert set(words["service"]) == SERVICES
    assert set(words["checklist"]) == SERVICES


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_has_its_name(month):
    day = date(2026, month, 1)

    assert long_date(read_words("en"), day) == f"{day:%A} 1 {day:%B} 2026"


@pytest.mark.parametrize(
    ("seconds", "danish"),
    [
        (0, "0 min"),
        (29, "0 min"),
        (30, "1 min"),
        (3569, "59 min"),
        (3570, "1 t 0 min"),
        (7800, "2 t 10 min"),
    ],
)
def test_durations_are_to_the_nearest_minute(seconds, danish):
    assert duration(read_words("da"), seconds) == danish


def test_a_distance_has_one_decimal_in_the_way_of_the_language():
    assert distance(read_words("da"), 122_449) == "122,4 km"
    assert distance(read_words("en"), 122_449) == "122.4 km"


def test_a_moment_is_written_in_the_zone_it_is_given_in():
    moment = datetime.fromisoformat("2026-11-24T23:05+05:30")

    assert clock(read_words("da"), moment) == "23.05"


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        ("70203048", "70 20 30 48"),
        ("+45 7020 3048", "70 20 30 48"),
        ("004570203048", "70 20 30 48"),
        ("45203048", "45 20 30 48"),
        ("112", "112"),
        ("+49 30 1234567", "+49 30 1234567"),
        ("", ""),
    ],
)
def test_a_danish_number_is_printed_in_pairs_and_any_other_as_given(number, printed):
    assert phone(number) == printed
