"""What a station told of a period, and what has been said instead of it since."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from fsc_logistics.core.corrections.standing import standing
from fsc_logistics.core.ledger.spans import BATCH
from fsc_logistics.core.tables import (
    ErrorDeclaration,
    Event,
    LineDeclaration,
    Station,
)
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.custody import EventKind
from fsc_logistics.domain.errors import NotFound, Refused
from fsc_logistics.domain.numbers import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What a station said happened from `since` on, before `until`."""

    station: str
    since: datetime
    until: datetime


class PeriodEvent(NamedTuple):
    """An event of a period, or what is right instead of one."""

    id: int
    uid: str
    kind: str
    at: datetime
    record_time: datetime
    first_at: datetime
    """When it was by the clock of the station, whatever was put right since."""

    @property
    def was_moved(self) -> bool:
        """Whether somebody has said that it was at another time."""
        return self.at != self.first_at


_SHOWN_MAX = 9
_COLUMNS = (Event.id, Event.uid, Event.kind, Event.event_time, Event.record_time)
_INSTEAD = union(
    *(
        select(said.wrong_event_id, said.replacement_id).where(
            said.replacement_id.is_not(None)
        )
        for said in (ErrorDeclaration, LineDeclaration)
    )
).subquery()
"""What is wrong, and what is right instead: once, of however many devices."""


def told_of(session: Session, period: Period, *, by_clock: bool) -> list[PeriodEvent]:
    """Return what a station recorded as happening in a period, by number.

    What it put among the exceptions is none of it: that happened to nothing.  Nor is,
    with `by_clock`, what was recorded there as right instead of something else: that
    has its time from a person, or from the clock of another station.

    Raises:
        NotFound: there is no such station.
    """
    query = select(*_COLUMNS).where(
        Event.station_id == _station(session, period),
        Event.event_time >= period.since,
        Event.event_time < period.until,
        Event.kind.not_in([EventKind.HELD, EventKind.RAISED]),
    )
    if by_clock:
        query = query.where(Event.id.not_in(select(_INSTEAD.c.replacement_id)))
    rows = session.execute(query.order_by(Event.id))
    return [_read(row, row.event_time) for row in rows]


def with_what_is_right(
    session: Session, told: Sequence[PeriodEvent]
) -> list[PeriodEvent]:
    """Return `told` and all that was ever said instead of it, by number."""
    found = list(told)
    newest = found
    while newest:
        newest = list(_said_instead(session, newest))
        found = found + newest
    return sorted(found)


def check_not_moved(
    session: Session, period: Period, told: Sequence[PeriodEvent]
) -> None:
    """Refuse a period of which something stands that was moved in time before.

    Raises:
        Refused: with when that was, and how to move it once more.
    """
    moved = {one.id: one for one in told if one.was_moved}
    numbers = sorted(moved, reverse=True)
    for start in range(0, len(numbers), BATCH):
        stands = standing(session, numbers[start : start + BATCH])
        if stands:
            last = moved[stands[-1].id]
            raise Refused(
                f"What {period.station.strip()} recorded in that period was moved"
                f" already, to {shown_shift(last.at - last.first_at)}, on"
                f" {last.record_time:%Y-%m-%d %H:%M} UTC. If it is to be moved once"
                " more, say so: --again"
            )


def shown_shift(shift: timedelta) -> str:
    """Return how much later or earlier that is.

    >>> shown_shift(timedelta(hours=-1)), shown_shift(timedelta(minutes=90))
    ('1 hour earlier', '90 minutes later')
    """
    seconds = abs(shift.total_seconds())
    units = (("hour", 3600), ("minute", 60), ("second", 1))
    unit, unit_s = next(u for u in units if seconds % u[1] == 0 or u[1] == 1)
    way = "earlier" if shift < timedelta(0) else "later"
    return f"{counted(round(seconds / unit_s), unit)} {way}"


def _said_instead(
    session: Session, wrong: Sequence[PeriodEvent]
) -> Iterator[PeriodEvent]:
    """Yield what is right instead of each of `wrong`, where that was said."""
    for start in range(0, len(wrong), BATCH):
        batch = {one.id: one for one in wrong[start : start + BATCH]}
        for row in session.execute(
            select(*_COLUMNS, _INSTEAD.c.wrong_event_id)
            .join(_INSTEAD, _INSTEAD.c.replacement_id == Event.id)
            .where(_INSTEAD.c.wrong_event_id.in_(batch))
        ):
            yield _read(row, batch[row.wrong_event_id].first_at)


def _read(row: Any, first_at: datetime) -> PeriodEvent:
    return PeriodEvent(
        id=row.id,
        uid=row.uid,
        kind=row.kind,
        at=row.event_time,
        record_time=row.record_time,
        first_at=first_at,
    )


def _station(session: Session, period: Period) -> int:
    code = period.station.strip()
    station = session.scalar(select(Station.id).where(Station.code == code))
    if station is None:
        query = select(Station.code).order_by(Station.code).limit(_SHOWN_MAX)
        raise NotFound(
            f"{shown_code(code)} is no station of this ledger. There are:"
            f" {', '.join(session.scalars(query))}."
        )
    return station
