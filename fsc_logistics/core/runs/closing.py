"""Closing a run: what was done, what was not, and who has the devices now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.orders.facts import BRINGING, devices_of
from fsc_logistics.core.runs.issuing import find_run, stops_of, vehicle_of
from fsc_logistics.core.runs.loading import (
    Pending,
    RunEvent,
    at_hand,
    pending_devices,
)
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    ConditionSpan,
    CustodySpan,
    Device,
    Location,
    Order,
    OrderDevice,
    Run,
    RunStop,
)
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.custody import BizStep, Signature, Transfer
from fsc_logistics.domain.day import OpeningHours
from fsc_logistics.domain.errors import BadInput, Refused
from fsc_logistics.domain.orders import Direction, FailedBecause
from fsc_logistics.domain.parties import LocationKind
from fsc_logistics.domain.uids import new_uid


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedRun:
    """A run that was driven."""

    run: str
    closed_at: datetime
    added: bool
    """False: it was closed already."""
    done: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    """Orders that are open again."""
    events: tuple[RunEvent, ...] = ()
    in_vehicle: tuple[str, ...] = ()
    """Devices that are still in the vehicle, whatever they are there for."""
    notes: tuple[str, ...] = ()


def close_run(
    session: Session,
    name: str,
    *,
    failed: Mapping[str, FailedBecause],
    hours: OpeningHours,
    by: Signature,
) -> ClosedRun:
    """Close a run: every stop is done but those of `failed`, which say why.

    What was scanned stands.  For the rest the hand-over is recorded, at the planned
    departure but neither in the future nor before what the ledger knows last.  What
    was chosen from stock for a failed order goes back to choice.

    Raises:
        NotFound: there is no such run.
        BadInput: a failed order is not on it.
        Refused: the run is not issued, its day has not come, or it is closed already
            and something else is said of it now.
    """
    run, name = find_run(session, name, lock=True)
    reasons = {code.strip().upper(): why for code, why in failed.items()}
    if run.closed_at is not None:
        if reasons:
            raise Refused(f"Run {name} is closed; what is said of it stays.")
        return ClosedRun(run=name, closed_at=run.closed_at, added=False)
    if run.issued_at is None:
        raise Refused(
            f"Run {name} is only planned. Issue it first: fsc run issue {name}"
        )
    if hours.day_of(by.record_time) < run.day:
        raise Refused(
            f"Run {name} has not been driven yet. Close it on {run.day} or later."
        )
    stops = [
        (stop, order)
        for stop, order, _ in stops_of(session, run)
        if order is not None and stop.outcome is None
    ]
    _check_on_run(name, failed, [order.code for _, order in stops])
    events: list[RunEvent] = []
    notes: list[str] = []
    for stop, order in stops:
        if order.code in reasons:
            _fail(session, run, stop, order, reasons[order.code])
            continue
        events += _hand_over(session, run, stop, order, notes, by)
        stop.outcome = "done"
    run.closed_at = by.record_time
    session.flush()
    return ClosedRun(
        run=name,
        closed_at=by.record_time,
        added=True,
        done=tuple(order.code for _, order in stops if order.code not in reasons),
        failed=tuple(reasons),
        events=tuple(events),
        in_vehicle=_in_vehicle(session, run),
        notes=tuple(notes),
    )


def _check_on_run(name: str, failed: Iterable[str], codes: list[str]) -> None:
    unknown = sorted(code for code in failed if code.strip().upper() not in codes)
    if unknown:
        raise BadInput(
            f"{shown_code(unknown[0])} is not an open stop of run {name}."
            f" See: fsc run show {name}"
        )


def _fail(
    session: Session, run: Run, stop: RunStop, order: Order, reason: FailedBecause
) -> None:
    stop.outcome, stop.failed_because = "failed", reason
    session.execute(
        delete(OrderDevice).where(
            OrderDevice.order_id == order.id, OrderDevice.chosen_for_id == run.id
        )
    )


def _hand_over(
    session: Session,
    run: Run,
    stop: RunStop,
    order: Order,
    notes: list[str],
    by: Signature,
) -> list[RunEvent]:
    """Record what the scans have not; return the events."""
    pending = pending_devices(session, order)
    hand = at_hand(session, run)
    fetched = [one for one in pending if one.direction is Direction.FETCH]
    brought = [one for one in pending if one.direction is Direction.BRING]
    for one in brought:
        if one.location not in hand:
            place = session.get_one(Location, one.location).code
            notes.append(
                f"{order.code}: {one.tag} is at {place} by the ledger, which was left"
                " as it is. If it was handed over: fsc move"
            )
    home = _home(session, order)
    wants = order.service in BRINGING and order.model_id is not None
    if wants and not devices_of(session, order.id)[Direction.BRING]:
        notes.append(
            f"{order.code}: no device was chosen for it. If one was handed over:"
            f" fsc move TAG --to {home}"
        )
    brought = [one for one in brought if one.location in hand]
    vehicle = vehicle_of(session, run).code
    apart = _set_apart(session, fetched)
    returned = [one for one in fetched if one not in apart]
    parts = (
        (brought, home, BizStep.INSTALLING, None),
        (returned, vehicle, BizStep.COLLECTING, Condition.RETURNED),
        (apart, vehicle, BizStep.COLLECTING, None),
    )
    return [
        _record(session, stop, order, devices, place, step, left, notes, by)
        for devices, place, step, left in parts
        if devices
    ]


def _record(
    session: Session,
    stop: RunStop,
    order: Order,
    devices: list[Pending],
    place: str,
    step: BizStep,
    left: Condition | None,
    notes: list[str],
    by: Signature,
) -> RunEvent:
    # Not before what the ledger knows last: a run loaded late would otherwise put the
    # devices back into the vehicle after they were handed over.
    planned = min(stop.departure, by.record_time)
    recorded = record_transfer(
        session,
        Transfer(
            uid=new_uid(by.record_time),
            devices=tuple(one.tag for one in devices),
            location=place,
            event_time=max(planned, *(one.since for one in devices)),
            biz_step=step,
            condition=left,
            document=order.code,
        ),
        by,
        # The technician was there: what was done is a fact, fit or not.
        as_fact=True,
    )
    notes += [
        f"{order.code}: {said.detail} See: fsc exceptions"
        for said in recorded.contradictions
    ]
    return RunEvent(order=order.code, event=recorded.uid, devices=recorded.devices)


def _set_apart(session: Session, devices: list[Pending]) -> list[Pending]:
    """Return those of `devices` that somebody set apart while they were out."""
    numbers = [one.device for one in devices]
    stated = session.execute(
        select(ConditionSpan.device_id).where(
            ConditionSpan.device_id.in_(numbers),
            ConditionSpan.valid_to == OPEN_ENDED,
            ConditionSpan.condition.not_in([Condition.READY, Condition.RETURNED]),
        )
    )
    apart = set(stated.scalars())
    return [one for one in devices if one.device in apart]


def _home(session: Session, order: Order) -> str:
    home = session.scalar(
        select(Location.code).where(
            Location.keeper_id == order.citizen_id, Location.kind == LocationKind.HOME
        )
    )
    assert home is not None, "a citizen has a home, also when erased"
    return home


def _in_vehicle(session: Session, run: Run) -> tuple[str, ...]:
    return tuple(
        session.scalars(
            select(Device.tag)
            .join(CustodySpan, CustodySpan.device_id == Device.id)
            .where(
                CustodySpan.location_id == vehicle_of(session, run).id,
                CustodySpan.valid_to == OPEN_ENDED,
            )
            .order_by(Device.tag)
        )
    )
