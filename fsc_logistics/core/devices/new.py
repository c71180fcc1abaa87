"""Devices to be registered: read, and what stands against each."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from fsc_logistics.core.catalogue.codes import among, lock_register
from fsc_logistics.core.catalogue.device_models import Trouble
from fsc_logistics.core.catalogue.places import keeper_named
from fsc_logistics.core.devices.codes import meant_by, read_foreign_codes
from fsc_logistics.core.ledger import seek
from fsc_logistics.core.tables import Device, DeviceModel, Location, Party
from fsc_logistics.domain.codes import read_any_line, read_code
from fsc_logistics.domain.errors import Refused


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
    """Foreign codes that also mean it; once read, with the keys they name."""


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
        serial=read_any_line(device.serial or "", "serial") or None,
        codes=read_foreign_codes(device.codes),
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
    known = set(session.scalars(select(column).where(among(column, codes))))
    return {
        code: f"{code} is no {noun} of this centre. Register it: fsc {noun} add {code}"
        for code in codes
        if code not in known
    }


def _unkept(session: Session, devices: Sequence[NewDevice]) -> Iterator[Trouble]:
    """Yield those that would stand where nobody has what stands there."""
    texts: dict[str, str] = {}
    for code in {device.location for device in devices}:
        place = seek.place(session, code)
        if place is None:  # That is told of elsewhere.
            continue
        try:
            keeper_named(session, place)
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
    # The index is on model and serial; naming the models lets it be used.
    models = select(DeviceModel.id).where(
        among(DeviceModel.code, {model for model, _ in wanted})
    )
    rows = session.execute(
        select(DeviceModel.code, Device.serial, Device.tag)
        .join(DeviceModel, DeviceModel.id == Device.model_id)
        .where(
            Device.model_id.in_(models),
            among(Device.serial, {str(serial) for _, serial in wanted}),
        )
    )
    troubles = []
    for model, serial, tag in rows:
        index = wanted.get((model, str(serial)))
        if index is not None:
            text = f"Serial {serial} of {model} is {tag} already."
            troubles.append(Trouble(index=index, column="serial", text=text))
    return troubles
