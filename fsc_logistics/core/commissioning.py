"""Registering devices: a row, its codes, and its first event in the ledger."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from fsc_logistics.core.codes import ids_of, in_parts, lock_register
from fsc_logistics.core.custody import record_transfer
from fsc_logistics.core.device_codes import meant_by, read_foreign_code
from fsc_logistics.core.device_models import Trouble
from fsc_logistics.core.places import keeper_of
from fsc_logistics.core.tables import (
    Device,
    DeviceCode,
    DeviceModel,
    Location,
    Party,
)
from fsc_logistics.domain.codes import read_code
from fsc_logistics.domain.custody import BizStep, Signature, Transfer
from fsc_logistics.domain.errors import NotFound, Refused
from fsc_logistics.domain.uids import new_uid


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDevice:
    """A device to be registered; everything is named by its code."""

    device: str
    model: str
    owner: str
    location: str
    """Where it is, and so who has it first."""
    serial: str | None = None
    codes: tuple[str, ...] = ()
    """Foreign codes that also mean it."""


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


def read_device(device: NewDevice) -> NewDevice:
    """Return `device` as it is kept: its tag and what it names in upper case.

    Raises:
        BadIdentifier, BadInput: a field cannot be read.
    """
    return NewDevice(
        device=read_code(device.device),
        model=read_code(device.model),
        owner=read_code(device.owner),
        location=read_code(device.location),
        serial=(device.serial or "").strip() or None,
        codes=tuple(dict.fromkeys(read_foreign_code(code) for code in device.codes)),
    )


def device_troubles(session: Session, devices: Sequence[NewDevice]) -> list[Trouble]:
    """Return why some of `devices` cannot be registered; none when all can.

    They have been read, and are different from each other.
    """
    lock_register(session)
    return [
        *_unknown(session, devices),
        *_unkept(session, devices),
        *_taken_names(session, devices),
        *_taken_serials(session, devices),
    ]


def add_devices(
    session: Session, devices: Sequence[NewDevice], by: Signature, *, at: datetime
) -> list[Commissioned]:
    """Register devices that have no troubles: one event for each location.

    Raises:
        Refused: `at` lies in the future.
    """
    _insert_devices(session, devices)
    _insert_codes(session, devices)
    by_location = defaultdict(list)
    for device in devices:
        by_location[device.location].append(device.device)
    events = []
    for location, tags in by_location.items():
        transfer = Transfer(
            uid=new_uid(by.record_time),
            devices=tuple(tags),
            location=location,
            event_time=at,
            biz_step=BizStep.COMMISSIONING,
        )
        done = record_transfer(session, transfer, by)
        events.append(
            Commissioned(event=done.uid, location=location, devices=len(done.devices))
        )
    return events


def _insert_devices(session: Session, devices: Sequence[NewDevice]) -> None:
    models = ids_of(
        session, DeviceModel.code, DeviceModel.id, {d.model for d in devices}
    )
    owners = ids_of(session, Party.code, Party.id, {d.owner for d in devices})
    session.execute(
        insert(Device),
        [
            {
                "tag": device.device,
                "model_id": models[device.model],
                "serial": device.serial,
                "owner_id": owners[device.owner],
            }
            for device in devices
        ],
    )


def _insert_codes(session: Session, devices: Sequence[NewDevice]) -> None:
    coded = [device for device in devices if device.codes]
    ids = ids_of(session, Device.tag, Device.id, [device.device for device in coded])
    rows = [
        {"code": code, "device_id": ids[device.device]}
        for device in coded
        for code in device.codes
    ]
    if rows:
        session.execute(insert(DeviceCode), rows)


def _unknown(session: Session, devices: Sequence[NewDevice]) -> list[Trouble]:
    wrong = {
        "model": _missing(
            session, {d.model for d in devices}, DeviceModel.code, "model"
        ),
        "owner": _missing(session, {d.owner for d in devices}, Party.code, "party"),
        "location": _missing(
            session, {d.location for d in devices}, Location.code, "location"
        ),
    }
    return [
        Trouble(
            index=index,
            column=column,
            text=texts[getattr(device, column)],
            unknown=True,
        )
        for index, device in enumerate(devices)
        for column, texts in wrong.items()
        if getattr(device, column) in texts
    ]


def _missing(
    session: Session,
    codes: Collection[str],
    column: InstrumentedAttribute[str],
    noun: str,
) -> dict[str, str]:
    known: set[str] = set()
    for part in in_parts(codes):
        known.update(session.scalars(select(column).where(column.in_(part))))
    return {
        code: f"{code} is no {noun} of this centre. Register it: fsc {noun} add {code}"
        for code in codes
        if code not in known
    }


def _unkept(session: Session, devices: Sequence[NewDevice]) -> Iterator[Trouble]:
    """Yield those that would stand where nobody has what stands there."""
    texts: dict[str, str] = {}
    for part in in_parts({device.location for device in devices}):
        query = select(Location).where(Location.code.in_(part))
        for place in session.scalars(query).all():
            try:
                keeper_of(session, place)
            except Refused:
                texts[place.code] = (
                    f"{place.code} has no keeper. Give it one:"
                    f" fsc location change {place.code} --keeper PARTY"
                )
    for index, device in enumerate(devices):
        if text := texts.get(device.location):
            yield Trouble(index=index, column="location", text=text)


def _taken_names(session: Session, devices: Sequence[NewDevice]) -> Iterator[Trouble]:
    """Yield tags and codes that name a device already, as a tag or as a code."""
    names = [name for device in devices for name in (device.device, *device.codes)]
    taken = meant_by(session, names)
    for index, device in enumerate(devices):
        if tag := taken.get(device.device):
            text = f"{device.device} is registered already."
            if tag != device.device:
                text = f"{device.device} is linked to {tag} already."
            yield Trouble(index=index, column="device", text=text)
        for code in device.codes:
            if tag := taken.get(code.upper()):
                text = f"'{code}' means {tag} already."
                yield Trouble(index=index, column="codes", text=text)


def _taken_serials(session: Session, devices: Sequence[NewDevice]) -> list[Trouble]:
    wanted = {
        (device.model, device.serial): index
        for index, device in enumerate(devices)
        if device.serial
    }
    troubles = []
    for part in in_parts(sorted({str(serial) for _, serial in wanted})):
        rows = session.execute(
            select(DeviceModel.code, Device.serial, Device.tag)
            .join(DeviceModel, DeviceModel.id == Device.model_id)
            .where(Device.model_id.in_(select(DeviceModel.id)), Device.serial.in_(part))
        )
        for model, serial, tag in rows:
            index = wanted.get((model, str(serial)))
            if index is not None:
                text = f"Serial {serial} of {model} is {tag} already."
                troubles.append(Trouble(index=index, column="serial", text=text))
    return troubles
