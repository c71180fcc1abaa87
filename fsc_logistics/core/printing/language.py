"""The words of the paper, and how a language writes moments and amounts.

A language is a folder in `templates` with a `words.toml`; there is no other list.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

import fsc_logistics.templates
from fsc_logistics.domain.errors import BadInput

TEMPLATES = Path(fsc_logistics.templates.__path__[0])

Words: TypeAlias = Mapping[str, Any]
"""Section -> key -> text, as in `words.toml`; section `format` holds the patterns."""


def languages() -> tuple[str, ...]:
    """Return the languages there is paper in."""
    return tuple(sorted(path.parent.name for path in TEMPLATES.glob("*/words.toml")))


def read_words(language: str) -> Words:
    """Return the words of `language`.

    Raises:
        BadInput: there is no paper in that language.
    """
    if language not in languages():
        raise BadInput(
            f"There is no paper in '{language}'. Choose one of: "
            f"{', '.join(languages())}."
        )
    return tomllib.loads((TEMPLATES / language / "words.toml").read_text("utf-8"))


def long_date(words: Words, day: date) -> str:
    """Return `day` as one says it.

    >>> long_date(read_words("da"), date(2026, 11, 24))
    'tirsdag 24. november 2026'
    >>> long_date(read_words("en"), date(2026, 11, 24))
    'Tuesday 24 November 2026'
    """
    form = words["format"]
    return str(form["date"]).format(
        weekday=form["weekdays"][day.weekday()],
        day=day.day,
        month=form["months"][day.month - 1],
        year=day.year,
    )


def clock(words: Words, moment: datetime) -> str:
    """Return the time of day of `moment`, in the zone it is given in.

    >>> clock(read_words("da"), datetime.fromisoformat("2026-11-24T08:05+01:00"))
    '8.05'
    >>> clock(read_words("en"), datetime.fromisoformat("2026-11-24T08:05+01:00"))
    '08:05'
    """
    return str(words["format"]["time"]).format(hour=moment.hour, minute=moment.minute)


def duration(words: Words, seconds: int) -> str:
    """Return a span to the nearest minute.

    >>> duration(read_words("da"), 3900), duration(read_words("en"), 1500)
    ('1 t 5 min', '25 min')
    """
    hours, minutes = divmod((seconds + 30) // 60, 60)
    form = words["format"]
    if not hours:
        return str(form["minutes"]).format(minutes=minutes)
    return str(form["hours"]).format(hours=hours, minutes=minutes)


def distance(words: Words, metres: int) -> str:
    """Return a distance in kilometres with one decimal.

    >>> distance(read_words("da"), 14_249), distance(read_words("en"), 400)
    ('14,2 km', '0.4 km')
    """
    form = words["format"]
    return f"{metres / 1000:.1f} km".replace(".", form["decimal"])


def phone(number: str) -> str:
    """Return a Danish number in pairs, and any other as it was given.

    >>> phone("+4570203048"), phone("70203048"), phone("+46 8 123 45 67"), phone("112")
    ('70 20 30 48', '70 20 30 48', '+46 8 123 45 67', '112')
    """
    digits = re.sub(r"^(\+|00)45", "", re.sub(r"[\s().-]", "", number))
    if not re.fullmatch(r"[0-9]{8}", digits):
        return number
    return " ".join(digits[at : at + 2] for at in range(0, 8, 2))
