"""What a scan is answered, before it is written down."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scanner.scan import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said to the operator, and what stands behind it."""

    outcome: Outcome
    message: str
    event: int | None = None
    """The number of the event that says so in the ledger, if one does."""
    is_dealt_with: bool = False
    """Whatever it says, nobody has to do anything about this very scan."""
    holds: bool = False
    """Whoever hears it must stop."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """The same for a screen, by name: codes only."""
