"""A plan on a map."""

import json
from pathlib import Path
from typing import BinaryIO

import click

from fsc_logistics.cli.route.files import read_document, read_plan_of, write_whole
from fsc_logistics.cli.travel import Travel, travel_options
from fsc_logistics.domain.errors import BadInput


@click.command()
@click.argument("problem", type=click.File("rb"))
@click.argument("plan", type=click.File("rb"))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it here; the name ends in .geojson, .json or .gpx."
    "  [default: GeoJSON on stdout]",
)
@travel_options
def export(
    problem: BinaryIO, plan: BinaryIO, output: Path | None, travel: Travel
) -> None:
    """Write PLAN for PROBLEM as a map: GeoJSON, or GPX for a navigator.

    A service or network that knows roads draws them; else the lines are straight.
    """
    from fsc_logistics.core.travel import refusal
    from routes.formats.drawing import geojson, gpx
    from routes.problem import BadProblem
    from routes.travel import NoTravel

    ending = ".geojson" if output is None else output.suffix.lower()
    if ending not in (".geojson", ".json", ".gpx"):
        raise BadInput(
            f"{output} is not a map that can be written; let its name end in .geojson"
            " or .gpx."
        )
    document = read_document(problem, travel, draws=True)
    found = read_plan_of(document, plan)
    line = travel.source().line
    try:
        if ending == ".gpx":
            text = gpx(document, found, line)
        else:
            text = json.dumps(geojson(document, found, line), ensure_ascii=False) + "\n"
    except BadProblem as error:
        raise BadInput(f"{problem.name}: {error}") from error
    except NoTravel as error:
        raise refusal(error) from error
    if output is None:
        click.echo(text, nl=False)
    else:
        write_whole(output, text)
