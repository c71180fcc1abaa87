"""What a count has not seen waits again where only a mistake had said it was seen."""

from collections.abc import Iterable, Sequence

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.orm import Session

from fsc_logistics.core.exceptions.anomalies import raise_anomalies
from fsc_logistics.core.ledger import spans
from fsc_logistics.core.ledger.appending import Line, Named, NewEvent, append
from fsc_logistics.core.ledger.spans import line_counts
from fsc_logistics.core.tables import Anomaly, Device, Event, EventLine, Location
from fsc_logistics.domain.anomalies import Contradiction, ExceptionKind
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.custody import EventKind, Signature


def seek_again(
    session: Session, station: int, wrong: Sequence[int], uid: str, by: Signature
) -> None:
    """Let what counts have not seen wait again, where only `wrong` events had seen it.

    What is dealt with stays so: an event of its own says again what a count has not
    seen, `uid` with .sought, and each further one with .2 and so on behind that.
    """
    lost: dict[int, list[Anomaly]] = {}
    for start in range(0, len(wrong), spans.BATCH):
        for anomaly in _closed_by(session, wrong[start : start + spans.BATCH]):
            count = session.get_one(Event, anomaly.event_id)
            if not _is_seen(session, anomaly, count):
                lost.setdefault(count.id, []).append(anomaly)
    for number, (count_id, anomalies) in enumerate(sorted(lost.items()), start=1):
        name = f"{uid}.sought" + (f".{number}" if number > 1 else "")
        event = _said_again(session, session.get_one(Event, count_id), anomalies, name)
        again = append(session, station, event, by)
        found = {
            one.device_id: [Contradiction(ExceptionKind.NOT_SEEN, one.detail)]
            for one in anomalies
        }
        tags = {line.device.id: line.device.code for line in event.lines}
        raise_anomalies(session, Named(again, event.uid), found, tags, by)


def _closed_by(session: Session, wrong: Sequence[int]) -> Sequence[Anomaly]:
    """Return what counts that still stand have not seen, and `wrong` had."""
    return session.scalars(
        select(Anomaly)
        .join(Event, Event.id == Anomaly.event_id)
        .join(
            EventLine,
            and_(
                EventLine.event_id == Event.id,
                EventLine.device_id == Anomaly.device_id,
            ),
        )
        .where(
            Anomaly.resolution_id.in_(wrong),
            Anomaly.kind == ExceptionKind.NOT_SEEN.value,
            line_counts(),
        )
        .order_by(Anomaly.id)
    ).all()


def _is_seen(session: Session, anomaly: Anomaly, count: Event) -> bool:
    """Tell whether another event since says where it is, or that it is missing."""
    moved = and_(
        Event.kind == EventKind.OBJECT.value,
        # A part that moved along with its kit was not seen itself.
        EventLine.kit_id.is_(None),
        or_(
            Event.event_time >= count.event_time,
            Event.location_id != count.location_id,
        ),
    )
    cared_for = and_(
        Event.kind == EventKind.CONDITION.value,
        Event.read_point.is_not(None),
        Event.event_time >= count.event_time,
    )
    given_up = and_(Event.flag == Flag.MISSING.value, Event.raised == true())
    found = (
        select(func.count())
        .select_from(EventLine)
        .join(Event, Event.id == EventLine.event_id)
        .where(
            EventLine.device_id == anomaly.device_id,
            Event.id > count.id,
            line_counts(),
            or_(moved, cared_for, given_up),
        )
    )
    return bool(session.scalar(found))


def _said_again(
    session: Session, count: Event, anomalies: Iterable[Anomaly], uid: str
) -> NewEvent:
    place = session.get_one(Location, count.location_id)
    devices = [session.get_one(Device, one.device_id) for one in anomalies]
    return NewEvent(
        uid=uid,
        kind=EventKind.STOCKTAKE,
        event_time=count.event_time,
        biz_step=count.biz_step,
        location=Named(place.id, place.code),
        read_point=count.read_point,
        reason=count.reason,
        lines=tuple(Line(device=Named(one.id, one.tag)) for one in devices),
    )
