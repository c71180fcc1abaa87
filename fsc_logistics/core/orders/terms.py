"""What can be said of a visit: days, an agreed time, what it takes, whom to call."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.tables import CitizenContact, Order
from fsc_logistics.domain.codes import read_code, read_line
from fsc_logistics.domain.day import OpeningHours
from fsc_logistics.domain.errors import BadInput, Refused
from fsc_logistics.domain.orders import MINUTE_S, PRIORITY_MAX, WORK, Service
from fsc_logistics.domain.people import read_phone

VISIT_MINUTES_MAX = 8 * 60
YEARS_AHEAD_MAX = 10
"""A day further ahead is a slip of the pen, and its holidays are not known."""
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderContact:
    """Whom to call about a visit instead of, or with, the citizen."""

    name: str
    phone: str | None = None
    relation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An agreed time: the visit begins in it, both ends included."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerms:
    """What can be said of a visit, and changed; None where nothing is said."""

    earliest: date | None = None
    latest: date | None = None
    agreed: Window | None = None
    no_agreed: bool = False
    """An agreement there was is taken away."""
    minutes: int | None = None
    skills: tuple[str, ...] | None = None
    priority: int | None = None
    consent: bool | None = None
    contact: OrderContact | None = None


def set_days(
    order: Order,
    terms: OrderTerms,
    *,
    known: tuple[date, date] | None,
    hours: OpeningHours,
    today: date,
) -> list[str]:
    """Set the days and the agreed time; return what one should know of them.

    `known` are the days so far.

    Raises:
        BadInput: a window or a span of days ends before it begins, or a day is too far
            ahead.
        Refused: it lies in the past or on days nobody works.
    """
    for name, day in (("earliest", terms.earliest), ("latest", terms.latest)):
        if day is not None:
            _check_day(name, day, today)
    notes = _set_agreed(order, terms, hours=hours, today=today)
    agreed = _agreed_day(order, hours=hours, today=today)
    calendar = hours.calendar
    earliest, latest = known or (None, None)
    earliest = terms.earliest or earliest
    earliest = earliest or agreed or calendar.next_working_day(today)
    latest = terms.latest or latest
    if latest is None:
        days = WORK[Service(order.service)].days
        latest = agreed or calendar.add_working_days(earliest, days)
    if latest < earliest:
        raise BadInput(f"The latest day, {latest}, is before the earliest, {earliest}.")
    if agreed is not None and not earliest <= agreed <= latest:
        hint = (
            "Change those too: --earliest, --latest"
            if terms.agreed
            else "Agree anew, or take the agreement away: --agreed, --no-agreed"
        )
        raise Refused(
            f"The agreed day, {agreed}, is not between the earliest, {earliest}, and"
            f" the latest, {latest}. {hint}"
        )
    first = calendar.next_working_day(earliest - _ONE_DAY)
    if latest < first:
        raise Refused(
            f"Nobody works from {earliest} to {latest}. The next working day is"
            f" {first}."
        )
    order.earliest, order.latest = earliest, latest
    return notes


def _check_day(name: str, day: date, today: date) -> None:
    if day < today:
        raise Refused(f"The {name} day, {day}, has gone by; today is {today}.")
    if day.year > today.year + YEARS_AHEAD_MAX:
        raise BadInput(
            f"The {name} day, {day}, is more than {YEARS_AHEAD_MAX} years ahead."
        )


def _agreed_day(order: Order, *, hours: OpeningHours, today: date) -> date | None:
    """Return the day that is agreed, or None; one that has gone by binds nobody."""
    if order.agreed_from is None:
        return None
    day = hours.day_of(order.agreed_from)
    return day if day >= today else None


def _set_agreed(
    order: Order, terms: OrderTerms, *, hours: OpeningHours, today: date
) -> list[str]:
    agreed = terms.agreed
    if terms.no_agreed:
        if agreed is not None:
            raise BadInput("Say what is agreed, or that nothing is, not both.")
        order.agreed_from = order.agreed_to = None
    if agreed is None:
        return []
    if agreed.closes < agreed.opens:
        raise BadInput("The agreed time ends before it begins.")
    day = hours.day_of(agreed.opens)
    if hours.day_of(agreed.closes) != day:
        raise BadInput("The agreed time begins on one day and ends on another.")
    _check_day("agreed", day, today)
    because = hours.calendar.closed_because(day)
    if because is not None:
        following = hours.calendar.next_working_day(day)
        raise Refused(
            f"Nobody works on {day}: it is {because}. The next working day is"
            f" {following}."
        )
    order.agreed_from, order.agreed_to = agreed.opens, agreed.closes
    if hours.covers(agreed.opens, agreed.closes):
        return []
    return [
        "The agreed time is outside opening hours; it is planned if somebody's shift"
        " allows it."
    ]


def set_terms(session: Session, order: Order, terms: OrderTerms) -> None:
    """Set all that is said of a visit but its days.

    Raises:
        BadInput: a number is out of its range, or a telephone number is none.
        BadIdentifier: a skill cannot be a code.
    """
    if terms.minutes is not None:
        if not 1 <= terms.minutes <= VISIT_MINUTES_MAX:
            raise BadInput(
                f"A visit takes from 1 to {VISIT_MINUTES_MAX} minutes, not"
                f" {terms.minutes}."
            )
        order.service_s = terms.minutes * MINUTE_S
    if terms.skills is not None:
        skills = sorted({read_code(skill) for skill in terms.skills})
        order.skill = " ".join(skills) or None
    if terms.priority is not None:
        if not 0 <= terms.priority <= PRIORITY_MAX:
            raise BadInput(
                f"A priority is from 0 to {PRIORITY_MAX}, not {terms.priority}."
            )
        order.priority = terms.priority
    if terms.consent is not None:
        order.consent = terms.consent
    if terms.contact is not None:
        order.contact_id = _contact(session, order.citizen_id, terms.contact)


def _contact(session: Session, citizen_id: int, contact: OrderContact) -> int:
    """Return the number of that contact of the citizen, which may be known already."""
    name = read_line(contact.name, "contact's name")
    phone = read_phone(contact.phone) if contact.phone else None
    known = session.scalar(
        select(CitizenContact).where(
            CitizenContact.citizen_id == citizen_id,
            CitizenContact.name == name,
            CitizenContact.phone.is_not_distinct_from(phone),
        )
    )
    if known is None:
        known = CitizenContact(
            citizen_id=citizen_id,
            name=name,
            phone=phone,
        )
        session.add(known)
    relation = read_line(contact.relation or "", "relation")
    known.relation = relation or known.relation
    session.flush()
    return known.id
