"""The ledger out of one database and into another."""

from pathlib import Path

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import Form, echo_one, json_option
from fsc_logistics.cli.progress import progress_bar
from fsc_logistics.domain.numbers import counted


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@pass_desk
def export(desk: Desk, folder: Path, form: Form) -> None:
    """Write the whole ledger into the new FOLDER: a CSV file a table, and their hashes.

    With it goes the register it refers to: parties, places, models, devices, kits and
    lots.  Citizens' data, orders, runs and scans are in copies of the database only:
    fsc db backup.
    """
    from fsc_logistics.core.exchange.ledger_export import export_ledger

    with desk.sessions.read() as session, progress_bar("Exporting") as told:
        done = export_ledger(session, folder, at=desk.now(), progress=told)
    events = counted(done.events, "event")
    verb = "is" if done.events == 1 else "are"
    line = f"{events} of {counted(done.devices, 'device')} {verb} in {done.folder}."
    echo_one(done, form, line)


@click.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read every row; import nothing.")
@json_option
@pass_desk
def import_(desk: Desk, folder: Path, dry_run: bool, form: Form) -> None:
    """Read the ledger in FOLDER into a new database, and prove that it is the same.

    What was interrupted goes on where it stopped when the same files are imported
    again.  So a centre moves from SQLite to PostgreSQL, or back.
    """
    from fsc_logistics.core.exchange.ledger_import import import_ledger, try_ledger

    if dry_run:
        with progress_bar("Reading") as told:
            tried = try_ledger(desk.sessions, folder, progress=told)
        events, devices = (
            counted(tried.events, "event"),
            counted(tried.devices, "device"),
        )
        echo_one(tried, form, f"{events} of {devices} would be imported.")
        return
    with progress_bar("Importing") as told:
        done = import_ledger(desk.sessions, folder, now=desk.now(), progress=told)
    if done.went_on_after and form is Form.TEXT:
        click.echo(f"Went on after {counted(done.went_on_after, 'row')}.", err=True)
    line = (
        f"Imported and verified: {counted(done.events, 'event')} of"
        f" {counted(done.devices, 'device')}, {counted(done.spans, 'span')}."
    )
    echo_one(done, form, line)
