"""Demands that cannot hold together."""

import json
from typing import BinaryIO

import click

from fsc_logistics.cli.route.answer import id_of
from fsc_logistics.cli.route.files import read_document
from fsc_logistics.cli.route.search_time import search_time_option
from fsc_logistics.cli.travel import Travel, travel_options
from fsc_logistics.domain.errors import Refused


@click.command()
@click.argument("problem", type=click.File("rb"))
@click.option(
    "--must",
    multiple=True,
    metavar="ID",
    help="A job that has to be done; may be said again.  [default: all]",
)
@search_time_option(
    0.5, "Look no longer than this for a plan, each time one is looked for."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@travel_options
def conflict(
    problem: BinaryIO,
    must: tuple[str, ...],
    time_limit_s: float,
    as_json: bool,
    travel: Travel,
) -> None:
    """Say which few jobs and rules of PROBLEM cannot hold together, if not all can.

    Without any one of what is named the rest could be done. Shipments are not asked.
    """
    from routes.relaxing.conflict import conflict as smallest
    from routes.relaxing.trial import TooBig

    document = read_document(problem, travel)
    ids = [id_of(document, "job", name) for name in must]
    wanted = ids or [one.id for one in document.problem.visits]
    try:
        found = smallest(document.problem, wanted, search_s=time_limit_s)
    except TooBig as error:
        raise Refused(
            f"It was not found out what cannot hold together: {error}. Name fewer jobs"
            " with --must, or look longer."
        ) from error
    if as_json:
        answer = None
        if found is not None:
            answer = {
                "jobs": [document.name("job", one) for one in found.visits],
                "rules": list(found.rules),
                "text": found.text,
            }
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        click.echo("All of it can be done." if found is None else found.text)
