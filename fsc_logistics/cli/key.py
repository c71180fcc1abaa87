"""The key that personal numbers are encrypted with."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.domain.numbers import counted

if TYPE_CHECKING:
    from fsc_logistics.core.people.sealing import Vault


def open_vault(desk: Desk) -> "Vault":
    """Return the vault of this call; its key is read when a number is touched."""
    from fsc_logistics.core.people.sealing import Vault

    inline = os.environ.get("FSC_KEY") or None
    return Vault(Path(desk.settings.key_file), inline)


@click.group()
def key() -> None:
    """The key that personal numbers are encrypted with.

    It stands in a file of its own (`key_file` in the settings) or in the variable
    FSC_KEY, never in the database.  Without it the numbers are lost: keep a copy apart
    from the backups of the database.
    """


@key.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@pass_desk
def new(desk: Desk, file: Path | None) -> None:
    """Make a key in FILE, or where the settings say; never over another."""
    from fsc_logistics.core.people.sealing import make_key

    file = file or Path(desk.settings.key_file)
    make_key(file)
    click.echo(f"A new key is in {file}. Keep a copy of it in a safe place.")


@key.command()
@pass_desk
def check(desk: Desk) -> None:
    """Check that the key opens every number in the database."""
    from fsc_logistics.core.people.personal import check_key

    vault = open_vault(desk)
    with desk.sessions.read() as session:
        count = check_key(session, vault)
    click.echo(f"The key is good: it opens {counted(count, 'number')}.")
