"""Cards with large codes: the scanner's commands, places and people."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A code to scan with gloves on, and what it does in words.

    A known command (`%C:…`) brings its own title and text in the language of the
    paper; any other card needs a title.
    """

    code: str
    title: str = ""
    text: str = ""
