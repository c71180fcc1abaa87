"""Technicians: add, change, show, list, import, export; days of absence."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.fields import Words
from fsc_logistics.cli.fields import given as said_of
from fsc_logistics.cli.files import (
    Given,
    echo_imported,
    exporting,
    import_options,
    importing,
)
from fsc_logistics.cli.output import OUT_FILE, Form, echo, echo_one, output_option
from fsc_logistics.cli.params import CalendarDay
from fsc_logistics.domain.hours import read_hours, read_lunch, shown_hours
from fsc_logistics.domain.limits import CAPACITY_LITRES_MAX

if TYPE_CHECKING:
    from fsc_logistics.core.catalogue.technicians import TechnicianShown

LITRE_ML = 1000
COLUMNS = ("technician", "name", "start", "end", "vehicle", "weekdays", "skills")


class Span(click.ParamType[tuple[int, int]]):
    """From one time of day to another: HH:MM-HH:MM."""

    name = "hh:mm-hh:mm"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Return both in seconds from midnight."""
        read = value if isinstance(value, tuple) else read_hours(str(value))
        if read is None:
            self.fail(f"'{value}' is not from-to. Try 08:00-16:00.", param, ctx)
        return read


class Lunch(click.ParamType[tuple[int, int, int]]):
    """When lunch may begin and how many minutes it lasts: HH:MM-HH:MM/MINUTES."""

    name = "hh:mm-hh:mm/min"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int, int]:
        """Return earliest and latest begin, and how long, in seconds; none: 0, 0, 0."""
        read = value if isinstance(value, tuple) else read_lunch(str(value))
        if read is None:
            self.fail(
                f"'{value}' is not a lunch. Try 11:00-13:00/30, or none.", param, ctx
            )
        return read


def _terms_options(*, needed: bool) -> Callable[..., Any]:
    def options(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(
            (
                click.option("--name", required=needed, help="What they are called."),
                click.option("--phone", help="Danish unless a country is in front."),
                click.option(
                    "--start", required=needed, help="Code of where the day begins."
                ),
                click.option("--end", help="Where it ends.  [default: the start]"),
                click.option("--skills", type=Words(), help="What they can do."),
                click.option("--shift", type=Span(), help="[default: 08:00-16:00]"),
                click.option(
                    "--lunch",
                    type=Lunch(),
                    help="When it may begin and its minutes, or none."
                    "  [default: 11:00-13:00/30]",
                ),
                click.option("--weekdays", help="1 is Monday.  [default: 12345]"),
                click.option(
                    "--capacity",
                    type=click.IntRange(0, CAPACITY_LITRES_MAX),
                    help="Litres the vehicle holds.  [default: 1000]",
                ),
            )
        ):
            command = option(command)
        return command

    return options


@click.group()
def technician() -> None:
    """Technicians and their working days."""


@technician.command()
@click.argument("code")
@_terms_options(needed=True)
@click.option("--vehicle", help="Code of a vehicle.  [default: a new one, VAN-CODE]")
@output_option
@pass_desk
def add(desk: Desk, code: str, vehicle: str | None, form: Form, **fields: Any) -> None:
    """Register a technician under CODE, and a vehicle where none is named."""
    from fsc_logistics.core.catalogue.technicians import Terms, add_technician

    said = _terms(fields)
    terms = Terms(
        **{"end": said["start"], **said}, vehicle=vehicle or f"VAN-{code.strip()}"
    )
    with desk.sessions.begin() as session:
        added = add_technician(session, code, terms, make_vehicle=vehicle is None)
    echo_one(added, form, _line(added))


@technician.command()
@click.argument("code")
@_terms_options(needed=False)
@click.option("--vehicle", help="Code of a vehicle.")
@output_option
@pass_desk
def change(desk: Desk, code: str, form: Form, **fields: Any) -> None:
    """Change how a technician works."""
    from fsc_logistics.core.catalogue.technicians import change_technician

    with desk.sessions.begin() as session:
        changed = change_technician(session, code, **_terms(fields))
    echo_one(changed, form, _line(changed))


@technician.command()
@click.argument("code")
@output_option
@pass_desk
def show(desk: Desk, code: str, form: Form) -> None:
    """Show how a technician works, and the days of absence to come."""
    from fsc_logistics.core.catalogue.technicians import show_technician

    today = desk.now().astimezone(desk.settings.timezone).date()
    with desk.sessions.read() as session:
        found = show_technician(session, code, since=today)
    echo_one(found, form, _line(found))


@technician.command("list")
@output_option
@pass_desk
def list_(desk: Desk, form: Form) -> None:
    """List technicians by code, with the days of absence to come."""
    from fsc_logistics.core.catalogue.technicians import (
        TechnicianShown,
        list_technicians,
    )

    today = desk.now().astimezone(desk.settings.timezone).date()
    with desk.sessions.read() as session:
        found = list_technicians(session, since=today)
    echo(found, form, columns=COLUMNS, of=TechnicianShown)


@technician.command("import")
@import_options
@output_option
@pass_desk
def import_(desk: Desk, given: Given, form: Form) -> None:
    """Register the technicians in the CSV file FILE; - is standard input.

    Columns: technician, name, start (needed); phone, end, vehicle, skills, shift,
    lunch, weekdays, capacity, as fsc technician add has them; absent: days, and spans
    as 2026-12-24/2026-12-31, with blanks between them.  Where no vehicle is named a
    new one is registered.  All of them are registered, or none.
    """
    from fsc_logistics.core.catalogue.technicians import TechnicianShown
    from fsc_logistics.core.exchange.technicians import import_technicians

    with importing(desk, given) as (source, faults, manner):
        rows = import_technicians(desk.sessions, source, faults=faults, manner=manner)
        echo_imported(rows, given, form, of=TechnicianShown, noun="technician")


@technician.command()
@click.argument("file", type=OUT_FILE)
@pass_desk
def export(desk: Desk, file: Path) -> None:
    """Write every technician to FILE as CSV, as import reads it; - is stdout."""
    from fsc_logistics.core.exchange.technicians import export_technicians

    exporting(desk, file, export_technicians)


@technician.command()
@click.argument("code")
@click.argument("day", type=CalendarDay())
@click.option("--until", type=CalendarDay(), help="The last day.  [default: DAY]")
@pass_desk
def absent(desk: Desk, code: str, day: date, until: date | None) -> None:
    """Note that a technician is not at work on DAY.  A plan made before stays."""
    from fsc_logistics.core.catalogue.absences import record_absence

    with desk.sessions.begin() as session:
        days = record_absence(session, code, day, until or day)
    click.echo(f"{code.upper()} is absent from {days[0]} until {days[-1]}.")


@technician.command()
@click.argument("code")
@click.argument("day", type=CalendarDay())
@click.option("--until", type=CalendarDay(), help="The last day.  [default: DAY]")
@pass_desk
def present(desk: Desk, code: str, day: date, until: date | None) -> None:
    """Note that a technician is at work on DAY after all."""
    from fsc_logistics.core.catalogue.absences import cancel_absence

    with desk.sessions.begin() as session:
        days = cancel_absence(session, code, day, until or day)
    told = ", ".join(map(str, days)) or "no day that was noted as absence"
    click.echo(f"{code.upper()} is at work again on {told}.")


def _terms(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the options as the terms of a technician, only those given."""
    said = said_of(**fields)
    if "shift" in said:
        said["shift_from_s"], said["shift_to_s"] = said.pop("shift")
    if "lunch" in said:
        names = ("lunch_from_s", "lunch_to_s", "lunch_s")
        said.update(zip(names, said.pop("lunch"), strict=True))
    if "capacity" in said:
        said["capacity_ml"] = said.pop("capacity") * LITRE_ML
    return said


def _line(found: "TechnicianShown") -> str:
    absent = f" Absent: {', '.join(_spans(found.absent))}." if found.absent else ""
    return (
        f"{found.technician}: {found.name},"
        f" {shown_hours(found.shift_from_s, found.shift_to_s)} on {found.weekdays},"
        f" from {found.start} to {found.end} with {found.vehicle}.{absent}"
    )


def _spans(days: Sequence[date]) -> Iterator[str]:
    from fsc_logistics.core.catalogue.absences import in_spans

    for first, last in in_spans(days):
        yield str(first) if first == last else f"{first} to {last}"
