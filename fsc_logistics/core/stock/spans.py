"""The spans of quantities: apply one event to them, make them anew.

A span says how many of a lot were at a place, from the moment of one event until the
next event's.  Places without a balance have none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger.appending import Named, NewEvent
from fsc_logistics.core.ledger.spans import BATCH
from fsc_logistics.core.proof.stock_books import (
    Which,
    counted_and_before,
    expected,
    is_kept,
)
from fsc_logistics.core.stock.answers import next_count
from fsc_logistics.core.stock.pairs import PAIRS, Pair, among
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    Article,
    CountLine,
    Location,
    Lot,
    StockLine,
    StockSpan,
)
from fsc_logistics.domain.errors import Refused


@dataclass(slots=True)
class _Said:
    """What one event says of one lot at one place."""

    lot: Named
    location: Named
    change: int = 0
    counted: int | None = None


def pairs_of(session: Session, event_id: int) -> list[Pair]:
    """Return the lots and places an event is about."""
    moved = select(StockLine.lot_id, StockLine.from_id, StockLine.to_id)
    counted = select(CountLine.lot_id, CountLine.location_id)
    moves = session.execute(moved.where(StockLine.event_id == event_id)).all()
    counts = session.execute(counted.where(CountLine.event_id == event_id)).all()
    found = {(lot, place) for lot, *places in moves for place in places}
    return sorted(found | {(lot, place) for lot, place in counts})


def lock(session: Session, lots: Iterable[int]) -> None:
    """Make others wait who want to write about `lots`; SQLite has one writer.

    In the order of their numbers, so that two who name them differently never wait
    for each other.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    ordered = sorted(set(lots))
    for start in range(0, len(ordered), BATCH):
        session.execute(
            select(Lot.id)
            .where(Lot.id.in_(ordered[start : start + BATCH]))
            .order_by(Lot.id)
            .with_for_update(key_share=True)
        )


def apply(session: Session, event_id: int, event: NewEvent) -> None:
    """Enter what a new event says into the spans of its lots and places.

    A late one splits the span it falls in; what came after it gains or loses as much,
    until the next count.  The event must be the newest of the ledger, and its lots
    locked.

    Raises:
        Refused: at its moment or a later one a place would have fewer than none.
    """
    said = _said(event)
    if not said:
        return
    outside = _outside(session, {each.location.id for each in said})
    for each in said:
        if each.location.id not in outside:
            _apply_one(session, event_id, event.event_time, each)


def expected_by(
    session: Session, event_id: int, pairs: Sequence[Pair]
) -> dict[Pair, int]:
    """Return how many there were just before a count of `pairs` that stands."""
    found: dict[Pair, int] = {}
    for start in range(0, len(pairs), PAIRS):
        counts = counted_and_before(among(pairs[start : start + PAIRS]))
        for row in session.execute(select(counts).where(counts.c.event_id == event_id)):
            found[row.lot_id, row.location_id] = row.before
    return found


def rebuild(session: Session, pairs: Sequence[Pair]) -> None:
    """Make the spans of `pairs` anew from the ledger.

    Raises:
        Refused: at some moment a place would have fewer than none.
    """
    for start in range(0, len(pairs), PAIRS):
        chunk = pairs[start : start + PAIRS]
        _rebuild(session, among(chunk))


def rebuild_range(session: Session, first: int, last: int) -> None:
    """Make the spans of the lots numbered `first` to `last` anew."""
    _rebuild(session, lambda lot, _place: lot.between(first, last))


def _said(event: NewEvent) -> list[_Said]:
    found: dict[Pair, _Said] = {}
    for moved in event.moved:
        for place, sign in ((moved.origin, -1), (moved.target, 1)):
            key = (moved.lot.id, place.id)
            one = found.setdefault(key, _Said(moved.lot, place))
            one.change += sign * moved.quantity
    for counted in event.counted:
        key = (counted.lot.id, counted.location.id)
        one = found.setdefault(key, _Said(counted.lot, counted.location))
        one.counted = counted.counted
    return [found[key] for key in sorted(found)]


def _outside(session: Session, places: set[int]) -> set[int]:
    return set(
        session.scalars(
            select(Location.id).where(Location.id.in_(places), ~is_kept(Location.kind))
        )
    )


def _apply_one(session: Session, event_id: int, at: datetime, said: _Said) -> None:
    lot, place = said.lot.id, said.location.id
    span = StockSpan
    ours = (span.lot_id == lot) & (span.location_id == place)
    # The last that began by then: a chain has no gaps.
    covering = session.execute(
        select(span.valid_from, span.valid_to, span.quantity)
        .where(ours, span.valid_from <= at)
        .order_by(span.valid_from.desc())
        .limit(1)
    ).first()
    before = covering.quantity if covering is not None else 0
    now = before + said.change if said.counted is None else said.counted
    if now < 0:
        raise Refused(_too_few(session, said, at, before, -said.change))
    if covering is None:
        start, end = None, session.scalar(select(func.min(span.valid_from)).where(ours))
    else:
        start, end = covering.valid_from, covering.valid_to
    if end not in (None, OPEN_ENDED):
        _shift_later(session, said, ours, at, now - before)
    values = {"event_id": event_id, "quantity": now}
    if start == at:
        session.execute(update(span).where(ours, span.valid_from == at).values(values))
        return
    if start is not None:
        whole = update(span).where(ours, span.valid_from == start)
        session.execute(whole.values(valid_to=at))
    elif end is not None:
        first = update(span).where(ours, span.valid_from == end)
        session.execute(first.values(prev_to=end))
    session.execute(
        insert(span).values(
            lot_id=lot,
            location_id=place,
            valid_from=at,
            valid_to=end or OPEN_ENDED,
            prev_to=at if start is not None else None,
            **values,
        )
    )


def _shift_later(
    session: Session, said: _Said, ours: ColumnElement[bool], at: datetime, change: int
) -> None:
    """Let all spans after `at` gain `change`, until the next count."""
    if change == 0:
        return
    later = ours & (StockSpan.valid_from > at)
    count = session.scalar(next_count(said.lot.id, said.location.id, at))
    if count is not None:
        later &= StockSpan.valid_from < count
    if change < 0:
        short = session.execute(
            select(StockSpan.valid_from, StockSpan.quantity)
            .where(later, StockSpan.quantity + change < 0)
            .order_by(StockSpan.valid_from)
            .limit(1)
        ).first()
        if short is not None:
            moment, quantity = short
            raise Refused(
                _short_later(session, said.lot, said.location, moment, quantity, change)
            )
    session.execute(
        update(StockSpan)
        .where(later)
        .values(quantity=StockSpan.quantity + change)
        .execution_options(synchronize_session=False)
    )


def _rebuild(session: Session, which: Which) -> None:
    made = expected(which)
    columns = [column.name for column in made.selected_columns]
    spans = made.subquery()
    short = session.execute(
        select(spans.c.lot_id, spans.c.location_id, spans.c.valid_from)
        .add_columns(spans.c.quantity)
        .where(spans.c.quantity < 0)
        .order_by(spans.c.valid_from, spans.c.lot_id)
        .limit(1)
    ).first()
    if short is not None:
        lot, place = _names(session, short.lot_id, short.location_id)
        raise Refused(
            _short_later(session, lot, place, short.valid_from, 0, short.quantity)
        )
    session.execute(
        delete(StockSpan)
        .where(which(StockSpan.lot_id, StockSpan.location_id))
        .execution_options(synchronize_session=False)
    )
    session.execute(insert(StockSpan).from_select(columns, made))


def _too_few(
    session: Session, said: _Said, at: datetime, there: int, wanted: int
) -> str:
    unit = _unit(session, said.lot.id)
    return (
        f"{said.location.code} has {there} {unit} of {said.lot.code} on"
        f" {at:%Y-%m-%d %H:%M} UTC, not {wanted}. Count it first:"
        f" fsc stock count {said.location.code} {said.lot.code}=N"
    )


def _short_later(
    session: Session, lot: Named, place: Named, at: datetime, there: int, change: int
) -> str:
    unit = _unit(session, lot.id)
    return (
        f"{place.code} would then have {-there - change} {unit} of {lot.code} too few"
        f" on {at:%Y-%m-%d %H:%M} UTC. Say first how many there were before that:"
        f" fsc stock count {place.code} {lot.code}=N --at TIME"
    )


def _unit(session: Session, lot_id: int) -> str:
    return session.scalars(
        select(Article.unit)
        .join(Lot, Lot.article_id == Article.id)
        .where(Lot.id == lot_id)
    ).one()


def _names(session: Session, lot_id: int, place_id: int) -> tuple[Named, Named]:
    lot = session.scalars(
        select(Article.code.concat("/").concat(Lot.code))
        .join(Lot, Lot.article_id == Article.id)
        .where(Lot.id == lot_id)
    ).one()
    place = session.get_one(Location, place_id).code
    return Named(lot_id, lot), Named(place_id, place)
