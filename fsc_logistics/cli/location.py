"""Places: add, change, show, list."""

from collections.abc import Callable
from typing import Any

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.fields import LatLon, given
from fsc_logistics.cli.output import Form, echo, echo_one, output_option
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
    from fsc_logistics.core.places import add_location

    with desk.sessions.begin() as session:
        added = add_location(session, code, LocationKind(kind), **given(**fields))
    echo_one(added, form, f"{added.location} is registered.")


@location.command()
@click.argument("code")
@_field_options
@output_option
@pass_desk
def change(desk: Desk, code: str, form: Form, **fields: Any) -> None:
    """Change what is said of a place; what stands in it moves along."""
    from fsc_logistics.core.places import change_location

    with desk.sessions.begin() as session:
        changed = change_location(session, code, **given(**fields))
    echo_one(changed, form, f"{changed.location} is changed.")


@location.command()
@click.argument("code")
@output_option
@pass_desk
def show(desk: Desk, code: str, form: Form) -> None:
    """Show one place."""
    from fsc_logistics.core.places import show_location

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
    from fsc_logistics.core.places import LocationShown, list_locations

    with desk.sessions.read() as session:
        found = list_locations(session, kind=LocationKind(kind) if kind else None)
    echo(found, form, columns=COLUMNS, of=LocationShown)
