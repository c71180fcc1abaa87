"""Rows of the ledger as columns, for the quick look: each one text, value by value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    Text,
    case,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql import expression

from fsc_logistics.core.ledger.event_hash import (
    FIELDS,
    FORM,
    NOTHING,
    ROW,
    SEPARATOR,
)
from fsc_logistics.core.proof.event_texts import (
    BETWEEN,
    EVENT_FIELDS,
    IS_REGISTERING,
    written,
)
from fsc_logistics.core.proof.fingerprints import CONDITION, FLAG, ORDER, SPANS
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import Device, Event, EventLine

FILLER = token_urlsafe(6)
"""Instead of a word that is lacking; what is written in the database cannot be it."""

_MARKS = (SEPARATOR, NOTHING, "\x00")
"""What no word may hold."""


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a query: how many rows, and each column as one text."""

    rows: int
    counted: int
    columns: dict[str, str]

    def of(self, names: Sequence[str]) -> tuple[int, tuple[str, ...]]:
        """Return the columns of these names, as the compiled module is given them."""
        return self.rows, tuple(self.columns[name] for name in names)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of each row."""

    of: Any
    may_lack: bool = False


class _ByColumns:
    """A query whose rows come as columns: each one text, with `ROW` between values."""

    def __init__(
        self,
        asked: Mapping[str, _Asked],
        among: Callable[[Select[Any]], Select[Any]],
        *,
        order: Sequence[Any],
        counted: Any = None,
    ) -> None:
        """`among` says which rows; of `counted` only how many are not null is read."""
        self._asked, self._among, self._order = asked, among, order
        self._counted = literal_column("1") if counted is None else counted
        self._statements = {
            "sqlite": Statement(self._on_sqlite),
            "postgresql": Statement(self._on_postgresql),
        }

    @property
    def none(self) -> Read:
        """No rows."""
        return Read(0, 0, dict.fromkeys(self._asked, ""))

    def read(self, session: Session, first: int, last: int) -> Read | None:
        """Return the rows from `first` to `last`; None where a word holds a mark.

        Too many of those between words are for the compiled module to find.
        """
        statement = self._statements[session.get_bind().dialect.name]
        row = statement.first(session, first=first, last=last)
        assert row is not None
        rows, counted, *columns = row
        if rows == 0:
            return self.none
        for column in columns:
            if column is None or any(mark in column for mark in _MARKS):
                return None
        return Read(rows, counted, dict(zip(self._asked, columns, strict=True)))

    def _on_sqlite(self) -> Select[Any]:
        # From a subquery with an order it takes half as long again.  In another order
        # than that of their key, in which SQLite reads them, rows would not be told
        # to be sound.
        values = [asked.of for asked in self._asked.values()]
        return self._among(self._joined(func.group_concat, values, self._counted))

    def _on_postgresql(self) -> Select[Any]:
        asked: list[Any] = [cast(a.of, Text).label(n) for n, a in self._asked.items()]
        rows = self._among(select(*asked, self._counted.label("counted")))
        read = rows.order_by(*self._order).subquery()
        values = [read.c[name] for name in self._asked]
        return self._joined(func.string_agg, values, read.c.counted)

    def _joined(self, joined: Any, values: Sequence[Any], counted: Any) -> Select[Any]:
        filled = (
            func.coalesce(value, written(FILLER)) if asked.may_lack else value
            for value, asked in zip(values, self._asked.values(), strict=True)
        )
        texts: list[Any] = [joined(value, written(ROW)) for value in filled]
        return select(func.count(), func.count(counted), *texts)


class _CapitalHex(expression.FunctionElement[str]):
    """Bytes as hexadecimal digits, in capitals."""

    inherit_cache = True
    type = Text()


@compiles(_CapitalHex, "sqlite")
def _hex_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"hex({compiler.process(element.clauses, **options)})"


@compiles(_CapitalHex, "postgresql")
def _hex_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"upper(encode({compiler.process(element.clauses, **options)}, 'hex'))"


def _or_zero(column: Any) -> _Asked:
    return _Asked(func.coalesce(column, literal_column("0")))


def _moment(column: Any) -> Any:
    return type_coerce(column, BigInteger)


_BY_NUMBER = {
    "station": "station_id",
    "custodian": "custodian_id",
    "location": "location_id",
}
"""What is hashed by its code, and read by its number."""
EVENTS = _ByColumns(
    {
        "id": _Asked(Event.id),
        "station_id": _Asked(Event.station_id),
        "hash": _Asked(_CapitalHex(Event.hash)),
        **{
            name: _Asked(of, may_lack)
            for name, (of, may_lack) in zip(FIELDS, EVENT_FIELDS, strict=True)
            if name not in _BY_NUMBER
        },
        "custodian_id": _or_zero(Event.custodian_id),
        "location_id": _or_zero(Event.location_id),
    },
    lambda query: query.select_from(Event).where(Event.id.between(*BETWEEN)),
    order=(Event.id,),
    counted=case((Event.form == literal_column(str(FORM)), literal_column("1"))),
)
LINES = _ByColumns(
    {
        "event_id": _Asked(EventLine.event_id),
        "device_id": _Asked(EventLine.device_id),
        "kit_id": _or_zero(EventLine.kit_id),
    },
    lambda query: query.select_from(EventLine).where(
        EventLine.event_id.between(*BETWEEN)
    ),
    order=(EventLine.event_id, EventLine.device_id),
)
REGISTERED = _ByColumns(
    {
        "event_id": _Asked(EventLine.event_id),
        "device_id": _Asked(EventLine.device_id),
        "model_id": _Asked(Device.model_id),
        "serial": _Asked(Device.serial, may_lack=True),
        "owner_id": _Asked(Device.owner_id),
    },
    lambda query: (
        query.select_from(Event)
        .join(EventLine, EventLine.event_id == Event.id)
        .join(Device, Device.id == EventLine.device_id)
        .where(Event.id.between(*BETWEEN), IS_REGISTERING)
    ),
    order=(EventLine.event_id, EventLine.device_id),
)
"""How devices are registered, in the order of the lines of the events which say it."""
TAGS = _ByColumns(
    {"id": _Asked(Device.id), "tag": _Asked(Device.tag)},
    lambda query: query.select_from(Device).where(Device.id.between(*BETWEEN)),
    order=(Device.id,),
)
TAGGED = ("id", "tag")
HASHED = (
    "id",
    "station_id",
    "hash",
    *(_BY_NUMBER.get(name, name) for name in FIELDS if name != "station"),
)
NAMED_OF_LINE = ("device_id", "kit_id")
HASHED_OF_LINE = ("event_id", *NAMED_OF_LINE)
HASHED_OF_DEVICE = ("event_id", "device_id", "model_id", "serial", "owner_id")
SAID = (
    "id",
    "event_time",
    "kind",
    "custodian_id",
    "location_id",
    "condition",
    "flag",
    "raised",
)
SAID_OF_LINE = ("event_id", "device_id", "kit_id")
SPAN = ("device", "start", "event", "end", "link", "first", "second")


def _spans(chain: int) -> _ByColumns:
    table, first, second = SPANS[chain]
    worded = chain in (CONDITION, FLAG)
    return _ByColumns(
        {
            "device": _Asked(table.device_id),
            "start": _Asked(_moment(table.valid_from)),
            "event": _Asked(table.event_id),
            "end": _Asked(_moment(table.valid_to)),
            "link": _Asked(_moment(table.prev_to), may_lack=True),
            "first": _Asked(first) if worded else _or_zero(first),
            "second": _Asked(cast(second, Integer)),
        },
        lambda query: query.select_from(table).where(table.device_id.between(*BETWEEN)),
        order=ORDER[chain],
    )


SPAN_COLUMNS = {chain: _spans(chain) for chain in SPANS}
