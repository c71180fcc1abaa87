"""What END says of what went out or came in: what was expected and not scanned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger.appending import lock_station
from fsc_logistics.core.orders.facts import find_order
from fsc_logistics.core.runs.loading import pending_devices
from fsc_logistics.core.scanning.destinations import check_target_exists
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    ConditionSpan,
    CustodySpan,
    Device,
    Event,
    EventLine,
    Location,
    OrderDevice,
    ScanRecord,
)
from fsc_logistics.domain.cards import Mode, Target
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.counting import some_of
from fsc_logistics.domain.custody import BizStep
from fsc_logistics.domain.errors import NotFound, Refused
from fsc_logistics.domain.parties import LocationKind
from fsc_logistics.domain.sayings import Say
from fsc_logistics.domain.station import Station
from scanner.scan import Scan

EVENTS_MAX = 5_000
"""So far back it is looked for what came in, in the events of the station."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was expected, and what of it was not scanned."""

    whole: Say
    """What is said where nothing is missing."""
    wants: Say
    target: str
    expected: int
    missing: tuple[str, ...]

    def key(self) -> Say:
        """Return which saying tells it."""
        return self.wants if self.missing else self.whole

    def facts(self) -> dict[str, str]:
        """Return what it names, and what a screen may show of it."""
        return {
            "target": self.target,
            "expected": str(self.expected),
            "missing": str(len(self.missing)),
            "devices": some_of(self.missing),
        }


def sum_up(session: Session, scan: Scan, station: Station, port: str) -> Summary | None:
    """Return what was expected of what is ended now; None where nobody can say.

    OUT to an order: the devices it names, until they are where it wants them.  IN: what
    was fetched with the vehicles that something has come from, at `port`.
    """
    if station.mode is Mode.OUT and station.order is not None:
        return _gone_out(session, station.order)
    if station.mode is Mode.IN:
        return _come_in(session, scan, station, port)
    return None


def _gone_out(session: Session, code: str) -> Summary | None:
    try:
        named = check_target_exists(session, Target.ORDER, code)
    except (NotFound, Refused):  # Whoever scanned it was told so.
        return None
    order = find_order(session, named)
    expected = session.scalar(
        select(func.count()).where(OrderDevice.order_id == order.id)
    )
    if not expected:
        return None
    return Summary(
        whole=Say.ORDER_WHOLE,
        wants=Say.ORDER_WANTS,
        target=order.code,
        expected=expected,
        missing=tuple(one.tag for one in pending_devices(session, order)),
    )


def _come_in(
    session: Session, scan: Scan, station: Station, port: str
) -> Summary | None:
    """Return what was fetched with the vehicles that devices came in from.

    What is ready in one of them is for the stops to come.
    """
    if station.since is None:
        return None
    came = _came_from(session, scan, station.since, port)
    vehicles = sorted({vehicle for _, vehicle in came})
    if not vehicles:
        return None
    left = session.scalars(
        select(Device.tag)
        .join(CustodySpan, _now(CustodySpan))
        .join(ConditionSpan, _now(ConditionSpan))
        .where(
            CustodySpan.location_id.in_(vehicles),
            ConditionSpan.condition != Condition.READY.value,
        )
        .order_by(Device.tag)
    ).all()
    codes = session.scalars(
        select(Location.code).where(Location.id.in_(vehicles)).order_by(Location.code)
    )
    return Summary(
        whole=Say.CAME_WHOLE,
        wants=Say.CAME_WANTS,
        target=", ".join(codes),
        expected=len({device for device, _ in came}) + len(left),
        missing=tuple(left),
    )


def _came_from(
    session: Session, scan: Scan, since: datetime, port: str
) -> Sequence[tuple[int, int]]:
    """Return what came in here since then, and the vehicles it was in just before."""
    station_id = lock_station(session, scan.station)
    last = (
        select(Event.id, Event.event_time)
        .join(ScanRecord, ScanRecord.scan_id == Event.uid)
        .where(
            Event.station_id == station_id,
            Event.biz_step == BizStep.RECEIVING.value,
            ScanRecord.port == port,
            Event.event_time >= since,
            Event.event_time <= scan.scanned_at,
        )
        .order_by(Event.station_seq.desc())
        .limit(EVENTS_MAX)
        .subquery()
    )
    rows = session.execute(
        select(CustodySpan.device_id, CustodySpan.location_id)
        .join(EventLine, EventLine.device_id == CustodySpan.device_id)
        .join(
            last,
            and_(
                last.c.id == EventLine.event_id,
                last.c.event_time == CustodySpan.valid_to,
            ),
        )
        .join(Location, Location.id == CustodySpan.location_id)
        .where(Location.kind == LocationKind.VEHICLE.value)
    )
    return [(device, vehicle) for device, vehicle in rows]


def _now(table: type[CustodySpan] | type[ConditionSpan]) -> ColumnElement[bool]:
    return and_(table.device_id == Device.id, table.valid_to == OPEN_ENDED)
