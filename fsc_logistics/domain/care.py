"""What condition a device is in and which flags it carries, whoever has it.

A condition says whether a device may be lent; a flag hangs on it until it is lowered.
Both change at other times than custody does, and are kept apart from it.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum

from fsc_logistics.domain.codes import read_any_line
from fsc_logistics.domain.errors import BadInput, Refused
from fsc_logistics.domain.people import mask_text

REASON_LENGTH_MAX = 300


class Condition(StrEnum):
    """How far a device is from being lent again."""

    READY = "ready"
    RETURNED = "returned"
    """Back from somebody; nobody has looked at it yet."""
    CLEANING = "cleaning"
    QUARANTINE = "quarantine"
    """Set apart until somebody has decided what becomes of it."""
    REPAIR = "repair"
    SCRAPPED = "scrapped"
    """Out of use for good."""


class Flag(StrEnum):
    """What hangs on a device, whatever its condition."""

    RECALLED = "recalled"
    """Its maker or the authorities want it back, or out of use."""
    MISSING = "missing"
    """It is not where it should be."""


class ReturnReason(StrEnum):
    """Why a device came back.  Neutral words: the ledger knows nobody's fate."""

    END_OF_LOAN = "end_of_loan"
    NOT_NEEDED = "not_needed"
    """Whoever had it has no use for it any more, for whatever reason."""
    DEFECT = "defect"
    SWAP = "swap"
    """Another one was given for it."""
    WRONG_DELIVERY = "wrong_delivery"


NEEDS_REASON = frozenset({Condition.QUARANTINE, Condition.REPAIR, Condition.SCRAPPED})
"""What whoever finds the device cannot know by looking at it."""


def read_reason(text: str | None) -> str | None:
    """Return why something was done as the ledger keeps it; None where nobody said.

    It is one line, and what could be a CPR number is masked: the ledger forgets
    nothing.

    Raises:
        BadInput: it is longer than `REASON_LENGTH_MAX`, or cannot be printed.

    >>> read_reason("strap torn,  told by 020160-9995 ")
    'strap torn, told by 020160-****'
    """
    reason = mask_text(read_any_line(text or "", "reason"))
    if len(reason) > REASON_LENGTH_MAX:
        raise BadInput(
            f"A reason of {len(reason)} signs is too long: say it in"
            f" {REASON_LENGTH_MAX}."
        )
    return reason or None


def check_condition(
    tag: str, before: str | None, condition: Condition, reason: str | None
) -> None:
    """Refuse a condition that needs a reason and has none.

    Raises:
        Refused: with how to say it.
    """
    if reason is not None:
        return
    if before == Condition.SCRAPPED and condition is not Condition.SCRAPPED:
        raise Refused(
            f"{tag} is scrapped. Say why it is {condition} after all: --why TEXT"
        )
    if condition in NEEDS_REASON:
        raise Refused(f"Say why {tag} is set to {condition}: --why TEXT")


def check_flag(tag: str, flag: Flag, *, raised: bool, reason: str | None) -> None:
    """Refuse a flag that is raised or lowered without a reason.

    Raises:
        Refused: with how to say it.
    """
    if reason is None:
        verb = "raised on" if raised else "lowered from"
        raise Refused(f"Say why {flag} is {verb} {tag}: --why TEXT")


_WORDS = {
    Condition.CLEANING: "being cleaned",
    Condition.QUARANTINE: "in quarantine",
    Condition.REPAIR: "in repair",
}


def in_words(condition: str | None) -> str:
    """Return what a device in that condition is.

    >>> in_words("quarantine"), in_words("returned")
    ('in quarantine', 'returned')
    """
    if condition is None:
        return "in a condition nobody has told"
    return _WORDS.get(Condition(condition), condition)


def check_hand_out(
    tag: str, to: str, condition: str | None, flags: Collection[str]
) -> None:
    """Refuse to hand a device to somebody it may not go to.

    Raises:
        Refused: it is missing, recalled or not ready, with what to do first.
    """
    if Flag.MISSING in flags:
        raise Refused(
            f"{tag} is flagged as missing and cannot be handed to {to}. If it was"
            f" found, say so: fsc flag lower missing {tag} --why TEXT"
        )
    if Flag.RECALLED in flags:
        raise Refused(
            f"{tag} is recalled and cannot be handed to {to}. When that is over, say"
            f" so: fsc flag lower recalled {tag} --why TEXT"
        )
    if condition != Condition.READY:
        raise Refused(
            f"{tag} is {in_words(condition)} and cannot be handed to {to}. When it is"
            f" fit, say so: fsc condition set ready {tag}"
        )


def unfit_because(condition: str | None, flags: Sequence[str]) -> tuple[str, ...]:
    """Return what keeps a device from going out, in words; nothing where it may.

    >>> unfit_because("cleaning", ["recalled"])
    ('recalled', 'being cleaned')
    """
    return (*flags, *([] if condition == Condition.READY else [in_words(condition)]))
