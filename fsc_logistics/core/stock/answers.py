"""What there is of which lot, where; what to take first; what expires soon."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.places import find_location, places_within
from fsc_logistics.core.ledger.late import known_until
from fsc_logistics.core.ledger.spans import not_declared_wrong
from fsc_logistics.core.stock.articles import Said, find_said
from fsc_logistics.core.stock.believed import believed, late_pairs
from fsc_logistics.core.stock.pairs import PAIRS, Pair, among
from fsc_logistics.core.tables import (
    Article,
    CountLine,
    Event,
    Location,
    Lot,
    StockSpan,
)
from fsc_logistics.domain.quantities import (
    Balance,
    check_quantity,
    first_expired_first_out,
    is_expired,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What to take to make up a quantity, and whether it is enough."""

    article: str
    wanted: int
    found: int
    unit: str
    lots: tuple[Balance, ...]


def list_stock(
    session: Session,
    *,
    at: datetime,
    known_at: datetime | None = None,
    place: str | None = None,
    within: bool = False,
    article: str | None = None,
) -> list[Balance]:
    """Return how many of each lot there were at `at`, where there were any.

    `article` may be an article or one lot of it.  With `known_at`, as the ledger stood
    then.

    Raises:
        NotFound: the place or the article is not registered.
    """
    where = find_location(session, place) if place is not None else None
    said = find_said(session, article) if article is not None else None
    meant = _meant(where, within=within, said=said)
    if known_at is None:
        return [balance for _, balance in _there(session, at, meant)]
    late = late_pairs(session, known_at)
    there = [
        balance
        for pair, balance in _there(session, min(at, known_until(known_at)), meant)
        if pair not in late
    ]
    then = believed(session, sorted(late), at, known_at)
    return sorted([*there, *_named(session, then, meant)], key=_in_order)


def suggest(
    session: Session,
    article: str,
    quantity: int,
    *,
    place: str,
    at: datetime,
    day: date,
) -> Suggestion:
    """Return which lots to take first at a place, or inside it; expired ones never.

    `day` is the calendar day of `at` there.

    Raises:
        NotFound: the place or the article is not registered.
    """
    check_quantity(quantity, 1)
    said = find_said(session, article)
    where = find_location(session, place)
    there = balances(session, at=at, place=where, within=True, said=said)
    fit = (balance for balance in there if not is_expired(balance.expires, day))
    lots = first_expired_first_out(fit, quantity)
    return Suggestion(
        article=said.article.code,
        wanted=quantity,
        found=sum(balance.quantity for balance in lots),
        unit=said.article.unit,
        lots=lots,
    )


def list_expiring(
    session: Session, *, at: datetime, day: date, days: int
) -> list[Balance]:
    """Return what is there and expires within `days` after `day`, or has expired."""
    after = day + timedelta(days=days + 1)
    there = (b for b in balances(session, at=at) if is_expired(b.expires, after))
    return sorted(there, key=lambda b: (b.expires or date.max, b.article, b.lot))


def balances(
    session: Session,
    *,
    at: datetime,
    place: Location | None = None,
    within: bool = False,
    said: Said | None = None,
) -> list[Balance]:
    """Return what there was at `at`, of the article or lot that was said."""
    meant = _meant(place, within=within, said=said)
    return [balance for _, balance in _there(session, at, meant)]


def _meant(
    place: Location | None, *, within: bool, said: Said | None
) -> list[ColumnElement[bool]]:
    """Return the conditions on `Lot` and `Location` that say what is asked about."""
    meant: list[ColumnElement[bool]] = []
    if place is not None and within:
        meant.append(Location.id.in_(places_within(place.id)))
    elif place is not None:
        meant.append(Location.id == place.id)
    if said is not None:
        meant.append(Lot.article_id == said.article.id)
    if said is not None and said.lot is not None:
        meant.append(Lot.code == said.lot)
    return meant


_NAMES = (
    Lot.id,
    Location.id,
    Article.code,
    Lot.code,
    Lot.expires,
    Location.code,
    Article.unit,
)


def _there(
    session: Session, at: datetime, meant: Sequence[ColumnElement[bool]]
) -> Iterator[tuple[Pair, Balance]]:
    """Yield what there was at `at` of each lot at each place, in order."""
    rows = session.execute(
        select(*_NAMES, StockSpan.quantity)
        .join(StockSpan, StockSpan.lot_id == Lot.id)
        .join(Article, Article.id == Lot.article_id)
        .join(Location, Location.id == StockSpan.location_id)
        .where(
            StockSpan.valid_from <= at, StockSpan.valid_to > at, StockSpan.quantity > 0
        )
        .where(*meant)
        .order_by(
            Article.code, Lot.expires.is_(None), Lot.expires, Lot.code, Location.code
        )
    )
    for lot, place, *names, quantity in rows:
        yield (lot, place), _balance(names, quantity)


def _named(
    session: Session,
    there: Mapping[Pair, int],
    meant: Sequence[ColumnElement[bool]],
) -> Iterator[Balance]:
    """Yield those of the quantities that are meant, where there are any."""
    pairs = [pair for pair, quantity in there.items() if quantity > 0]
    for start in range(0, len(pairs), PAIRS):
        rows = session.execute(
            select(*_NAMES)
            .join(Article, Article.id == Lot.article_id)
            .join(Location, among(pairs[start : start + PAIRS])(Lot.id, Location.id))
            .where(*meant)
        )
        for lot, place, *names in rows:
            yield _balance(names, there[lot, place])


def _balance(names: Sequence[Any], quantity: int) -> Balance:
    article, lot, expires, location, unit = names
    return Balance(
        article=article,
        lot=lot,
        expires=expires,
        location=location,
        quantity=quantity,
        unit=unit,
    )


def _in_order(balance: Balance) -> tuple[str, date, str, str]:
    # What never expires comes last.
    expires = balance.expires or date.max
    return (balance.article, expires, balance.lot, balance.location)


def least_since(
    session: Session, lots: Collection[int], at: datetime
) -> dict[tuple[int, str], int]:
    """Return the fewest there are from `at` until the next count, by lot and place.

    More cannot be taken at `at`: the rest goes out later.
    """
    span = StockSpan
    count = next_count(span.lot_id, span.location_id, at).scalar_subquery()
    query = (
        select(span.lot_id, Location.code, func.min(span.quantity))
        .join(Location, Location.id == span.location_id)
        .where(
            span.lot_id.in_(lots),
            span.valid_to > at,
            span.valid_from < func.coalesce(count, span.valid_to),
        )
        .group_by(span.lot_id, Location.code)
    )
    return {(lot, place): least for lot, place, least in session.execute(query)}


def next_count(lot: Any, place: Any, at: datetime) -> Select[datetime | None]:
    """Return the question when a lot at a place was counted next after `at`."""
    return (
        select(func.min(Event.event_time))
        .join(CountLine, CountLine.event_id == Event.id)
        .where(
            CountLine.lot_id == lot,
            CountLine.location_id == place,
            Event.event_time > at,
            not_declared_wrong(),
        )
    )
