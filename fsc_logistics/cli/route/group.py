"""Route problems without a database: VROOM JSON in, VROOM JSON out."""

import click

from fsc_logistics.cli.route.change import insert, lock, move, swap
from fsc_logistics.cli.route.check import check
from fsc_logistics.cli.route.conflict import conflict
from fsc_logistics.cli.route.explain import explain
from fsc_logistics.cli.route.export import export
from fsc_logistics.cli.route.matrix import matrix
from fsc_logistics.cli.route.replan import replan
from fsc_logistics.cli.route.roads import roads
from fsc_logistics.cli.route.slack import slack
from fsc_logistics.cli.route.slots import slots
from fsc_logistics.cli.route.solve import solve


@click.group()
def route() -> None:
    """Solve and check route problems without a database."""


route.add_command(solve)
route.add_command(check)
route.add_command(export)
route.add_command(explain)
route.add_command(conflict)
route.add_command(slack)
route.add_command(insert)
route.add_command(slots)
route.add_command(move)
route.add_command(swap)
route.add_command(lock)
route.add_command(replan)
route.add_command(matrix)
route.add_command(roads)
