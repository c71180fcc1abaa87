"""A part of a kit is swapped for another device of its model."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.places import find_location, keeper_of
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.kits.acts import (
    KitAct,
    known_act,
    next_uid,
    put,
    told_act,
    with_case,
)
from fsc_logistics.core.kits.inside import check_inside, locked_parts
from fsc_logistics.core.kits.membership import check_parts
from fsc_logistics.core.kits.settings import check_room
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.ledger.appending import Line, Named, NewEvent, lock_station
from fsc_logistics.core.ledger.entering import enter
from fsc_logistics.core.tables import Device, DeviceModel, KitSpan
from fsc_logistics.domain.care import Condition, Flag, unfit_because
from fsc_logistics.domain.custody import (
    BizStep,
    Custody,
    EventKind,
    Signature,
    Transfer,
    check_time,
    usual_condition,
)
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.parties import LENT_TO, LocationKind


class _Swap(NamedTuple):
    """What is swapped in a kit, all of it locked."""

    kit: Device
    out: Device
    into: Device
    at: datetime
    was: Custody
    """Where the old part was, and who had it."""
    came_from: Custody
    """Where the new one was."""


def swap_part(
    session: Session,
    case: str,
    old: str,
    new: str,
    *,
    uid: str,
    at: datetime,
    by: Signature,
    old_to: str | None = None,
) -> KitAct:
    """Record that a part was swapped for another device of its model.

    The new one is then where the old one was, and the old one where the new one was or
    at `old_to`; `returned`, if somebody had borrowed it and it was fit.

    Raises:
        NotFound: a device or the place is not registered.
        Refused: it lies in the future; the old one is not in the kit or not with it;
            the new one is another model, not ready, a kit, or in one; the template
            has no room for both it and what came later.
    """
    station = lock_station(session, by.station)
    kit = find_device(session, case)
    if known := known_act(session, uid):
        return told_act(session, kit, known, at)
    check_time(at, by.record_time)
    out, into = find_device(session, old), find_device(session, new)
    at, inside = locked_parts(session, kit, [out, into], at, by)
    check_inside(kit, [out], inside)
    swap = _checked(session, kit, out, into, inside, at)
    goes_later = _goes_later(session, swap)
    done = [enter(session, station, _exchange(swap, uid), by)]
    if goes_later:
        # The new part stays then, beside whatever came for the old one.
        check_room(session, kit, at)
    if _place(swap.came_from) != _place(swap.was):
        brought = _brought(swap, next_uid(uid, done))
        done += [put(session, station, brought, [into], by)]
    taken = _taken(session, swap, old_to, next_uid(uid, done))
    if (taken.custodian, taken.location) != _place(swap.was):
        done += [put(session, station, taken, [out], by)]
    return told_act(session, kit, done, at)


def _goes_later(session: Session, swap: _Swap) -> bool:
    """Return whether the ledger says more of the old part and kits, at a later time."""
    later = select(KitSpan.event_id).where(
        KitSpan.device_id == swap.out.id, KitSpan.valid_from > swap.at
    )
    return session.scalar(later.limit(1)) is not None


def _exchange(swap: _Swap, uid: str) -> NewEvent:
    """Return the event that the old part leaves the kit and the new one joins it."""
    kit, out, into = (
        Named(device.id, device.tag) for device in (swap.kit, swap.out, swap.into)
    )
    return NewEvent(
        uid=uid,
        kind=EventKind.AGGREGATION,
        event_time=swap.at,
        biz_step=BizStep.ASSEMBLING,
        lines=(Line(device=out), Line(device=into, kit=kit)),
    )


def _brought(swap: _Swap, uid: str) -> Transfer:
    """Return that the new part is where the old one was."""
    return Transfer(
        uid=uid,
        devices=(swap.into.tag,),
        location=swap.was.location,
        custodian=swap.was.custodian,
        event_time=swap.at,
    )


def _taken(session: Session, swap: _Swap, old_to: str | None, uid: str) -> Transfer:
    """Return that the old part is where the new one came from, or at `old_to`."""
    was = swap.was
    taken = Transfer(
        uid=uid,
        devices=(swap.out.tag,),
        location=swap.came_from.location,
        custodian=swap.came_from.custodian,
        event_time=swap.at,
    )
    if old_to is not None:
        place = find_location(session, old_to)
        keeper = keeper_of(session, place).code
        out_of_use = usual_condition(LocationKind(place.kind))
        taken = replace(
            taken, location=place.code, custodian=keeper, condition=out_of_use
        )
    comes_back = was.custodian_kind in LENT_TO and taken.custodian != was.custodian
    # What somebody set apart while it was out stays set apart.
    if comes_back and was.condition in (None, Condition.READY):
        taken = replace(taken, condition=taken.condition or Condition.RETURNED)
    return taken


def _checked(
    session: Session,
    kit: Device,
    out: Device,
    into: Device,
    inside: Sequence[int],
    at: datetime,
) -> _Swap:
    """Return the swap with who has the old part and the new one, or refuse it."""
    if out.id == into.id:
        raise Refused(f"{out.tag} cannot be swapped for itself.")
    if out.model_id != into.model_id:
        models = [session.get_one(DeviceModel, x.model_id).code for x in (into, out)]
        raise Refused(
            f"{into.tag} is a {models[0]} and {out.tag} a {models[1]}: a part is"
            " swapped for one of the same model."
        )
    check_parts(session, [into], kit, at)
    was, came_from = (custody_as_of(session, x, at=at) for x in (out, into))
    if came_from is None:
        raise Refused(f"Nobody had {into.tag} yet. See: fsc history {into.tag}")
    if unfit := unfit_because(came_from.condition, came_from.flags):
        raise Refused(
            f"{into.tag} is not ready to go out: it is {' and '.join(unfit)}."
            f" See: fsc history {into.tag}"
        )
    is_there = out.id in with_case(session, kit, inside, at)
    if was is None or not is_there or Flag.MISSING in was.flags:
        raise Refused(
            f"{out.tag} is missing from {kit.tag} and cannot be swapped. Write it off:"
            f" fsc kit write-off {kit.tag} {out.tag}; then: fsc kit build {kit.tag}"
            f" {into.tag}"
        )
    return _Swap(kit, out, into, at, was, came_from)


def _place(held: Custody) -> tuple[str, str]:
    return held.custodian, held.location
