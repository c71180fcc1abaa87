"""What a scan is answered, before it is written down."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from scanner.scan import Outcome


class Answer(NamedTuple):
    """What is said to the operator, and what stands behind it."""

    outcome: Outcome
    message: str
    event: int | None = None
    """The number of the event that says so in the ledger, if one does."""
    is_dealt_with: bool = False
    """Whatever it says, nobody has to do anything about this very scan."""
    holds: bool = False
    """Whoever hears it must stop."""
    facts: Mapping[str, str] = MappingProxyType({})
    """The same for a screen, by name: codes only."""
