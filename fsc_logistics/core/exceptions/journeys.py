"""Journeys that nobody can drive: a device seen at two places within too few hours."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, bindparam, func, literal, select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.ledger import seek
from fsc_logistics.core.ledger.appending import NewEvent
from fsc_logistics.core.ledger.seek import Held
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import Citizen, Location
from fsc_logistics.domain.anomalies import (
    JOURNEY_MAX,
    Contradiction,
    Leg,
    impossible_journey,
)
from fsc_logistics.domain.parties import LocationKind
from routes.ground import Point, great_circle_m

NOWHERE = frozenset({LocationKind.VEHICLE, LocationKind.LOST})
"""Places that are not where their point on the ground is."""


class _Pair(NamedTuple):
    """Two places a device was seen at, one after the other, and when."""

    device: int
    origin: int
    target: int
    left: datetime
    arrived: datetime


def journeys(
    session: Session,
    event: NewEvent,
    held: Mapping[int, Held],
    tags: Mapping[int, str],
) -> list[tuple[int, Contradiction]]:
    """Return the journeys to and from the event's place that nobody can drive."""
    pairs = _pairs(session, event, {d: held[d] for d in tags if d in held})
    if not pairs:
        return []
    places = _points(session, {place for x in pairs for place in x[1:3]})
    found = []
    for pair in pairs:
        origin, target = places.get(pair.origin), places.get(pair.target)
        if origin is None or target is None:
            continue
        leg = Leg(
            device=tags[pair.device],
            origin=origin.code,
            target=target.code,
            left=pair.left,
            arrived=pair.arrived,
            distance_m=great_circle_m(
                Point(origin.lat, origin.lon), Point(target.lat, target.lon)
            ),
        )
        if (said := impossible_journey(leg)) is not None:
            found.append((pair.device, said))
    return found


def _pairs(session: Session, event: NewEvent, held: Mapping[int, Held]) -> list[_Pair]:
    """Return from where each device came within hours and, of a late event, went on."""
    assert event.location is not None
    at, here = event.event_time, event.location.id
    found = [
        _Pair(device, span.location_id, here, span.valid_from, at)
        for device, span in held.items()
        if span.location_id != here and _is_soon(at - span.valid_from)
    ]
    for device, span in held.items():
        if not _is_soon(span.valid_to - at):
            continue
        next_one = seek.held(session, device, span.valid_to)
        if next_one is not None and next_one.location_id != here:
            place, went = next_one.location_id, next_one.valid_from
            found.append(_Pair(device, here, place, at, went))
    return found


def _is_soon(span: timedelta) -> bool:
    return timedelta(0) < span < JOURNEY_MAX


class _Spot(NamedTuple):
    """A place and where it is on the ground."""

    code: str
    lat: float
    lon: float


def _points(session: Session, places: set[int]) -> dict[int, _Spot]:
    """Return where each of `places` is: its point, or that of what is around it.

    A home is where its citizen lives, which is used for the distance and told nobody.
    """
    found = {place: _point(session, place) for place in places}
    return {place: spot for place, spot in found.items() if spot is not None}


def _point(session: Session, place: int) -> _Spot | None:
    """Return where a place is; None where nobody knows, or it moves."""
    around = _OUTWARDS.all(session, place=place)
    if any(kind in NOWHERE for _, kind, _, _ in around):
        return None
    spots = (_Spot(code, lat, lon) for code, _, lat, lon in around if lat is not None)
    return next(spots, None)


def _outwards() -> Select[*tuple[Any, ...]]:
    """Return the query for a place and what is around it, from the inside out."""
    outwards = (
        select(
            Location.code,
            Location.id.label("around"),
            literal(0).label("depth"),
        )
        .where(Location.id == bindparam("place", type_=BigInteger))
        .cte("outwards", recursive=True)
    )
    around = aliased(Location)
    outwards = outwards.union_all(
        select(outwards.c.code, around.parent_id, outwards.c.depth + 1)
        .join(around, around.id == outwards.c.around)
        .where(around.parent_id.is_not(None))
    )
    return (
        select(
            outwards.c.code,
            Location.kind,
            func.coalesce(Citizen.lat, Location.lat),
            func.coalesce(Citizen.lon, Location.lon),
        )
        .join(Location, Location.id == outwards.c.around)
        .outerjoin(Citizen, Citizen.home_id == Location.id)
        .order_by(outwards.c.depth)
    )


_OUTWARDS = Statement(_outwards)
