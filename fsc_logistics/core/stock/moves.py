"""Quantities of consumables: receiving and moving them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.places import find_location
from fsc_logistics.core.ledger.appending import (
    Moved,
    Named,
    NewEvent,
    known_event,
    lock_station,
)
from fsc_logistics.core.ledger.entering import enter
from fsc_logistics.core.stock import spans as stock_spans
from fsc_logistics.core.stock.answers import balances, least_since
from fsc_logistics.core.stock.articles import Said, find_lot, find_said, registered_lot
from fsc_logistics.core.stock.moved import StockMoved, stock_moved
from fsc_logistics.core.tables import Location, Lot
from fsc_logistics.domain.custody import (
    BizStep,
    EventKind,
    Signature,
    check_time,
    usual_step,
)
from fsc_logistics.domain.errors import BadInput, Refused
from fsc_logistics.domain.parties import LocationKind
from fsc_logistics.domain.quantities import (
    OUTSIDE,
    Balance,
    LotName,
    Occasion,
    check_fit_to_hand_out,
    check_fit_to_receive,
    check_moves_between,
    check_quantity,
    first_expired_first_out,
    is_expired,
)


def record_receipt(
    session: Session,
    article: str,
    quantity: int,
    *,
    lot: str | None = None,
    expires: date | None = None,
    origin: str,
    target: str,
    expired: bool = False,
    occasion: Occasion,
    by: Signature,
) -> StockMoved:
    """Record that so many of a lot came from outside; a new lot is registered.

    `article` may be a GS1 code, which says the lot and when it expires.  What has
    expired is received only where `expired` says so.

    Raises:
        NotFound: the article or a place is not registered.
        BadInput: no lot is named, or it is no quantity.
        Refused: it lies in the future, the lot has expired or is known to expire on
            another day, or the places are not such as receiving goes between.
    """
    station = lock_station(session, by.station)
    if (known := known_event(session, occasion.uid)) is not None:
        return stock_moved(session, known.id, known.uid, added=False)
    check_time(occasion.at, by.record_time)
    check_quantity(quantity, 1)
    said = _with_expiry(find_said(session, article, lot), expires)
    source, place = find_location(session, origin), find_location(session, target)
    check_moves_between(LocationKind(source.kind), LocationKind(place.kind))
    if source.kind not in OUTSIDE:
        raise Refused(
            f"{source.code} is a {source.kind} and has a balance. What is there is"
            f" moved: fsc stock move {said.article.code} {quantity} --from"
            f" {source.code} --to {place.code}"
        )
    if said.lot is None:
        raise BadInput(f"Say which lot of {said.article.code} came: --lot LOT.")
    row = registered_lot(session, said)
    name = LotName(article=said.article.code, lot=said.lot)
    if not expired:
        check_fit_to_receive(name, row.expires, day=occasion.day)
    stock_spans.lock(session, [row.id])
    moved = _move(Named(row.id, str(name)), source, place, quantity)
    event = _event(BizStep.RECEIVING, occasion)
    done = enter(session, station, event._replace(moved=(moved,)), by)
    return stock_moved(session, done.event, done.uid, added=True)


def record_stock_move(
    session: Session,
    article: str,
    quantity: int,
    *,
    lot: str | None = None,
    origin: str,
    target: str,
    expired: bool = False,
    occasion: Occasion,
    by: Signature,
) -> StockMoved:
    """Record that so many of an article went from one place to another.

    Without a lot what expires first is taken first, at the place and inside it.  What
    has expired goes only where `expired` says so, where the target has no balance, or
    where its lot is named and it is neither handed out nor from a supplier.

    Raises:
        NotFound: the article, the lot or a place is not registered.
        BadInput: it is no quantity.
        Refused: it lies in the future, there are not so many, then or later, or what
            has expired would be handed out.
    """
    station = lock_station(session, by.station)
    if (known := known_event(session, occasion.uid)) is not None:
        return stock_moved(session, known.id, known.uid, added=False)
    check_time(occasion.at, by.record_time)
    check_quantity(quantity, 1)
    said = find_said(session, article, lot)
    source, place = find_location(session, origin), find_location(session, target)
    check_moves_between(LocationKind(source.kind), LocationKind(place.kind))
    if source.id == place.id:
        raise Refused(f"{place.code} is where it comes from. Say where it goes: --to")
    if source.kind in OUTSIDE:
        moved = _from_outside(
            session, said, quantity, source, place, expired=expired, day=occasion.day
        )
    else:
        moved = _from_balance(
            session, said, quantity, source, place, expired=expired, occasion=occasion
        )
    step, _ = usual_step(LocationKind(place.kind))
    event = _event(step, occasion)._replace(moved=moved)
    done = enter(session, station, event, by)
    return stock_moved(session, done.event, done.uid, added=True)


def _event(step: BizStep, occasion: Occasion) -> NewEvent:
    return NewEvent(
        uid=occasion.uid,
        kind=EventKind.STOCK,
        event_time=occasion.at,
        biz_step=step,
        document=occasion.document_code(),
    )


def _with_expiry(said: Said, expires: date | None) -> Said:
    if expires is None:
        return said
    if said.expires not in (None, expires):
        raise BadInput(
            f"The code says that it expires on {said.expires}, --expires says"
            f" {expires}. Leave one of them away."
        )
    return replace(said, expires=expires)


def _from_outside(
    session: Session,
    said: Said,
    quantity: int,
    source: Location,
    place: Location,
    *,
    expired: bool,
    day: date,
) -> tuple[Moved, ...]:
    if (name := said.name()) is None:
        raise BadInput(
            f"{source.code} is a {source.kind} place and has no balance to choose from."
            " Say which lot it is: --lot LOT."
        )
    lot = find_lot(session, said)
    if not expired and source.kind == LocationKind.SUPPLIER:
        check_fit_to_receive(name, lot.expires, day=day)
    elif not expired:
        kind = LocationKind(place.kind)
        check_fit_to_hand_out(name, lot.expires, kind=kind, day=day)
    stock_spans.lock(session, [lot.id])
    return (_move(Named(lot.id, str(name)), source, place, quantity),)


def _from_balance(
    session: Session,
    said: Said,
    quantity: int,
    source: Location,
    place: Location,
    *,
    expired: bool,
    occasion: Occasion,
) -> tuple[Moved, ...]:
    """Return what to take where, of the lot that was said or of what expires first."""
    name, day = said.name(), occasion.day
    if name is not None and not expired:
        kind = LocationKind(place.kind)
        expires = find_lot(session, said).expires
        check_fit_to_hand_out(name, expires, kind=kind, day=day)
    lots, there = _locked(session, said, source, occasion.at)
    elsewhere = [b for b in there if b.location != place.code]
    fit = elsewhere
    if name is None and not expired and place.kind not in OUTSIDE:
        fit = [b for b in elsewhere if not is_expired(b.expires, day)]
    free = fit
    if name is None:
        free = _without_later(session, fit, lots, occasion.at)
    taken = first_expired_first_out(free, quantity)
    found = _total(taken)
    if found < quantity:
        left = {
            "expired (--expired)": _total(elsewhere) - _total(fit),
            "gone out later": _total(fit) - _total(free),
        }
        raise Refused(_not_so_many(said, source, found, quantity, left, occasion.at))
    return tuple(
        _move(
            Named(lots[balance.lot], str(balance.name())),
            find_location(session, balance.location),
            place,
            balance.quantity,
        )
        for balance in taken
    )


def _locked(
    session: Session, said: Said, source: Location, at: datetime
) -> tuple[dict[str, int], list[Balance]]:
    """Return the lots there are at a place and inside it, all locked, and how many."""
    first = balances(session, at=at, place=source, within=True, said=said)
    codes = {balance.lot for balance in first}
    ours = (Lot.article_id == said.article.id) & Lot.code.in_(codes)
    rows = session.execute(select(Lot.code, Lot.id).where(ours))
    lots = {row.code: row.id for row in rows}
    stock_spans.lock(session, lots.values())
    # Asked again: somebody may have taken some while we waited.
    again = balances(session, at=at, place=source, within=True, said=said)
    return lots, [balance for balance in again if balance.lot in lots]


def _without_later(
    session: Session, there: Sequence[Balance], lots: Mapping[str, int], at: datetime
) -> list[Balance]:
    """Return what is `there` without what the ledger has going out after `at`.

    Of two who move at once, the one who comes first may have the later moment.
    """
    least = least_since(session, lots.values(), at)
    return [replace(b, quantity=least[lots[b.lot], b.location]) for b in there]


def _total(there: Iterable[Balance]) -> int:
    return sum(balance.quantity for balance in there)


def _not_so_many(
    said: Said,
    source: Location,
    found: int,
    wanted: int,
    left: Mapping[str, int],
    at: datetime,
) -> str:
    """Return what to say; `left` is how many more are there, by why they stay."""
    code, unit = said.article.code, said.article.unit
    there = f"{source.code} has {found} {unit} of"
    when = f"on {at:%Y-%m-%d %H:%M} UTC, not {wanted}."
    if said.lot is not None:
        return (
            f"{there} {said.name()} {when} Count it first:"
            f" fsc stock count {source.code} {said.name()}=N"
        )
    more = "".join(
        f" {count} more {'has' if count == 1 else 'have'} {why}."
        for why, count in left.items()
        if count
    )
    return (
        f"{there} {code} to take {when}{more} See:"
        f" fsc stock list {source.code} --within --article {code}"
    )


def _move(lot: Named, source: Location, place: Location, quantity: int) -> Moved:
    return Moved(
        lot=lot,
        origin=Named(source.id, source.code),
        target=Named(place.id, place.code),
        quantity=quantity,
    )
