"""What plans are measured by."""

import click

# Spelled out, for the sake of a quick --help: `routes.formats.objective.Objective`.
objective_option = click.option(
    "--objective",
    type=click.Choice(["distance", "routes"]),
    help="What counts: total distance, or fewest routes and then distance."
    "  [default: the costs in the file; of benchmark files, what their authors count]",
)
