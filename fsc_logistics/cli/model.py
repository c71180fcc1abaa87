"""Device models: add, change, show, list, import, export."""

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
from fsc_logistics.cli.output import (
    OUT_FILE,
    Form,
    echo,
    echo_one,
    output_option,
)
from fsc_logistics.domain.limits import MINUTES_MAX, VOLUME_ML_MAX

MINUTE_S = 60
_MINUTES = click.IntRange(0, MINUTES_MAX)
_VOLUME_ML = click.IntRange(0, VOLUME_ML_MAX)
COLUMNS = ("model", "maker", "name", "category", "gtin", "setup_s", "training_s")


def _field_options(*, needed: bool) -> Callable[..., Any]:
    def options(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(
            (
                click.option("--maker", required=needed, help="Who makes it."),
                click.option("--name", required=needed, help="What it is called."),
                click.option(
                    "--category", required=needed, help="What it is, as oximeter."
                ),
                click.option("--gtin", help="Its number in GS1 barcodes."),
                click.option("--setup", type=_MINUTES, help="Minutes."),
                click.option("--training", type=_MINUTES, help="Minutes."),
                click.option("--skill", help="What it takes to set it up."),
                click.option("--volume-ml", type=_VOLUME_ML, help="Its size."),
            )
        ):
            command = option(command)
        return command

    return options


@click.group()
def model() -> None:
    """Device models: what kinds of device there are."""


@model.command()
@click.argument("code")
@_field_options(needed=True)
@output_option
@pass_desk
def add(desk: Desk, code: str, form: Form, **fields: Any) -> None:
    """Register a device model under CODE."""
    from fsc_logistics.core.catalogue.device_models import Model, add_model

    new = Model(model=code, **_in_seconds(fields))
    with desk.sessions.begin() as session:
        added = add_model(session, new)
    echo_one(added, form, f"{added.model} is registered.")


@model.command()
@click.argument("code")
@_field_options(needed=False)
@output_option
@pass_desk
def change(desk: Desk, code: str, form: Form, **fields: Any) -> None:
    """Change what is said of a device model."""
    from fsc_logistics.core.catalogue.device_models import change_model

    with desk.sessions.begin() as session:
        changed = change_model(session, code, **_in_seconds(fields))
    echo_one(changed, form, f"{changed.model} is changed.")


@model.command()
@click.argument("code")
@output_option
@pass_desk
def show(desk: Desk, code: str, form: Form) -> None:
    """Show one device model."""
    from fsc_logistics.core.catalogue.device_models import show_model

    with desk.sessions.read() as session:
        found = show_model(session, code)
    echo_one(
        found, form, f"{found.model}: {found.maker} {found.name}, {found.category}."
    )


@model.command("list")
@click.option("--category", help="Only these.")
@output_option
@pass_desk
def list_(desk: Desk, category: str | None, form: Form) -> None:
    """List device models by code."""
    from fsc_logistics.core.catalogue.device_models import Model, list_models

    with desk.sessions.read() as session:
        found = list_models(session, category=category)
    echo(found, form, columns=COLUMNS, of=Model)


@model.command("import")
@import_options
@output_option
@pass_desk
def import_(desk: Desk, given: Given, form: Form) -> None:
    """Register the device models in the CSV file FILE; - is standard input.

    Columns: model, maker, name, category (needed); gtin, setup_min, training_min,
    skill, volume_ml.  All of them are registered, or none.
    """
    from fsc_logistics.core.catalogue.device_models import Model
    from fsc_logistics.core.exchange.device_models import import_models

    with importing(desk, given) as (source, faults, manner):
        models = import_models(desk.sessions, source, faults=faults, manner=manner)
        echo_imported(models, given, form, of=Model, noun="model")


@model.command()
@click.argument("file", type=OUT_FILE)
@pass_desk
def export(desk: Desk, file: Path) -> None:
    """Write every device model to FILE as CSV, as import reads it; - is stdout."""
    from fsc_logistics.core.exchange.device_models import export_models

    exporting(desk, file, export_models)


def _in_seconds(fields: dict[str, Any]) -> dict[str, Any]:
    said = said_of(**fields)
    for name in ("setup", "training"):
        if name in said:
            said[f"{name}_s"] = said.pop(name) * MINUTE_S
    return said
