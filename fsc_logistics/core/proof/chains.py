"""Proof that nothing in the ledger was changed: every hash computed again.

The ledger is read in the order it was written, so many events at a time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.ledger.event_hash import (
    FORM,
    GENESIS,
    NOTHING,
    ROW,
    SEPARATOR,
    chained,
    first_form_hash,
)
from fsc_logistics.core.ledger.spans import STATED_CONDITION
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import (
    Article,
    CountLine,
    Device,
    ErrorDeclaration,
    Event,
    EventLine,
    LineDeclaration,
    Location,
    Lot,
    Party,
    Station,
    StockLine,
)

BATCH = 20_000
"""Events read at once."""
_LINES_MAX = 2 * BATCH
_NAMED_MAX = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events of the ledger, in the order they were written."""

    first: int
    last: int
    rows: Sequence[tuple[Any, ...]]
    """A row for each device of an event, at least one for each event: its `id`,
    `station_id`, `station`, `seq`, `form`, `hash` and `text`; `device_id`, `kit_id` and
    `text` of the line; what spans are made of: `at` in microseconds, `kind`,
    `custodian_id`, `location_id`, `condition`, `flag`, `raised`; and whether a word of
    it holds what would hide a change."""
    others: dict[int, list[str]]
    """What is hashed of the rows that are about no device, by event."""
    lost: Sequence[tuple[int, str]]
    """Events that are not there though rows of theirs are, and what such a row says."""


def last_event(session: Session) -> int:
    """Return the number of the newest event of the ledger, 0 where there is none."""
    return session.scalar(select(func.max(Event.id))) or 0


def read_batch(session: Session, first: int, last: int, lines: int) -> Batch:
    """Return the events numbered `first` to `last`, which have so many lines."""
    between = {"first": first, "last": last}
    rows = _EVENTS[session.get_bind().dialect.name].all(session, **between)
    others = other_rows(session, first, last)
    joined = sum(row[7] is not None for row in rows)
    lost = [] if lines == joined else _LOST_LINES.all(session, **between)
    if others:
        known = {row[0] for row in rows}
        for number in [n for n in others if n not in known]:
            lost += [(number, text) for text in others.pop(number)]
    return Batch(first, last, rows, others, lost)


def other_rows(session: Session, first: int, last: int) -> dict[int, list[str]]:
    """Return what is hashed of the rows that are about no device, by event."""
    others: dict[int, list[str]] = defaultdict(list)
    for query in _OTHER_ROWS:
        for number, text in query.all(session, first=first, last=last):
            others[number].append(text)
    return others


def event_ranges(
    session: Session, first: int, last: int
) -> Iterator[tuple[int, int, int]]:
    """Yield first and last event of each batch, and how many lines they have.

    Fewer events where they have many lines, as those of an import do.
    """
    start, size = first, BATCH
    while start <= last:
        nth = _NTH_EVENT.first(session, first=start, nth=size - 1)
        end = last if nth is None else min(int(nth[0]), last)
        found = _LINE_COUNT.first(session, first=start, last=end)
        lines = 0 if found is None else int(found[0])
        if lines > _LINES_MAX and end > start:
            size = max(1, size // 2)
            continue
        yield start, end, lines
        start, size = end + 1, min(BATCH, size * 2)


@dataclass(slots=True)
class Links:
    """Checks events in the order they come: each is chained to the one before it."""

    session: Session
    heads: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    """Number and hash of the last event seen of each station."""
    codes: dict[int, str] = field(init=False)
    """Of each station."""

    def __post_init__(self) -> None:
        """Read the codes of the stations, which are few."""
        stations = self.session.execute(select(Station.id, Station.code))
        self.codes = {station.id: station.code for station in stations}

    def mismatches(self, batch: Batch) -> Iterator[str]:
        """Yield what is wrong with the events of a batch: changed, lost or added."""
        rows, others, heads = batch.rows, batch.others, self.heads
        index, count = 0, len(rows)
        while index < count:
            event = rows[index]
            number, station_id, station, seq, form, digest, text = event[:7]
            line = event[9]
            after = index + 1
            while after < count and rows[after][0] == number:
                after += 1
            if after - index == 1 and not others:
                said = text if line is None else f"{text}{ROW}{line}"
            else:
                said = _whole(text, rows[index:after], others.get(number))
            before = self.before(station_id, seq)
            if before[0] != seq - 1:
                yield _out_of_order(station, before[0], seq, text)
            if form == FORM:
                right = chained(before[1], said)
            elif number in others:
                right = b""  # The first form knew no other rows.
            else:
                right = self._first_form(number, before[1])
            if event[17] or ROW in text:
                uid = _uid(text)
                yield f"station {station}: event {uid!r} holds a control character"
            if right != digest:
                yield (
                    f"station {station}: event {_uid(text)} ({seq}){_about(said)} is"
                    " not as it was recorded: it, a row of it, or the hash before it"
                    " was changed"
                )
            heads[station_id] = (seq, digest)
            index = after
        for number, lost in groupby(sorted(batch.lost), key=itemgetter(0)):
            named = _about(ROW.join(("", *(text for _, text in lost))))
            yield f"event number {number}{named} is missing; rows of it are left"

    def before(self, station: int, seq: int) -> tuple[int, bytes]:
        """Return number and hash of the event before the one with number `seq`."""
        seen = self.heads.get(station)
        if seen is not None:
            return seen
        found = self.session.execute(
            select(Event.station_seq, Event.hash)
            .where(Event.station_id == station, Event.station_seq < seq)
            .order_by(Event.station_seq.desc())
            .limit(1)
        ).first()
        return (0, GENESIS) if found is None else (found[0], found[1])

    def _first_form(self, number: int, before: bytes) -> bytes:
        """Return the hash an event of the first form should have."""
        event = self.session.get_one(Event, number)
        said = {column: getattr(event, column) for column in _FIRST_FORM_COLUMNS}
        lines = self.session.execute(
            select(EventLine.device_id, EventLine.kit_id).where(
                EventLine.event_id == number
            )
        )
        wrong = self.session.get(ErrorDeclaration, number)
        declared = (
            None
            if wrong is None
            else (wrong.wrong_event_id, wrong.reason, wrong.replacement_id)
        )
        pairs = [(device, kit) for device, kit in lines]
        return first_form_hash(before, said, pairs, declared)


def _whole(
    text: str, lines: Sequence[tuple[Any, ...]], others: Sequence[str] | None
) -> str:
    """Return what is hashed of an event and all its rows, in their order."""
    rows = [line[9] for line in lines if line[9] is not None]
    return ROW.join((text, *sorted([*rows, *(others or ())])))


def _out_of_order(station: str, before: int, seq: int, text: str) -> str:
    if seq <= before:
        return f"station {station}: event {_uid(text)} ({seq}) is out of its order"
    if seq - before == 2:
        return f"station {station}: event {seq - 1} is missing"
    return f"station {station}: events {before + 1} to {seq - 1} are missing"


def _about(said: str) -> str:
    """Return which devices or lots an event's rows name, a few of them."""
    names = sorted({row.split(SEPARATOR)[1] for row in said.split(ROW)[1:]})
    if not names:
        return ""
    more = "" if len(names) <= _NAMED_MAX else f" and {len(names) - _NAMED_MAX} more"
    return f" about {', '.join(names[:_NAMED_MAX])}{more}"


def _uid(text: str) -> str:
    return text.split(SEPARATOR, 2)[1]


_FIRST_FORM_COLUMNS = (
    "uid",
    "station_id",
    "station_seq",
    "kind",
    "event_time",
    "record_time",
    "biz_step",
    "disposition",
    "actor",
    "read_point",
    "custodian_id",
    "location_id",
    "document",
)


def _text_of(*fields: Any) -> Any:
    """Return the expression for fields between separators, as `event_hash` has it.

    `format` is a function of both engines, and much faster than many concatenations.
    """
    return func.format(written(SEPARATOR.join(["%s"] * len(fields))), *fields)


def _or_nothing(column: Any) -> Any:
    return func.coalesce(column, written(NOTHING))


def written(text: str) -> ColumnElement[str]:
    """Return a text of ours as it is written in a statement.

    One that is bound costs SQLite as much as a column, for every row.
    """
    return literal_column(f"'{text}'", Text)


BETWEEN = (bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger))
_KIT_DEVICE = aliased(Device)
_DEVICE_LINE = _text_of(
    written("d"), _or_nothing(Device.tag), _or_nothing(_KIT_DEVICE.tag)
)
EVENT_FIELDS: tuple[tuple[Any, bool], ...] = (
    (Event.uid, False),
    (Station.code, True),
    (Event.station_seq, False),
    (Event.kind, False),
    (type_coerce(Event.event_time, BigInteger), False),
    (type_coerce(Event.record_time, BigInteger), False),
    (Event.biz_step, False),
    (Event.disposition, True),
    (Event.actor, False),
    (Event.read_point, True),
    (Party.code, True),
    (Location.code, True),
    (Event.document, True),
    (Event.condition, True),
    (Event.flag, True),
    # As it stands there: any number but 0 would pass for yes.
    (cast(cast(Event.raised, Integer), Text), True),
    (Event.reason, True),
)
"""What is hashed of an event itself, as `event_hash` has it; whether it may lack."""
_WORDS = (Event.uid, Event.kind, Event.biz_step, Event.actor)
_MAYBE = (
    Event.disposition,
    Event.read_point,
    Event.document,
    Event.condition,
    Event.flag,
    Event.reason,
)


def _hides_nothing() -> Any:
    """Return the condition that a word is what stands for no word."""
    return or_(*(word == written(NOTHING) for word in _MAYBE))


def _hides() -> Any:
    """Return the condition that a word would hide a change, on SQLite.

    Where it formats a word, that ends at the first NUL; no other engine stores one.
    """
    nul = literal("\x00")
    return or_(
        _hides_nothing(), *(func.instr(word, nul) > 0 for word in (*_WORDS, *_MAYBE))
    )


def _with_places(query: Select[Any]) -> Select[Any]:
    """Return the query for events with the parties and places they name."""
    return query.outerjoin(Party, Party.id == Event.custodian_id).outerjoin(
        Location, Location.id == Event.location_id
    )


def _with_tags(query: Select[Any]) -> Select[Any]:
    """Return the query for lines with the devices they name."""
    return query.outerjoin(Device, Device.id == EventLine.device_id).outerjoin(
        _KIT_DEVICE, _KIT_DEVICE.id == EventLine.kit_id
    )


def _fields() -> list[Any]:
    return [_or_nothing(of) if may_lack else of for of, may_lack in EVENT_FIELDS]


def _events(odd: Callable[[], Any]) -> Statement:
    def asked() -> Select[Any]:
        query: Select[Any] = select(
            Event.id,
            Event.station_id,
            Station.code,
            Event.station_seq,
            Event.form,
            Event.hash,
            _text_of(written(str(FORM)), *_fields()),
            EventLine.device_id,
            EventLine.kit_id,
            case((EventLine.device_id.is_not(None), _DEVICE_LINE)),
            type_coerce(Event.event_time, BigInteger),
            Event.kind,
            Event.custodian_id,
            Event.location_id,
            STATED_CONDITION,
            Event.flag,
            Event.raised,
            odd(),
        )
        with_lines = (
            _with_places(query.select_from(Event))
            .outerjoin(Station, Station.id == Event.station_id)
            .outerjoin(EventLine, EventLine.event_id == Event.id)
        )
        return (
            _with_tags(with_lines).where(Event.id.between(*BETWEEN)).order_by(Event.id)
        )

    return Statement(asked)


_EVENTS = {"sqlite": _events(_hides), "postgresql": _events(_hides_nothing)}
_NTH_EVENT = Statement(
    lambda: (
        select(Event.id)
        .where(Event.id >= bindparam("first", type_=BigInteger))
        .order_by(Event.id)
        .limit(1)
        .offset(bindparam("nth", type_=BigInteger))
    )
)


_LINE_COUNT = Statement(
    lambda: (
        select(func.count())
        .select_from(EventLine)
        .where(EventLine.event_id.between(*BETWEEN))
    )
)
_LOST_LINES = Statement(
    lambda: (
        _with_tags(select(EventLine.event_id, _DEVICE_LINE).select_from(EventLine))
        .outerjoin(Event, Event.id == EventLine.event_id)
        .where(EventLine.event_id.between(*BETWEEN), Event.id.is_(None))
    )
)
_lot = Article.code.concat("/").concat(Lot.code)
_to = aliased(Location)
_wrong, _replacement = aliased(Event), aliased(Event)
_OTHER_ROWS = (
    Statement(
        lambda: (
            select(
                StockLine.event_id,
                _text_of(
                    written("m"),
                    _or_nothing(_lot),
                    _or_nothing(Location.code),
                    _or_nothing(_to.code),
                    StockLine.quantity,
                ),
            )
            .outerjoin(Lot, Lot.id == StockLine.lot_id)
            .outerjoin(Article, Article.id == Lot.article_id)
            .outerjoin(Location, Location.id == StockLine.from_id)
            .outerjoin(_to, _to.id == StockLine.to_id)
            .where(StockLine.event_id.between(*BETWEEN))
        )
    ),
    Statement(
        lambda: (
            select(
                CountLine.event_id,
                _text_of(
                    written("c"),
                    _or_nothing(_lot),
                    _or_nothing(Location.code),
                    CountLine.counted,
                ),
            )
            .outerjoin(Lot, Lot.id == CountLine.lot_id)
            .outerjoin(Article, Article.id == Lot.article_id)
            .outerjoin(Location, Location.id == CountLine.location_id)
            .where(CountLine.event_id.between(*BETWEEN))
        )
    ),
    Statement(
        lambda: (
            select(
                ErrorDeclaration.event_id,
                _text_of(
                    written("w"),
                    _or_nothing(_wrong.uid),
                    ErrorDeclaration.reason,
                    _or_nothing(_replacement.uid),
                    written(NOTHING),
                ),
            )
            # In the first form the declaration is part of the event's own text.
            .outerjoin(Event, Event.id == ErrorDeclaration.event_id)
            .where(
                ErrorDeclaration.event_id.between(*BETWEEN),
                Event.id.is_(None) | Event.form.is_not(None),
            )
            .outerjoin(_wrong, _wrong.id == ErrorDeclaration.wrong_event_id)
            .outerjoin(_replacement, _replacement.id == ErrorDeclaration.replacement_id)
        )
    ),
    Statement(
        lambda: (
            select(
                LineDeclaration.event_id,
                _text_of(
                    written("w"),
                    _or_nothing(_wrong.uid),
                    LineDeclaration.reason,
                    _or_nothing(_replacement.uid),
                    _or_nothing(Device.tag),
                ),
            )
            .outerjoin(_wrong, _wrong.id == LineDeclaration.wrong_event_id)
            .outerjoin(_replacement, _replacement.id == LineDeclaration.replacement_id)
            .outerjoin(Device, Device.id == LineDeclaration.device_id)
            .where(LineDeclaration.event_id.between(*BETWEEN))
        )
    ),
)
