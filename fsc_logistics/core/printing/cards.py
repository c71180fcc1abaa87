"""Cards with large codes: the scanner's commands, places, people, badges and kits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fsc_logistics.core.printing.language import Words, read_words
from fsc_logistics.core.printing.page import compile_page
from fsc_logistics.domain.errors import BadInput

KINDS = {
    "%C:CARE:": "condition",
    "%C:REASON:": "reason",
    "%C:WHO:": "badge",
    "%C:": "command",
    "%L:": "place",
    "%P:": "person",
    "%O:": "order",
    "%K:": "kit",
}
"""What stands above a card, by how its code begins; the first that fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A code to scan with gloves on, and what it does in words.

    A known command (`%C:…`) brings its own title and text in the language of the
    paper; any other card needs a title.
    """

    code: str
    title: str = ""
    text: str = ""


def command_cards(language: str = "da") -> tuple[Card, ...]:
    """Return a card for every command that has words in `language`."""
    return tuple(Card(code=code) for code in read_words(language)["command"])


def cards_pdf(cards: Sequence[Card], language: str = "da") -> bytes:
    """Return A4 sheets of eight cards to cut out.

    Raises:
        BadInput: there are no cards, one has no title, a code cannot be a bar code, or
            there is no paper in `language`.
    """
    if not cards:
        raise BadInput("There are no cards to print. Name at least one code.")
    words = read_words(language)
    content = {
        "cards": [_worded(card, words) for card in cards],
        "kinds": [_kind(card, words) for card in cards],
    }
    return compile_page("cards", language, content, {card.code for card in cards})


def _worded(card: Card, words: Words) -> Card:
    known = words["command"].get(card.code, {"title": "", "text": ""})
    title = card.title or known["title"]
    if not title:
        raise BadInput(
            f"{card.code} is not a command the scanner knows. Give its card a title."
        )
    return replace(card, title=title, text=card.text or known["text"])


def _kind(card: Card, words: Words) -> str:
    kinds = (kind for begins, kind in KINDS.items() if card.code.startswith(begins))
    kind = next(kinds, None)
    return "" if kind is None else str(words["card"][kind])
