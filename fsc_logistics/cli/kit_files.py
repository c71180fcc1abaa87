"""Kits in CSV files: in and out."""

from datetime import datetime
from pathlib import Path

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.files import Given, exporting, import_options, importing
from fsc_logistics.cli.output import OUT_FILE, Form, echo_rows, output_option
from fsc_logistics.cli.params import Time
from fsc_logistics.domain.numbers import counted


@click.command("import")
@import_options
@click.option("--at", type=Time(), help="Since when they are kits.  [default: now]")
@click.option("--again", is_flag=True, help="Also a file that was imported before.")
@output_option
@pass_desk
def import_(
    desk: Desk, given: Given, at: datetime | None, again: bool, form: Form
) -> None:
    """Build the kits in the CSV file FILE, a line a part; - is standard input.

    Columns: kit, part (needed); template, moves_by.  The lines of a kit follow each
    other.  All of them are built, or none.
    """
    from fsc_logistics.core.exchange.kits import KitBuilt, import_kits

    with importing(desk, given, again=again) as (source, faults, manner):
        kits = import_kits(
            desk.sessions, source, desk.sign(), faults=faults, manner=manner, at=at
        )
        if form is not Form.TEXT:
            echo_rows(kits, form, of=KitBuilt)
            return
        total = 0
        for built in kits:
            total += built.added
            what = f"{built.kit}: {' '.join(built.parts)}."
            if not built.added:
                what = f"{what} Already so."
            elif not given.dry_run:
                what = f"{what} Event {built.event}"
            click.echo(what)
        verb = "would be" if given.dry_run else "is" if total == 1 else "are"
        click.echo(f"{counted(total, 'kit')} {verb} built.")


@click.command()
@click.argument("file", type=OUT_FILE)
@pass_desk
def export(desk: Desk, file: Path) -> None:
    """Write what is in which kit to FILE as CSV, as import reads it; - is stdout."""
    from fsc_logistics.core.exchange.kits import export_kits

    exporting(desk, file, export_kits)
