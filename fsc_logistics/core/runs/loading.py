"""Loading a run: what it brings goes from the shelf into the vehicle."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.catalogue.places import places_within
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.orders.facts import has_come
from fsc_logistics.core.orders.promises import check_can_bring, unfit_now
from fsc_logistics.core.runs.issuing import depot_of, find_run, stops_of, vehicle_of
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    CustodySpan,
    Device,
    Location,
    Order,
    OrderDevice,
    Run,
)
from fsc_logistics.domain.custody import BizStep, Disposition, Signature, Transfer
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.orders import Direction
from fsc_logistics.domain.uids import new_uid


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """What the ledger was told for one order."""

    order: str
    event: str
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedRun:
    """A run whose devices are in the vehicle."""

    run: str
    loaded_at: datetime
    added: bool
    """False: it was loaded already."""
    events: tuple[RunEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A device of an order that the ledger does not have where the order wants it."""

    device: int
    tag: str
    direction: Direction
    location: int
    """Where it is now."""
    since: datetime
    """When the ledger last heard of it."""


def load_run(
    session: Session,
    name: str,
    *,
    by: Signature,
    instead: Mapping[str, str] | None = None,
) -> LoadedRun:
    """Record that all a run brings is in the vehicle: one event for each order.

    `instead` names devices that take the place of chosen ones.

    Raises:
        NotFound: there is no such run or device.
        Refused: the run is not issued or closed, or a device is not there or may not
            go out any more; then nothing is recorded.
    """
    run, name = find_run(session, name, lock=True)
    if run.closed_at is not None:
        raise Refused(f"Run {name} is closed and cannot be loaded.")
    if run.issued_at is None:
        raise Refused(
            f"Run {name} is only planned. Issue it first: fsc run issue {name}"
        )
    if run.loaded_at is not None:
        return LoadedRun(run=name, loaded_at=run.loaded_at, added=False)
    vehicle = vehicle_of(session, run)
    for old, new in (instead or {}).items():
        _exchange(session, run, name, old, new, at=by.record_time)
    wanted = [
        (order, _to_bring(session, order))
        for stop, order, _ in stops_of(session, run)
        if order is not None and stop.outcome is None
    ]
    brought = [one for _, found in wanted for one in found]
    _check_there(session, run, name, vehicle, brought)
    _check_fit(session, name, brought)
    events = []
    for order, pending in wanted:
        if not pending:
            continue
        recorded = record_transfer(
            session,
            Transfer(
                uid=new_uid(by.record_time),
                devices=tuple(one.tag for one in pending),
                location=vehicle.code,
                event_time=max(by.record_time, *(one.since for one in pending)),
                biz_step=BizStep.LOADING,
                disposition=Disposition.IN_TRANSIT,
                document=order.code,
            ),
            by,
        )
        events.append(
            RunEvent(order=order.code, event=recorded.uid, devices=recorded.devices)
        )
    run.loaded_at = by.record_time
    return LoadedRun(
        run=name, loaded_at=by.record_time, added=True, events=tuple(events)
    )


def pending_devices(session: Session, order: Order) -> list[Pending]:
    """Return the devices of an order that have not come where it wants them."""
    line = aliased(OrderDevice)
    found = []
    for direction in Direction:
        rows = session.execute(
            select(
                Device.id, Device.tag, CustodySpan.location_id, CustodySpan.valid_from
            )
            .join(line, line.device_id == Device.id)
            .join(Order, Order.id == line.order_id)
            .join(
                CustodySpan,
                and_(
                    CustodySpan.device_id == Device.id,
                    CustodySpan.valid_to == OPEN_ENDED,
                ),
            )
            .where(
                Order.id == order.id,
                line.direction == direction,
                ~has_come(line, direction),
            )
            .order_by(Device.tag)
        )
        found += [
            Pending(
                device=row.id,
                tag=row.tag,
                direction=direction,
                location=row.location_id,
                since=row.valid_from,
            )
            for row in rows
        ]
    return found


def at_hand(session: Session, run: Run) -> set[int]:
    """Return the places a run's devices can be in: its depot and its vehicle."""
    found: set[int] = set()
    for place in (depot_of(session, run), vehicle_of(session, run)):
        inside = Location.id.in_(places_within(place.id))
        found |= set(session.scalars(select(Location.id).where(inside)))
    return found


def _to_bring(session: Session, order: Order) -> list[Pending]:
    return [
        one
        for one in pending_devices(session, order)
        if one.direction is Direction.BRING
    ]


def _check_there(
    session: Session, run: Run, name: str, vehicle: Location, wanted: list[Pending]
) -> None:
    there = at_hand(session, run)
    missing = [one for one in wanted if one.location not in there]
    if missing:
        where = ", ".join(
            f"{one.tag} is at {session.get_one(Location, one.location).code}"
            for one in missing
        )
        raise Refused(
            f"Not all is there for run {name}, so nothing was loaded: {where}. Bring it"
            f" back, or take another: fsc run load {name}"
            f" --instead {missing[0].tag}=TAG"
        )


def _check_fit(session: Session, name: str, wanted: list[Pending]) -> None:
    """Refuse what was promised while it was ready, and is not any more."""
    for one in wanted:
        found = unfit_now(session, one.device)
        if found is not None:
            what = one.tag if found.tag == one.tag else f"{found.tag} in {one.tag}"
            raise Refused(
                f"{what} is {' and '.join(found.because)}, so nothing was loaded for"
                f" run {name}. Take another: fsc run load {name} --instead"
                f" {one.tag}=TAG"
            )


def _exchange(
    session: Session, run: Run, name: str, old: str, new: str, *, at: datetime
) -> None:
    """Let another device of the same model take the place of one.

    Raises:
        Refused: the run does not bring it, or the other cannot be brought.
    """
    given_up, taken = find_device(session, old), find_device(session, new)
    citizens = {
        order.id: citizen
        for stop, order, citizen in stops_of(session, run)
        if order is not None and stop.outcome is None
    }
    line = session.scalar(
        select(OrderDevice).where(
            OrderDevice.device_id == given_up.id,
            OrderDevice.order_id.in_(citizens),
            OrderDevice.direction == Direction.BRING,
        )
    )
    if line is None:
        raise Refused(f"Run {name} does not bring {given_up.tag}.")
    if taken.model_id != given_up.model_id:
        raise Refused(f"{taken.tag} is of another model than {given_up.tag}.")
    check_can_bring(session, taken, citizens[line.order_id] or "", at=at)
    session.delete(line)
    session.add(
        OrderDevice(
            order_id=line.order_id,
            device_id=taken.id,
            direction=Direction.BRING,
            # What the order itself names stays with it when the visit fails.
            chosen_for_id=line.chosen_for_id,
        )
    )
    session.flush()
