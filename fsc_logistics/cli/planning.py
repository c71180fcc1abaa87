"""Plan the technicians' runs of a day."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import (
    Form,
    as_json,
    echo,
    echo_json,
    json_option,
    shown,
)
from fsc_logistics.cli.params import CalendarDay, SearchTime
from fsc_logistics.cli.travel import Travel, travel_options
from fsc_logistics.domain.numbers import counted

if TYPE_CHECKING:
    from fsc_logistics.core.runs.day_plan import PlannedRun
    from fsc_logistics.core.runs.planning import Planned
    from routes.plan import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A stop of a run, as a table shows it."""

    arrival: str
    start: str
    departure: str
    order: str


@click.command()
@click.argument("day", type=CalendarDay())
@click.option(
    "--time-limit",
    "time_limit_s",
    type=SearchTime(),
    metavar="S",
    help="How long to search, in seconds.  [default: from the settings, 20]",
)
@click.option("--anyway", is_flag=True, help="Plan a holiday or a closed day too.")
@click.option("--dry-run", is_flag=True, help="Plan and show, save nothing.")
@json_option
@travel_options
@pass_desk
def plan(
    desk: Desk,
    day: date,
    time_limit_s: float | None,
    anyway: bool,
    dry_run: bool,
    form: Form,
    travel: Travel,
) -> None:
    """Plan all that is due on DAY for the technicians at work.

    A plan that is not issued is replaced; an issued run stays as it is.
    """
    from fsc_logistics.core.orders.calendar import opening_hours
    from fsc_logistics.core.runs.planning import plan_day

    settings = desk.settings
    limit_s = settings.planning.time_limit_s if time_limit_s is None else time_limit_s
    with search_bar(limit_s) as progress:
        planned = plan_day(
            desk.sessions,
            day,
            hours=opening_hours(settings),
            planning=travel.planning(),
            now=desk.now(),
            time_limit_s=limit_s,
            anyway=anyway,
            dry_run=dry_run,
            progress=progress,
        )
    if form is Form.JSON:
        echo_json(as_json(planned.plan))
    else:
        _show(planned, dry_run)
    for note in (*planned.notes, *_short(planned)):
        click.echo(note, err=True)


@contextmanager
def search_bar(limit_s: float) -> Iterator["Callable[[Progress], None] | None"]:
    """Show how far the search is, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("planning", total=limit_s)

        def update(progress: "Progress") -> None:
            left = progress.unassigned_count
            found = "" if left is None else f", {left} left out"
            bar.update(
                task, completed=progress.elapsed_s, description=f"planning{found}"
            )

        yield update


def _show(planned: "Planned", dry_run: bool) -> None:
    plan = planned.plan
    visits = sum(len(run.stops) for run in plan.runs)
    saved = "planned, not saved" if dry_run else "planned"
    click.echo(
        f"{plan.day}: {counted(visits, 'visit')} {saved} on"
        f" {counted(len(plan.runs), 'run')}, {len(plan.unassigned)} left out."
    )
    for run in plan.runs:
        click.echo()
        click.echo(
            f"{run.technician}: {counted(len(run.stops), 'visit')},"
            f" {run.distance_m / 1000:.1f} km,"
            f" {_minutes(run.travel_s)} driving, {_minutes(run.service_s)} in homes,"
            f" {_minutes(run.waiting_s)} waiting"
        )
        echo(_lines(run), Form.TEXT)
    if plan.unassigned:
        click.echo()
        click.echo("Left out:")
        for left in plan.unassigned:
            click.echo(f"{left.order}: {left.reason}")


def _lines(run: "PlannedRun") -> list[_Line]:
    return [
        _Line(
            arrival=_clock(stop.arrival),
            start=_clock(stop.start),
            departure=_clock(stop.departure),
            order=stop.order,
        )
        for stop in run.stops
    ]


def _clock(moment: datetime) -> str:
    return shown(moment).partition(" ")[2]


def _minutes(seconds: int) -> str:
    hours, minutes = divmod((seconds + 30) // 60, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def _short(planned: "Planned") -> list[str]:
    return [
        f"{short.order}: no {short.model} is ready at {short.depot}; the stop is"
        " planned without one."
        if short.device is None
        else f"{short.order}: {short.device} is at {short.place}, not at {short.depot}."
        " Have it there before the run is loaded."
        for short in planned.shortages
    ]
