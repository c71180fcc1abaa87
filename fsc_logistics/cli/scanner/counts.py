"""What counts of places have found."""

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import Form, echo, output_option

_COLUMNS = (
    "place",
    "begun_at",
    "ended_at",
    "by",
    "state",
    "expected",
    "found",
    "missing",
    "strays",
    "unknown",
)


@click.command()
@click.option("--place", metavar="LOCATION", help="Counts of this place only.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="At most so many, the newest.",
)
@output_option
@pass_desk
def counts(desk: Desk, place: str | None, limit: int, form: Form) -> None:
    """Show the last counts of places: found, missing, and what was not expected.

    Which devices these are, and the codes nobody knew, is in --json and --csv.
    """
    from fsc_logistics.core.scanning.counts import CountListed, list_counts

    with desk.sessions.read() as session:
        found = list_counts(session, now=desk.now(), place=place, limit=limit)
    echo(found, form, columns=_COLUMNS, of=CountListed)
