"""Technicians in CSV files: how they work, in and out."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.absences import in_spans, record_absence
from fsc_logistics.core.catalogue.technicians import (
    TechnicianShown,
    Terms,
    add_technician,
    list_technicians,
    show_technician,
)
from fsc_logistics.core.database import Sessions
from fsc_logistics.core.exchange.csv_files import (
    Column,
    Line,
    Source,
    read_whole_number,
    text_column,
    written,
)
from fsc_logistics.core.exchange.faults import Faults
from fsc_logistics.core.exchange.importing import import_file
from fsc_logistics.core.exchange.pages import Progress, counted_up, no_progress
from fsc_logistics.core.exchange.recipe import Import, Manner, by_line
from fsc_logistics.domain.codes import read_code
from fsc_logistics.domain.errors import BadInput
from fsc_logistics.domain.hours import (
    read_hours,
    read_lunch,
    shown_hours,
    shown_lunch,
)
from fsc_logistics.domain.limits import CAPACITY_LITRES_MAX
from fsc_logistics.domain.people import read_phone

LITRE_ML = 1000


def import_technicians(
    sessions: Sessions, source: Source, *, faults: Faults, manner: Manner
) -> Iterator[TechnicianShown]:
    """Register the technicians of a CSV file and yield them.

    Where no vehicle is named a new one is registered, VAN- and the code.

    Raises:
        BadInput, BadFile: it is no such file, or lines of it are wrong.
        Refused: somebody else was quicker.
    """
    recipe = Import(kind="technicians", columns=COLUMNS, take=by_line(_add))
    return import_file(sessions, source, lambda _began_at: recipe, faults, manner)


def export_technicians(
    session: Session, progress: Progress = no_progress
) -> Iterator[str]:
    """Yield every technician as the CSV file `import_technicians` reads."""
    found = list_technicians(session)
    rows = (_cells(one) for one in found)
    return written(COLUMNS, counted_up(rows, len(found), progress))


def _cells(one: TechnicianShown) -> tuple[Any, ...]:
    return (
        one.technician,
        one.name,
        one.phone,
        one.start,
        one.end,
        one.vehicle,
        " ".join(one.skills),
        shown_hours(one.shift_from_s, one.shift_to_s),
        shown_lunch(one.lunch_from_s, one.lunch_to_s, one.lunch_s),
        one.weekdays,
        one.capacity_ml // LITRE_ML,
        " ".join(_span(first, last) for first, last in in_spans(one.absent)),
    )


def _add(session: Session, line: Line) -> TechnicianShown:
    said = {name: value for name, value in line.values.items() if value is not None}
    code, absent, vehicle = (
        said.pop("technician"),
        said.pop("absent"),
        said.pop("vehicle", None),
    )
    if "shift" in said:
        said["shift_from_s"], said["shift_to_s"] = said.pop("shift")
    if "lunch" in said:
        lunch = said.pop("lunch")
        said["lunch_from_s"], said["lunch_to_s"], said["lunch_s"] = lunch
    if "capacity" in said:
        said["capacity_ml"] = said.pop("capacity") * LITRE_ML
    terms = Terms(**{"end": said["start"], "vehicle": vehicle or f"VAN-{code}", **said})
    add_technician(session, code, terms, make_vehicle=vehicle is None)
    for first, last in absent:
        record_absence(session, code, first, last)
    session.flush()
    return show_technician(session, code)


def _span(first: date, last: date) -> str:
    return str(first) if first == last else f"{first}/{last}"


def _absent(cell: str) -> tuple[tuple[date, date], ...]:
    spans = []
    for word in cell.split():
        first, _, last = word.partition("/")
        try:
            spans.append((date.fromisoformat(first), date.fromisoformat(last or first)))
        except ValueError:
            raise BadInput(
                "It is not days of absence. Try 2026-12-24/2026-12-31 2027-01-04."
            ) from None
    return tuple(spans)


def _skills(cell: str) -> tuple[str, ...]:
    return tuple(read_code(skill) for skill in cell.replace(",", " ").split())


def _shift(cell: str) -> tuple[int, int]:
    hours = read_hours(cell)
    if hours is None:
        raise BadInput("It is not from-to. Try 08:00-16:00.")
    return hours


def _lunch(cell: str) -> tuple[int, int, int]:
    lunch = read_lunch(cell)
    if lunch is None:
        raise BadInput("It is not a lunch. Try 11:00-13:00/30, or none.")
    return lunch


def _weekdays(cell: str) -> str:
    if set(cell) - set("1234567"):
        raise BadInput("It is not weekdays: 1 is Monday, 7 Sunday, as 12345.")
    return cell


def _litres(cell: str) -> int:
    return read_whole_number(cell, CAPACITY_LITRES_MAX)


COLUMNS = (
    Column(name="technician", read=read_code, needed=True),
    text_column("name", needed=True),
    Column(name="phone", read=read_phone),
    Column(name="start", read=read_code, needed=True),
    Column(name="end", read=read_code),
    Column(name="vehicle", read=read_code),
    Column(name="skills", read=_skills),
    Column(name="shift", read=_shift),
    Column(name="lunch", read=_lunch),
    Column(name="weekdays", read=_weekdays),
    Column(name="capacity", read=_litres),
    Column(name="absent", read=_absent, empty=()),
)
