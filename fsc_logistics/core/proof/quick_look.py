"""The quick look: whether a batch of the ledger is as it should be, and nothing more.

Nearly all of a ledger is.  The engine hands over each column as one text, its values
one after another, in a fraction of the time that a row for each event takes, and a
compiled module goes over them.  What it doubts, one wrong event among thousands or a
word that is no number, is left to `chains` and `fingerprints`, which say what is wrong;
they do all of it where the module is missing.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
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
from fsc_logistics.core.proof.chains import (
    BETWEEN,
    EVENT_FIELDS,
    Links,
    other_rows,
    written,
)
from fsc_logistics.core.proof.fingerprints import (
    CONDITION,
    FLAG,
    OPEN,
    ORDER,
    SPANS,
    WORDS,
    Sums,
    declared_wrong,
)
from fsc_logistics.core.proof.known_codes import Codes
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import Event, EventLine

MADE_FOR = 2
"""What the compiled module says it was made for; as in c/quick_look.c."""


def load() -> Any:
    """Return the compiled module; None where there is none, or one of another time."""
    try:
        found = import_module("fsc_logistics.core.proof._quick_look")
    except ImportError:
        return None
    return found if getattr(found, "MADE_FOR", None) == MADE_FOR else None


compiled = load()

FILLER = token_urlsafe(6)
"""Instead of a word that is lacking; what is written in the database cannot be it."""

_MARKS = (SEPARATOR, NOTHING, "\x00")
"""What no word may hold."""

_DEVICES_MAX = 1 << 46
"""Times the groups of `Sums`, as many as the compiled module can count."""


def room_for_codes(devices: int) -> Codes:
    """Return room for the codes of so many devices, which must be a power of two."""
    return Codes(compiled, 0 if compiled is None else devices)


def is_sound(links: Links, sums: Sums, codes: Codes, first: int, last: int) -> bool:
    """Return whether the events numbered `first` to `last` are as they were recorded.

    If they are, what their lines say is in the sums, and the last event of each station
    in `links`; if not, nothing was done.
    """
    if compiled is None or sums.devices > _DEVICES_MAX:
        return False
    session = links.session
    events = EVENTS.read(session, first, last)
    lines = LINES.read(session, first, last)
    if events is None or lines is None or events.counted != events.rows:
        return False
    codes.devices.learn(session, lines.of(NAMED_OF_LINE))
    codes.parties.learn(session, events.of(("custodian_id",)))
    codes.places.learn(session, events.of(("location_id",)))
    heads: dict[int, tuple[int, bytes]] = {}
    if not compiled.is_chained(
        events.of(HASHED),
        lines.of(HASHED_OF_LINE),
        FILLER,
        other_rows(session, first, last),
        *codes.given,
        heads,
        links.codes,
        links.before,
        hashlib.sha256(),
    ):
        return False
    wrong = declared_wrong(session, first, last)
    said, of = events.of(_SAID), lines.of(_SAID_OF_LINE)
    if not compiled.add_lines(said, of, FILLER, wrong, WORDS, *_kept(sums)):
        return False
    links.heads.update(heads)
    return True


def are_linked(sums: Sums, session: Session, chain: int, first: int, last: int) -> bool:
    """Add what the spans of a chain of devices say; return whether that could be done.

    Where one does not begin as the one before it ends, its group is marked.
    """
    if compiled is None or sums.devices > _DEVICES_MAX:
        return False
    read = _SPANS[chain].read(session, first, last)
    if read is None:
        return False
    marked = compiled.add_spans(
        read.of(_SPAN), FILLER, chain, OPEN, WORDS, *_kept(sums)
    )
    if marked is None:
        return False
    for device in marked:
        sums.mark(device)
    return True


def _kept(sums: Sums) -> tuple[Any, ...]:
    return sums.keys, sums.sums, sums.devices


@dataclass(frozen=True, slots=True)
class _Read:
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

    def read(self, session: Session, first: int, last: int) -> _Read | None:
        """Return the rows from `first` to `last`; None where a word holds a mark.

        Too many of those between words are for the compiled module to find.
        """
        statement = self._statements[session.get_bind().dialect.name]
        row = statement.first(session, first=first, last=last)
        assert row is not None
        rows, counted, *columns = row
        if rows == 0:
            return _Read(0, 0, dict.fromkeys(self._asked, ""))
        for column in columns:
            if column is None or any(mark in column for mark in _MARKS):
                return None
        return _Read(rows, counted, dict(zip(self._asked, columns, strict=True)))

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
    order=(EventLine.event_id,),
)
HASHED = (
    "id",
    "station_id",
    "hash",
    *(_BY_NUMBER.get(name, name) for name in FIELDS if name != "station"),
)
NAMED_OF_LINE = ("device_id", "kit_id")
HASHED_OF_LINE = ("event_id", *NAMED_OF_LINE)
_SAID = (
    "id",
    "event_time",
    "kind",
    "custodian_id",
    "location_id",
    "condition",
    "flag",
    "raised",
)
_SAID_OF_LINE = ("event_id", "device_id", "kit_id")
_SPAN = ("device", "start", "event", "end", "link", "first", "second")


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


_SPANS = {chain: _spans(chain) for chain in SPANS}
