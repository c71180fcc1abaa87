"""Days technicians are not at work."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.technicians import find_technician
from fsc_logistics.core.tables import Absence
from fsc_logistics.domain.errors import BadInput

ABSENCE_DAYS_MAX = 366


def record_absence(
    session: Session, code: str, first: date, last: date
) -> tuple[date, ...]:
    """Note that a technician is not at work from `first` to `last`; return the days.

    Raises:
        NotFound: no technician has that code.
        BadInput: the days end before they begin, or are more than a year.
    """
    days = _days(first, last)
    known = _absences(session, code, days)
    party_id = find_technician(session, code)[0].id
    session.add_all(
        Absence(technician_id=party_id, day=day) for day in days if day not in known
    )
    return days


def cancel_absence(
    session: Session, code: str, first: date, last: date
) -> tuple[date, ...]:
    """Note that a technician is at work after all; return the days that changes.

    Raises:
        NotFound, BadInput: as for an absence.
    """
    known = _absences(session, code, _days(first, last))
    session.execute(
        delete(Absence).where(
            Absence.technician_id == find_technician(session, code)[0].id,
            Absence.day.in_(known),
        )
    )
    return tuple(sorted(known))


def in_spans(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Yield first and last of days that follow each other, as long as one may note.

    >>> list(in_spans(date(2026, 12, day) for day in (24, 25, 31)))
    [(datetime.date(2026, 12, 24), datetime.date(2026, 12, 25)), \
(datetime.date(2026, 12, 31), datetime.date(2026, 12, 31))]
    """
    span: tuple[date, date] | None = None
    for day in days:
        if span is None:
            span = day, day
        elif (day - span[1]).days == 1 and (day - span[0]).days < ABSENCE_DAYS_MAX:
            span = span[0], day
        else:
            yield span
            span = day, day
    if span is not None:
        yield span


def _days(first: date, last: date) -> tuple[date, ...]:
    count = (last - first).days + 1
    if not 1 <= count <= ABSENCE_DAYS_MAX:
        raise BadInput(
            f"From {first} until {last} is not between one day and a year of absence."
        )
    return tuple(first + timedelta(days=number) for number in range(count))


def _absences(session: Session, code: str, days: tuple[date, ...]) -> set[date]:
    return set(
        session.scalars(
            select(Absence.day).where(
                Absence.technician_id == find_technician(session, code)[0].id,
                Absence.day.between(days[0], days[-1]),
            )
        )
    )
