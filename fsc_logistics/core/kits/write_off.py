"""Parts of a kit that will not come back: they leave it, lost or retired."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.care.conditions import record_flag
from fsc_logistics.core.catalogue.places import find_location
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.devices.foreign import SHOWN_MAX
from fsc_logistics.core.kits.acts import (
    KitAct,
    known_act,
    next_uid,
    put,
    tags_by_id,
    told_act,
)
from fsc_logistics.core.kits.inside import locked_parts
from fsc_logistics.core.kits.membership import take_apart
from fsc_logistics.core.ledger.appending import lock_station
from fsc_logistics.core.ledger.named import find_all
from fsc_logistics.core.ledger.states import missing_at
from fsc_logistics.core.tables import Location
from fsc_logistics.domain.care import Flag, read_reason
from fsc_logistics.domain.custody import Signature, Transfer
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.parties import LocationKind


def write_off(
    session: Session,
    case: str,
    parts: Sequence[str],
    *,
    why: str,
    uid: str,
    at: datetime,
    by: Signature,
    to: str | None = None,
) -> KitAct:
    """Record that parts will not come back: they leave the kit, lost or retired.

    Without `to` they go to the only place there is for what is lost.  What is lost
    stays flagged as missing; what is retired is not missing any more.

    Raises:
        NotFound: a device or the place is not registered.
        BadInput: the reason is too long.
        Refused: it lies in the future, a part is not in the kit, nobody says why, or
            it cannot be told which place is meant.
    """
    station = lock_station(session, by.station)
    kit = find_device(session, case)
    if known := known_act(session, uid):
        return told_act(session, kit, known, at)
    reason = read_reason(why)
    if reason is None:
        raise Refused("Say why it is written off: --why TEXT")
    place = _place_off(session, to)
    leaving = find_all(session, parts)
    at, _ = locked_parts(session, kit, leaving, at, by)
    tags = [part.tag for part in leaving]
    done = [take_apart(session, kit.tag, tags, uid=uid, at=at, by=by, reason=reason)]
    transfer = Transfer(
        uid=next_uid(uid, done),
        devices=tuple(tags),
        location=place.code,
        event_time=at,
        reason=reason,
    )
    done += [put(session, station, transfer, leaving, by)]
    flagged = missing_at(session, [part.id for part in leaving], at)
    if flagged and place.kind == LocationKind.RETIRED:
        done += [
            record_flag(
                session,
                tags_by_id(session, flagged),
                Flag.MISSING,
                raised=False,
                uid=next_uid(uid, done),
                at=at,
                by=by,
                reason=reason,
            )
        ]
    return told_act(session, kit, done, at)


def _place_off(session: Session, to: str | None) -> Location:
    """Return the place for what is lost, or the one that is named for it."""
    off = (LocationKind.LOST, LocationKind.RETIRED)
    if to is not None:
        named = find_location(session, to)
        if named.kind not in off:
            raise Refused(
                f"{named.code} is a {named.kind}. What is written off goes to a place"
                " of kind lost or retired. See: fsc location list"
            )
        return named
    places = session.scalars(
        select(Location)
        .where(Location.kind == LocationKind.LOST.value)
        .order_by(Location.code)
        .limit(SHOWN_MAX)
    ).all()
    if not places:
        raise Refused(
            "This centre has no place for what is lost. Register one:"
            " fsc location add LOST --kind lost --keeper PARTY"
        )
    if len(places) > 1:
        codes = ", ".join(place.code for place in places)
        raise Refused(
            f"This centre has several places for what is lost: {codes}. Say which:"
            f" --to {places[0].code}"
        )
    return places[0]
