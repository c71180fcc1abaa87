"""The built-in estimate, held against somebody who knows the roads."""

from typing import BinaryIO

import click

from fsc_logistics.cli.output import Form, echo, output_option
from fsc_logistics.cli.route.files import places_of, read_document
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
    from routes.travel import Estimate, NoTravel
    from routes.travel.comparison import Compared, compared

    if travel.planning().travel == "estimate":
        raise BadInput(
            "The estimate cannot be held against itself. Name somebody who knows the"
            " roads: --travel roads:FOLDER"
        )
    points, by_road = places_of(problem, read_document(problem, travel))
    estimate = Estimate(road_factor=travel.planning().road_factor)
    try:
        rows = compared(points, by_road, estimate)
    except NoTravel as error:
        raise BadInput(f"{problem.name}: {error}") from error
    echo(rows, form, of=Compared)
