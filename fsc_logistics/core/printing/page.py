"""From values to PDF: the one place that knows the typesetter.

What people wrote reaches a template only as JSON, never as source, so that no name or
note can be mistaken for a command.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from fsc_logistics.core.printing.language import (
    TEMPLATES,
    Words,
    clock,
    distance,
    duration,
    long_date,
    phone,
    read_words,
)
from fsc_logistics.core.printing.symbols import symbol


def compile_page(
    template: str, language: str, content: Mapping[str, Any], codes: Iterable[str]
) -> bytes:
    """Return `template` filled with `content` as a PDF, with `codes` ready to draw.

    The same values always give the same bytes.

    Raises:
        BadInput: there is no paper in `language`, or a code cannot be drawn.
    """
    words = read_words(language)
    paper = {
        "language": language,
        "words": words,
        "symbols": {code: symbol(code) for code in codes},
        **{name: _readable(value, words) for name, value in content.items()},
    }
    import typst  # slow to load: only what prints pays for it

    return bytes(
        typst.compile(
            TEMPLATES / f"{template}.typ",
            root=TEMPLATES,
            font_paths=_fonts(),
            sys_inputs={"paper": json.dumps(paper)},
        )
    )


@cache
def _fonts() -> Any:
    """Return the fonts that are shipped, and no others: all machines print alike."""
    import typst

    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[TEMPLATES / "fonts"],
    )


def _readable(value: Any, words: Words) -> Any:
    """Return `value` with every amount and moment as `words` write it.

    The unit at the end of a field's name says how: `_s` is a duration, `_m` a
    distance, `phone` a number to dial.  What a page cannot show is left out of texts.
    """
    match value:
        case datetime():
            return clock(words, value)
        case date():
            return long_date(words, value)
        case str():
            return "".join(_printable(character) for character in value)
        case tuple() | list():
            return [_readable(item, words) for item in value]
        case dict():
            return {name: _readable(item, words) for name, item in value.items()}
        case _ if is_dataclass(value):
            return {
                field.name: _readable_field(
                    field.name, getattr(value, field.name), words
                )
                for field in fields(value)
            }
    return value


def _printable(character: str) -> str:
    if character.isprintable() or character == "\n":
        return character
    return " " if character.isspace() else ""


def _readable_field(name: str, value: Any, words: Words) -> Any:
    if name.endswith("_s"):
        return duration(words, value)
    if name.endswith("_m"):
        return distance(words, value)
    if name.endswith("phone"):
        return phone(_readable(value, words))
    return _readable(value, words)
