"""Kits: what one should hold, how one moves, and what to say where it is not whole."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.sayings import Say, say
from fsc_logistics.domain.scenarios import Spoken

QUANTITY_MAX = 999
"""Devices of one model in one kit."""
NAMED_MAX = 3
"""How many missing parts one sentence names: it is read on a scanner's display."""
_HOLDING = re.compile(r"([^=]+?)(?:=([0-9]{1,6}))?")


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


def read_holding(text: str) -> tuple[str, int] | None:
    """Return a model and how many of it a kit holds, or None.

    >>> read_holding("oxi-3230=2"), read_holding("TAB-A9"), read_holding("=2")
    (('OXI-3230', 2), ('TAB-A9', 1), None)
    """
    read = _HOLDING.fullmatch(text)
    return None if read is None else (read[1].strip().upper(), int(read[2] or 1))


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
        if count <= wants.get(model, 0):
            continue
        said = Spoken(Say.NO_PART, model=model, template=template)
        if model in wants:
            said = Spoken(
                Say.NO_ROOM,
                case=case,
                count=str(count),
                model=model,
                template=template,
                room=str(wants[model]),
            )
        raise Refused(f"{when}{said}") if when else said


def wanting(
    missing: Sequence[Absent],
    lacks: Mapping[str, int],
    too_many: Mapping[str, int],
    language: str = "en",
) -> str:
    """Return what keeps a kit from being whole; nothing where it is.

    >>> place = {"custodian": "CIT-1", "location": "HOME"}
    >>> one = Absent(device="OXI-7", model="OXI", flagged=False, **place)
    >>> wanting([one], {"SCALE": 2}, {})
    'OXI-7 is not with it: CIT-1 @ HOME; it lacks 2 of SCALE'
    >>> wanting([], {}, {"OXI": 1})
    'it holds 1 of OXI too many'
    >>> wanting([], {"SCALE": 2}, {"OXI": 1}, "da")
    'der mangler 2 SCALE; der er 1 OXI for meget'
    """
    said = [_where(part, language) for part in missing[:NAMED_MAX]]
    if len(missing) > NAMED_MAX:
        more = str(len(missing) - NAMED_MAX)
        said.append(say(Say.PARTS_MORE, language, count=more))
    for key, counts in ((Say.KIT_LACKS, lacks), (Say.KIT_SURPLUS, too_many)):
        if counts:
            models = ", ".join(
                say(Say.SO_MANY, language, count=str(count), model=model)
                for model, count in counts.items()
            )
            said.append(say(key, language, models=models))
    return "; ".join(said)


def write_wants(
    missing: Sequence[Absent],
    lacks: Mapping[str, int],
    too_many: Mapping[str, int],
) -> str:
    """Return what keeps a kit from being whole, for a screen of any language to say."""
    if not (missing or lacks or too_many):
        return ""
    parts = [asdict(part) for part in missing]
    return json.dumps({"missing": parts, "lacks": lacks, "too_many": too_many})


def said_wants(wants: str, language: str) -> str:
    """Return in words what `write_wants` has written; nothing for another text.

    >>> said_wants(write_wants([], {"SCALE": 2}, {}), "da")
    'der mangler 2 SCALE'
    """
    try:
        told = json.loads(wants)
        missing = [Absent(**part) for part in told["missing"]]
        return wanting(missing, told["lacks"], told["too_many"], language)
    except (ValueError, KeyError, TypeError, AttributeError):
        # Of a service of another version.
        return ""


def _where(part: Absent, language: str) -> str:
    where = say(Say.NOBODY_YET, language)
    if part.custodian is not None:
        where = f"{part.custodian} @ {part.location}"
    key = Say.PART_MISSING if part.flagged else Say.PART_AWAY
    return say(key, language, device=part.device, where=where)
