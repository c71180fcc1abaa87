"""Route problems without a database: VROOM JSON in, VROOM JSON out."""

import click

from fsc_logistics.cli.route.check import check
from fsc_logistics.cli.route.solve import solve


@click.group()
def route() -> None:
    """Solve and check route problems without a database."""


route.add_command(solve)
route.add_command(check)
