"""Kits: what one should hold, how one moves, and what to say where it is not whole."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fsc_logistics.domain.errors import Refused

QUANTITY_MAX = 999
"""Devices of one model in one kit."""
NAMED_MAX = 3
"""How many missing parts one sentence names: it is read on a scanner's display."""


class MovesBy(StrEnum):
    """What must be scanned for a kit to move.

    Along goes what is where its case is; a part that is elsewhere, or missing, is not.
    """

    CASE = "case"
    """The case takes its parts along; a part that is scanned moves alone."""
    ANY = "any"
    """The case or any part takes the case and all its parts along."""
    EACH = "each"
    """Nothing goes along: case and parts are scanned one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """A part that is not with its case, or that nobody can find."""

    device: str
    model: str
    custodian: str | None
    """With the location, where the ledger has it; `None` before its first event."""
    location: str | None
    flagged: bool
    """Whether it is flagged as missing, wherever the ledger has it."""


def lacking(wants: Mapping[str, int], models: Iterable[str]) -> dict[str, int]:
    """Return how many of each model a kit with devices of `models` has too few.

    >>> lacking({"OXI": 2, "SCALE": 1}, ["OXI", "SCALE", "CUFF"])
    {'OXI': 1}
    """
    held = Counter(models)
    return {
        model: quantity - held[model]
        for model, quantity in wants.items()
        if quantity > held[model]
    }


def surplus(wants: Mapping[str, int], models: Iterable[str]) -> dict[str, int]:
    """Return how many of each model a kit with devices of `models` has too many.

    >>> surplus({"OXI": 2, "SCALE": 1}, ["SCALE", "SCALE", "CUFF"])
    {'CUFF': 1, 'SCALE': 1}
    """
    return {
        model: count - wants.get(model, 0)
        for model, count in sorted(Counter(models).items())
        if count > wants.get(model, 0)
    }


def check_fits(
    case: str,
    template: str,
    wants: Mapping[str, int],
    models: Iterable[str],
    later: datetime | None = None,
) -> None:
    """Refuse a kit with a device its template has no place for.

    `later` is when it would be so, where that is not the moment that was asked about.

    Raises:
        Refused: a model does not belong into it, or there are too many of one.
    """
    when = "" if later is None else f"On {later:%Y-%m-%d %H:%M} UTC: "
    for model, count in sorted(Counter(models).items()):
        if model not in wants:
            raise Refused(
                f"{when}{model} has no place in a kit of template {template}. See:"
                f" fsc kit template show {template}"
            )
        if count > wants[model]:
            raise Refused(
                f"{when}{case} would hold {count} of {model}, and template {template}"
                f" has room for {wants[model]}. See: fsc kit template show {template}"
            )


def wanting(
    missing: Sequence[Absent],
    lacks: Mapping[str, int],
    too_many: Mapping[str, int],
) -> str:
    """Return what keeps a kit from being whole; nothing where it is.

    >>> place = {"custodian": "CIT-1", "location": "HOME"}
    >>> one = Absent(device="OXI-7", model="OXI", flagged=False, **place)
    >>> wanting([one], {"SCALE": 2}, {})
    'OXI-7 is not with it: CIT-1 @ HOME; it lacks 2 of SCALE'
    >>> wanting([], {}, {"OXI": 1})
    'it holds 1 of OXI too many'
    """
    said = [_where(part) for part in missing[:NAMED_MAX]]
    if len(missing) > NAMED_MAX:
        said.append(f"{len(missing) - NAMED_MAX} more are missing")
    if lacks:
        said.append(f"it lacks {_models(lacks)}")
    if too_many:
        said.append(f"it holds {_models(too_many)} too many")
    return "; ".join(said)


def _models(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} of {model}" for model, count in counts.items())


def _where(part: Absent) -> str:
    known = part.custodian is not None
    where = f"{part.custodian} @ {part.location}" if known else "nobody had it yet"
    if part.flagged:
        return f"{part.device} is missing, last known: {where}"
    return f"{part.device} is not with it: {where}"
