"""What was known of devices when an event came: who had them, and how they were."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.ledger.appending import NewEvent
from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.ledger.seek import Held, Lasting
from fsc_logistics.core.ledger.spans import BATCH
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import (
    Anomaly,
    ConditionSpan,
    CustodySpan,
    Device,
    Event,
    FlagSpan,
    Location,
    Party,
)
from fsc_logistics.core.tables.base import EPOCH, MICROSECOND
from fsc_logistics.domain.anomalies import ExceptionKind, is_lent_at
from fsc_logistics.domain.care import Flag

JUST_BEFORE = timedelta(microseconds=1)


class Known(NamedTuple):
    """What was known of a device at the moment of an event."""

    id: int
    tag: str
    owner: str
    owner_kind: str
    owner_municipality: str | None
    condition: str | None
    recalled: bool | None
    missing: bool | None
    unseen: bool | None
    """Whether the ledger has had it nowhere else since it was flagged as missing."""
    before: str | None
    """Who had it; None before its first event."""
    before_kind: str | None
    place_kind_before: str | None
    custodian_kind: str
    """Of who has it after the event, as the two below."""
    municipality: str | None
    location_kind: str
    is_sought: bool | None
    """Whether a count has not seen it, and what is recorded now says where it is."""
    held: Held | None
    """The span of custody it was in; None before its first event."""
    stated: Lasting | None
    """The span of its condition; None where nobody had ever said."""

    def flags(self) -> frozenset[Flag]:
        """Return the flags that are raised."""
        hung = ((Flag.RECALLED, self.recalled), (Flag.MISSING, self.missing))
        return frozenset(flag for flag, raised in hung if raised)

    def comes_back(self) -> bool:
        """Return whether it leaves whoever used it, and goes to nobody who will."""
        if self.before_kind is None or self.place_kind_before is None:
            return False
        return is_lent_at(self.before_kind, self.place_kind_before) and not is_lent_at(
            self.custodian_kind, self.location_kind
        )


def known_at(
    session: Session,
    event: NewEvent,
    devices: Sequence[int],
    *,
    is_recorded: bool = False,
) -> dict[int, Known]:
    """Return what is known of each device at the moment of a custody event.

    Of one that the spans have already (`is_recorded`) they are read just before it.
    """
    assert event.custodian is not None
    assert event.location is not None
    at = event.event_time
    about = {
        "at": microseconds(at),
        "before": microseconds(at - JUST_BEFORE if is_recorded else at),
        "custodian": event.custodian.id,
        "location": event.location.id,
    }
    if len(devices) == 1:
        rows = _KNOWN_OF_ONE.all(session, device=devices[0], **about)
        return {row[0]: _known(row) for row in rows}
    found: dict[int, Known] = {}
    for start in range(0, len(devices), BATCH):
        batch = Device.id.in_(devices[start : start + BATCH])
        for row in session.execute(_known_of(batch).params(about)):
            found[row[0]] = _known(row)
    return found


def _known(row: Sequence[Any]) -> Known:
    *said, custodian, place, event, begun, end, stated, restated = row
    held = lasting = None
    if begun is not None:
        held = Held(row[0], custodian, place, event, _moment(begun), _moment(end))
    if stated is not None:
        lasting = Lasting(_moment(stated), _moment(restated))
    return Known._make((*said, held, lasting))


def _moment(at_us: int) -> datetime:
    return EPOCH + at_us * MICROSECOND


_owner, _custodian, _keeper = aliased(Party), aliased(Party), aliased(Party)
_recalled, _missing = aliased(FlagSpan), aliased(FlagSpan)
_was_at = aliased(Location)


def _known_of(devices: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    at = bindparam("at", type_=BigInteger)
    before = bindparam("before", type_=BigInteger)

    def then(
        table: type[ConditionSpan | CustodySpan | FlagSpan],
        moment: ColumnElement[int],
    ) -> ColumnElement[bool]:
        return and_(
            table.device_id == Device.id,
            table.valid_from <= moment,
            table.valid_to > moment,
        )

    def flagged(
        table: type[FlagSpan],
        flag: Flag,
    ) -> ColumnElement[bool]:
        return then(table, at) & (table.flag == flag.value)

    return (
        select(
            Device.id,
            Device.tag,
            _owner.code,
            _owner.kind,
            _owner.municipality_code,
            ConditionSpan.condition,
            # Whether it is raised is not asked for: SQLite would then look through all
            # flags that are, and not those of the device.
            _recalled.raised,
            _missing.raised,
            CustodySpan.valid_from <= _missing.valid_from,
            _keeper.code,
            _keeper.kind,
            _was_at.kind,
            _custodian.kind,
            _custodian.municipality_code,
            Location.kind,
            _is_sought(at),
            CustodySpan.custodian_id,
            CustodySpan.location_id,
            CustodySpan.event_id,
            # As the driver has them, by whichever way they are asked for.
            type_coerce(CustodySpan.valid_from, BigInteger).label("held_from"),
            type_coerce(CustodySpan.valid_to, BigInteger).label("held_to"),
            type_coerce(ConditionSpan.valid_from, BigInteger).label("stated_from"),
            type_coerce(ConditionSpan.valid_to, BigInteger).label("stated_to"),
        )
        .join(_owner, _owner.id == Device.owner_id)
        .join(_custodian, _custodian.id == bindparam("custodian", type_=BigInteger))
        .join(Location, Location.id == bindparam("location", type_=BigInteger))
        .outerjoin(ConditionSpan, then(ConditionSpan, before))
        .outerjoin(_recalled, flagged(_recalled, Flag.RECALLED))
        .outerjoin(_missing, flagged(_missing, Flag.MISSING))
        .outerjoin(CustodySpan, then(CustodySpan, before))
        .outerjoin(_keeper, _keeper.id == CustodySpan.custodian_id)
        .outerjoin(_was_at, _was_at.id == CustodySpan.location_id)
        .where(devices)
    )


def _is_sought(at: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that `Device` waits to be seen since a count.

    What is recorded late, of a time before the count, answers it where it says that the
    device had gone.
    """
    return exists().where(
        # By the index on devices, and not by the one on all that waits.
        Anomaly.device_id == Device.id,
        Anomaly.kind == ExceptionKind.NOT_SEEN.value,
        func.coalesce(Anomaly.resolution_id, 0) == 0,
        Event.id == Anomaly.event_id,
        or_(Event.event_time <= at, Event.location_id != Location.id),
    )


_KNOWN_OF_ONE = Statement(
    lambda: _known_of(Device.id == bindparam("device", type_=BigInteger))
)
