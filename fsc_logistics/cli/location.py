"""Places: add, change, show, list, import, export."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.fields import LatLon
from fsc_logistics.cli.fields import given as said_of
from fsc_logistics.cli.files import (
    Given,
    echo_imported,
    exporting,
    import_options,
    importing,
)
from fsc_logistics.cli.output import OUT_FILE, Form, echo, echo_one, output_option
from fsc_logistics.domain.parties import LocationKind

KINDS = click.Choice([kind.value for kind in LocationKind])
COLUMNS = ("location", "kind", "name", "inside", "keeper", "postcode")


def _field_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option("--name", help="What it is called."),
            click.option("--in", "inside", help="Code of the place it stands in."),
            click.option("--keeper", help="Code of who has what stands here."),
            click.option("--point", type=LatLon(), help="Where it is, in degrees."),
            click.option("--postcode", help="Where it is, if no point is known."),
        )
    ):
        command = option(command)
    return command


@click.group()
def location() -> None:
    """Places where devices can be: warehouses, shelves, vehicles, wards."""


@location.command()
@click.argument("code")
@click.option("--kind", type=KINDS, required=True, help="What it is.")
@_field_options
@output_option
@pass_desk
def add(desk: Desk, code: str, kind: str, form: Form, **fields: Any) -> None:
    """Register a place under CODE.

    Zones and shelves stand in a warehouse, bins on a shelf or in a vehicle.  Where no
    keeper is named, that of the place around it has what stands here.
    """
    from fsc_logistics.core.catalogue.places import add_location

    with desk.sessions.begin() as session:
        added = add_location(session, code, LocationKind(kind), **said_of(**fields))
    echo_one(added, form, f"{added.location} is registered.")


@location.command()
@click.argument("code")
@_field_options
@output_option
@pass_desk
def change(desk: Desk, code: str, form: Form, **fields: Any) -> None:
    """Change what is said of a place; what stands in it moves along."""
    from fsc_logistics.core.catalogue.places import change_location

    with desk.sessions.begin() as session:
        changed = change_location(session, code, **said_of(**fields))
    echo_one(changed, form, f"{changed.location} is changed.")


@location.command()
@click.argument("code")
@output_option
@pass_desk
def show(desk: Desk, code: str, form: Form) -> None:
    """Show one place."""
    from fsc_logistics.core.catalogue.places import show_location

    with desk.sessions.read() as session:
        found = show_location(session, code)
    where = f" in {found.inside}" if found.inside else ""
    keeper = f", kept by {found.keeper}" if found.keeper else ""
    echo_one(found, form, f"{found.location}: {found.kind}{where}{keeper}.")


@location.command("list")
@click.option("--kind", type=KINDS, help="Only these.  [default: all but homes]")
@output_option
@pass_desk
def list_(desk: Desk, kind: str | None, form: Form) -> None:
    """List places by code."""
    from fsc_logistics.core.catalogue.places import LocationShown, list_locations

    with desk.sessions.read() as session:
        found = list_locations(session, kind=LocationKind(kind) if kind else None)
    echo(found, form, columns=COLUMNS, of=LocationShown)


@location.command("import")
@import_options
@output_option
@pass_desk
def import_(desk: Desk, given: Given, form: Form) -> None:
    """Register the places in the CSV file FILE; - is standard input.

    Columns: location, kind (needed); name, inside, keeper, lat, lon, postcode.  A place
    stands above what is inside it; homes come with their citizens.  All of them are
    registered, or none.
    """
    from fsc_logistics.core.catalogue.places import LocationShown
    from fsc_logistics.core.exchange.places import import_places

    with importing(desk, given) as (source, faults, manner):
        rows = import_places(desk.sessions, source, faults=faults, manner=manner)
        echo_imported(rows, given, form, of=LocationShown, noun="place")


@location.command()
@click.argument("file", type=OUT_FILE)
@pass_desk
def export(desk: Desk, file: Path) -> None:
    """Write every place to FILE as CSV, as import reads it; - is stdout."""
    from fsc_logistics.core.exchange.places import export_places

    exporting(desk, file, export_places)
