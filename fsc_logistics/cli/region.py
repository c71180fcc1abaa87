"""Regions: their municipalities and postcodes."""

from pathlib import Path

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import Form, echo, echo_one, output_option

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def region() -> None:
    """Municipalities and postcodes of a region."""


@region.command()
@click.argument("file", type=FILE, required=False)
@click.option("--dry-run", is_flag=True, help="Check and count, change nothing.")
@output_option
@pass_desk
def load(desk: Desk, file: Path | None, dry_run: bool, form: Form) -> None:
    """Load a region from FILE, or Region Midtjylland; safe to run again."""
    from fsc_logistics.core.catalogue.region import load_region, read_region

    read = read_region(file)
    with desk.sessions.begin() as session:
        done = load_region(session, read, dry_run=dry_run)
    line = (
        f"{done.region}: {done.municipalities} municipalities and {done.postcodes}"
        f" postcodes, {done.changed} of them new or different"
        f"{'; nothing was changed' if dry_run else ''}."
    )
    echo_one(done, form, line)


@region.command()
@click.argument("file", type=FILE, required=False)
@output_option
def show(file: Path | None, form: Form) -> None:
    """Show the municipalities in FILE, or of Region Midtjylland, with their people."""
    from fsc_logistics.core.catalogue.region import read_region

    echo(read_region(file).municipalities, form)
