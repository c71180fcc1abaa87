"""Orders: place, change, cancel."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from fsc_logistics.core.devices import find_device
from fsc_logistics.core.order_facts import find_order, run_of, run_state, state_of
from fsc_logistics.core.parties import find_party
from fsc_logistics.core.stock import check_can_bring, check_can_fetch, held_by
from fsc_logistics.core.tables import (
    Citizen,
    CitizenContact,
    Device,
    DeviceModel,
    Order,
    OrderDevice,
    Party,
    RunStop,
)
from fsc_logistics.domain.codes import read_code
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.day import OpeningHours
from fsc_logistics.domain.errors import BadInput, NotFound, Refused
from fsc_logistics.domain.orders import (
    MINUTE_S,
    PRIORITY_DEFAULT,
    PRIORITY_MAX,
    WORK,
    Direction,
    OrderState,
    RunState,
    Service,
    Work,
    service_time_s,
)
from fsc_logistics.domain.parties import PartyKind
from fsc_logistics.domain.people import mask_cpr, read_phone

MINUTES_MAX = 8 * 60
_ONE_DAY = timedelta(days=1)
REQUESTERS = frozenset(
    {
        PartyKind.REGION,
        PartyKind.MUNICIPALITY,
        PartyKind.HOSPITAL,
        PartyKind.PRACTICE,
        PartyKind.PARTNER,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
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
class Terms:
    """What can be said of a visit, and changed; None where nothing is said."""

    earliest: date | None = None
    latest: date | None = None
    agreed: Window | None = None
    minutes: int | None = None
    skills: tuple[str, ...] | None = None
    priority: int | None = None
    consent: bool | None = None
    contact: Contact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody orders for a citizen."""

    citizen: str
    service: Service
    model: str | None = None
    devices: tuple[str, ...] = ()
    requester: str | None = None
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of an order, and what the one who asked should know of it."""

    order: str
    state: OrderState
    notes: tuple[str, ...] = ()


def place_order(
    session: Session, wish: Wish, *, hours: OpeningHours, by: Signature
) -> Answer:
    """Take an order.

    Where nothing is said, the earliest day is the next working day, the latest follows
    from the service, the minutes and skills from the model.  Of a pickup without
    devices, all that the citizen has are fetched; what replaces a device is of its
    model.

    Raises:
        NotFound: the citizen, the requester, the model or a device is unknown.
        BadInput: a number or a day cannot be.
        Refused: a rule forbids it; the text says which.
    """
    today = hours.day_of(by.record_time)
    citizen = _find_citizen(session, wish.citizen)
    requester = _find_requester(session, wish.requester)
    fetched, brought = _sort_devices(session, citizen, wish, at=by.record_time)
    model = _wanted_model(session, wish, fetched, brought)
    order = Order(
        code=f"new by {by.actor} at {by.record_time.isoformat()}",
        service=wish.service,
        citizen_id=citizen.id,
        requester_id=requester.id if requester else None,
        model_id=model.id if model else None,
        service_s=_usual_time_s(session, wish.service, model, brought),
        skill=_usual_skills(session, model, brought),
        priority=PRIORITY_DEFAULT,
        consent=False,
        placed_at=by.record_time,
        placed_by=by.actor,
    )
    notes = _set_days(order, wish.terms, known=None, hours=hours, today=today)
    _set_terms(session, order, wish.terms)
    session.add(order)
    session.flush()
    order.code = f"ORD-{order.id:06}"
    for direction, devices in (
        (Direction.BRING, brought),
        (Direction.FETCH, fetched),
    ):
        session.add_all(
            OrderDevice(order_id=order.id, device_id=device.id, direction=direction)
            for device in devices
        )
    return _answer(session, order, today, notes)


def change_order(
    session: Session, code: str, terms: Terms, *, hours: OpeningHours, by: Signature
) -> Answer:
    """Change what is said of a visit.

    What a plan was made from takes the order off a plan that nobody was promised yet;
    a contact can be changed until the run is closed.

    Raises:
        NotFound: there is no such order.
        BadInput: a number or a day cannot be.
        Refused: it is done or cancelled, on an issued run, or a rule forbids it.
    """
    if terms == Terms():
        raise BadInput(
            "Nothing is said that could be changed. See: fsc order change --help"
        )
    today = hours.day_of(by.record_time)
    order = find_order(session, code, lock=True)
    _check_open(session, order, today, "changed")
    notes: list[str] = []
    if replace(terms, contact=None) != Terms():
        notes += _leave_plan(session, order, "changed")
        known = order.earliest, order.latest
        notes += _set_days(order, terms, known=known, hours=hours, today=today)
    _set_terms(session, order, terms)
    return _answer(session, order, today, notes)


def cancel_order(
    session: Session,
    code: str,
    *,
    because: str,
    take_off: bool = False,
    hours: OpeningHours,
    by: Signature,
) -> Answer:
    """Cancel an order; its devices are free for others.

    On an issued run it is cancelled only with `take_off`: the stop stays on the run as
    failed, so that the other visits keep the times they were promised.

    Raises:
        NotFound: there is no such order.
        Refused: it is done or cancelled, or a promise stands in the way.
    """
    today = hours.day_of(by.record_time)
    order = find_order(session, code, lock=True)
    _check_open(session, order, today, "cancelled")
    notes = _leave_plan(session, order, "cancelled", take_off=take_off)
    order.cancelled_at = by.record_time
    order.cancelled_because = " ".join(mask_cpr(word) for word in because.split())
    return _answer(session, order, today, notes)


def _find_citizen(session: Session, code: str) -> Party:
    citizen = find_party(session, code)
    if citizen.kind != PartyKind.CITIZEN:
        raise Refused(
            f"{citizen.code} is a {citizen.kind}; orders are for citizens."
            " See: fsc citizen list"
        )
    if session.get(Citizen, citizen.id) is None:
        raise Refused(
            f"The personal data of {citizen.code} have been erased; nobody can be sent"
            " there. Register the citizen anew: fsc citizen add"
        )
    return citizen


def _find_requester(session: Session, code: str | None) -> Party | None:
    if code is None:
        return None
    found = find_party(session, code)
    if found.kind not in REQUESTERS:
        raise Refused(
            f"{found.code} is a {found.kind} and cannot order. Who orders is a"
            " municipality, a hospital, a practice, a region or a partner."
        )
    return found


def _sort_devices(
    session: Session, citizen: Party, wish: Wish, *, at: datetime
) -> tuple[list[Device], list[Device]]:
    """Return what is fetched and what is brought: where both are, who has it decides.

    Raises:
        Refused: a device cannot go that way, or none is named where one is needed.
    """
    work = WORK[wish.service]
    named = {d.id: d for d in (find_device(session, tag) for tag in wish.devices)}
    if named and not (work.brings or work.fetches):
        raise Refused(
            f"{wish.service} brings nothing and fetches nothing. Name the model it is"
            " about: --model CODE"
        )
    theirs = {device.id for device in held_by(session, citizen.id)}
    fetched = [d for d in named.values() if _is_fetched(work, d.id in theirs)]
    brought = [device for device in named.values() if device not in fetched]
    if wish.service is Service.PICKUP and not named:
        fetched = held_by(session, citizen.id)
        if not fetched:
            raise Refused(f"{citizen.code} has no device that could be fetched.")
    if work.fetches and not fetched:
        raise Refused(
            f"Say which device {wish.service} is about: --device TAG."
            f" See: fsc holdings {citizen.code}"
        )
    for device in fetched:
        check_can_fetch(session, device, citizen.code, at=at)
    for device in brought:
        check_can_bring(session, device, citizen.code, at=at)
    return fetched, brought


def _is_fetched(work: Work, with_citizen: bool) -> bool:
    return with_citizen if work.brings and work.fetches else work.fetches


def _wanted_model(
    session: Session, wish: Wish, fetched: Sequence[Device], brought: Sequence[Device]
) -> DeviceModel | None:
    """Return the model a device is to be chosen of, or that the work is about."""
    if wish.model is not None:
        if brought:
            raise Refused(
                f"{brought[0].tag} is a certain device: leave out --model {wish.model}"
            )
        return _find_model(session, wish.model)
    if wish.service is Service.DELIVER and not brought:
        raise Refused("Say what to deliver: --model CODE or --device TAG")
    if wish.service is Service.REPLACE and not brought:
        if len(fetched) > 1:
            raise Refused(
                "Say what replaces the devices: --model CODE, or order one by one."
            )
        return session.get_one(DeviceModel, fetched[0].model_id)
    return None


def _find_model(session: Session, code: str) -> DeviceModel:
    found = session.scalar(
        select(DeviceModel).where(DeviceModel.code == code.strip().upper())
    )
    if found is None:
        raise NotFound(f"{code} is no model this centre knows. See: fsc model list")
    return found


def _usual_time_s(
    session: Session,
    service: Service,
    model: DeviceModel | None,
    brought: Sequence[Device],
) -> int:
    models = _models(session, model, brought)
    return service_time_s(
        service,
        setup_s=sum(one.setup_s for one in models),
        training_s=sum(one.training_s for one in models),
    )


def _usual_skills(
    session: Session, model: DeviceModel | None, brought: Sequence[Device]
) -> str | None:
    skills = {one.skill for one in _models(session, model, brought) if one.skill}
    return " ".join(sorted(skills)) or None


def _models(
    session: Session, model: DeviceModel | None, brought: Sequence[Device]
) -> list[DeviceModel]:
    if model is not None:
        return [model]
    return [session.get_one(DeviceModel, device.model_id) for device in brought]


def _set_days(
    order: Order,
    terms: Terms,
    *,
    known: tuple[date, date] | None,
    hours: OpeningHours,
    today: date,
) -> list[str]:
    """Set the days and the agreed time; return what one should know of them.

    `known` are the days so far.

    Raises:
        BadInput: a window or a span of days ends before it begins.
        Refused: it lies in the past or on days nobody works.
    """
    for name, day in (("earliest", terms.earliest), ("latest", terms.latest)):
        if day is not None and day < today:
            raise Refused(f"The {name} day, {day}, has gone by; today is {today}.")
    notes = _set_agreed(order, terms.agreed, hours=hours, today=today)
    agreed = hours.day_of(terms.agreed.opens) if terms.agreed else None
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
        raise Refused(
            f"The agreed day, {agreed}, is not between the earliest, {earliest}, and"
            f" the latest, {latest}. Change those too: --earliest, --latest"
        )
    first = calendar.next_working_day(earliest - _ONE_DAY)
    if latest < first:
        raise Refused(
            f"Nobody works from {earliest} to {latest}. The next working day is"
            f" {first}."
        )
    order.earliest, order.latest = earliest, latest
    return notes


def _set_agreed(
    order: Order, agreed: Window | None, *, hours: OpeningHours, today: date
) -> list[str]:
    if agreed is None:
        return []
    if agreed.closes < agreed.opens:
        raise BadInput("The agreed time ends before it begins.")
    day = hours.day_of(agreed.opens)
    if hours.day_of(agreed.closes) != day:
        raise BadInput("The agreed time begins on one day and ends on another.")
    if day < today:
        raise Refused(f"The agreed day, {day}, has gone by; today is {today}.")
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


def _set_terms(session: Session, order: Order, terms: Terms) -> None:
    if terms.minutes is not None:
        if not 1 <= terms.minutes <= MINUTES_MAX:
            raise BadInput(
                f"A visit takes from 1 to {MINUTES_MAX} minutes, not {terms.minutes}."
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


def _contact(session: Session, citizen_id: int, contact: Contact) -> int:
    """Return the number of that contact of the citizen, which may be known already."""
    phone = read_phone(contact.phone) if contact.phone else None
    known = session.scalar(
        select(CitizenContact).where(
            CitizenContact.citizen_id == citizen_id,
            CitizenContact.name == contact.name,
            CitizenContact.phone.is_not_distinct_from(phone),
        )
    )
    if known is None:
        known = CitizenContact(
            citizen_id=citizen_id,
            name=contact.name,
            phone=phone,
        )
        session.add(known)
    known.relation = contact.relation or known.relation
    session.flush()
    return known.id


def _check_open(session: Session, order: Order, today: date, verb: str) -> None:
    state = state_of(session, order, today=today)
    if state is OrderState.CANCELLED:
        raise Refused(
            f"{order.code} was cancelled on {order.cancelled_at:%Y-%m-%d} and cannot be"
            f" {verb}. Place a new one: fsc order place"
        )
    if state is OrderState.DONE:
        raise Refused(
            f"{order.code} is done and cannot be {verb}. See: fsc order show"
            f" {order.code}"
        )


def _leave_plan(
    session: Session, order: Order, verb: str, *, take_off: bool = False
) -> list[str]:
    """Take an order off the plan it is on; return what one should know of that.

    Raises:
        Refused: the plan is promised, and `take_off` does not free it.
    """
    found = run_of(session, order)
    if found is None:
        return []
    run, name = found
    state = run_state(run)
    stop = RunStop.order_id == order.id, RunStop.outcome.is_(None)
    if state is RunState.LOADED:
        raise Refused(
            f"{order.code} is under way on run {name} and cannot be {verb}. When the"
            f" run is closed, say: fsc run close {name} --failed {order.code}=REASON"
        )
    if state is RunState.ISSUED and not take_off:
        raise Refused(
            f"{order.code} is promised on run {name} and cannot be {verb}. To cancel it"
            f" all the same: fsc order cancel {order.code} --take-off"
        )
    if state is RunState.ISSUED:
        reason = {"outcome": "failed", "failed_because": f"The order was {verb}."}
        session.execute(update(RunStop).where(*stop).values(reason))
        session.execute(_choices(order, run.id))
        return [
            f"It was on the issued run {name}: tell the technician, or print the run"
            f" again: fsc run print {name}"
        ]
    session.execute(delete(RunStop).where(*stop))
    session.execute(_choices(order, run.id))
    return [f"It was taken off the plan of {run.day}. Plan again: fsc plan {run.day}"]


def _choices(order: Order, run_id: int) -> Any:
    """Return the statement that gives what was chosen from stock back to choice."""
    return delete(OrderDevice).where(
        OrderDevice.order_id == order.id, OrderDevice.chosen_for_id == run_id
    )


def _answer(
    session: Session, order: Order, today: date, notes: Sequence[str]
) -> Answer:
    state = state_of(session, order, today=today)
    if state is OrderState.NO_CONSENT:
        notes = [
            *notes,
            "It is not planned before the citizen agrees that address and contact go to"
            f" the technician: fsc order change {order.code} --consent",
        ]
    return Answer(order=order.code, state=state, notes=tuple(notes))
