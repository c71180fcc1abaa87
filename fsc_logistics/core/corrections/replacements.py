"""What is right instead of an event that is wrong."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.parties import find_party
from fsc_logistics.core.catalogue.places import find_location, keeper_of
from fsc_logistics.core.ledger.appending import Named, NewEvent
from fsc_logistics.core.tables import Location
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.custody import (
    BizStep,
    EventKind,
    usual_condition,
    usual_step,
)
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.parties import LENT_AT, LocationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """What is right instead; what is not given stays as the wrong event has it."""

    location: str | None = None
    custodian: str | None = None
    """Without one, a new place brings its own keeper."""
    biz_step: BizStep | None = None
    event_time: datetime | None = None

    def is_about_custody(self) -> bool:
        """Return whether it says more than another time."""
        return self != Right(event_time=self.event_time)


_OTHERWISE = {
    EventKind.AGGREGATION: ("a kit", "build the kit again: fsc kit build"),
    EventKind.CONDITION: ("a condition", "say it again: fsc condition set"),
    EventKind.FLAG: ("a flag", "say it again: fsc flag raise, fsc flag lower"),
    EventKind.STOCK: ("consumables", "record it again: fsc stock move"),
    EventKind.COUNT: ("a count", "count again: fsc stock count"),
    EventKind.STOCKTAKE: ("a count of devices", "count the place again"),
}
"""What an event is about that has no custody to put right, and what to do instead."""


def instead_of(session: Session, event: NewEvent, right: Right, uid: str) -> NewEvent:
    """Return what should have been recorded, as `uid`, where `event` was.

    Raises:
        NotFound: the place or the party is not registered.
        Refused: the event is not about custody, or nobody keeps the place.
    """
    at = right.event_time or event.event_time
    if not right.is_about_custody():
        return event._replace(uid=uid, event_time=at)
    if event.kind is not EventKind.OBJECT:
        about, otherwise = _OTHERWISE[event.kind]
        raise Refused(
            f"Event {event.uid} is about {about}: only its time can be corrected. Undo"
            f" it and {otherwise}"
        )
    party = None
    if right.custodian is not None:
        found = find_party(session, right.custodian)
        party = Named(found.id, found.code)
    if right.location is not None:
        event = _moved(session, event, right.location, party)
    event = event._replace(custodian=party or event.custodian)
    step = right.biz_step or event.biz_step
    return event._replace(uid=uid, event_time=at, biz_step=step)


def _moved(
    session: Session, event: NewEvent, location: str, custodian: Named | None
) -> NewEvent:
    """Return `event` with what being at another place means."""
    assert event.location is not None
    place = find_location(session, location)
    if place.id == event.location.id:
        return event
    if custodian is None:
        keeper = keeper_of(session, place)
        custodian = Named(keeper.id, keeper.code)
    before = session.get_one(Location, event.location.id)
    step, disposition = usual_step(LocationKind(place.kind))
    return event._replace(
        location=Named(place.id, place.code),
        custodian=custodian,
        biz_step=step,
        disposition=disposition,
        condition=_condition_at(place, before, event.condition),
    )


def _condition_at(
    place: Location, before: Location, stated: str | None
) -> Condition | str | None:
    """Return the condition that what was at `before` is in at `place`, if it is said.

    A condition that only came with the wrong place does not go along to the right one,
    nor that it came back to where it is used.
    """
    usual = usual_condition(LocationKind(place.kind))
    came_with_it = stated == usual_condition(LocationKind(before.kind))
    came_with_it |= stated == Condition.RETURNED and place.kind in LENT_AT
    return usual or (None if came_with_it else stated)
