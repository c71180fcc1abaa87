"""Who has it, who had it, what do they have: answers of the ledger."""

from datetime import datetime

from sqlalchemy import bindparam, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from fsc_logistics.core.devices.finding import as_tag, find_tagged
from fsc_logistics.core.ledger import believed, held
from fsc_logistics.core.ledger.declared import declarations, line_declarations
from fsc_logistics.core.ledger.seek import Tagged
from fsc_logistics.core.ledger.spans import STATED_CONDITION
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import (
    Device,
    Event,
    EventLine,
    Location,
    Party,
    Station,
)
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.custody import Custody, Entry
from fsc_logistics.domain.errors import NotFound


def who(
    session: Session, text: str, *, at: datetime, known_at: datetime | None = None
) -> tuple[str, Custody | None]:
    """Return the tag of the device that `text` names, and who had it at `at`.

    As `find_device` and `custody_as_of` say.

    Raises:
        NotFound, BadIdentifier: no device answers to it, or more than one.
    """
    tag = as_tag(text)
    if tag is not None and known_at is None:
        held_then = held.of_tag(session, tag, at)
        if held_then is not None:
            return tag, held_then
    device = find_tagged(session, text)
    return device.tag, custody_as_of(session, device, at=at, known_at=known_at)


def custody_as_of(
    session: Session,
    device: Device | Tagged,
    *,
    at: datetime,
    known_at: datetime | None = None,
) -> Custody | None:
    """Return who had `device`, where, at `at`; None before its first event.

    With `known_at`, as the ledger stood then: late events and corrections that were
    recorded after it do not count.
    """
    if known_at is not None:
        return believed.of_device(session, device.id, at, known_at)
    return held.of_device(session, device.id, at)


def history(
    session: Session, device: Device, *, known_at: datetime | None = None
) -> list[Entry]:
    """Return everything the ledger was told about a device, oldest first.

    With `known_at`, what it had been told by then.
    """
    whole, line = declarations(known_at), line_declarations(known_at)
    query = (
        select(
            Event.uid,
            Event.event_time,
            Event.record_time,
            Event.biz_step,
            Event.disposition,
            Party.code.label("custodian"),
            Location.code.label("location"),
            Station.code.label("station"),
            # Of a device that was declared wrong first, the whole event says no more.
            func.coalesce(line.c.reason, whole.c.reason).label("wrong"),
            func.coalesce(line.c.actor, whole.c.actor).label("declared_by"),
            func.coalesce(line.c.record_time, whole.c.record_time).label("declared_at"),
            Event.actor,
            STATED_CONDITION.label("condition"),
            Event.flag,
            Event.raised,
            Event.reason,
        )
        .join(EventLine, EventLine.event_id == Event.id)
        .join(Station, Station.id == Event.station_id)
        .outerjoin(Party, Party.id == Event.custodian_id)
        .outerjoin(Location, Location.id == Event.location_id)
        .outerjoin(whole, whole.c.wrong_event_id == Event.id)
        .outerjoin(
            line, (line.c.wrong_event_id == Event.id) & (line.c.device_id == device.id)
        )
        .where(EventLine.device_id == device.id)
        .order_by(Event.event_time, Event.id)
    )
    if known_at is not None:
        query = query.where(Event.record_time <= known_at)
    return [
        Entry(
            event=row.uid,
            event_time=row.event_time,
            record_time=row.record_time,
            biz_step=row.biz_step,
            disposition=row.disposition,
            custodian=row.custodian,
            location=row.location,
            station=row.station,
            declared_wrong=row.wrong,
            condition=row.condition,
            flag=row.flag,
            raised=row.raised,
            reason=row.reason,
            actor=row.actor,
            declared_by=row.declared_by,
            declared_at=row.declared_at,
        )
        for row in session.execute(query)
    ]


def holdings(
    session: Session,
    code: str,
    *,
    at: datetime,
    within: bool = False,
    known_at: datetime | None = None,
) -> list[Custody]:
    """Return what a party had or a place held at `at`, by tag.

    `within` takes the places inside a place too; `known_at` is as in `custody_as_of`.

    Raises:
        NotFound: `code` is neither a party nor a place.
    """
    named = _NAMED.all(session, code=code.strip().upper())
    if not named:
        raise NotFound(
            f"{shown_code(code)} is neither a party nor a place of this centre. See:"
            " fsc party list, fsc location list"
        )
    is_place, number = max(named)
    if known_at is not None and is_place:
        return believed.at_place(session, number, at, known_at, within=within)
    if known_at is not None:
        return believed.of_party(session, number, at, known_at)
    if not is_place:
        return held.of_party(session, number, at)
    which = held.within_place if within else held.at_place
    return which(session, number, at)


# Of a code that both have, the place is meant: it comes last in order.
_NAMED = Statement(
    lambda: union_all(
        select(literal_column("0"), Party.id).where(Party.code == bindparam("code")),
        select(literal_column("1"), Location.id).where(
            Location.code == bindparam("code")
        ),
    )
)
