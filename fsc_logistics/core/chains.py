"""Proof that nothing in the ledger was changed: every hash computed again.

The ledger is read in the order it was written, so many events at a time.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from fsc_logistics.core.event_hash import (
    FORM,
    GENESIS,
    NOTHING,
    ROW,
    SEPARATOR,
    chained,
    first_form_hash,
)
from fsc_logistics.core.spans import STATED_CONDITION
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
_NAMED_MAX = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events of the ledger, in the order they were written."""

    events: Sequence[Any]
    """`id`, `station_id`, `station`, `seq`, `form`, `hash`, `text`, and what spans are
    made of: `at` in microseconds, `kind`, `custodian_id`, `location_id`, `condition`,
    `flag`, `raised`."""
    lines: Sequence[Any]
    """`event_id`, `device_id`, `kit_id` and `text`, by event."""
    rows: dict[int, list[str]]
    """What is hashed of the events' rows, device lines included, by event."""


def last_event(session: Session) -> int:
    """Return the number of the newest event of the ledger, 0 where there is none."""
    return session.scalar(select(func.max(Event.id))) or 0


def batches(session: Session, first: int, last: int) -> Iterator[Batch]:
    """Yield the events numbered `first` to `last`, so many at a time."""
    for start in range(first, last + 1, BATCH):
        between = (start, min(start + BATCH - 1, last))
        lines = _all(session, _LINES.where(EventLine.event_id.between(*between)))
        rows: dict[int, list[str]] = defaultdict(list)
        for line in lines:
            rows[line[0]].append(line[3])
        for query, event_id in _OTHER_ROWS:
            for number, text in _all(session, query.where(event_id.between(*between))):
                rows[number].append(text)
        events = _all(session, _EVENTS.where(Event.id.between(*between)))
        yield Batch(events, lines, rows)


@dataclass(slots=True)
class Links:
    """Checks events in the order they come: each is chained to the one before it."""

    session: Session
    heads: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    """Number and hash of the last event seen of each station."""

    def mismatches(self, batch: Batch) -> Iterator[str]:
        """Yield what is wrong with the events of a batch: changed, lost or added."""
        rows = batch.rows
        for event in batch.events:
            number, station_id, station, seq, form, digest, text = event[:7]
            before = self._before(event)
            if before[0] != seq - 1:
                yield _out_of_order(station, before[0], event)
            lines = rows.pop(number, None)
            if form == FORM:
                said = text + ROW + ROW.join(sorted(lines)) if lines else text
                right = chained(before[1], said)
            elif any(not row.startswith("d") for row in lines or ()):
                right = b""  # The first form knew no other rows.
            else:
                right = self._first_form(number, before[1])
            if right != digest:
                yield (
                    f"station {station}: event {_uid(text)} ({seq}){_about(lines)} is"
                    " not as it was recorded: it, a row of it, or the hash before it"
                    " was changed"
                )
            self.heads[station_id] = (seq, digest)
        for number, lines in sorted(rows.items()):
            named = f"event number {number}{_about(lines)}"
            yield f"{named} is missing; rows of it are left"

    def _before(self, event: Any) -> tuple[int, bytes]:
        """Return number and hash of the event before `event` at its station."""
        known = self.heads.get(event[1])
        if known is not None:
            return known
        found = self.session.execute(
            select(Event.station_seq, Event.hash)
            .where(Event.station_id == event[1], Event.station_seq < event[3])
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


def _out_of_order(station: str, before: int, event: Any) -> str:
    seq = event[3]
    if seq <= before:
        return f"station {station}: event {_uid(event[6])} ({seq}) is out of its order"
    if seq - before == 2:
        return f"station {station}: event {seq - 1} is missing"
    return f"station {station}: events {before + 1} to {seq - 1} are missing"


def _about(rows: Sequence[str] | None) -> str:
    """Return which devices or lots an event's rows name, a few of them."""
    names = sorted({row.split(SEPARATOR)[1] for row in rows or ()})
    if not names:
        return ""
    more = "" if len(names) <= _NAMED_MAX else f" and {len(names) - _NAMED_MAX} more"
    return f" about {', '.join(names[:_NAMED_MAX])}{more}"


def _uid(text: str) -> str:
    return text.split(SEPARATOR, 2)[1]


def _all(session: Session, query: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    return session.connection().execute(query).fetchall()


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

_Text = SQLCoreOperations[Any]


def _joined(*fields: _Text) -> _Text:
    """Return the expression for fields between separators, as `event_hash` has it."""
    text = fields[0]
    for each in fields[1:]:
        text = text.concat(SEPARATOR).concat(each)
    return text


def _or_nothing(column: Any) -> _Text:
    return func.coalesce(column, NOTHING)


_EVENTS = (
    select(
        Event.id,
        Event.station_id,
        Station.code,
        Event.station_seq,
        Event.form,
        Event.hash,
        _joined(
            literal(str(FORM)),
            Event.uid,
            _or_nothing(Station.code),
            cast(Event.station_seq, Text),
            Event.kind,
            cast(Event.event_time, Text),
            cast(Event.record_time, Text),
            Event.biz_step,
            _or_nothing(Event.disposition),
            Event.actor,
            _or_nothing(Event.read_point),
            _or_nothing(Party.code),
            _or_nothing(Location.code),
            _or_nothing(Event.document),
            _or_nothing(Event.condition),
            _or_nothing(Event.flag),
            case(
                (Event.raised.is_(None), NOTHING),
                (Event.raised == true(), "1"),
                else_="0",
            ),
            _or_nothing(Event.reason),
        ),
        type_coerce(Event.event_time, BigInteger),
        Event.kind,
        Event.custodian_id,
        Event.location_id,
        STATED_CONDITION,
        Event.flag,
        Event.raised,
    )
    .outerjoin(Station, Station.id == Event.station_id)
    .outerjoin(Party, Party.id == Event.custodian_id)
    .outerjoin(Location, Location.id == Event.location_id)
    .order_by(Event.id)
)
_kit = aliased(Device)
_LINES = (
    select(
        EventLine.event_id,
        EventLine.device_id,
        EventLine.kit_id,
        _joined(literal("d"), _or_nothing(Device.tag), _or_nothing(_kit.tag)),
    )
    .outerjoin(Device, Device.id == EventLine.device_id)
    .outerjoin(_kit, _kit.id == EventLine.kit_id)
    .order_by(EventLine.event_id)
)
_lot = _joined(Article.code).concat("/").concat(Lot.code)
_to = aliased(Location)
_wrong, _replacement = aliased(Event), aliased(Event)
_OTHER_ROWS: tuple[tuple[Select[*tuple[Any, ...]], Any], ...] = (
    (
        select(
            StockLine.event_id,
            _joined(
                literal("m"),
                _or_nothing(_lot),
                _or_nothing(Location.code),
                _or_nothing(_to.code),
                cast(StockLine.quantity, Text),
            ),
        )
        .outerjoin(Lot, Lot.id == StockLine.lot_id)
        .outerjoin(Article, Article.id == Lot.article_id)
        .outerjoin(Location, Location.id == StockLine.from_id)
        .outerjoin(_to, _to.id == StockLine.to_id),
        StockLine.event_id,
    ),
    (
        select(
            CountLine.event_id,
            _joined(
                literal("c"),
                _or_nothing(_lot),
                _or_nothing(Location.code),
                cast(CountLine.counted, Text),
            ),
        )
        .outerjoin(Lot, Lot.id == CountLine.lot_id)
        .outerjoin(Article, Article.id == Lot.article_id)
        .outerjoin(Location, Location.id == CountLine.location_id),
        CountLine.event_id,
    ),
    (
        select(
            ErrorDeclaration.event_id,
            _joined(
                literal("w"),
                _or_nothing(_wrong.uid),
                ErrorDeclaration.reason,
                _or_nothing(_replacement.uid),
                literal(NOTHING),
            ),
        )
        # In the first form the declaration is part of the event's own text.
        .outerjoin(Event, Event.id == ErrorDeclaration.event_id)
        .where(Event.id.is_(None) | Event.form.is_not(None))
        .outerjoin(_wrong, _wrong.id == ErrorDeclaration.wrong_event_id)
        .outerjoin(_replacement, _replacement.id == ErrorDeclaration.replacement_id),
        ErrorDeclaration.event_id,
    ),
    (
        select(
            LineDeclaration.event_id,
            _joined(
                literal("w"),
                _or_nothing(_wrong.uid),
                LineDeclaration.reason,
                _or_nothing(_replacement.uid),
                _or_nothing(Device.tag),
            ),
        )
        .outerjoin(_wrong, _wrong.id == LineDeclaration.wrong_event_id)
        .outerjoin(_replacement, _replacement.id == LineDeclaration.replacement_id)
        .outerjoin(Device, Device.id == LineDeclaration.device_id),
        LineDeclaration.event_id,
    ),
)
