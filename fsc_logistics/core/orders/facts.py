"""What is known of orders: their facts, hence their states; lists of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.catalogue.parties import find_party
from fsc_logistics.core.tables import (
    CustodySpan,
    Device,
    DeviceModel,
    LeftOut,
    Order,
    OrderDevice,
    Party,
    Run,
    RunStop,
)
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.errors import NotFound
from fsc_logistics.domain.orders import (
    WORK,
    Direction,
    OrderFacts,
    OrderState,
    RunState,
    Service,
    order_state,
)

BRINGING = tuple(service.value for service in Service if WORK[service].brings)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """An order in a list."""

    order: str
    service: str
    citizen: str
    earliest: date
    latest: date
    agreed_from: datetime | None
    agreed_to: datetime | None
    state: OrderState


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShown(OrderRow):
    """An order and all that is known of it, but for personal data."""

    model: str | None
    bring: tuple[str, ...]
    fetch: tuple[str, ...]
    service_s: int
    skills: tuple[str, ...]
    priority: int
    requester: str | None
    consent: bool
    has_contact: bool
    """Whom to call is told on the technician's sheet only."""
    run: str | None
    placed_at: datetime
    placed_by: str
    cancelled_because: str | None
    failed_because: str | None
    """Why the last visit came to nothing."""
    left_out_because: str | None
    """Why the newest plan that saw it has no room for it."""


_WAITING = (
    OrderState.NO_CONSENT,
    OrderState.PLACED,
    OrderState.FAILED,
    OrderState.OVERDUE,
)


def find_order(session: Session, code: str, *, lock: bool = False) -> Order:
    """Return the order of that code; with `lock`, others who want to change it wait.

    Raises:
        NotFound: there is no such order.
    """
    query = select(Order).where(Order.code == code.strip().upper())
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound(
            f"{shown_code(code)} is no order of this centre. See: fsc order list"
        )
    return found


def list_orders(
    session: Session,
    *,
    today: date,
    states: Collection[OrderState] = (),
    day: date | None = None,
    citizen: str | None = None,
) -> list[OrderRow]:
    """Return orders by latest day; `day` keeps those that may be carried out then.

    Raises:
        NotFound: nobody has the code `citizen`.
    """
    query = _facts(today).order_by(Order.latest, Order.id)
    if day is not None:
        query = query.where(Order.earliest <= day, day <= Order.latest)
    if citizen is not None:
        party = find_party(session, citizen, kind="citizen")
        query = query.where(Order.citizen_id == party.id)
    rows = (
        OrderRow(**_row(row), state=_state(row, today))
        for row in session.execute(query)
    )
    return [row for row in rows if not states or row.state in states]


def show_order(session: Session, code: str, *, today: date) -> OrderShown:
    """Return one order.

    Raises:
        NotFound: there is no such order.
    """
    found = find_order(session, code)
    row = session.execute(_facts(today).where(Order.id == found.id)).one()
    order: Order = row.Order
    state = _state(row, today)
    devices = devices_of(session, order.id)
    model = session.get(DeviceModel, order.model_id) if order.model_id else None
    requester = session.get(Party, order.requester_id) if order.requester_id else None
    return OrderShown(
        **_row(row),
        state=state,
        model=model.code if model else None,
        bring=devices[Direction.BRING],
        fetch=devices[Direction.FETCH],
        service_s=order.service_s,
        skills=tuple((order.skill or "").split()),
        priority=order.priority,
        requester=requester.code if requester else None,
        consent=order.consent,
        has_contact=order.contact_id is not None,
        run=None if row.day is None else f"{row.day}/{row.technician}",
        placed_at=order.placed_at,
        placed_by=order.placed_by,
        cancelled_because=order.cancelled_because,
        failed_because=session.scalar(
            select(RunStop.failed_because)
            .where(RunStop.order_id == order.id, RunStop.outcome == "failed")
            .order_by(RunStop.id.desc())
            .limit(1)
        ),
        left_out_because=_left_out(session, order) if state in _WAITING else None,
    )


def state_of(session: Session, order: Order, *, today: date) -> OrderState:
    """Return the state of one order, with what this unit of work has changed."""
    session.flush()
    row = session.execute(_facts(today).where(Order.id == order.id)).one()
    return _state(row, today)


def run_of(session: Session, order: Order, *, today: date) -> tuple[Run, str] | None:
    """Return the run that holds an order, and its name, or None."""
    row = session.execute(
        select(Run, Party.code)
        .join(RunStop, RunStop.run_id == Run.id)
        .join(Party, Party.id == Run.technician_id)
        .where(RunStop.order_id == order.id, RunStop.outcome.is_(None), holds(today))
    ).one_or_none()
    return None if row is None else (row[0], f"{row[0].day}/{row[1]}")


def devices_of(session: Session, order_id: int) -> dict[Direction, tuple[str, ...]]:
    """Return the tags an order brings and fetches."""
    rows = session.execute(
        select(OrderDevice.direction, Device.tag)
        .join(Device, Device.id == OrderDevice.device_id)
        .where(OrderDevice.order_id == order_id)
        .order_by(Device.tag)
    ).all()
    return {
        direction: tuple(row.tag for row in rows if row.direction == direction)
        for direction in Direction
    }


def run_state(run: Run) -> RunState:
    """Return how far a run is."""
    if run.closed_at is not None:
        return RunState.CLOSED
    if run.loaded_at is not None:
        return RunState.LOADED
    return RunState.ISSUED if run.issued_at is not None else RunState.PLANNED


def holds(today: date) -> ColumnElement[bool]:
    """Return the condition that the unfinished stops of `Run` are still to come.

    A plan that nobody issued is void when its day has gone by.
    """
    return or_(Run.issued_at.is_not(None), Run.day >= today)


def is_open() -> ColumnElement[bool]:
    """Return the condition that `Order` is neither cancelled nor done."""
    return and_(Order.cancelled_at.is_(None), ~_visited("done"), ~_handed_over())


def open_twin(session: Session, order: Order, *, today: date) -> str | None:
    """Return the code of an open order for the same as `order`, or None.

    `order` is not saved yet and names no devices.  The same is: the citizen, the
    service, the model, days that overlap; one that is overdue is done on any day.
    """
    line = aliased(OrderDevice)
    names_devices = exists().where(
        line.order_id == Order.id, line.chosen_for_id.is_(None)
    )
    return session.scalar(
        select(Order.code)
        .where(
            Order.citizen_id == order.citizen_id,
            Order.service == order.service,
            Order.model_id.is_not_distinct_from(order.model_id),
            Order.earliest <= order.latest,
            or_(Order.latest >= order.earliest, Order.latest < today),
            is_open(),
            ~names_devices,
        )
        .order_by(Order.id)
        .limit(1)
    )


def has_come(line: type[OrderDevice], direction: Direction) -> ColumnElement[bool]:
    """Return the condition that the ledger has the device of `line` where it should be.

    To bring: it came to the citizen after the order was placed, or, of a device chosen
    from stock, after its run was planned; what they had before is no delivery.  To
    fetch: it has been with someone else since.  What became of it later does not undo
    that.
    """
    if direction is Direction.BRING:
        planned_at = (
            select(Run.planned_at)
            .where(Run.id == line.chosen_for_id)
            .correlate(line)
            .scalar_subquery()
        )
        come = and_(
            CustodySpan.custodian_id == Order.citizen_id,
            CustodySpan.valid_from >= func.coalesce(planned_at, Order.placed_at),
        )
    else:
        come = and_(
            CustodySpan.custodian_id != Order.citizen_id,
            CustodySpan.valid_to > Order.placed_at,
        )
    return (
        select(CustodySpan.device_id)
        .where(CustodySpan.device_id == line.device_id, come)
        .correlate(line, Order)
        .exists()
    )


def _handed_over() -> ColumnElement[bool]:
    """Return the condition that all devices of `Order` are where it wants them."""
    line = aliased(OrderDevice)
    named = exists().where(line.order_id == Order.id)
    brings = named.where(line.direction == Direction.BRING)
    missing = or_(
        *(and_(line.direction == way, ~has_come(line, way)) for way in Direction)
    )
    # A model that is still to be chosen from has not been brought.
    chosen = or_(Order.model_id.is_(None), Order.service.not_in(BRINGING), brings)
    return and_(named.correlate(Order), chosen, ~named.where(missing))


def _left_out(session: Session, order: Order) -> str | None:
    return session.scalar(
        select(LeftOut.reason)
        .where(LeftOut.order_id == order.id)
        .order_by(LeftOut.planned_at.desc())
        .limit(1)
    )


def _visited(outcome: str) -> ColumnElement[bool]:
    stop = aliased(RunStop)
    return exists().where(stop.order_id == Order.id, stop.outcome == outcome)


def _facts(today: date) -> Select[*tuple[Any, ...]]:
    driver = aliased(Party)
    unfinished = and_(
        RunStop.order_id == Order.id,
        RunStop.outcome.is_(None),
        RunStop.run_id.in_(select(Run.id).where(holds(today))),
    )
    return (
        select(
            Order,
            Party.code.label("citizen"),
            _handed_over().label("handed_over"),
            _visited("done").label("visited"),
            _visited("failed").label("failed"),
            Run,
            Run.day,
            driver.code.label("technician"),
        )
        .join(Party, Party.id == Order.citizen_id)
        .outerjoin(RunStop, unfinished)
        .outerjoin(Run, Run.id == RunStop.run_id)
        .outerjoin(driver, driver.id == Run.technician_id)
    )


def _row(row: Row[Any]) -> dict[str, Any]:
    order: Order = row.Order
    return {
        "order": order.code,
        "service": order.service,
        "citizen": row.citizen,
        "earliest": order.earliest,
        "latest": order.latest,
        "agreed_from": order.agreed_from,
        "agreed_to": order.agreed_to,
    }


def _state(row: Row[Any], today: date) -> OrderState:
    order: Order = row.Order
    return order_state(
        OrderFacts(
            today=today,
            latest=order.latest,
            consent=order.consent,
            cancelled=order.cancelled_at is not None,
            handed_over=bool(row.handed_over),
            visited=bool(row.visited),
            failed=bool(row.failed),
            run=None if row.Run is None else run_state(row.Run),
        )
    )
