"""What each visit of a plan leaves open."""

import json
from typing import BinaryIO

import click

from fsc_logistics.cli.route.answer import id_of
from fsc_logistics.cli.route.change import read, refusals
from fsc_logistics.cli.travel import Travel, travel_options


@click.command()
@click.argument("problem", type=click.File("rb"))
@click.argument("plan", type=click.File("rb"))
@click.option(
    "--visit",
    "visits",
    multiple=True,
    metavar="ID",
    help="A job of the plan; may be said again.  [default: all]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@travel_options
def slack(
    problem: BinaryIO,
    plan: BinaryIO,
    visits: tuple[str, ...],
    as_json: bool,
    travel: Travel,
) -> None:
    """Say of visits of PLAN how much later they could begin, and what they cost.

    Later with everything else in its order; what PLAN costs more than without it, and
    what it would cost more on each other route it could be on.
    """
    from routes.changes.slack import slack as left_open
    from routes.plan import StopKind, clock

    document, draft = read(problem, plan, travel)
    ids = [id_of(document, "job", name) for name in visits] or list(
        dict.fromkeys(
            task.id
            for row in draft.orders.values()
            for task in row
            if task.kind is StopKind.JOB
        )
    )
    with refusals():
        found = [left_open(draft, id_) for id_ in ids]
    if as_json:
        rows = [
            {
                "id": document.name("job", one.visit),
                "begin": one.begin_s,
                "later": one.later_s,
                "saved": one.saved,
                "elsewhere": [
                    {"vehicle": document.name("vehicle", id_), "extra": extra}
                    for id_, extra in one.elsewhere.items()
                ],
            }
            for one in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for one in found:
        cost = "" if one.saved is None else f", costs {one.saved}"
        able = [(x, id_) for id_, x in one.elsewhere.items() if x is not None]
        other = "" if not able else f", by {min(able)[1]} {min(able)[0]:+}"
        minutes = one.later_s // 60
        click.echo(
            f"job {one.visit}: {clock(one.begin_s)}, {minutes} min later at most"
            f"{cost}{other}"
        )
