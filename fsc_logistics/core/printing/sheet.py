"""The run sheet: a technician's day on paper, as values."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

from fsc_logistics.core.printing.language import Words, read_words
from fsc_logistics.core.printing.page import compile_page


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetDevice:
    """Something to bring to a citizen, or to take back."""

    model: str
    tag: str = ""
    """What its label says and a scanner reads; empty where any one will do, and then
    the sheet has a line to write the tag on."""
    serial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLine:
    """Something to take from a shelf before leaving."""

    shelf: str
    """The code of the location; printed as `%L:shelf` to scan."""
    shelf_name: str = ""
    device: SheetDevice
    stop_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTask:
    """A service to do at a stop."""

    service: str
    """A service code of the national order interface (`DELIVER`, `PICKUP`, …); any
    other text is printed as it is."""
    service_s: int
    about: str = ""
    """What to train or calibrate: the model, where no device is listed for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetContact:
    """Someone to call about a stop who is not the citizen."""

    name: str
    relation: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetStop:
    """A stop as a technician needs it: where, when, whom, what.

    Moments are printed in the zone they are given in: give local ones.
    """

    order: str
    number: int
    """Its place on the run, counted from 1."""
    arrival: datetime
    service_start: datetime
    departure: datetime
    agreed_from: datetime | None = None
    agreed_to: datetime | None = None
    travel_s: int
    """The drive to this stop from the one before."""
    distance_m: int
    name: str
    address: str
    postcode: str
    town: str
    phone: str = ""
    call_first: bool = False
    """Call the citizen before driving there."""
    contacts: tuple[SheetContact, ...] = ()
    access: str = ""
    """Door code, floor, dog: what one needs to get in."""
    tasks: tuple[SheetTask, ...] = ()
    bring: tuple[SheetDevice, ...] = ()
    take_back: tuple[SheetDevice, ...] = ()
    protected: bool = False
    """The citizen's name and address are protected by law."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSheet:
    """A run as it is printed."""

    run: str
    """`DAY/TECHNICIAN`, as in `2026-11-24/ANNA`."""
    day: date
    technician: str
    vehicle: str
    centre: str
    centre_phone: str
    start: datetime
    start_place: str
    end: datetime
    end_place: str
    distance_m: int
    travel_s: int
    service_s: int
    waiting_s: int
    lunch_from: datetime | None = None
    lunch_to: datetime | None = None
    load: tuple[LoadLine, ...] = ()
    stops: tuple[SheetStop, ...] = ()
    draft: bool = False
    """Printed before the run was issued: the plan may still change."""


def run_sheet_pdf(sheet: RunSheet, language: str = "da") -> bytes:
    """Return the sheet as A4 pages for a black and white printer.

    Shelves stand in the order `load` first names them, each once.

    Raises:
        BadInput: there is no paper in `language`, or a code cannot be a bar code.
    """
    words = read_words(language)
    content = {
        "sheet": sheet,
        "shelves": _shelves(sheet.load),
        "checks": [_checks(stop, words) for stop in sheet.stops],
        "lunch_after_count": _stops_before_lunch(sheet),
    }
    return compile_page("run_sheet", language, content, _codes(sheet))


def _shelves(load: tuple[LoadLine, ...]) -> list[dict[str, Any]]:
    shelves: dict[str, dict[str, Any]] = {}
    for line in load:
        shelf = shelves.setdefault(
            line.shelf,
            {"shelf": line.shelf, "shelf_name": line.shelf_name, "lines": []},
        )
        shelf["lines"].append(line)
    return list(shelves.values())


def _checks(stop: SheetStop, words: Words) -> list[str]:
    """Return what to tick: what the services ask for, once each."""
    by_service = [words["checklist"].get(task.service, ()) for task in stop.tasks]
    return list(dict.fromkeys(chain.from_iterable(by_service)))


def _stops_before_lunch(sheet: RunSheet) -> int:
    if sheet.lunch_from is None:
        return 0
    return sum(stop.departure <= sheet.lunch_from for stop in sheet.stops)


def _codes(sheet: RunSheet) -> set[str]:
    devices = [line.device for line in sheet.load]
    for stop in sheet.stops:
        devices += [*stop.bring, *stop.take_back]
    return {
        *(f"%L:{line.shelf}" for line in sheet.load),
        *(f"%O:{stop.order}" for stop in sheet.stops),
        *(device.tag for device in devices if device.tag),
    }
