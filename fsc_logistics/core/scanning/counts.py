"""The counts there were: who counted which place, and what they found."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.places import find_location
from fsc_logistics.core.scanning.count_ends import unknown_codes
from fsc_logistics.core.tables import (
    Device,
    Event,
    Location,
    Station,
    Stocktake,
    StocktakeLine,
)
from fsc_logistics.domain.counting import CONTINUED_WITHIN, CountState, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class CountListed:
    """A count of a place, and what it says."""

    place: str
    begun_at: datetime
    ended_at: datetime | None
    """Where nobody ended it: when its last device was seen."""
    by: str
    """Who counted: an operator's badge, or the scanner's port."""
    station: str
    read_point: str
    state: CountState
    expected: int
    found: int
    missing: int | None
    """None until somebody has ended it."""
    strays: int
    unknown: int
    missing_devices: tuple[str, ...]
    stray_devices: tuple[str, ...]
    unknown_codes: tuple[str, ...]
    """What was scanned and nobody knew."""
    event: str | None
    """The event that says which devices it has not seen."""


def list_counts(
    session: Session, *, now: datetime, place: str | None = None, limit: int
) -> list[CountListed]:
    """Return the last `limit` counts, of one place where it is given, newest first.

    Raises:
        NotFound: there is no such place.
    """
    query = (
        select(Stocktake, Location.code, Station.code, Event.uid)
        .join(Location, Location.id == Stocktake.location_id)
        .join(Station, Station.id == Stocktake.station_id)
        .outerjoin(Event, Event.id == Stocktake.event_id)
        .order_by(Stocktake.begun_at.desc(), Stocktake.id.desc())
        .limit(limit)
    )
    if place is not None:
        query = query.where(Stocktake.location_id == find_location(session, place).id)
    return [_listed(session, now, *row) for row in session.execute(query).all()]


def _listed(
    session: Session,
    now: datetime,
    count: Stocktake,
    place: str,
    station: str,
    event: str | None,
) -> CountListed:
    lines: dict[str, list[str]] = {}
    for tag, result in session.execute(
        select(Device.tag, StocktakeLine.result)
        .join(Device, Device.id == StocktakeLine.device_id)
        .where(StocktakeLine.stocktake_id == count.id)
        .order_by(Device.tag)
    ):
        lines.setdefault(result, []).append(tag)
    unknown = unknown_codes(session, count)
    return CountListed(
        place=place,
        begun_at=count.begun_at,
        ended_at=count.ended_at,
        by=count.actor,
        station=station,
        read_point=count.read_point,
        state=_state(count, now),
        expected=count.expected_count,
        found=count.found_count,
        missing=count.missing_count,
        strays=count.stray_count,
        unknown=len(unknown),
        missing_devices=tuple(lines.get(Result.MISSING, ())),
        stray_devices=tuple(lines.get(Result.STRAY, ())),
        unknown_codes=tuple(unknown),
        event=event,
    )


def _state(count: Stocktake, now: datetime) -> CountState:
    if count.ended_seq is not None:
        return CountState.ENDED
    goes_on = count.ended_at is None and now - count.seen_at <= CONTINUED_WITHIN
    return CountState.OPEN if goes_on else CountState.LEFT
