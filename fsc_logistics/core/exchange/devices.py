"""Devices in CSV files: in and out."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Row, Text, and_, bindparam, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.codes import among_numbers
from fsc_logistics.core.database import Sessions
from fsc_logistics.core.devices.codes import BETWEEN_CODES, read_foreign_codes
from fsc_logistics.core.devices.commissioning import (
    Commissioned,
    NewDevice,
    add_devices,
    device_troubles,
)
from fsc_logistics.core.exchange.csv_files import (
    Column,
    Fault,
    Line,
    Source,
    Told,
    written,
)
from fsc_logistics.core.exchange.faults import Faults
from fsc_logistics.core.exchange.importing import import_file
from fsc_logistics.core.exchange.pages import (
    Progress,
    count,
    counted_up,
    no_progress,
    pages_by,
)
from fsc_logistics.core.exchange.recipe import Import, Manner
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    CustodySpan,
    Device,
    DeviceCode,
    DeviceModel,
    Location,
    Party,
)
from fsc_logistics.domain.codes import read_any_line, read_code
from fsc_logistics.domain.custody import Signature


def import_devices(
    sessions: Sessions,
    source: Source,
    by: Signature,
    *,
    faults: Faults,
    manner: Manner,
    at: datetime | None = None,
) -> Iterator[Commissioned]:
    """Register the devices of a CSV file; yield the events, one a place and chunk.

    Without `at` they are where they are since the import began.

    Raises:
        BadInput, BadFile: it is no such file, or lines of it are wrong.
        Refused: `at` lies in the future, or somebody else was quicker.
    """

    def recipe(began_at: datetime) -> Import[Commissioned]:
        return Import(
            kind="devices",
            columns=COLUMNS,
            take=partial(_take, by=by, at=at or began_at),
            check=_check,
            names={"device": _all_names, "serial": _serial},
        )

    return import_file(sessions, source, recipe, faults, manner)


def export_devices(session: Session, progress: Progress = no_progress) -> Iterator[str]:
    """Yield every device, where it is now, as the CSV file `import_devices` reads."""
    query = (
        select(
            Device.id,
            Device.tag,
            DeviceModel.code.label("model"),
            Device.serial,
            Party.code.label("owner"),
            Location.code.label("location"),
        )
        .join(DeviceModel, DeviceModel.id == Device.model_id)
        .join(Party, Party.id == Device.owner_id)
        .join(
            CustodySpan,
            and_(
                CustodySpan.device_id == Device.id, CustodySpan.valid_to == OPEN_ENDED
            ),
        )
        .join(Location, Location.id == CustodySpan.location_id)
    )
    rows = (
        (*row[1:], codes)
        for page in pages_by(session, query, Device.tag)
        for row, codes in _with_codes(session, page)
    )
    return written(COLUMNS, counted_up(rows, count(session, Device), progress))


def _with_codes(
    session: Session, page: Sequence[Row[Any]]
) -> Iterator[tuple[Row[Any], str]]:
    found: dict[int, list[str]] = {}
    devices = json.dumps([row.id for row in page])
    for device, code in session.execute(_CODES, {"devices": devices}):
        found.setdefault(device, []).append(code)
    for row in page:
        yield row, BETWEEN_CODES.join(found.get(row.id, ()))


_CODES = (
    select(DeviceCode.device_id, DeviceCode.code)
    .where(among_numbers(DeviceCode.device_id, bindparam("devices", type_=Text)))
    .order_by(DeviceCode.code)
)


def _check(session: Session, lines: Sequence[Line], told: Told) -> None:
    _right(session, lines, told)


def _take(
    session: Session,
    lines: Sequence[Line],
    told: Told,
    *,
    by: Signature,
    at: datetime,
) -> list[Commissioned]:
    return add_devices(session, _right(session, lines, told), by, at=at)


def _right(session: Session, lines: Sequence[Line], told: Told) -> list[NewDevice]:
    """Return the devices that can be registered; tell why the others cannot."""
    devices = [NewDevice(**line.values) for line in lines]
    wrong = set()
    for trouble in device_troubles(session, devices):
        number = lines[trouble.index].number
        wrong.add(trouble.index)
        told(Fault(line=number, column=trouble.column, text=trouble.text))
    return [device for index, device in enumerate(devices) if index not in wrong]


def _codes(text: str) -> tuple[str, ...]:
    return read_foreign_codes(
        code for code in text.split(BETWEEN_CODES) if code.strip()
    )


_read_known = lru_cache(maxsize=4_096)(read_code)
"""For what many lines name: models, owners, places."""

COLUMNS = (
    Column(name="device", read=read_code, needed=True),
    Column(name="model", read=_read_known, needed=True),
    Column(name="serial", read=partial(read_any_line, what="serial")),
    Column(name="owner", read=_read_known, needed=True),
    Column(name="location", read=_read_known, needed=True),
    Column(name="codes", read=_codes, empty=()),
)


def _all_names(line: Line) -> Iterator[tuple[str, ...]]:
    """Yield the tag and the foreign codes: each names one device, in either case."""
    device, codes = line.values["device"], line.values["codes"]
    if not codes:
        yield (device,)
        return
    for name in dict.fromkeys(name.upper() for name in (device, *codes)):
        yield (name,)


def _serial(line: Line) -> Iterator[tuple[str, ...]]:
    if line.values["serial"]:
        yield line.values["model"], line.values["serial"]
