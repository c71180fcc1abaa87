"""The files of a whole ledger: one a table, with the numbers that its rows refer to.

What follows from the ledger (spans, balances) is not among them: it is made anew.
Neither are citizens, orders, runs and scans, which the ledger does not need, but for
the scans that were held: the ledger was told of them, and some still wait.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from math import isfinite
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CTE, Select, case, func, literal, select
from sqlalchemy.orm import Session

from fsc_logistics.core.exceptions.telling import was_held
from fsc_logistics.core.tables import (
    Anomaly,
    Article,
    Base,
    Checkpoint,
    CountLine,
    CustodySpan,
    Device,
    DeviceCode,
    DeviceModel,
    ErrorDeclaration,
    Event,
    EventLine,
    Kit,
    KitTemplate,
    KitTemplateLine,
    LineDeclaration,
    Location,
    Lot,
    Party,
    ScanRecord,
    Station,
    StockLine,
)
from fsc_logistics.core.tables.base import (
    BIG,
    EPOCH,
    MICROSECOND,
    OPEN_ENDED,
    Day,
    Flag,
    Moment,
)
from fsc_logistics.domain import care
from fsc_logistics.domain.anomalies import ExceptionKind
from fsc_logistics.domain.cards import Mode
from fsc_logistics.domain.custody import (
    BizStep,
    Disposition,
    EventKind,
    WrongBecause,
)
from fsc_logistics.domain.errors import BadInput
from fsc_logistics.domain.kits import MovesBy
from fsc_logistics.domain.parties import LocationKind, PartyKind
from scanner.scan import Outcome

FORMAT = 1
MANIFEST = "manifest.json"
FIRST_EVENT = "first_event"
"""The event that brought a device in: it is registered together with what that says."""
NOTHING = r"\N"
"""A cell without a value; text that begins with a backslash has one more."""

_IN_ORDER: tuple[type[Base], ...] = (
    Party,
    Location,
    DeviceModel,
    Article,
    Lot,
    KitTemplate,
    KitTemplateLine,
    Station,
    Event,
    ErrorDeclaration,
    StockLine,
    CountLine,
    # Events before devices: none is registered without the event that brought it in.
    # Lines after all devices: a line may name a kit with a higher number than its own.
    Device,
    DeviceCode,
    Kit,
    EventLine,
    LineDeclaration,
    Checkpoint,
    ScanRecord,
    Anomaly,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of a file, and how its values are kept and read."""

    name: str
    type: sa.types.TypeEngine[Any]
    """As the engine has it: moments are whole microseconds, days are text."""
    read: Callable[[str], Any]
    what: str
    """What a cell holds, in words."""
    needed: bool

    def text(self, value: Any) -> str:
        """Return a value as it stands in the file."""
        if value is None:
            return NOTHING
        if isinstance(value, str):
            return f"\\{value}" if value.startswith("\\") else value
        if isinstance(value, bool):
            return str(int(value))
        return value.hex() if isinstance(value, bytes) else repr(value)

    def value(self, text: str) -> Any:
        """Return what stands in the file.

        Raises:
            BadInput: it is no value of this column.  The error does not repeat it.
        """
        if text == NOTHING:
            if self.needed:
                raise BadInput("It is empty, and is needed.")
            return None
        try:
            return self.read(text)
        except (ValueError, KeyError):
            raise BadInput(f"It is not {self.what}.") from None


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table, and the file of its rows."""

    table: type[Base]
    cells: tuple[Cell, ...]

    def values(self, texts: Sequence[str]) -> dict[str, Any]:
        """Return what a row says; `Cell.value` says which cell is wrong, if one is.

        Raises:
            ValueError, KeyError: a cell is no value of its column.
        """
        values = {
            cell.name: None if text == NOTHING else cell.read(text)
            for cell, text in zip(self.cells, texts, strict=True)
        }
        # All at once: a ledger has tens of millions of rows.
        if None in values.values():
            for cell in self.cells:
                if cell.needed and values[cell.name] is None:
                    raise ValueError("a cell is empty")
        return values

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.table.__tablename__}.csv"

    @property
    def header(self) -> list[str]:
        """The first line of the file."""
        return [cell.name for cell in self.cells]

    @property
    def by_number(self) -> bool:
        """Whether its rows stand in the order of numbers that are their key."""
        key = sa.inspect(self.table).primary_key
        kept = all(isinstance(column.type, sa.Integer) for column in key)
        return kept and self.table not in _TREES

    def query(self) -> Select[*tuple[Any, ...]]:
        """Return the query for the rows, each after those of its table it refers to."""
        found = [
            sa.type_coerce(_column(self.table, cell.name), cell.type)
            for cell in self.cells
        ]
        query = select(*found).select_from(self.table)
        if self.table is Device:
            begun = (CustodySpan.device_id == Device.id) & CustodySpan.prev_to.is_(None)
            query = query.join(CustodySpan, begun)
        if self.table in _TREES:
            tree = _tree(_TREES[self.table])
            query = query.join(tree, tree.c.id == _column(self.table, "id"))
            return query.order_by(tree.c.depth, tree.c.id)
        if self.table is ScanRecord:
            query = query.where(was_held())
        return query.order_by(*sa.inspect(self.table).primary_key)

    def count(self, session: Session) -> int:
        """Return how many rows there are for it."""
        query = select(func.count()).select_from(self.table)
        if self.table is ScanRecord:
            query = query.where(was_held())
        return session.scalar(query) or 0

    def rows(self) -> sa.TableClause:
        """Return the table to insert into, with values as they stand in the file."""
        return sa.table(
            self.table.__tablename__,
            *(sa.column(cell.name, cell.type) for cell in self.cells),
        )


def _column(table: type[Base], name: str) -> Any:
    """Return the column of that name, or what stands in the file instead of it."""
    instead = _INSTEAD.get((table, name))
    return sa.inspect(table).columns[name] if instead is None else instead


def _tree(table: type[Party] | type[Location]) -> CTE:
    """Return how deep each row stands below the rows it refers to."""
    top = select(table.id, literal(0).label("depth")).where(table.parent_id.is_(None))
    tree = top.cte("tree", recursive=True)
    below = select(table.id, tree.c.depth + 1).join(tree, table.parent_id == tree.c.id)
    return tree.union_all(below)


def _text(text: str) -> str:
    if _NUL in text:
        raise ValueError("no engine but one keeps it")
    return text[1:] if text.startswith("\\") else text


def _yes_or_no(text: str) -> bool:
    return {"0": False, "1": True}[text]


def _whole(text: str) -> int:
    number = int(text)
    if not -_WHOLE_MAX <= number <= _WHOLE_MAX:
        raise ValueError("more than a database holds")
    return number


def _moment(text: str) -> int:
    number = int(text)
    if not _FIRST_MOMENT <= number <= _LAST_MOMENT:
        raise ValueError("no moment of this calendar")
    return number


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("no database holds it")
    return number


def _cell(table: type[Base], column: sa.Column[Any]) -> Cell:
    words = _WORDS.get((table, column.name))
    kept, read, what = _kind(column.type) if words is None else _among(words)
    return Cell(column.name, kept, read, what, needed=not column.nullable)


_Kind = tuple[sa.types.TypeEngine[Any], Callable[[str], Any], str]


def _among(words: type[StrEnum]) -> _Kind:
    return sa.Text(), lambda text: words(text).value, f"one of {', '.join(words)}"


def _kind(kept: sa.types.TypeEngine[Any]) -> _Kind:
    """Return how values of a column are kept, how they are read, and what they are."""
    if isinstance(kept, Moment):
        return BIG, _moment, "a moment, in microseconds since 1970"
    if isinstance(kept, Day):
        return sa.Text(), _day, "a day, as 2026-11-24"
    if isinstance(kept, Flag):
        return kept, _yes_or_no, "0 or 1"
    if isinstance(kept, sa.LargeBinary):
        return kept, bytes.fromhex, "bytes in hexadecimal digits"
    if isinstance(kept, sa.Float):
        return kept, _number, "a number"
    if isinstance(kept, sa.Integer):
        return kept, _whole, "a whole number that a database holds"
    return sa.Text(), _text, "a text that a database holds"


def _table_file(table: type[Base]) -> TableFile:
    columns = sa.inspect(table).columns
    cells = [_cell(table, column) for column in columns if column.name != "held_to"]
    if table is Device:
        kept, read, what = _kind(BIG)
        cells.append(Cell(FIRST_EVENT, kept, read, what, needed=True))
    return TableFile(table, tuple(cells))


_NUL = "\x00"
_WHOLE_MAX = 2**63 - 2
"""After the highest number of all a database could give no other."""
_FIRST_MOMENT = (datetime.min.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
_LAST_MOMENT = (OPEN_ENDED - EPOCH) // MICROSECOND
_WORDS: dict[tuple[type[Base], str], type[StrEnum]] = {
    (Party, "kind"): PartyKind,
    (Location, "kind"): LocationKind,
    (KitTemplate, "moves_by"): MovesBy,
    (Kit, "moves_by"): MovesBy,
    (Event, "kind"): EventKind,
    (Event, "biz_step"): BizStep,
    (Event, "disposition"): Disposition,
    (Event, "condition"): care.Condition,
    (Event, "flag"): care.Flag,
    (ErrorDeclaration, "reason"): WrongBecause,
    (LineDeclaration, "reason"): WrongBecause,
    (ScanRecord, "mode"): Mode,
    (ScanRecord, "outcome"): Outcome,
    (Anomaly, "kind"): ExceptionKind,
}
"""The words a column may hold, where no others mean anything."""
_TREES: dict[type[Base], type[Party] | type[Location]] = {
    Party: Party,
    Location: Location,
}
_INSTEAD: dict[tuple[type[Base], str], Any] = {
    (Device, FIRST_EVENT): CustodySpan.event_id,
    # Where a citizen lives is no part of the ledger.
    (Party, "municipality_code"): case(
        (Party.kind == PartyKind.CITIZEN.value, None), else_=Party.municipality_code
    ),
}
SAME_SINCE = "0002"
"""The revision of the database since which these files have had the same columns."""
_SINCE: dict[type[Base], str] = {ScanRecord: "0005", Anomaly: "0005"}
"""The revision since which there are files of a table, where not always."""
TABLE_FILES = tuple(_table_file(table) for table in _IN_ORDER)
"""In the order they are read: each after those its rows refer to."""


def files_at(revision: str) -> tuple[TableFile, ...]:
    """Return the files that an export at a revision has, in the order of reading."""
    return tuple(
        file for file in TABLE_FILES if _SINCE.get(file.table, SAME_SINCE) <= revision
    )
