"""What is due on a day, and who could do it: all a plan is made from."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.technicians import (
    WorkingTechnician,
    technicians_at_work,
)
from fsc_logistics.core.orders.facts import BRINGING, holds, is_open
from fsc_logistics.core.orders.promises import volumes_ml
from fsc_logistics.core.tables import (
    Citizen,
    DeviceModel,
    Order,
    OrderDevice,
    Party,
    Postcode,
    Run,
    RunStop,
)
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.orders import (
    Direction,
    Urgency,
    urgency_on,
    visit_priority,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueVisit:
    """An order that is due, as a plan needs to know it."""

    order: str
    citizen: str
    consent: bool
    point: Point | None
    """The citizen's, else the middle of the postcode."""
    postcode: str
    extra_s: int
    service_s: int
    skills: frozenset[str]
    deliver_ml: int
    collect_ml: int
    urgency: Urgency
    priority: int
    agreed: tuple[datetime, datetime] | None
    """Only where it is for this day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDay:
    """A day before it is planned."""

    day: date
    technicians: tuple[WorkingTechnician, ...]
    """At work, and not on an issued run."""
    visits: tuple[DueVisit, ...]
    without_consent: tuple[str, ...]
    without_place: tuple[tuple[str, str], ...]
    """Order and citizen."""
    issued: tuple[str, ...]
    """Technicians whose run is issued, and stays as it is."""
    replaced: tuple[int, ...]
    """The runs a new plan takes the place of."""


def open_day(session: Session, day: date, *, zone: tzinfo, today: date) -> OpenDay:
    """Return what is due on `day` and who is there to do it.

    Due is what is neither done nor cancelled, whose days or agreement include the day
    or have gone by, and which is on no issued run and on no plan of another day that is
    still to come.
    """
    runs = session.execute(
        select(Run.id, Run.issued_at, Party.code)
        .join(Party, Party.id == Run.technician_id)
        .where(Run.day == day)
        .order_by(Party.code)
    ).all()
    issued = tuple(run.code for run in runs if run.issued_at is not None)
    visits = due_visits(session, day, zone=zone, today=today)
    agreed = [visit for visit in visits if visit.consent]
    return OpenDay(
        day=day,
        technicians=tuple(
            one for one in technicians_at_work(session, day) if one.code not in issued
        ),
        visits=tuple(visit for visit in agreed if visit.point is not None),
        without_consent=tuple(v.order for v in visits if not v.consent),
        without_place=tuple((v.order, v.citizen) for v in agreed if v.point is None),
        issued=issued,
        replaced=tuple(run.id for run in runs if run.issued_at is None),
    )


def due_visits(
    session: Session, day: date, *, zone: tzinfo, today: date
) -> list[DueVisit]:
    """Return the orders that are due on `day`, by code."""
    busy = exists().where(
        RunStop.order_id == Order.id,
        RunStop.outcome.is_(None),
        RunStop.run_id == Run.id,
        holds(today),
        or_(Run.issued_at.is_not(None), Run.day != day),
    )
    rows = session.execute(
        select(
            Order,
            Party.code.label("citizen"),
            Citizen,
            Postcode,
            DeviceModel.volume_ml,
        )
        .join(Party, Party.id == Order.citizen_id)
        .outerjoin(Citizen, Citizen.party_id == Order.citizen_id)
        .outerjoin(Postcode, Postcode.code == Citizen.postcode)
        .outerjoin(
            DeviceModel,
            and_(DeviceModel.id == Order.model_id, Order.service.in_(BRINGING)),
        )
        .where(Order.earliest <= day, is_open(), ~busy)
        .order_by(Order.code)
    ).all()
    volumes = _volumes_ml(session, [row.Order.id for row in rows])
    found = []
    for order, citizen, person, postcode, wanted_ml in rows:
        window = _agreed(order)
        agreed_day = window[0].astimezone(zone).date() if window else None
        urgency = urgency_on(
            day, earliest=order.earliest, latest=order.latest, agreed=agreed_day
        )
        if urgency is None:
            continue
        bring_ml, fetch_ml = volumes.get(order.id, (None, 0))
        found.append(
            DueVisit(
                order=order.code,
                citizen=citizen,
                consent=order.consent,
                point=_point(person, postcode),
                postcode=person.postcode if person else "",
                extra_s=postcode.extra_s if postcode else 0,
                service_s=order.service_s,
                skills=frozenset((order.skill or "").split()),
                deliver_ml=bring_ml if bring_ml is not None else wanted_ml or 0,
                collect_ml=fetch_ml,
                urgency=urgency,
                priority=visit_priority(urgency, order.priority),
                agreed=window if agreed_day == day else None,
            )
        )
    return found


def _agreed(order: Order) -> tuple[datetime, datetime] | None:
    if order.agreed_from is None or order.agreed_to is None:
        return None
    return order.agreed_from, order.agreed_to


def _point(person: Citizen | None, postcode: Postcode | None) -> Point | None:
    if person and person.lat is not None and person.lon is not None:
        return Point(person.lat, person.lon)
    return None if postcode is None else Point(postcode.lat, postcode.lon)


def _volumes_ml(
    session: Session, orders: list[int]
) -> dict[int, tuple[int | None, int]]:
    """Return the room what is brought (None: nothing is named) and fetched takes.

    What an earlier plan chose from stock counts as not named: it is chosen anew.
    """
    rows = session.execute(
        select(OrderDevice.order_id, OrderDevice.device_id, OrderDevice.direction)
        .join(Order, Order.id == OrderDevice.order_id)
        .where(OrderDevice.chosen_for_id.is_(None), Order.id.in_(orders))
    ).all()
    room = volumes_ml(session, {row.device_id for row in rows})
    found: dict[int, tuple[int | None, int]] = {}
    for order, device, direction in rows:
        bring_ml, fetch_ml = found.get(order, (None, 0))
        if direction == Direction.BRING:
            found[order] = (bring_ml or 0) + room[device], fetch_ml
        else:
            found[order] = bring_ml, fetch_ml + room[device]
    return found
