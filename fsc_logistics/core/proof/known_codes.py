"""Codes of devices, parties, places and models, by the numbers that name them.

To look each of them up costs the engine more than to read the event.  Those seen last
are therefore kept, in tables that the compiled module reads.  Their size is fixed, and
taken at once: a ledger that grows is not to take more memory.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, Text, bindparam, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.codes import among_numbers
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import Device, DeviceModel, Location, Party

_PLACE_BYTES = 32
"""As `Place` in c/codes.h: number, batch, size and the code itself."""

_FEW = 1 << 10
"""Room for models, and for those who own devices."""

Columns = tuple[int, tuple[str, ...]]
"""How many rows were read, and columns of them, each as one text."""


@dataclass(slots=True)
class KnownCodes:
    """A table of codes, and the few that the batch in hand names and it has not."""

    compiled: Any
    asked: Statement
    table: bytearray
    batch: int = 0
    others: dict[int, str] = field(default_factory=dict)

    @property
    def room(self) -> int:
        """How many codes it can keep."""
        return len(self.table) // _PLACE_BYTES

    def foresee(self, columns: Columns) -> None:
        """Keep the codes in the second of two columns, of the numbers in the first.

        Where the two do not fit, none are kept: they are asked for when they are named.
        """
        self.compiled.foresee(self.table, columns)

    def learn(self, session: Session, columns: Columns) -> None:
        """See to it that the codes of all numbers in `columns` are at hand."""
        self.batch += 1
        wanted = self.compiled.wanted(self.table, self.batch, columns)
        found = []
        if wanted:
            numbers = json.dumps(sorted(set(wanted)))
            found = self.asked.all(session, numbers=numbers)
        self.others = self.compiled.keep(self.table, self.batch, found)

    @property
    def given(self) -> tuple[bytearray, int, dict[int, str]]:
        """What the compiled module is given of it."""
        return self.table, self.batch, self.others


class Codes:
    """All that events and their lines name by number."""

    def __init__(self, compiled: Any, room: int) -> None:
        """`room` is for how many devices, a power of two; and a quarter for others."""
        self.is_foreseen = False
        """Whether devices were read before they are named."""
        self.devices = _known(compiled, _DEVICES, room)
        self.parties = _known(compiled, _PARTIES, room // 4)
        self.places = _known(compiled, _PLACES, room // 4)
        self.models = _known(compiled, _MODELS, min(room // 4, _FEW))
        self.owners = _known(compiled, _PARTIES, min(room // 4, _FEW))

    @property
    def given(self) -> tuple[tuple[bytearray, int, dict[int, str]], ...]:
        """What the compiled module is given of them."""
        known = self.devices, self.parties, self.places, self.models, self.owners
        return tuple(codes.given for codes in known)


def _known(compiled: Any, asked: Statement, room: int) -> KnownCodes:
    # Of all ones: pages that were never written to would be taken one by one.
    return KnownCodes(compiled, asked, bytearray(b"\xff") * (room * _PLACE_BYTES))


def _asked(number: Any, code: Any) -> Statement:
    def asked() -> Select[Any]:
        return select(number, code).where(among_numbers(number, _NUMBERS))

    return Statement(asked)


_NUMBERS = bindparam("numbers", type_=Text)

_DEVICES = _asked(Device.id, Device.tag)
_PARTIES = _asked(Party.id, Party.code)
_PLACES = _asked(Location.id, Location.code)
_MODELS = _asked(DeviceModel.id, DeviceModel.code)
