"""The set-up sheet: what to set at a scanner, what to scan, what is then heard."""

import tomllib
from dataclasses import dataclass
from typing import Any

from fsc_logistics.core.printing.language import TEMPLATES, Words, read_words
from fsc_logistics.core.printing.page import compile_page
from fsc_logistics.core.printing.symbols import gs1_square
from fsc_logistics.domain.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What becomes of a scan, by the name of its outcome, and what that is like."""

    outcome: str
    sound: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpSheet:
    """One page for one family of scanners."""

    family: str
    """A name from `set_up_families`."""
    protocol: str
    block: str
    """What to write into the settings."""
    sounds: tuple[Sound, ...]
    """None where the scanner cannot be heard."""
    self_test: str = ""
    """A GS1 element string in brackets; empty for what reads no bar codes."""
    bars: str = "TEST-123"
    """A code of letters and digits for any scanner."""


def set_up_families(language: str = "da") -> tuple[str, ...]:
    """Return the families there is a set-up sheet for.

    Raises:
        BadInput: there is no paper in `language`.
    """
    return tuple(_said(language)["family"])


def set_up_pdf(sheet: SetUpSheet, language: str = "da") -> bytes:
    """Return a page of A4.

    Raises:
        BadInput: there is no such family, or no paper in `language`.
    """
    said = _said(language)
    family = said["family"].get(sheet.family)
    if family is None:
        raise BadInput(
            f"There is no set-up sheet for '{sheet.family}'. Choose one of:"
            f" {', '.join(said['family'])}."
        )
    content = {
        "said": said,
        "sheet": sheet,
        "family": family,
        "steps": [_step(said, family, name) for name in family["steps"]],
        "is_mute": not sheet.sounds,
        "self_test": gs1_square(sheet.self_test) if sheet.self_test else None,
        "tag_test_text": said["page"]["tag_test_text"].format(protocol=sheet.protocol),
    }
    codes = {sheet.bars} if sheet.self_test else set()
    return compile_page("set_up", language, content, codes)


def _step(said: Words, family: dict[str, Any], name: str) -> Any:
    """Return the step as this family takes it, or else as all do."""
    return family.get("step", {}).get(name) or said["step"][name]


def _said(language: str) -> Words:
    read_words(language)  # Refuses a language there is no paper in.
    return tomllib.loads((TEMPLATES / language / "set_up.toml").read_text("utf-8"))
