"""Technicians: add, change, show, list; days of absence."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.fields import Words, given
from fsc_logistics.cli.output import Form, echo, echo_one, output_option
from fsc_logistics.cli.params import CalendarDay, TimeOfDay
from fsc_logistics.domain.limits import CAPACITY_LITRES_MAX

if TYPE_CHECKING:
    from fsc_logistics.core.catalogue.technicians import TechnicianShown

LITRE_ML = 1000
MINUTE_S = 60
COLUMNS = ("technician", "name", "start", "end", "vehicle", "weekdays", "skills")


class Span(click.ParamType[tuple[int, int]]):
    """From one time of day to another: HH:MM-HH:MM."""

    name = "hh:mm-hh:mm"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Return both in seconds from midnight."""
        if isinstance(value, tuple):
            return value
        begins, dash, ends = str(value).partition("-")
        if not dash:
            self.fail(f"'{value}' is not from-to. Try 08:00-16:00.", param, ctx)
        time = TimeOfDay()
        return time.convert(begins, param, ctx), time.convert(ends, param, ctx)


class Lunch(click.ParamType[tuple[int, int, int]]):
    """When lunch may begin and how many minutes it lasts: HH:MM-HH:MM/MINUTES."""

    name = "hh:mm-hh:mm/min"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int, int]:
        """Return earliest and latest begin, and how long, in seconds; none: 0, 0, 0."""
        if isinstance(value, tuple):
            return value
        if value == "none":
            return 0, 0, 0
        window, slash, minutes = str(value).partition("/")
        if not slash or not re.fullmatch("[0-9]{1,3}", minutes):
            self.fail(
                f"'{value}' is not a lunch. Try 11:00-13:00/30, or none.", param, ctx
            )
        begins, ends = Span().convert(window, param, ctx)
        return begins, ends, int(minutes) * MINUTE_S


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
    said = given(**fields)
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
        f"{found.technician}: {found.name}, {_clock(found.shift_from_s)}-"
        f"{_clock(found.shift_to_s)} on {found.weekdays}, from {found.start} to"
        f" {found.end} with {found.vehicle}.{absent}"
    )


def _spans(days: Sequence[date]) -> Iterator[str]:
    """Yield days that follow each other as one span."""
    first = last = days[0]
    for day in days[1:]:
        if day - last > timedelta(days=1):
            yield _span(first, last)
            first = day
        last = day
    yield _span(first, last)


def _span(first: date, last: date) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _clock(time_s: int) -> str:
    return f"{time_s // 3600:02}:{time_s // 60 % 60:02}"
