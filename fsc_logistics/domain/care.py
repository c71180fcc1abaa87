"""What condition a device is in and which flags it carries, whoever has it.

A condition says whether a device may be lent; a flag hangs on it until it is lowered.
Both change at other times than custody does, and are kept apart from it.
"""

from enum import StrEnum


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
