"""Registering devices: a row, its codes, and its first event in the ledger."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, String, bindparam, insert, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.codes import ids_of
from fsc_logistics.core.devices.new import NewDevice, device_troubles, read_device
from fsc_logistics.core.ledger.appending import (
    Line,
    Named,
    NewEvent,
    Registered,
    append,
    lock_station,
)
from fsc_logistics.core.ledger.custody import as_event
from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    ConditionSpan,
    CustodySpan,
    Device,
    DeviceCode,
    DeviceModel,
    EventLine,
    Party,
)
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.custody import BizStep, Signature, Transfer, check_time
from fsc_logistics.domain.errors import NotFound, Refused
from fsc_logistics.domain.uids import new_uid

__all__ = [
    "Commissioned",
    "NewDevice",
    "add_device",
    "add_devices",
    "device_troubles",
    "read_device",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commissioned:
    """An event that brought devices into the ledger."""

    event: str
    location: str
    devices: int


def add_device(
    session: Session, device: NewDevice, by: Signature, *, at: datetime
) -> Commissioned:
    """Register one device and record where it is.

    Raises:
        BadIdentifier, BadInput: a field cannot be read.
        NotFound: its model, owner or location is unknown.
        Refused: the tag, the serial or a code is taken, or nobody keeps the place.
    """
    device = read_device(device)
    for trouble in device_troubles(session, [device]):
        raise (NotFound if trouble.unknown else Refused)(trouble.text)
    return add_devices(session, [device], by, at=at)[0]


def add_devices(
    session: Session, devices: Sequence[NewDevice], by: Signature, *, at: datetime
) -> list[Commissioned]:
    """Register devices that have no troubles: one event for each location.

    Raises:
        Refused: `at` lies in the future.
    """
    station = lock_station(session, by.station)
    check_time(at, by.record_time)
    ids = _insert_devices(session, devices)
    _insert_codes(session, devices, ids)
    by_location = defaultdict(list)
    for device in devices:
        by_location[device.location].append(device)
    done = []
    for location, there in by_location.items():
        event = _commissioning(session, location, there, ids, by, at=at)
        event_id = append(session, station, event, by)
        _begin_spans(session, event, event_id)
        done.append(
            Commissioned(event=event.uid, location=location, devices=len(there))
        )
    return done


def _begin_spans(session: Session, event: NewEvent, event_id: int) -> None:
    """Begin the chains of the devices of an event, which have none yet."""
    assert event.custodian is not None
    assert event.location is not None
    at = {
        "valid_from": microseconds(event.event_time),
        "valid_to": microseconds(OPEN_ENDED),
        "event_id": event_id,
    }
    _BEGIN_CUSTODY.run(
        session,
        custodian_id=event.custodian.id,
        location_id=event.location.id,
        **at,
    )
    _BEGIN_CONDITION.run(session, condition=event.condition, **at)


def _begin(table: type[CustodySpan] | type[ConditionSpan], *said: str) -> Statement:
    """Return the statement that begins a chain for each device of an event.

    The rows never leave the database: it has all that they hold.
    """
    names = (*said, "valid_from", "valid_to", "event_id")
    number, text = BigInteger(), String()
    values = [
        bindparam(name, type_=text if name == "condition" else number) for name in names
    ]
    return Statement(
        lambda: insert(table).from_select(
            ["device_id", *names],
            select(EventLine.device_id, *values).where(
                EventLine.event_id == bindparam("event_id", type_=number)
            ),
        )
    )


_BEGIN_CUSTODY = _begin(CustodySpan, "custodian_id", "location_id")
_BEGIN_CONDITION = _begin(ConditionSpan, "condition")


def _commissioning(
    session: Session,
    location: str,
    devices: Sequence[NewDevice],
    ids: Mapping[str, int],
    by: Signature,
    *,
    at: datetime,
) -> NewEvent:
    transfer = Transfer(
        uid=new_uid(by.record_time),
        devices=tuple(device.device for device in devices),
        location=location,
        event_time=at,
        biz_step=BizStep.COMMISSIONING,
    )
    event = as_event(session, transfer)
    condition = event.condition or Condition.READY
    return event._replace(
        condition=condition,
        lines=tuple(Line(Named(ids[d.device], d.device)) for d in devices),
        registered=tuple(Registered(d.model, d.serial, d.owner) for d in devices),
    )


def _insert_devices(session: Session, devices: Sequence[NewDevice]) -> dict[str, int]:
    """Insert the devices' rows; return their numbers by tag."""
    models = ids_of(
        session, DeviceModel.code, DeviceModel.id, {d.model for d in devices}
    )
    owners = ids_of(session, Party.code, Party.id, {d.owner for d in devices})
    _ADD_DEVICE.many(
        session,
        [
            {
                "tag": device.device,
                "model_id": models[device.model],
                "serial": device.serial,
                "owner_id": owners[device.owner],
                "held_to": _HELD_TO,
            }
            for device in devices
        ],
    )
    return ids_of(session, Device.tag, Device.id, [d.device for d in devices])


def _insert_codes(
    session: Session, devices: Sequence[NewDevice], ids: Mapping[str, int]
) -> None:
    rows = [
        {"code": code, "device_id": ids[device.device]}
        for device in devices
        for code in device.codes
    ]
    _ADD_CODE.many(session, rows)


_HELD_TO = microseconds(OPEN_ENDED)
_ADD_DEVICE = Statement(
    lambda: insert(Device), "tag", "model_id", "serial", "owner_id", "held_to"
)
_ADD_CODE = Statement(lambda: insert(DeviceCode), "code", "device_id")
