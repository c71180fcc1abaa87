"""Who has it, who had it, what do they have: answers of the ledger."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Row,
    Select,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.devices.finding import as_tag, find_tagged
from fsc_logistics.core.ledger import held
from fsc_logistics.core.ledger.seek import Tagged
from fsc_logistics.core.ledger.spans import STATED_CONDITION
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    Device,
    DeviceModel,
    ErrorDeclaration,
    Event,
    EventLine,
    LineDeclaration,
    Location,
    Party,
    Station,
)
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.custody import (
    Custody,
    Entry,
    EventKind,
    shown_disposition,
)
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
        return _as_known(session, device, at, known_at)
    return held.of_device(session, device.id, at)


def history(session: Session, device: Device) -> list[Entry]:
    """Return everything the ledger was told about a device, oldest first."""
    declaring, line = aliased(ErrorDeclaration), aliased(LineDeclaration)
    rows = session.execute(
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
            func.coalesce(line.reason, declaring.reason).label("wrong"),
            STATED_CONDITION.label("condition"),
            Event.flag,
            Event.raised,
            Event.reason,
        )
        .join(EventLine, EventLine.event_id == Event.id)
        .join(Station, Station.id == Event.station_id)
        .outerjoin(Party, Party.id == Event.custodian_id)
        .outerjoin(Location, Location.id == Event.location_id)
        .outerjoin(declaring, declaring.wrong_event_id == Event.id)
        .outerjoin(
            line, (line.wrong_event_id == Event.id) & (line.device_id == device.id)
        )
        .where(EventLine.device_id == device.id)
        .order_by(Event.event_time, Event.id)
    )
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
        )
        for row in rows
    ]


def holdings(
    session: Session, code: str, *, at: datetime, within: bool = False
) -> list[Custody]:
    """Return what a party had or a place held at `at`, by tag.

    `within` takes the places inside a place too.

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


def _as_known(
    session: Session, device: Device | Tagged, at: datetime, known_at: datetime
) -> Custody | None:
    """Answer from the ledger itself, leaving out what was learnt after `known_at`."""
    rows = session.execute(_known(device, known_at)).all()
    # Of several events at one moment the last one counts.
    moves = {row.event_time: row for row in rows if row.kind == EventKind.OBJECT}
    starts = [*moves, OPEN_ENDED]
    chain = [
        (start, end, (row.custodian_id, row.location_id))
        for (start, row), end in zip(moves.items(), starts[1:], strict=True)
    ]
    here = max((start for start in moves if start <= at), default=None)
    if here is None:
        return None
    since, until = held.run_of(chain, here)
    before = [row for row in rows if row.event_time <= at]
    conditions = [row.condition for row in before if row.condition is not None]
    flags = {row.flag: row.raised for row in before if row.flag is not None}
    return _custody_of(
        moves[here],
        since,
        until,
        condition=conditions[-1] if conditions else None,
        flags=tuple(flag for flag in Flag if flags.get(flag)),
    )


def _known(device: Device | Tagged, known_at: datetime) -> Select[*tuple[Any, ...]]:
    """Return the query for what was known of a device at `known_at`, in order."""
    declaring, line_declaring = aliased(Event), aliased(Event)
    declared_by_then = (
        exists()
        .where(ErrorDeclaration.wrong_event_id == Event.id)
        .where(ErrorDeclaration.event_id == declaring.id)
        .where(declaring.record_time <= known_at)
    )
    line_declared_by_then = (
        exists()
        .where(LineDeclaration.wrong_event_id == Event.id)
        .where(LineDeclaration.device_id == device.id)
        .where(LineDeclaration.event_id == line_declaring.id)
        .where(line_declaring.record_time <= known_at)
    )
    return (
        select(
            Event.uid,
            Event.kind,
            Event.event_time,
            Event.custodian_id,
            Event.location_id,
            Event.biz_step,
            Event.disposition,
            STATED_CONDITION.label("condition"),
            Event.flag,
            Event.raised,
            Device.tag,
            DeviceModel.code.label("model"),
            Party.code.label("custodian"),
            Party.kind.label("custodian_kind"),
            Location.code.label("location"),
        )
        .join(EventLine, EventLine.event_id == Event.id)
        .join(Device, Device.id == EventLine.device_id)
        .join(DeviceModel, DeviceModel.id == Device.model_id)
        .outerjoin(Party, Party.id == Event.custodian_id)
        .outerjoin(Location, Location.id == Event.location_id)
        .where(
            EventLine.device_id == device.id,
            Event.record_time <= known_at,
            ~declared_by_then,
            ~line_declared_by_then,
        )
        .order_by(Event.event_time, Event.id)
    )


def _custody_of(
    row: Row[*tuple[Any, ...]],
    since: datetime,
    until: datetime,
    *,
    condition: str | None,
    flags: tuple[str, ...],
) -> Custody:
    """Return the answer that a row of `_known` gives."""
    return Custody(
        device=row.tag,
        model=row.model,
        custodian=row.custodian,
        custodian_kind=row.custodian_kind,
        location=row.location,
        since=since,
        until=None if until == OPEN_ENDED else until,
        biz_step=row.biz_step,
        disposition=shown_disposition(row.disposition, condition),
        event=row.uid,
        condition=condition,
        flags=flags,
    )
