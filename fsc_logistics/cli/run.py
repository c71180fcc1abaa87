"""Runs: list, show, issue, print, load, close."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import (
    Form,
    as_json,
    echo,
    echo_json,
    json_option,
    output_option,
    shown,
)
from fsc_logistics.cli.params import CalendarDay
from fsc_logistics.core.config import LANGUAGES
from fsc_logistics.domain.orders import FailedBecause

if TYPE_CHECKING:
    from fsc_logistics.core.runs.issuing import RunRow
    from fsc_logistics.core.runs.loading import RunEvent

STOP_COLUMNS = (
    "number",
    "arrival",
    "departure",
    "order",
    "service",
    "citizen",
    "bring",
    "fetch",
    "outcome",
)


class FailedVisit(click.ParamType[tuple[str, FailedBecause]]):
    """A visit that came to nothing, and why: ORDER=REASON."""

    name = "order=reason"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, FailedBecause]:
        """Return the order's code and the reason; hyphens will do for underscores."""
        order, equals, reason = str(value).partition("=")
        # Not repeated: what was typed may hold a name.
        if not equals or not order.strip():
            self.fail("That is not of the form ORD-000001=nobody_home.", param, ctx)
        try:
            because = FailedBecause(reason.strip().lower().replace("-", "_"))
        except ValueError:
            known = ", ".join(FailedBecause)
            self.fail(f"That is no reason. Use one of {known}.", param, ctx)
        return order.strip(), because


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A run as a table for people shows it."""

    run: str
    state: str
    visits: int
    leaves: datetime
    returns: datetime
    km: str
    driving: str
    in_homes: str
    waiting: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Printed:
    """A file that was written."""

    run: str
    file: str


@click.group()
def run() -> None:
    """Runs, named DAY/TECHNICIAN: a route somebody drives."""


@run.command("list")
@click.option("--day", type=CalendarDay(), help="Only those of this day.")
@output_option
@pass_desk
def list_(desk: Desk, day: date | None, form: Form) -> None:
    """List runs, the newest day first."""
    from fsc_logistics.core.runs.issuing import RunRow, list_runs

    with desk.sessions.read() as session:
        rows = list_runs(session, day=day)
    echo([_line(row) for row in rows] if form is Form.TEXT else rows, form, of=RunRow)


@run.command()
@click.argument("run")
@output_option
@pass_desk
def show(desk: Desk, run: str, form: Form) -> None:
    """Show RUN and its stops, by code; names and addresses are on the sheet only.

    As CSV, its stops.
    """
    from fsc_logistics.core.runs.issuing import ShownStop, show_run

    with desk.sessions.read() as session:
        found = show_run(session, run)
    if form is Form.JSON:
        echo_json(as_json(found))
        return
    stops = found.stops
    if form is Form.TEXT:
        stops = tuple(
            stop if stop.order else replace(stop, order="lunch") for stop in stops
        )
        click.echo(
            f"{found.run}, {found.state}: {shown(found.leaves)} to"
            f" {shown(found.returns)}, {found.distance_m / 1000:.1f} km, vehicle"
            f" {found.vehicle}"
        )
    echo(stops, form, columns=STOP_COLUMNS, of=ShownStop)


@run.command()
@click.argument("runs", nargs=-1)
@click.option("--all", "day", type=CalendarDay(), help="All runs of this day.")
@click.option("--dry-run", is_flag=True, help="Check and show; record nothing.")
@output_option
@pass_desk
def issue(
    desk: Desk, runs: tuple[str, ...], day: date | None, dry_run: bool, form: Form
) -> None:
    """Make RUNS a promise: later plans leave them as they are."""
    from fsc_logistics.core.orders.calendar import opening_hours
    from fsc_logistics.core.runs.issuing import Issued, issue_runs, runs_of

    _check_named(runs, day)
    hours = opening_hours(desk.settings)
    with desk.sessions.begin() as session:
        names = runs if day is None else runs_of(session, day)
        issued = issue_runs(session, names, hours=hours, by=desk.sign())
        if dry_run:
            session.rollback()
    echo(issued, form, columns=("run", "issued_at"), of=Issued)
    for one in issued:
        if not one.added:
            click.echo(f"{one.run} was issued already.", err=True)
    if dry_run:
        click.echo("None was issued now, as this was a dry run.", err=True)


@run.command("print")
@click.argument("runs", nargs=-1)
@click.option("--all", "day", type=CalendarDay(), help="All runs of this day.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="File for one run, folder for --all.  [default: DAY-TECHNICIAN.pdf here]",
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the paper.")
@click.option("--receipts", is_flag=True, help="Hand-over receipts too, as a file.")
@output_option
@pass_desk
def print_(
    desk: Desk,
    runs: tuple[str, ...],
    day: date | None,
    output: Path | None,
    language: str | None,
    receipts: bool,
    form: Form,
) -> None:
    """Print the sheets of RUNS as PDF; a run that is not issued is marked as a draft.

    Every citizen on a sheet is written into the access log.
    """
    from fsc_logistics.core.printing import receipts_of, receipts_pdf, run_sheet_pdf
    from fsc_logistics.core.runs.issuing import runs_of
    from fsc_logistics.core.runs.paper import run_sheet

    _check_named(runs, day)
    language = language or desk.settings.language
    with desk.sessions.begin() as session:
        names = runs if day is None else runs_of(session, day)
        by = desk.sign()
        sheets = [run_sheet(session, name, desk.settings, by=by) for name in names]
        files = _files(output, [sheet.run for sheet in sheets], folder=bool(day))
        papers = [
            (sheet.run, file, run_sheet_pdf(sheet, language))
            for sheet, file in zip(sheets, files, strict=True)
        ]
        if receipts:
            papers += [
                (
                    sheet.run,
                    file.with_name(f"{file.stem}-receipts{file.suffix}"),
                    receipts_pdf(receipts_of(sheet), language),
                )
                for sheet, file in zip(sheets, files, strict=True)
                if receipts_of(sheet)
            ]
    # Written when the access log is committed: no paper without a trace of it.
    for _, file, pdf in papers:
        _write(file, pdf)
    echo([_Printed(run=name, file=str(file)) for name, file, _ in papers], form)


@run.command()
@click.argument("run")
@click.option(
    "--instead",
    multiple=True,
    metavar="TAG=TAG",
    help="Take the second device in place of the first.",
)
@click.option("--dry-run", is_flag=True, help="Check and show; record nothing.")
@json_option
@pass_desk
def load(
    desk: Desk, run: str, instead: tuple[str, ...], dry_run: bool, form: Form
) -> None:
    """Record that all that RUN brings is in the vehicle."""
    from fsc_logistics.core.runs.loading import load_run

    exchanged = _pairs(instead)
    with desk.sessions.begin() as session:
        loaded = load_run(session, run, by=desk.sign(), instead=exchanged)
        if dry_run:
            session.rollback()
    if form is Form.JSON:
        echo_json(as_json(loaded) | {"dry_run": dry_run})
        return
    count = sum(len(event.devices) for event in loaded.events)
    click.echo(
        f"{loaded.run} {'would be' if dry_run else 'is'} loaded, devices: {count}."
        if loaded.added
        else f"{loaded.run} was loaded already, {shown(loaded.loaded_at)}."
    )
    _echo_events(loaded.events, dry_run)


@run.command()
@click.argument("run")
@click.option(
    "--failed",
    multiple=True,
    type=FailedVisit(),
    metavar="ORDER=REASON",
    help="A visit that came to nothing, and why.",
)
@click.option("--dry-run", is_flag=True, help="Check and show; record nothing.")
@json_option
@pass_desk
def close(
    desk: Desk,
    run: str,
    failed: tuple[tuple[str, FailedBecause], ...],
    dry_run: bool,
    form: Form,
) -> None:
    """Close RUN: all visits are done but those that failed.

    REASON is nobody_home, refused, no_access, wrong_address, ill, equipment, no_time
    or other.

    What was not scanned at the door is recorded now.
    """
    from fsc_logistics.core.orders.calendar import opening_hours
    from fsc_logistics.core.runs.closing import close_run

    hours = opening_hours(desk.settings)
    with desk.sessions.begin() as session:
        closed = close_run(
            session, run, failed=dict(failed), hours=hours, by=desk.sign()
        )
        if dry_run:
            session.rollback()
    if form is Form.JSON:
        echo_json(as_json(closed) | {"dry_run": dry_run})
        return
    click.echo(
        f"{closed.run}: {len(closed.done)} {'would be ' if dry_run else ''}done,"
        f" {len(closed.failed)} failed."
        if closed.added
        else f"{closed.run} was closed already, {shown(closed.closed_at)}."
    )
    _echo_events(closed.events, dry_run)
    for note in closed.notes:
        click.echo(note, err=True)
    if closed.in_vehicle:
        click.echo(f"Still in the vehicle: {' '.join(closed.in_vehicle)}", err=True)


def _line(row: "RunRow") -> _Line:
    return _Line(
        run=row.run,
        state=row.state,
        visits=row.visits,
        leaves=row.leaves,
        returns=row.returns,
        km=f"{row.distance_m / 1000:.1f}",
        driving=_hours(row.travel_s),
        in_homes=_hours(row.service_s),
        waiting=_hours(row.waiting_s),
    )


def _hours(seconds: int) -> str:
    hours, minutes = divmod((seconds + 30) // 60, 60)
    return f"{hours}:{minutes:02}"


def _echo_events(events: "Sequence[RunEvent]", dry_run: bool) -> None:
    # What was not recorded has no name to find it by.
    columns = ("order", "devices") if dry_run else ("order", "event", "devices")
    echo(events, Form.TEXT, columns=columns)


def _check_named(runs: tuple[str, ...], day: date | None) -> None:
    if bool(runs) == (day is not None):
        raise click.UsageError("Name the runs, or give --all DAY for all of a day.")


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise click.BadParameter(
                "That is not of the form OXI-1=OXI-2.", param_hint="'--instead'"
            )
        pairs[name.strip()] = value.strip()
    return pairs


def _files(output: Path | None, names: Sequence[str], *, folder: bool) -> list[Path]:
    """Return where each run's sheet goes."""
    own = [f"{name.replace('/', '-')}.pdf" for name in names]
    if output is None:
        return [Path(name) for name in own]
    if len(names) == 1 and not folder and not output.is_dir():
        return [output]
    output.mkdir(parents=True, exist_ok=True)
    return [output / name for name in own]


def _write(file: Path, pdf: bytes) -> None:
    """Write a file that only its owner may read: it holds personal data."""
    beside = file.with_name(f".{file.name}.new")
    beside.touch(mode=0o600)
    beside.write_bytes(pdf)
    os.replace(beside, file)
