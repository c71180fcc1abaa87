"""Conditions and flags of devices: recording them, whoever has the devices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.devices.finding import find_model
from fsc_logistics.core.exceptions.closing import close_by_act
from fsc_logistics.core.ledger import spans
from fsc_logistics.core.ledger.appending import (
    Line,
    Named,
    NewEvent,
    known_event,
    lock_station,
)
from fsc_logistics.core.ledger.entering import enter
from fsc_logistics.core.ledger.named import find_all, lock, named_devices
from fsc_logistics.core.ledger.recorded import Recorded, recorded
from fsc_logistics.core.ledger.states import conditions_at, covers, spans_at
from fsc_logistics.core.tables import Device, Event, FlagSpan, KitSpan
from fsc_logistics.domain.care import (
    Condition,
    Flag,
    check_condition,
    check_flag,
    read_reason,
)
from fsc_logistics.domain.custody import (
    CONDITION_STEP,
    BizStep,
    EventKind,
    Signature,
    check_time,
)
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.sayings import Say
from fsc_logistics.domain.scenarios import Spoken

EVENT_DEVICES_MAX = 5_000
"""More devices than these are flagged in several events."""
FLAG_STEP = {Flag.RECALLED: BizStep.HOLDING, Flag.MISSING: BizStep.OTHER}


@dataclass(frozen=True, slots=True)
class _Said:
    """What the ledger says of a device at a moment, in one chain."""

    event: int
    value: Any
    reason: str | None


def record_condition(
    session: Session,
    devices: Sequence[str],
    condition: Condition,
    *,
    uid: str,
    at: datetime,
    by: Signature,
    reason: str | None = None,
    read_point: str | None = None,
    with_parts: bool = False,
) -> Recorded:
    """Record that `devices` are in a condition from `at` on, one event for them all.

    Nothing is added for a uid the ledger knows, or for devices of which it says this
    already, for the same reason.  With `with_parts` the parts of kits come along that
    are where their kit is and in its condition; one set apart stays so.

    Raises:
        NotFound: a device is not registered.
        BadInput: the reason is too long.
        Refused: it lies in the future or before the device, or lacks a reason.
    """

    def check(device: Named, said: _Said | None) -> None:
        before = None if said is None else said.value
        check_condition(device.code, before, condition, event.reason)

    event = NewEvent(
        uid=uid,
        kind=EventKind.CONDITION,
        event_time=at,
        biz_step=CONDITION_STEP[condition],
        read_point=read_point,
        condition=condition.value,
        reason=read_reason(reason),
    )
    return _record(
        session, event, spans.CONDITION, devices, by, check, with_parts=with_parts
    )


def record_flag(
    session: Session,
    devices: Sequence[str],
    flag: Flag,
    *,
    raised: bool,
    uid: str,
    at: datetime,
    by: Signature,
    reason: str | None,
) -> Recorded:
    """Record that a flag of `devices` is raised or lowered at `at`.

    Nothing is added for a uid the ledger knows, or for devices of which it says this
    already, for the same reason.

    Raises:
        NotFound: a device is not registered.
        BadInput: the reason is too long.
        Refused: it lies in the future or before the device, lacks a reason, or there
            is no such flag to lower.
    """

    def check(device: Named, said: _Said | None) -> None:
        check_flag(device.code, flag, raised=raised, reason=event.reason)
        if said is None and not raised:
            raise Refused(f"{device.code} is not flagged as {flag}.")

    event = NewEvent(
        uid=uid,
        kind=EventKind.FLAG,
        event_time=at,
        biz_step=FLAG_STEP[flag],
        flag=flag.value,
        raised=raised,
        reason=read_reason(reason),
    )
    return _record(session, event, spans.FLAGS[flag], devices, by, check)


def record_campaign(
    session: Session,
    model: str,
    flag: Flag,
    *,
    raised: bool,
    uid: str,
    at: datetime,
    by: Signature,
    reason: str | None,
) -> list[Recorded]:
    """Record a flag of all devices of a model, `EVENT_DEVICES_MAX` in an event.

    The first event has `uid`, those behind it the same with .2, .3 and so on.

    Raises:
        NotFound: there is no such model.
        Refused: as `record_flag`; or the model has no device to flag.
    """
    found = find_model(session, model)
    wanted = select(Device.tag).where(Device.model_id == found.id)
    if not raised:
        flagged = select(FlagSpan.device_id).where(
            FlagSpan.flag == flag.value, FlagSpan.raised, covers(FlagSpan, at)
        )
        wanted = wanted.where(Device.id.in_(flagged))
    tags = list(session.scalars(wanted.order_by(Device.id)))
    if not tags:
        which = "has no devices" if raised else f"has no device flagged as {flag}"
        raise Refused(f"{found.code} {which}.")
    starts = range(0, len(tags), EVENT_DEVICES_MAX)
    return [
        record_flag(
            session,
            tags[start : start + EVENT_DEVICES_MAX],
            flag,
            raised=raised,
            uid=uid if number == 1 else f"{uid}.{number}",
            at=at,
            by=by,
            reason=reason,
        )
        for number, start in enumerate(starts, start=1)
    ]


def _record(
    session: Session,
    event: NewEvent,
    chain: spans.Chain,
    devices: Sequence[str],
    by: Signature,
    check: Callable[[Named, _Said | None], None],
    *,
    with_parts: bool = False,
) -> Recorded:
    """Append `event` for those devices of which the ledger does not say it yet.

    What waited for it to be said is closed by it, said now or before.
    """
    station = lock_station(session, by.station)
    known = known_event(session, event.uid)
    if known is not None:
        return recorded(session, known, added=False)
    check_time(event.event_time, by.record_time)
    named = [Named(device.id, device.tag) for device in find_all(session, devices)]
    lock(session, [device.id for device in named])
    if with_parts:
        named += _parts_of(session, named, event.event_time)
    _check_there(session, named, event.event_time)
    said = _said_at(session, chain, [device.id for device in named], event.event_time)
    (value,) = (getattr(event, name) for name in chain.values)
    there = {
        device
        for device, before in said.items()
        if before.value == value and event.reason in (None, before.reason)
    }
    if event.raised is False:
        # A flag that hangs on none of them is refused; of many, those are passed over.
        there |= {device.id for device in named if device.id not in said and said}
    changing = [device for device in named if device.id not in there]
    for device in changing:
        check(device, said.get(device.id))
    if not changing:
        first = next(said[device.id] for device in named if device.id in said)
        close_by_act(session, event, chain, [device.id for device in named])
        stands = recorded(session, session.get_one(Event, first.event), added=False)
        return stands._replace(devices=tuple(sorted(x.code for x in named)))
    lines = tuple(Line(device=device) for device in changing)
    done = enter(session, station, event._replace(lines=lines), by)
    close_by_act(session, event, chain, [device.id for device in named])
    return done


def _parts_of(session: Session, kits: Sequence[Named], at: datetime) -> list[Named]:
    """Return the parts of `kits` that are where and as their kit is, locked."""
    asked = {kit.id for kit in kits}
    within = select(KitSpan.device_id, KitSpan.kit_id).where(
        KitSpan.kit_id.in_(asked), covers(KitSpan, at)
    )
    part_of = {row.device_id: row.kit_id for row in session.execute(within)}
    lock(session, list(part_of))
    numbers = [*part_of, *asked]
    stated = conditions_at(session, numbers, at)
    state = {
        device: (span.custodian_id, span.location_id, stated.get(device))
        for device, span in spans_at(session, numbers, at).items()
    }
    there = [
        part
        for part, kit in part_of.items()
        if part not in asked and part in state and state[part] == state.get(kit)
    ]
    return list(named_devices(session, there).values())


def _check_there(session: Session, devices: Sequence[Named], at: datetime) -> None:
    """Refuse what is said of a device before the ledger first heard of it."""
    held = spans_at(session, [device.id for device in devices], at)
    for device in devices:
        if device.id not in held:
            raise Spoken(
                Say.NOBODY_BEFORE, device=device.code, at=f"{at:%Y-%m-%d %H:%M}"
            )


def _said_at(
    session: Session, chain: spans.Chain, devices: Sequence[int], at: datetime
) -> dict[int, _Said]:
    """Return what each device was said to be at `at`, where anybody ever said."""
    table = chain.table
    (name,) = chain.values
    found: dict[int, _Said] = {}
    for start in range(0, len(devices), spans.BATCH):
        rows = session.execute(
            select(table.device_id, table.event_id, getattr(table, name), Event.reason)
            .join(Event, Event.id == table.event_id)
            .where(
                table.device_id.in_(devices[start : start + spans.BATCH]),
                covers(table, at),
                chain.is_ours(),
            )
        )
        found.update({row[0]: _Said(row[1], row[2], row[3]) for row in rows})
    return found
