"""The ledger out of one database and into another."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.files import beside, echo_faults, errors_option
from fsc_logistics.cli.output import Form, echo_one, json_option
from fsc_logistics.cli.progress import progress_bar
from fsc_logistics.domain.numbers import counted

if TYPE_CHECKING:
    from fsc_logistics.core.exchange.faults import Faults


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
@click.option("--dry-run", is_flag=True, help="Check everything, import nothing.")
@errors_option("FOLDER.errors.csv")
@json_option
@pass_desk
def import_(
    desk: Desk, folder: Path, dry_run: bool, errors: Path | None, form: Form
) -> None:
    """Read the ledger in FOLDER into a new database, and prove that it is the same.

    Every row is read and every hash computed before anything is imported.  What was
    interrupted goes on where it stopped when the same files are imported again.  So a
    centre moves from SQLite to PostgreSQL, or back.
    """
    from fsc_logistics.core.exchange.ledger_import import import_ledger, try_ledger

    errors = errors or beside(folder.resolve())
    if dry_run:
        with _looking_through("Reading", errors) as (faults, told):
            tried = try_ledger(desk.sessions, folder, faults=faults, progress=told)
        events = counted(tried.events, "event")
        devices = counted(tried.devices, "device")
        echo_one(tried, form, f"{events} of {devices} would be imported.")
        return
    with _looking_through("Importing", errors) as (faults, told):
        done = import_ledger(
            desk.sessions, folder, faults=faults, now=desk.now(), progress=told
        )
    if done.went_on_after and form is Form.TEXT:
        click.echo(f"Went on after {counted(done.went_on_after, 'row')}.", err=True)
    line = (
        f"Imported and verified: {counted(done.events, 'event')} of"
        f" {counted(done.devices, 'device')}, {counted(done.spans, 'span')}."
    )
    echo_one(done, form, line)


@contextmanager
def _looking_through(
    title: str, errors: Path
) -> "Iterator[tuple[Faults, Callable[[int, int], None]]]":
    """Tell the first faults of a ledger on stderr; all of them stand in `errors`."""
    from fsc_logistics.core.exchange.faults import Faults
    from fsc_logistics.core.exchange.ledger_trial import BadLedger

    with (
        Faults.kept(errors, of_several=True) as faults,
        progress_bar(title) as told,
    ):
        try:
            yield faults, told
        except BadLedger as error:
            echo_faults(error.faults, more=error.more)
            raise
