"""The derived spans: apply one event, make them anew, compare them with the ledger.

A span is what one event says, from its moment until the next event's.  Of the events
of one device that are not declared wrong, the last at a moment counts; ties go to the
higher number.  Custody, kit, condition and each flag are chains of their own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Text,
    and_,
    case,
    cast,
    delete,
    except_,
    exists,
    func,
    insert,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from fsc_logistics.core.ledger import span_step
from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.ledger.seek import Held, Lasting
from fsc_logistics.core.ledger.span_step import Table as Table
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    ConditionSpan,
    CustodySpan,
    Device,
    ErrorDeclaration,
    Event,
    EventLine,
    FlagSpan,
    KitSpan,
    LineDeclaration,
)
from fsc_logistics.core.tables.base import Moment
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.custody import FIRST_FORM_CONDITION, EventKind

BATCH = 1_000
"""Devices handled at once, so that memory does not grow with their number."""

STATED_CONDITION: ColumnElement[str | None] = case(
    (
        Event.form.is_(None),
        case(
            *(
                (Event.disposition == said.value, condition.value)
                for said, condition in FIRST_FORM_CONDITION.items()
            )
        ),
    ),
    else_=Event.condition,
)
"""What an event says of the condition; in the first form, its disposition said it."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A span table, which events speak for it, and where its values come from."""

    table: Table
    states: ColumnElement[bool]
    values: Mapping[str, Any]
    """Columns of `Event` and `EventLine`, or expressions of them."""
    key: Mapping[str, str] = field(default_factory=dict)
    """What all its spans have in common, where a table holds several chains."""

    def is_ours(self) -> ColumnElement[bool]:
        """Return the condition that a row of the table belongs to this chain."""
        return and_(
            true(),
            *(getattr(self.table, name) == value for name, value in self.key.items()),
        )


CUSTODY = Chain(
    CustodySpan,
    Event.kind == EventKind.OBJECT.value,
    {"custodian_id": Event.custodian_id, "location_id": Event.location_id},
)
KIT = Chain(
    KitSpan, Event.kind == EventKind.AGGREGATION.value, {"kit_id": EventLine.kit_id}
)
CONDITION = Chain(
    ConditionSpan,
    Event.kind.in_([EventKind.OBJECT.value, EventKind.CONDITION.value])
    & STATED_CONDITION.is_not(None),
    {"condition": STATED_CONDITION},
)
FLAGS = {
    flag: Chain(
        FlagSpan,
        and_(Event.kind == EventKind.FLAG.value, Event.flag == flag.value),
        {"raised": Event.raised},
        {"flag": flag.value},
    )
    for flag in Flag
}
CHAINS = (CUSTODY, KIT, CONDITION, *FLAGS.values())


def not_declared_wrong() -> ColumnElement[bool]:
    """Return the condition that nobody has declared `Event` wrong as a whole."""
    return ~exists().where(ErrorDeclaration.wrong_event_id == Event.id)


def line_counts() -> ColumnElement[bool]:
    """Return the condition that nobody has declared `EventLine` of `Event` wrong."""
    return not_declared_wrong() & ~exists().where(
        LineDeclaration.wrong_event_id == EventLine.event_id,
        LineDeclaration.device_id == EventLine.device_id,
    )


def apply(
    session: Session,
    chain: Chain,
    *,
    event_id: int,
    at: datetime,
    said: Mapping[int, Mapping[str, Any]],
    covering: Mapping[int, Held | Lasting] | None = None,
) -> None:
    """Enter what one new event `said` of each device into its spans.

    Whenever it happened, it splits the one span it falls in; what came after it
    stands.  The event must be the newest of the ledger.  `covering` are the spans it
    falls in, where the caller has asked for them and holds the devices.
    """
    table = chain.table
    devices = list(said)
    if len(devices) == 1:
        values = {"event_id": event_id, **said[devices[0]]}
        span_step.enter(
            session,
            table,
            chain.key,
            devices[0],
            at_us=microseconds(at),
            values=values,
            covering=_bounds(covering, devices[0]),
        )
        return
    if covering is None:
        covering = _covering(session, chain, devices, at)
    firsts = _firsts(session, chain, [d for d in devices if d not in covering])
    added = []
    for device in devices:
        values = {"event_id": event_id, **said[device]}
        if (span := covering.get(device)) is not None:
            if span.valid_from == at:
                session.execute(_span(chain, device, at).values(values))
                continue
            session.execute(_span(chain, device, span.valid_from).values(valid_to=at))
            start, end = at, span.valid_to
        elif (first := firsts.get(device)) is not None:
            session.execute(_span(chain, device, first).values(prev_to=first))
            start, end = None, first
        else:
            start, end = None, OPEN_ENDED
        added.append(
            {
                "device_id": device,
                "valid_from": at,
                "valid_to": end,
                "prev_to": start,
                **chain.key,
                **values,
            }
        )
    if added:
        session.execute(insert(table), added)


def _bounds(
    covering: Mapping[int, Held | Lasting] | None, device: int
) -> tuple[int, int] | None:
    """Return start and end of the span of a device, in microseconds since 1970."""
    span = None if covering is None else covering.get(device)
    if span is None:
        return None
    return microseconds(span.valid_from), microseconds(span.valid_to)


def rebuild(session: Session, chain: Chain, devices: Sequence[int]) -> None:
    """Make the spans of `devices` anew from the ledger."""
    for start in range(0, len(devices), BATCH):
        chunk = devices[start : start + BATCH]
        _rebuild(session, chain, EventLine.device_id.in_(chunk), chunk)


def rebuild_range(session: Session, chain: Chain, first: int, last: int) -> None:
    """Make the spans of the devices numbered `first` to `last` anew."""
    _rebuild(session, chain, EventLine.device_id.between(first, last), (first, last))


def _rebuild(
    session: Session,
    chain: Chain,
    lines: ColumnElement[bool],
    devices: Sequence[int] | tuple[int, int],
) -> None:
    column = chain.table.device_id
    ours = (
        column.between(*devices) if isinstance(devices, tuple) else column.in_(devices)
    )
    session.execute(delete(chain.table).where(ours, chain.is_ours()))
    made = expected(chain, lines)
    columns = [column.name for column in made.selected_columns]
    session.execute(insert(chain.table).from_select(columns, made))


def rebuild_wrong(session: Session, chain: Chain, first: int, last: int) -> None:
    """Make the spans of those devices numbered `first` to `last` anew that differ."""
    wrong = _differing(chain, first, last)
    rebuild(session, chain, session.scalars(wrong).all())


def differing(session: Session, chain: Chain, first: int, last: int) -> list[str]:
    """Return the tags of the devices numbered `first` to `last` whose spans differ.

    They are not what their events give.
    """
    wrong = _differing(chain, first, last).subquery()
    return list(
        session.scalars(
            select(
                func.coalesce(
                    Device.tag, literal("number ").concat(cast(wrong.c.device_id, Text))
                )
            )
            .select_from(wrong)
            .outerjoin(Device, wrong.c.device_id == Device.id)
            .order_by(wrong.c.device_id)
        )
    )


def _differing(chain: Chain, first: int, last: int) -> CompoundSelect[int]:
    """Return the query for the devices whose spans are not what their events give."""
    given = expected(chain, EventLine.device_id.between(first, last))
    names = [column.name for column in given.selected_columns]
    stored = select(*(getattr(chain.table, name) for name in names)).where(
        chain.table.device_id.between(first, last), chain.is_ours()
    )
    lacking = except_(given, stored).subquery()
    extra = except_(stored, given).subquery()
    return select(lacking.c.device_id).union(select(extra.c.device_id))


def mismatches(session: Session, first: int, last: int) -> Iterator[str]:
    """Yield where the spans of devices `first` to `last` are not what events give."""
    for chain in CHAINS:
        about = " ".join(chain.key.values())
        for tag in differing(session, chain, first, last):
            yield (
                f"device {tag}: its {about}{' ' if about else ''}"
                f"{chain.table.__tablename__}s are not what its events say"
            )


def ranges(
    session: Session, number: InstrumentedAttribute[int]
) -> Iterator[tuple[int, int]]:
    """Yield the first and the last `number` of a table's rows, `BATCH` at a time."""
    last = 0
    while True:
        batch = (
            select(number.label("id"))
            .where(number > last)
            .order_by(number)
            .limit(BATCH)
        ).subquery()
        first, until = session.execute(
            select(func.min(batch.c.id), func.max(batch.c.id))
        ).one()
        if first is None:
            return
        yield first, until
        last = until


def _span(chain: Chain, device: int, start: datetime) -> Any:
    return update(chain.table).where(
        chain.table.device_id == device,
        chain.table.valid_from == start,
        chain.is_ours(),
    )


def _covering(
    session: Session, chain: Chain, devices: Sequence[int], at: datetime
) -> dict[int, Any]:
    """Return the span of each device that `at` falls in, where there is one."""
    table = chain.table
    found: dict[int, Any] = {}
    for start in range(0, len(devices), BATCH):
        for row in session.execute(
            select(table.device_id, table.valid_from, table.valid_to).where(
                table.device_id.in_(devices[start : start + BATCH]),
                table.valid_from <= at,
                table.valid_to > at,
                chain.is_ours(),
            )
        ):
            found[row.device_id] = row
    return found


def _firsts(
    session: Session, chain: Chain, devices: Sequence[int]
) -> dict[int, datetime]:
    """Return when the chain of each device begins, where there is one."""
    table = chain.table
    found: dict[int, datetime] = {}
    for start in range(0, len(devices), BATCH):
        for row in session.execute(
            select(table.device_id, table.valid_from).where(
                table.device_id.in_(devices[start : start + BATCH]),
                table.prev_to.is_(None),
                chain.is_ours(),
            )
        ):
            found[row.device_id] = row.valid_from
    return found


def expected(
    chain: Chain, lines: ColumnElement[bool], counts: ColumnElement[bool] | None = None
) -> Select[*tuple[Any, ...]]:
    """Return the query for the spans that the events of `lines` give.

    `counts` is the condition on those that do; without it, that they are not declared
    wrong.
    """
    last_first = func.row_number().over(
        partition_by=(EventLine.device_id, Event.event_time), order_by=Event.id.desc()
    )
    said = (
        select(
            EventLine.device_id,
            Event.event_time,
            Event.id.label("event_id"),
            last_first.label("place"),
            *(column.label(name) for name, column in chain.values.items()),
        )
        .join(Event, Event.id == EventLine.event_id)
        .where(lines, chain.states, line_counts() if counts is None else counts)
        .subquery()
    )
    device, at = said.c.device_id, said.c.event_time
    before = func.lag(at).over(partition_by=device, order_by=at)
    after = func.lead(at).over(partition_by=device, order_by=at)
    open_ended = literal(OPEN_ENDED, Moment())
    # Literals, not parameters: PostgreSQL must know their type in a bare SELECT.
    key = (literal(value).label(name) for name, value in chain.key.items())
    return select(
        device,
        at.label("valid_from"),
        func.coalesce(after, open_ended).label("valid_to"),
        case((before.is_not(None), at)).label("prev_to"),
        said.c.event_id,
        *(said.c[name].label(name) for name in chain.values),
        *key,
    ).where(said.c.place == 1)
