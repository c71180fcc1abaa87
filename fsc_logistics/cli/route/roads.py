"""A road network of one's own."""

import sys
from pathlib import Path

import click

from fsc_logistics.cli.output import echo_json
from fsc_logistics.cli.route.compare import compare


@click.group()
def roads() -> None:
    """Make a road network of one's own, to plan with without any service."""


roads.add_command(compare)


@roads.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Put the network here.  [default: the name of FILE, ending in .roads]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def build(file: Path, output: Path | None, as_json: bool) -> None:
    """Make a road network for cars of FILE, an extract of OpenStreetMap (.osm.pbf).

    Plan with it by --travel roads:FOLDER.  A network that is there already is replaced
    once the new one is whole.
    """
    from fsc_logistics.domain.errors import BadInput
    from routes.travel import NoTravel
    from routes.travel.engine import build_network

    stem = file.name.partition(".osm")[0] or file.name
    folder = file.with_name(f"{stem}.roads") if output is None else output

    def say(step: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"{step} …", err=True)

    try:
        network = build_network(file, folder, say=say)
    except NoTravel as error:
        raise BadInput(str(error)) from error
    if as_json:
        echo_json({"folder": str(folder), "source": network.source})
    else:
        click.echo(f"The roads of {file.name} are in {folder}.")
        click.echo(f"Plan with them: --travel roads:{folder}")
