"""Kit templates: which models, and how many of each, a kind of kit holds."""

from pathlib import Path
from typing import Any

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.files import (
    Given,
    echo_imported,
    exporting,
    import_options,
    importing,
)
from fsc_logistics.cli.output import OUT_FILE, Form, echo, echo_one, output_option
from fsc_logistics.domain.kits import MovesBy, read_holding

MOVES_BY = click.Choice([how.value for how in MovesBy])


class Holding(click.ParamType[tuple[str, int]]):
    """A model and how many of it: MODEL for one, or MODEL=3."""

    name = "model[=quantity]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Return the model's code as it was typed, and the quantity."""
        if isinstance(value, tuple):
            return value
        read = read_holding(value)
        if read is None:
            self.fail("That is not a model and a quantity. Try OXI-3230=2.", param, ctx)
        return read


@click.group()
def template() -> None:
    """Kit templates: what kinds of kit there are."""


@template.command()
@click.argument("code")
@click.argument(
    "holds", nargs=-1, required=True, type=Holding(), metavar="MODEL[=QUANTITY]..."
)
@click.option("--name", required=True, help="What such a kit is called.")
@click.option(
    "--moves-by",
    type=MOVES_BY,
    default=MovesBy.CASE.value,
    help="What must be scanned for a kit to move.  [default: case]",
)
@output_option
@pass_desk
def add(
    desk: Desk,
    code: str,
    holds: tuple[tuple[str, int], ...],
    name: str,
    moves_by: str,
    form: Form,
) -> None:
    """Register under CODE what a kind of kit holds.

    With --moves-by case the case takes its parts along; with any, each part takes the
    case and the other parts along too; with each, nothing goes along.
    """
    from fsc_logistics.core.kits.templates import add_template

    with desk.sessions.begin() as session:
        added = add_template(
            session,
            code,
            name=name,
            holds=_by_model(holds),
            moves_by=MovesBy(moves_by),
        )
    echo_one(added, form, f"{added.template} is registered.")


@template.command()
@click.argument("code")
@click.argument("holds", nargs=-1, type=Holding(), metavar="[MODEL[=QUANTITY]]...")
@click.option("--name", help="What such a kit is called.")
@click.option("--moves-by", type=MOVES_BY, help="How kits built from now on move.")
@output_option
@pass_desk
def change(
    desk: Desk,
    code: str,
    holds: tuple[tuple[str, int], ...],
    name: str | None,
    moves_by: str | None,
    form: Form,
) -> None:
    """Change what a kind of kit holds; MODEL=0 takes a model out."""
    from fsc_logistics.core.kits.templates import change_template

    with desk.sessions.begin() as session:
        changed = change_template(
            session,
            code,
            name=name,
            holds=_by_model(holds),
            moves_by=MovesBy(moves_by) if moves_by else None,
        )
    echo_one(changed, form, f"{changed.template} is changed.")


@template.command()
@click.argument("code")
@output_option
@pass_desk
def show(desk: Desk, code: str, form: Form) -> None:
    """Show what a kind of kit holds."""
    from fsc_logistics.core.kits.templates import show_template

    with desk.sessions.read() as session:
        found = show_template(session, code)
    holds = ", ".join(
        f"{quantity} of {model}" for model, quantity in found.holds.items()
    )
    line = f"{found.template}: {found.name}, moves by {found.moves_by}. Holds {holds}."
    echo_one(found, form, line)


@template.command("list")
@output_option
@pass_desk
def list_(desk: Desk, form: Form) -> None:
    """List the kinds of kit by code."""
    from fsc_logistics.core.kits.templates import Template, list_templates

    with desk.sessions.read() as session:
        found = list_templates(session)
    echo(found, form, of=Template)


@template.command("import")
@import_options
@output_option
@pass_desk
def import_(desk: Desk, given: Given, form: Form) -> None:
    """Register the kit templates in the CSV file FILE; - is standard input.

    Columns: template, name, holds (needed), the models as MODEL or MODEL=QUANTITY with
    blanks between them; moves_by.  All of them are registered, or none.
    """
    from fsc_logistics.core.exchange.kit_templates import import_templates
    from fsc_logistics.core.kits.templates import Template

    with importing(desk, given) as (source, faults, manner):
        rows = import_templates(desk.sessions, source, faults=faults, manner=manner)
        echo_imported(rows, given, form, of=Template, noun="kit template")


@template.command()
@click.argument("file", type=OUT_FILE)
@pass_desk
def export(desk: Desk, file: Path) -> None:
    """Write every kit template to FILE as CSV, as import reads it; - is stdout."""
    from fsc_logistics.core.exchange.kit_templates import export_templates

    exporting(desk, file, export_templates)


def _by_model(holds: tuple[tuple[str, int], ...]) -> dict[str, int]:
    found = dict(holds)
    if len(found) < len(holds):
        raise click.UsageError("A model is named twice. Say how many: MODEL=QUANTITY.")
    return found
