"""Orders: what somebody wants done for a citizen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.parties import find_party
from fsc_logistics.core.devices.finding import find_device, find_model
from fsc_logistics.core.orders.facts import open_twin, state_of
from fsc_logistics.core.orders.promises import check_can_bring, check_can_fetch, held_by
from fsc_logistics.core.orders.terms import (
    OrderContact,
    OrderTerms,
    Window,
    set_days,
    set_terms,
)
from fsc_logistics.core.tables import (
    Citizen,
    Device,
    DeviceModel,
    Order,
    OrderDevice,
    Party,
)
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.day import OpeningHours
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.orders import (
    PRIORITY_DEFAULT,
    WORK,
    Direction,
    OrderState,
    Service,
    Work,
    service_time_s,
)
from fsc_logistics.domain.parties import PartyKind

__all__ = [
    "Answer",
    "OrderContact",
    "OrderTerms",
    "Window",
    "Wish",
    "answer",
    "place_order",
]

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
class Wish:
    """What somebody orders for a citizen."""

    citizen: str
    service: Service
    model: str | None = None
    devices: tuple[str, ...] = ()
    requester: str | None = None
    terms: OrderTerms = field(default_factory=OrderTerms)
    again: bool = False
    """Also when there is an open order for the same."""


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
    notes = set_days(order, wish.terms, known=None, hours=hours, today=today)
    # A named device is promised to one order only, so those need no second look.
    if not (wish.again or brought or fetched):
        _check_not_twice(session, order, citizen, today=today)
    set_terms(session, order, wish.terms)
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
    return answer(session, order, today, notes)


def _check_not_twice(
    session: Session, order: Order, citizen: Party, *, today: date
) -> None:
    twin = open_twin(session, order, today=today)
    if twin is not None:
        raise Refused(
            f"{citizen.code} has {twin} open for the same. To order it all the same:"
            " --again"
        )


def _find_citizen(session: Session, code: str) -> Party:
    citizen = find_party(session, code, kind="citizen")
    if citizen.kind != PartyKind.CITIZEN:
        raise Refused(
            f"{citizen.code} is a {citizen.kind}; orders are for citizens."
            " See: fsc citizen list"
        )
    # Locked, so that nobody erases the citizen while an order is placed.
    if session.get(Citizen, citizen.id, with_for_update=True) is None:
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
            raise Refused(f"{brought[0].tag} is a certain device: leave out --model.")
        return find_model(session, wish.model)
    if wish.service in (Service.DELIVER, Service.INSTALL) and not brought:
        raise Refused(
            f"Say what to {wish.service.lower()}: --model CODE or --device TAG"
        )
    if wish.service is Service.REPLACE and not brought:
        if len(fetched) > 1:
            raise Refused(
                "Say what replaces the devices: --model CODE, or order one by one."
            )
        return session.get_one(DeviceModel, fetched[0].model_id)
    return None


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


def answer(session: Session, order: Order, today: date, notes: Sequence[str]) -> Answer:
    """Return what became of an order, with `notes` and what its state asks for."""
    state = state_of(session, order, today=today)
    if state is OrderState.NO_CONSENT:
        notes = [
            *notes,
            "It is not planned before the citizen agrees that address and contact go to"
            f" the technician: fsc order change {order.code} --consent",
        ]
    return Answer(order=order.code, state=state, notes=tuple(notes))
