"""The built-in estimate, held against somebody who knows the roads."""

from typing import BinaryIO

import click

from fsc_logistics.cli.output import Form, echo, output_option
from fsc_logistics.cli.route.files import read_document
from fsc_logistics.cli.travel import Travel, travel_options
from fsc_logistics.domain.errors import BadInput


@click.command()
@click.argument("problem", type=click.File("rb"))
@output_option
@travel_options
def compare(problem: BinaryIO, travel: Travel, form: Form) -> None:
    """Say which road_factor fits the places of PROBLEM, by who knows the roads.

    A row for each distance as the crow flies, and last one for all.  `road_factor` is
    what the setting should be; `time_factor` how much longer than estimated it takes.
    """
    from routes.travel import Estimate, NoTravel, Point
    from routes.travel.comparison import Compared, compared

    if travel.planning().travel == "estimate":
        raise BadInput(
            "The estimate cannot be held against itself. Name somebody who knows the"
            " roads: --travel roads:FOLDER"
        )
    document = read_document(problem, travel)
    if document.indexed:
        raise BadInput(f"{problem.name} brings its own matrices.")
    places = [document.locations[place] for place in range(len(document.locations))]
    points = [Point(lat, lon) for lon, lat in places]
    by_road = next(iter(document.problem.matrices.values()))
    estimate = Estimate(road_factor=travel.planning().road_factor)
    try:
        rows = compared(points, by_road, estimate)
    except NoTravel as error:
        raise BadInput(f"{problem.name}: {error}") from error
    echo(rows, form, of=Compared)
