"""Travel times of a problem, in a file of their own."""

import json
from pathlib import Path
from typing import BinaryIO

import click

from fsc_logistics.cli.route.files import places_of, read_document, write_whole
from fsc_logistics.cli.travel import Travel, travel_options


@click.command()
@click.argument("problem", type=click.File("rb"))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the matrix here.  [default: stdout]",
)
@travel_options
def matrix(problem: BinaryIO, output: Path | None, travel: Travel) -> None:
    """Ask how long and how far it is between the places of PROBLEM, once.

    What is written can be given as --travel FILE, where no service is at hand or its
    answers should not change between two plans.
    """
    from routes.travel.matrix_file import matrix_file

    points, found = places_of(problem, read_document(problem, travel))
    text = json.dumps(matrix_file(points, found)) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        write_whole(output, text)
