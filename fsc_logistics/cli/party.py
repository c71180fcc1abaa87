"""Parties: add, change, show, list, import, export."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.fields import given as said_of
from fsc_logistics.cli.files import (
    Given,
    echo_imported,
    exporting,
    import_options,
    importing,
)
from fsc_logistics.cli.output import OUT_FILE, Form, echo, echo_one, output_option
from fsc_logistics.domain.parties import PartyKind

KINDS = click.Choice([kind.value for kind in PartyKind])
COLUMNS = ("party", "kind", "name", "phone", "municipality", "parent")


def _field_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option("--name", help="What it is called."),
            click.option("--phone", help="Danish unless a country is in front."),
            click.option("--municipality", help="The municipality's four digits."),
            click.option("--parent", help="Code of what it is part of."),
        )
    ):
        command = option(command)
    return command


@click.group()
def party() -> None:
    """Organisations that own, order or hold devices."""


@party.command()
@click.argument("code")
@click.option("--kind", type=KINDS, required=True, help="What it is.")
@_field_options
@output_option
@pass_desk
def add(desk: Desk, code: str, kind: str, form: Form, **fields: Any) -> None:
    """Register an organisation under CODE."""
    from fsc_logistics.core.catalogue.parties import add_party

    with desk.sessions.begin() as session:
        added = add_party(session, code, PartyKind(kind), **said_of(**fields))
    echo_one(added, form, f"{added.party} is registered.")


@party.command()
@click.argument("code")
@_field_options
@output_option
@pass_desk
def change(desk: Desk, code: str, form: Form, **fields: Any) -> None:
    """Change what is said of an organisation; '' takes a name or phone away."""
    from fsc_logistics.core.catalogue.parties import change_party

    with desk.sessions.begin() as session:
        changed = change_party(session, code, **said_of(**fields))
    echo_one(changed, form, f"{changed.party} is changed.")


@party.command()
@click.argument("code")
@output_option
@pass_desk
def show(desk: Desk, code: str, form: Form) -> None:
    """Show one party; of a citizen, only the code."""
    from fsc_logistics.core.catalogue.parties import show_party

    with desk.sessions.read() as session:
        found = show_party(session, code)
    called = found.name or "no name here"
    echo_one(found, form, f"{found.party}: {found.kind}, {called}.")


@party.command("list")
@click.option("--kind", type=KINDS, help="Only these.  [default: all but citizens]")
@output_option
@pass_desk
def list_(desk: Desk, kind: str | None, form: Form) -> None:
    """List parties by code."""
    from fsc_logistics.core.catalogue.parties import PartyShown, list_parties

    with desk.sessions.read() as session:
        found = list_parties(session, kind=PartyKind(kind) if kind else None)
    echo(found, form, columns=COLUMNS, of=PartyShown)


@party.command("import")
@import_options
@output_option
@pass_desk
def import_(desk: Desk, given: Given, form: Form) -> None:
    """Register the parties in the CSV file FILE; - is standard input.

    Columns: party, kind (needed); name, phone, municipality, parent.  An organisation
    stands above what is part of it.  Who the technicians are stands here too; how they
    work comes after the places: fsc technician import.  Citizens have a file of their
    own.  All of them are registered, or none.
    """
    from fsc_logistics.core.catalogue.parties import PartyShown
    from fsc_logistics.core.exchange.parties import import_parties

    with importing(desk, given) as (source, faults, manner):
        rows = import_parties(desk.sessions, source, faults=faults, manner=manner)
        echo_imported(rows, given, form, of=PartyShown, noun="party", plural="parties")


@party.command()
@click.argument("file", type=OUT_FILE)
@pass_desk
def export(desk: Desk, file: Path) -> None:
    """Write all but citizens to FILE as CSV, as import reads it; - is stdout."""
    from fsc_logistics.core.exchange.parties import export_parties

    exporting(desk, file, export_parties)
