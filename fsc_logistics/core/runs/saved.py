"""Saving a plan: runs, stops, what is left out, and devices chosen from stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.places import keeper_of
from fsc_logistics.core.orders.facts import BRINGING
from fsc_logistics.core.orders.promises import choose_devices
from fsc_logistics.core.runs.day_plan import DayPlan, service_s
from fsc_logistics.core.runs.due import OpenDay, open_day
from fsc_logistics.core.runs.issuing import depot_of, stops_of
from fsc_logistics.core.runs.legs import legs_of
from fsc_logistics.core.runs.loading import at_hand, pending_devices
from fsc_logistics.core.tables import (
    Device,
    DeviceModel,
    LeftOut,
    Location,
    Order,
    OrderDevice,
    Party,
    Run,
    RunStop,
    Technician,
)
from fsc_logistics.domain.day import PlanningDay
from fsc_logistics.domain.errors import Refused, TryLater
from fsc_logistics.domain.orders import Direction
from routes.plan import Plan, Route, StopKind
from routes.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """A device that is wanted and not to be had where the technician starts."""

    order: str
    model: str
    depot: str
    device: str | None = None
    """The one the order names; None: any of the model would do."""
    place: str | None = None
    """Where that one is."""


def save_plan(
    session: Session,
    problem: Problem,
    result: DayPlan,
    plan: Plan,
    *,
    before: OpenDay,
    seconds: PlanningDay,
    now: datetime,
) -> tuple[Shortage, ...]:
    """Save a plan in place of the one before; return what is short.

    Plans of days gone by that nobody issued go too: their orders are due again.

    Raises:
        TryLater: somebody else planned the day, or issued a run of it, meanwhile.
        Refused: an order in the plan is not what it was when planning began.
    """
    codes = [stop.order for run in result.runs for stop in run.stops]
    seen = [*codes, *(left.order for left in result.unassigned)]
    orders = _lock(session, before.day, seen)
    today = now.astimezone(seconds.zone).date()
    after = open_day(session, before.day, zone=seconds.zone, today=today)
    _check_unchanged(before, after, codes)
    void = and_(Run.issued_at.is_(None), Run.day < today)
    session.execute(delete(Run).where(or_(Run.id.in_(before.replaced), void)))
    session.execute(delete(LeftOut).where(LeftOut.day == before.day))
    session.expire_all()
    session.add_all(
        LeftOut(
            day=before.day,
            order_id=orders[left.order],
            reason=left.reason,
            planned_at=now,
        )
        for left in result.unassigned
    )
    shortages: list[Shortage] = []
    for route in plan.routes:
        run = _run(session, route, seconds, now)
        _stops(session, run, problem, route, orders, seconds)
        shortages += _choose(session, run)
        shortages += _elsewhere(session, run)
    return tuple(shortages)


def _lock(session: Session, day: date, codes: Sequence[str]) -> dict[str, int]:
    """Make others wait who plan, issue or change these orders; return their numbers.

    SQLite has one writer anyway.
    """
    session.execute(
        select(Technician.party_id).order_by(Technician.party_id).with_for_update()
    )
    session.execute(
        select(Run.id).where(Run.day == day).order_by(Run.id).with_for_update()
    )
    rows = session.execute(
        select(Order.code, Order.id)
        .where(Order.code.in_(codes))
        .order_by(Order.id)
        .with_for_update()
    )
    return dict(rows.all())


def _check_unchanged(before: OpenDay, after: OpenDay, codes: Sequence[str]) -> None:
    if (before.replaced, before.issued) != (after.replaced, after.issued):
        raise TryLater(
            f"The runs of {before.day} were changed by someone else meanwhile, so"
            f" nothing was saved. See: fsc run list --day {before.day}"
        )
    was = {visit.order: visit for visit in before.visits}
    now = {visit.order: visit for visit in after.visits}
    changed = [code for code in codes if was[code] != now.get(code)]
    if changed:
        raise Refused(
            f"{' and '.join(sorted(changed))} changed while the plan was made, so"
            f" nothing was saved. Plan again: fsc plan {before.day}"
        )
    if before.technicians != after.technicians:
        raise Refused(
            "Who is at work changed while the plan was made, so nothing was saved."
            f" Plan again: fsc plan {before.day}"
        )


def _run(session: Session, route: Route, seconds: PlanningDay, now: datetime) -> Run:
    driver = session.scalars(
        select(Technician)
        .join(Party, Party.id == Technician.party_id)
        .where(Party.code == route.technician)
    ).one()
    run = Run(
        day=seconds.day,
        technician_id=driver.party_id,
        vehicle_id=driver.vehicle_id,
        start_id=driver.start_id,
        end_id=driver.end_id,
        planned_at=now,
        leaves=seconds.moment(route.stops[0].departure_s),
        returns=seconds.moment(route.stops[-1].arrival_s),
        distance_m=route.distance_m,
        travel_s=route.travel_s,
        service_s=service_s(route),
        waiting_s=route.waiting_s,
        cost=route.cost,
    )
    session.add(run)
    session.flush()
    return run


def _stops(
    session: Session,
    run: Run,
    problem: Problem,
    route: Route,
    orders: dict[str, int],
    seconds: PlanningDay,
) -> None:
    legs = legs_of(problem, route)
    inner = [s for s in route.stops if s.kind in (StopKind.JOB, StopKind.BREAK)]
    for position, stop in enumerate(inner, start=1):
        order = stop.id if stop.kind is StopKind.JOB else None
        leg = None if order is None else legs[order]
        session.add(
            RunStop(
                run_id=run.id,
                position=position,
                order_id=None if order is None else orders[order],
                arrival=seconds.moment(stop.arrival_s),
                start=seconds.moment(stop.service_start_s),
                departure=seconds.moment(stop.departure_s),
                travel_s=leg and leg.travel_s,
                distance_m=leg and leg.distance_m,
            )
        )
    session.flush()


def _choose(session: Session, run: Run) -> list[Shortage]:
    """Choose a device for each order of a run that wants a model, as far as they go."""
    named = (
        select(OrderDevice.order_id)
        .where(
            OrderDevice.order_id == Order.id,
            OrderDevice.direction == Direction.BRING,
        )
        .exists()
    )
    wants = session.execute(
        select(Order.id, Order.code, Order.model_id, DeviceModel.code.label("model"))
        .join(RunStop, RunStop.order_id == Order.id)
        .join(DeviceModel, DeviceModel.id == Order.model_id)
        .where(RunStop.run_id == run.id, Order.service.in_(BRINGING), ~named)
        .order_by(RunStop.position)
    ).all()
    if not wants:
        return []
    depot = depot_of(session, run)
    keeper = keeper_of(session, depot)
    short = []
    for want in wants:
        found = choose_devices(
            session, model_id=want.model_id, depot=depot, keeper=keeper, count=1
        )
        if not found:
            short.append(Shortage(order=want.code, model=want.model, depot=depot.code))
        for device in found:
            session.add(
                OrderDevice(
                    order_id=want.id,
                    device_id=device.id,
                    direction=Direction.BRING,
                    chosen_for_id=run.id,
                )
            )
            session.flush()
    return short


def _elsewhere(session: Session, run: Run) -> list[Shortage]:
    """Return the devices that orders name and that cannot be loaded where they are."""
    there = at_hand(session, run)
    depot = depot_of(session, run).code
    away = (
        (order, one)
        for _, order, _ in stops_of(session, run)
        if order is not None
        for one in pending_devices(session, order)
        if one.direction is Direction.BRING and one.location not in there
    )
    return [
        Shortage(
            order=order.code,
            model=session.get_one(
                DeviceModel, session.get_one(Device, one.device).model_id
            ).code,
            depot=depot,
            device=one.tag,
            place=session.get_one(Location, one.location).code,
        )
        for order, one in away
    ]
