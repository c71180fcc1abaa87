"""A kit comes back, whole or in part; what was missing from it is found."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from fsc_logistics.core.care.conditions import record_flag
from fsc_logistics.core.catalogue.places import find_location
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.kits.acts import (
    KitAct,
    known_act,
    next_uid,
    put,
    tags_by_id,
    told_act,
    with_case,
)
from fsc_logistics.core.kits.inside import check_inside, locked_parts
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.ledger.appending import lock_station
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.ledger.named import find_all
from fsc_logistics.core.ledger.recorded import Recorded
from fsc_logistics.core.ledger.states import missing_at
from fsc_logistics.domain.care import Condition, Flag, read_reason
from fsc_logistics.domain.custody import (
    BizStep,
    Custody,
    Signature,
    Transfer,
    check_time,
    usual_condition,
)
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.parties import LENT_TO, LocationKind


def return_kit(
    session: Session,
    case: str,
    *,
    to: str,
    uid: str,
    at: datetime,
    by: Signature,
    missing: Sequence[str] = (),
    reason: str | None = None,
) -> KitAct:
    """Record that a kit came back to a place without those parts that are `missing`.

    With the case came its parts that the ledger has where it was; they are returned.
    What is missing stays where the ledger has it and is flagged so, with the reason.

    Raises:
        NotFound: a device or the place is not registered.
        Refused: it lies in the future, there is nothing in the kit, a missing part is
            not in it, or something that came is scrapped.
    """
    lock_station(session, by.station)
    kit = find_device(session, case)
    if known := known_act(session, uid):
        return told_act(session, kit, known, at)
    check_time(at, by.record_time)
    place = find_location(session, to)
    absent = find_all(session, missing) if missing else []
    at, inside = locked_parts(session, kit, absent, at, by)
    if not inside:
        raise Refused(
            f"There is nothing in {kit.tag}. Move it as any device:"
            f" fsc move {kit.tag} --to {place.code}"
        )
    check_inside(kit, absent, inside)
    flagged = missing_at(session, inside, at)
    gone = flagged | {device.id for device in absent}
    came = [part for part in with_case(session, kit, inside, at) if part not in gone]
    done: list[Recorded] = []
    if unflagged := [device.tag for device in absent if device.id not in flagged]:
        done += [
            record_flag(
                session,
                unflagged,
                Flag.MISSING,
                raised=True,
                uid=uid,
                at=at,
                by=by,
                reason=read_reason(reason) or f"not in {kit.tag} when it came back",
            )
        ]
    transfer = Transfer(
        uid=next_uid(uid, done),
        devices=(kit.tag, *tags_by_id(session, came)),
        location=place.code,
        event_time=at,
        biz_step=BizStep.RECEIVING,
        condition=usual_condition(LocationKind(place.kind)) or Condition.RETURNED,
    )
    # A part that somebody set apart stays so: then a further event says what is back.
    further = f"{uid}.{len(done) + 2}"
    done += [record_transfer(session, transfer, by, second_uid=further)]
    return told_act(session, kit, done, at)


def find_parts(
    session: Session,
    case: str,
    parts: Sequence[str],
    *,
    uid: str,
    at: datetime,
    by: Signature,
    reason: str | None = None,
) -> KitAct:
    """Record that missing parts were found and are with their case again.

    Raises:
        NotFound: a device is not registered.
        Refused: it lies in the future, or a part is not in the kit or not missing.
    """
    station = lock_station(session, by.station)
    kit = find_device(session, case)
    if known := known_act(session, uid):
        return told_act(session, kit, known, at)
    check_time(at, by.record_time)
    found = find_all(session, parts)
    at, inside = locked_parts(session, kit, found, at, by)
    check_inside(kit, found, inside)
    together = with_case(session, kit, inside, at)
    flagged = missing_at(session, inside, at)
    for part in found:
        if part.id in together and part.id not in flagged:
            raise Refused(
                f"{part.tag} is not missing from {kit.tag}. See: fsc kit show {kit.tag}"
            )
    done: list[Recorded] = []
    if lowered := [part.tag for part in found if part.id in flagged]:
        done += [
            record_flag(
                session,
                lowered,
                Flag.MISSING,
                raised=False,
                uid=uid,
                at=at,
                by=by,
                reason=read_reason(reason) or f"found, back in {kit.tag}",
            )
        ]
    here = custody_as_of(session, kit, at=at)
    if here is None:
        raise Refused(f"Nobody had {kit.tag} yet. See: fsc history {kit.tag}")
    away = [part for part in found if part.id not in together]
    borrowed = [
        part for part in away if _comes_back(custody_as_of(session, part, at=at), here)
    ]
    # Those that come back from somebody are looked at first; the others stay as they
    # are.  One event cannot say both, so there may be two.
    for moving, condition in (
        (borrowed, Condition.RETURNED),
        ([part for part in away if part not in borrowed], None),
    ):
        if moving:
            transfer = Transfer(
                uid=next_uid(uid, done),
                devices=tuple(part.tag for part in moving),
                location=here.location,
                custodian=here.custodian,
                event_time=at,
                condition=condition,
            )
            done += [put(session, station, transfer, moving, by)]
    return told_act(session, kit, done, at)


def _comes_back(held: Custody | None, here: Custody) -> bool:
    """Tell whether a part returns from somebody who had borrowed it, and was fit."""
    return (
        held is not None
        and held.custodian_kind in LENT_TO
        and held.custodian != here.custodian
        and held.condition in (None, Condition.READY)
    )
