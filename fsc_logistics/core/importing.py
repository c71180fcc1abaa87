"""Devices and models from CSV files and back: all of a file, or none of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.commissioning import (
    Commissioned,
    NewDevice,
    add_devices,
    device_troubles,
)
from fsc_logistics.core.csv_files import (
    BadFile,
    Column,
    Fault,
    Line,
    read_csv,
    read_whole_number,
    twice,
    written,
)
from fsc_logistics.core.device_codes import BETWEEN_CODES, read_foreign_code
from fsc_logistics.core.device_models import (
    Model,
    Trouble,
    add_models,
    list_models,
    model_troubles,
)
from fsc_logistics.core.devices import list_devices
from fsc_logistics.core.tables import Device, DeviceCode, Party
from fsc_logistics.domain.codes import read_code
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.identifiers import read_gtin
from fsc_logistics.domain.limits import MINUTES_MAX, VOLUME_ML_MAX

MINUTE_S = 60


def import_models(
    session: Session, data: bytes, *, dry_run: bool = False
) -> list[Model]:
    """Register the device models of a CSV file and return them.

    With `dry_run` everything is checked and nothing registered.

    Raises:
        BadInput: it is no CSV file with the columns needed.
        BadFile: lines of it are wrong.
    """
    lines, faults = read_csv(data, MODEL_COLUMNS)
    models = [_model(line) for line in lines]
    faults += twice(lines, "model", _names("model"))
    faults += twice(lines, "gtin", _names("gtin"))
    faults += _faults(model_troubles(session, models), lines)
    if faults:
        raise BadFile(faults)
    if not dry_run:
        add_models(session, models)
    return models


def import_devices(
    session: Session,
    data: bytes,
    by: Signature,
    *,
    at: datetime,
    dry_run: bool = False,
) -> list[Commissioned]:
    """Register the devices of a CSV file, with one event for each location.

    With `dry_run` everything is done, and undone again.

    Raises:
        BadInput: it is no CSV file with the columns needed.
        BadFile: lines of it are wrong.
        Refused: `at` lies in the future.
    """
    lines, faults = read_csv(data, DEVICE_COLUMNS)
    devices = [NewDevice(**line.values) for line in lines]
    faults += twice(lines, "device", _all_names)
    faults += twice(lines, "serial", _serial)
    faults += _faults(device_troubles(session, devices), lines)
    if faults:
        raise BadFile(faults)
    if not devices:
        return []
    attempt = session.begin_nested()
    events = add_devices(session, devices, by, at=at)
    if dry_run:
        attempt.rollback()
    return events


def export_models(session: Session) -> str:
    """Return every device model as the CSV file `import_models` reads."""
    return written(
        MODEL_COLUMNS,
        (
            (
                model.model,
                model.maker,
                model.name,
                model.category,
                model.gtin,
                model.setup_s // MINUTE_S,
                model.training_s // MINUTE_S,
                model.skill,
                model.volume_ml,
            )
            for model in list_models(session)
        ),
    )


def export_devices(session: Session) -> str:
    """Return every device, where it is now, as the CSV file `import_devices` reads."""
    owners: dict[str, str] = {}
    for tag, owner in session.execute(
        select(Device.tag, Party.code).join(Party, Party.id == Device.owner_id)
    ):
        owners[tag] = owner
    codes: dict[str, list[str]] = {}
    for tag, code in session.execute(
        select(Device.tag, DeviceCode.code)
        .join(DeviceCode, DeviceCode.device_id == Device.id)
        .order_by(DeviceCode.code)
    ):
        codes.setdefault(tag, []).append(code)
    return written(
        DEVICE_COLUMNS,
        (
            (
                row.device,
                row.model,
                row.serial,
                owners[row.device],
                row.location,
                BETWEEN_CODES.join(codes.get(row.device, ())),
            )
            for row in list_devices(session)
        ),
    )


def _minutes(text: str) -> int:
    return read_whole_number(text, MINUTES_MAX) * MINUTE_S


def _millilitres(text: str) -> int:
    return read_whole_number(text, VOLUME_ML_MAX)


def _codes(text: str) -> tuple[str, ...]:
    codes = (code for code in text.split(BETWEEN_CODES) if code.strip())
    return tuple(dict.fromkeys(read_foreign_code(code) for code in codes))


MODEL_COLUMNS = (
    Column(name="model", read=read_code, needed=True),
    Column(name="maker", read=str, needed=True),
    Column(name="name", read=str, needed=True),
    Column(name="category", read=str, needed=True),
    Column(name="gtin", read=read_gtin),
    Column(name="setup_min", read=_minutes, empty=0),
    Column(name="training_min", read=_minutes, empty=0),
    Column(name="skill", read=read_code),
    Column(name="volume_ml", read=_millilitres, empty=0),
)
DEVICE_COLUMNS = (
    Column(name="device", read=read_code, needed=True),
    Column(name="model", read=read_code, needed=True),
    Column(name="serial", read=str),
    Column(name="owner", read=read_code, needed=True),
    Column(name="location", read=read_code, needed=True),
    Column(name="codes", read=_codes, empty=()),
)


def _model(line: Line) -> Model:
    values = dict(line.values)
    setup_s, training_s = values.pop("setup_min"), values.pop("training_min")
    return Model(setup_s=setup_s, training_s=training_s, **values)


def _names(column: str) -> Callable[[Line], tuple[str, ...]]:
    def names(line: Line) -> tuple[str, ...]:
        value = line.values[column]
        return (value,) if value else ()

    return names


def _all_names(line: Line) -> dict[str, None]:
    """Return the tag and the foreign codes: each names one device, in either case."""
    names = (line.values["device"], *line.values["codes"])
    return dict.fromkeys(name.upper() for name in names)


def _serial(line: Line) -> Iterator[tuple[str, str]]:
    if line.values["serial"]:
        yield line.values["model"], line.values["serial"]


def _faults(troubles: Iterable[Trouble], lines: Sequence[Line]) -> Iterator[Fault]:
    for trouble in troubles:
        number = lines[trouble.index].number
        yield Fault(line=number, column=trouble.column, text=trouble.text)
