"""The database: upgrade, check, back up, restore."""

import sys
from datetime import datetime
from pathlib import Path

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import Form, echo_json, json_option
from fsc_logistics.domain.errors import VerificationFailed

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def db() -> None:
    """Upgrade, check, back up and restore the database."""


@db.command()
@click.option("--no-backup", is_flag=True, help="Do not copy the database first.")
@json_option
@pass_desk
def upgrade(desk: Desk, no_backup: bool, form: Form) -> None:
    """Bring the database to this program's version; make it if there is none."""
    from fsc_logistics.core.database import REVISION, make_engine, sqlite_path
    from fsc_logistics.core.database import upgrade as upgrade_schema

    engine = make_engine(desk.settings.database)
    path = sqlite_path(engine)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    backup = None if no_backup else _backup_name(desk.now(), path)
    before = upgrade_schema(engine, backup)
    if form is Form.JSON:
        echo_json({"from": before, "to": REVISION})
    elif before == REVISION:
        click.echo(f"The database is at revision {REVISION} already.")
    else:
        click.echo(f"The database is now at revision {REVISION}.")
        if before is not None and backup is not None:
            click.echo(f"A copy of it as it was: {backup}", err=True)


@db.command()
@json_option
@pass_desk
def check(desk: Desk, form: Form) -> None:
    """Check that the database is whole and all its references hold."""
    from fsc_logistics.core.database_check import defects

    found = defects(desk.sessions.engine)
    if form is Form.JSON:
        echo_json({"defects": found})
    else:
        for defect in found:
            click.echo(defect)
    if found:
        raise VerificationFailed(
            "The database is damaged. Restore a copy: fsc db restore FILE"
        )
    if form is not Form.JSON:
        click.echo("The database is whole. To prove the ledger too: fsc ledger verify")


@db.command()
@click.argument("file", type=FILE)
@pass_desk
def backup(desk: Desk, file: Path) -> None:
    """Copy the database to FILE while others go on writing."""
    from fsc_logistics.core.backup import back_up

    back_up(desk.sessions.engine, file)
    click.echo(str(file))


@db.command()
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Replace the database without asking.")
@pass_desk
def restore(desk: Desk, file: Path, yes: bool) -> None:
    """Put the copy in FILE in the place of the database."""
    from fsc_logistics.core.backup import check_copy
    from fsc_logistics.core.backup import restore as put_back
    from fsc_logistics.core.database import make_engine, shown

    engine = make_engine(desk.settings.database)
    if not yes:
        if not (desk.asks and sys.stdin.isatty()):
            raise click.UsageError("Say --yes to replace the database.")
        # Before the question: nobody should decide about a copy that is none.
        check_copy(engine, file)
        click.confirm(
            f"Replace the database at {shown(engine)} with {file}?",
            abort=True,
            err=True,
        )
    put_back(engine, file)
    click.echo(f"The database at {shown(engine)} is the copy in {file}.")


def _backup_name(now: datetime, path: Path | None) -> Path:
    """Return a name beside the database, or here for a server's."""
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    if path is None:
        return Path(f"fsc-{stamp}.dump")
    return path.with_name(f"{path.stem}-{stamp}{path.suffix}")
