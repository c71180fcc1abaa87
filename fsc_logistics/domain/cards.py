"""Command cards: the codes that tell a scanning station what to do.

They are ours (`%C:…` a command, `%L:…` a place, `%P:…` a person or organisation, `%O:…`
an order or stop, `%K:…` a kit); no GS1 or HIBC code and no tag begins with a percent
sign.
"""

from dataclasses import dataclass
from enum import StrEnum

from fsc_logistics.domain.care import Condition, ReturnReason
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.people import holds_cpr, looks_like_cpr, mask_cpr


class Mode(StrEnum):
    """What a scanned device means."""

    LOOK = "LOOK"
    """Who has it?  Nothing is recorded."""
    IN = "IN"
    """It has come in, here or at the place scanned before."""
    OUT = "OUT"
    """It goes out: to a person, a place, an order or a kit scanned before."""
    MOVE = "MOVE"
    """It moves to the place scanned before."""
    COUNT = "COUNT"
    """It was seen at the place scanned before, which is counted."""
    CARE = "CARE"
    """It is in the condition scanned before, wherever it is."""
    BUILD = "BUILD"
    """It becomes a part of the kit scanned before."""


class Target(StrEnum):
    """What a target card names."""

    PLACE = "place"
    PARTY = "party"
    ORDER = "order"
    """An order, or the stop of a run as `DAY/TECHNICIAN/NUMBER`."""
    KIT = "kit"


@dataclass(frozen=True, slots=True)
class ModeCard:
    """From now on this mode."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class CareCard:
    """From now on CARE, and every device is in this condition."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class ReasonCard:
    """From now on this is why devices come in, or are cared for."""

    reason: ReturnReason


@dataclass(frozen=True, slots=True)
class BadgeCard:
    """From now on somebody else scans here, and signs."""

    code: str


@dataclass(frozen=True, slots=True)
class TargetCard:
    """From now on to, at or into this place, person, order or kit."""

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


Card = (
    ModeCard
    | CareCard
    | ReasonCard
    | BadgeCard
    | TargetCard
    | UndoCard
    | EndCard
    | OkCard
    | BadCard
)

CARE_CONDITIONS = (
    Condition.CLEANING,
    Condition.QUARANTINE,
    Condition.REPAIR,
    Condition.READY,
)
"""What a card may say of a device; that it is scrapped is said at a desk."""
MODE_PREFIX = "%C:MODE:"
CARE_PREFIX = "%C:CARE:"
REASON_PREFIX = "%C:REASON:"
BADGE_PREFIX = "%C:WHO:"
"""What every card of that kind begins with, also one that we do not know."""
_TARGETS = {
    "%L:": Target.PLACE,
    "%P:": Target.PARTY,
    "%O:": Target.ORDER,
    "%K:": Target.KIT,
}
_COMMANDS: dict[str, Card] = {
    "%C:UNDO": UndoCard(),
    "%C:END": EndCard(),
    "%C:OK": OkCard(),
    **{f"{MODE_PREFIX}{mode}": ModeCard(mode) for mode in Mode},
    **{f"{CARE_PREFIX}{one.upper()}": CareCard(one) for one in CARE_CONDITIONS},
    **{f"{REASON_PREFIX}{one.upper()}": ReasonCard(one) for one in ReturnReason},
}
NOT_KEPT = "?"
"""What stands for a code on a card that can be none of ours; no code is written so."""
COMMANDS = tuple(_COMMANDS)
"""The payload of each command there is."""


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
    if not payload.startswith("%"):
        return None
    if payload.startswith(BADGE_PREFIX):
        code = payload.removeprefix(BADGE_PREFIX).strip()
        return BadgeCard(code) if code else BadCard(payload)
    if payload.startswith("%C:"):
        return _COMMANDS.get(payload, BadCard(payload))
    target = _TARGETS.get(payload[:3])
    if target is None:
        return None
    code = payload[3:].strip()
    return TargetCard(target, code) if code else BadCard(payload)


def code_on(card: Card | None) -> str | None:
    """Return the code of something registered that a card names, if it does."""
    return card.code if isinstance(card, TargetCard | BadgeCard) else None


def holds_codes_only(card: Card) -> bool:
    """Tell whether what stands on a card can be codes of ours, or is a command.

    All else could be somebody's name or number: a card may have been written by anyone.

    >>> holds_codes_only(TargetCard(Target.ORDER, "2026-11-24/ANNA/3"))
    True
    >>> holds_codes_only(TargetCard(Target.PARTY, "NANCY BERGGREN"))
    False
    """
    match card:
        case TargetCard(Target.ORDER, code):
            # A stop is named by several codes; a number is one in parts, too.
            return not holds_cpr(code.replace("/", "")) and all(
                shown_code(part, "") for part in code.split("/")
            )
        case TargetCard(_, code) | BadgeCard(code):
            return shown_code(code, "") != ""
        case BadCard(text):
            return not holds_cpr(text.replace(":", "")) and all(
                shown_code(part, "") for part in text[1:].split(":") if part
            )
        case _:
            return True


def kept_card(text: str) -> str:
    """Return what may be kept of a card that holds more than codes.

    >>> kept_card("%P:0201609995"), kept_card("%C:WHO:0201609995 NANCY")
    ('%P:020160-****', '%C:WHO:?')
    """
    payload = text.strip().upper()
    prefix = BADGE_PREFIX if payload.startswith(BADGE_PREFIX) else payload[:3]
    code = payload.removeprefix(prefix).strip()
    return prefix + (mask_cpr(code) if looks_like_cpr(code) else NOT_KEPT)
