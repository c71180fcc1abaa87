"""Command cards: the codes that tell a scanning station what to do.

They are ours (`%C:…` a command, `%L:…` a place, `%P:…` a person or organisation, `%O:…`
an order or stop); no GS1 or HIBC code and no tag begins with a percent sign.
"""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """What a scanned device means."""

    LOOK = "LOOK"
    """Who has it?  Nothing is recorded."""
    IN = "IN"
    """It has come in, here or at the place scanned before."""
    OUT = "OUT"
    """It goes out: to a person, a place or an order scanned before."""
    MOVE = "MOVE"
    """It moves to the place scanned before."""


class Target(StrEnum):
    """What a target card names."""

    PLACE = "place"
    PARTY = "party"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class ModeCard:
    """From now on this mode."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class TargetCard:
    """From now on to, or at, this place, person or order."""

    target: Target
    code: str


@dataclass(frozen=True, slots=True)
class UndoCard:
    """The last scan at this port was a mistake."""


@dataclass(frozen=True, slots=True)
class EndCard:
    """Done here: back to LOOK, nothing chosen."""


@dataclass(frozen=True, slots=True)
class OkCard:
    """The operator has understood."""


@dataclass(frozen=True, slots=True)
class BadCard:
    """It looks like a card of ours and is none."""

    text: str


Card = ModeCard | TargetCard | UndoCard | EndCard | OkCard | BadCard

MODE_PREFIX = "%C:MODE:"
"""What every card for a mode begins with, also for one we do not know."""
_TARGETS = {"%L:": Target.PLACE, "%P:": Target.PARTY, "%O:": Target.ORDER}
_COMMANDS: dict[str, Card] = {
    "UNDO": UndoCard(),
    "END": EndCard(),
    "OK": OkCard(),
    **{f"MODE:{mode}": ModeCard(mode) for mode in Mode},
}


def read_card(text: str) -> Card | None:
    """Return the card that `text` is, or None if it is no card at all.

    >>> read_card("%C:MODE:IN")
    ModeCard(mode=<Mode.IN: 'IN'>)
    >>> read_card("%L:h-a-03")
    TargetCard(target=<Target.PLACE: 'place'>, code='H-A-03')
    >>> read_card("OXI-000007") is None
    True
    """
    payload = text.strip().upper()
    if payload.startswith("%C:"):
        return _COMMANDS.get(payload[3:], BadCard(payload))
    target = _TARGETS.get(payload[:3])
    if target is None:
        return None
    code = payload[3:].strip()
    return TargetCard(target, code) if code else BadCard(payload)
