"""The books of quantities: what the ledger gives, and whether the spans say so.

Of the events of a lot and a place that are not declared wrong, in the order of their
moments and then of their numbers, a move adds or takes, and a count says how many there
are.  What one place gives another gets.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    case,
    cast,
    except_,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.ledger.spans import not_declared_wrong, ranges
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    Article,
    CountLine,
    Event,
    Location,
    Lot,
    StockLine,
    StockSpan,
)
from fsc_logistics.core.tables.base import Moment
from fsc_logistics.domain.quantities import OUTSIDE

Which = Callable[[Any, Any], ColumnElement[bool]]
"""The condition on a lot and a place that says which pairs are meant."""


def lines(which: Which) -> Subquery:
    """Return the lines of the ledger about `which` pairs, one for each side of a move.

    Those of events declared wrong and of places without a balance too; `other_id` is 0
    for a count.
    """
    nothing = cast(null(), BigInteger)
    sides = (
        select(
            StockLine.lot_id,
            here.label("location_id"),
            StockLine.event_id,
            other.label("other_id"),
            (StockLine.quantity * sign).label("change"),
            nothing.label("counted"),
        ).where(which(StockLine.lot_id, here))
        for here, other, sign in (
            (StockLine.to_id, StockLine.from_id, 1),
            (StockLine.from_id, StockLine.to_id, -1),
        )
    )
    counts = select(
        CountLine.lot_id,
        CountLine.location_id,
        CountLine.event_id,
        literal(0, BigInteger),
        literal(0, BigInteger),
        CountLine.counted,
    ).where(which(CountLine.lot_id, CountLine.location_id))
    return union_all(*sides, counts).subquery()


def _entries(which: Which) -> Subquery:
    """Return the lines of `which` pairs that stand, and what there was after each."""
    said = lines(which)
    pair = (said.c.lot_id, said.c.location_id)
    order = (Event.event_time, said.c.event_id, said.c.other_id)
    epoch = func.count(said.c.counted).over(partition_by=pair, order_by=order)
    ordered = (
        select(said, Event.event_time, epoch.label("epoch"))
        .join(Event, Event.id == said.c.event_id)
        .join(Location, Location.id == said.c.location_id)
        .where(not_declared_wrong(), is_kept(Location.kind))
        .subquery()
    )
    # A count is the first of its epoch: what it found, and what changed since.
    quantity = func.sum(func.coalesce(ordered.c.counted, ordered.c.change)).over(
        partition_by=(ordered.c.lot_id, ordered.c.location_id, ordered.c.epoch),
        order_by=(ordered.c.event_time, ordered.c.event_id, ordered.c.other_id),
    )
    return select(ordered, cast(quantity, BigInteger).label("quantity")).subquery()


def expected(which: Which) -> Select[*tuple[Any, ...]]:
    """Return the query for the spans that the events of `which` pairs give."""
    entries = _entries(which)
    pair = (entries.c.lot_id, entries.c.location_id)
    last_first = func.row_number().over(
        partition_by=(*pair, entries.c.event_time),
        order_by=(entries.c.event_id.desc(), entries.c.other_id.desc()),
    )
    said = select(entries, last_first.label("place")).subquery()
    pair, at = (said.c.lot_id, said.c.location_id), said.c.event_time
    before = func.lag(at).over(partition_by=pair, order_by=at)
    after = func.lead(at).over(partition_by=pair, order_by=at)
    return select(
        said.c.lot_id,
        said.c.location_id,
        at.label("valid_from"),
        func.coalesce(after, literal(OPEN_ENDED, Moment())).label("valid_to"),
        case((before.is_not(None), at)).label("prev_to"),
        said.c.quantity,
        said.c.event_id,
    ).where(said.c.place == 1)


def counted_and_before(which: Which) -> Subquery:
    """Return each count of `which` pairs that stands: `counted`, and `before` it."""
    entries = _entries(which)
    before = func.lag(entries.c.quantity).over(
        partition_by=(entries.c.lot_id, entries.c.location_id),
        order_by=(entries.c.event_time, entries.c.event_id, entries.c.other_id),
    )
    said = select(entries, func.coalesce(before, 0).label("before")).subquery()
    return (
        select(
            said.c.lot_id,
            said.c.location_id,
            said.c.event_id,
            said.c.counted,
            said.c.before,
        )
        .where(said.c.counted.is_not(None))
        .subquery()
    )


def mismatches(session: Session) -> Iterator[str]:
    """Yield where balances are not what events give, and where books do not balance."""
    for first, last in ranges(session, Lot.id):
        yield from _differing(session, first, last)
        yield from _unbalanced(session, first, last)


def is_kept(kind: Any) -> ColumnElement[bool]:
    """Return the condition that places of such a kind have a balance."""
    kept: ColumnElement[bool] = kind.not_in([outside.value for outside in OUTSIDE])
    return kept


def _differing(session: Session, first: int, last: int) -> Iterator[str]:
    given = expected(lambda lot, _place: lot.between(first, last))
    names = [column.name for column in given.selected_columns]
    stored = select(*(getattr(StockSpan, name) for name in names)).where(
        StockSpan.lot_id.between(first, last)
    )
    lacking = except_(given, stored).subquery()
    extra = except_(stored, given).subquery()
    wrong = (
        select(lacking.c.lot_id, lacking.c.location_id)
        .union(select(extra.c.lot_id, extra.c.location_id))
        .subquery()
    )
    found = session.execute(
        select(Article.code, Lot.code, Location.code)
        .select_from(wrong)
        .join(Lot, Lot.id == wrong.c.lot_id)
        .join(Article, Article.id == Lot.article_id)
        .join(Location, Location.id == wrong.c.location_id)
        .order_by(Lot.id, Location.code)
    )
    for article, lot, place in found:
        yield (
            f"lot {article}/{lot} at {place}: its balance is not what its events say"
        )


def _unbalanced(session: Session, first: int, last: int) -> Iterator[str]:
    """Yield the lots whose places have not what came in, less what went out."""
    books: defaultdict[int, int] = defaultdict(int)
    there = (
        select(StockSpan.lot_id, func.sum(StockSpan.quantity))
        .where(StockSpan.lot_id.between(first, last), StockSpan.valid_to == OPEN_ENDED)
        .group_by(StockSpan.lot_id)
    )
    for query in (there, _came_in(first, last), _counted_away(first, last)):
        for lot, quantity in session.execute(query):
            books[lot] += quantity
    for lot in sorted(lot for lot, left in books.items() if left):
        name = session.execute(
            select(Article.code, Lot.code)
            .join(Lot, Lot.article_id == Article.id)
            .where(Lot.id == lot)
        ).one()
        yield (
            f"lot {'/'.join(name)}: what its places have is not what came in, less"
            " what went out and what counts found missing"
        )


def _came_in(first: int, last: int) -> Select[*tuple[Any, ...]]:
    """Return the query for what came from outside, as less than none."""
    origin, target = aliased(Location), aliased(Location)
    crossed = case(
        (is_kept(target.kind) & ~is_kept(origin.kind), -StockLine.quantity),
        (is_kept(origin.kind) & ~is_kept(target.kind), StockLine.quantity),
        else_=0,
    )
    return (
        select(StockLine.lot_id, func.sum(crossed))
        .join(Event, Event.id == StockLine.event_id)
        .join(origin, origin.id == StockLine.from_id)
        .join(target, target.id == StockLine.to_id)
        .where(StockLine.lot_id.between(first, last), not_declared_wrong())
        .group_by(StockLine.lot_id)
    )


def _counted_away(first: int, last: int) -> Select[*tuple[Any, ...]]:
    """Return the query for how many fewer counts found than there should have been."""
    differences = counted_and_before(lambda lot, _place: lot.between(first, last))
    return select(
        differences.c.lot_id, func.sum(differences.c.before - differences.c.counted)
    ).group_by(differences.c.lot_id)
