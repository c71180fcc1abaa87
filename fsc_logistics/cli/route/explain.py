"""Why something is left out, and what would let it in."""

import json
from itertools import islice
from typing import Any, BinaryIO

import click

from fsc_logistics.cli.params import SearchTime
from fsc_logistics.cli.route.answer import id_of
from fsc_logistics.cli.route.files import read_document, read_plan_of
from fsc_logistics.cli.travel import Travel, travel_options
from fsc_logistics.domain.errors import BadInput


@click.command()
@click.argument("problem", type=click.File("rb"))
@click.argument("plan", type=click.File("rb"))
@click.option(
    "--visit", metavar="ID", help="Only this job.  [default: all that is left out]"
)
@click.option("--all", "every", is_flag=True, help="Every way out, not the nearest.")
@click.option(
    "--time-limit",
    "time_limit_s",
    type=SearchTime(),
    default=0.5,
    show_default=True,
    metavar="SECONDS",
    help="Plan again no longer than this to prove one way out.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@travel_options
def explain(
    problem: BinaryIO,
    plan: BinaryIO,
    visit: str | None,
    every: bool,
    time_limit_s: float,
    as_json: bool,
    travel: Travel,
) -> None:
    """Say why PLAN, from anyone, leaves visits of PROBLEM out, and what would help.

    Who is kept from a visit by which rule with nothing else to do, and the rule that
    could give way for it: said only where a plan was made that keeps everything else.
    """
    from routes.changes.by_hand import NotPossible, read
    from routes.plan import TaskKind
    from routes.reasons.explain import explain as reasons
    from routes.reasons.explain import hindrances
    from routes.relaxing.relax import relaxations
    from routes.timetable.tasks import requests_of

    document = read_document(problem, travel)
    found = read_plan_of(document, plan)
    try:
        read(document.problem, found)
    except NotPossible as error:
        raise BadInput(f"{plan.name}: {error}") from error
    wanted = None if visit is None else id_of(document, "job", visit)
    requests = {(one.kind, one.id): one for one in requests_of(document.problem)}
    rows: list[dict[str, Any]] = []
    for left in reasons(document.problem, found):
        if wanted is not None and (left.kind, left.id) != (TaskKind.VISIT, wanted):
            continue
        ways = []
        if left.kind is TaskKind.VISIT:
            proved = relaxations(
                document.problem, found, left.id, search_s=time_limit_s
            )
            ways = list(islice(proved, None if every else 1))
        kept = hindrances(document.problem, requests[left.kind, left.id])
        noun = "job" if left.kind is TaskKind.VISIT else "pickup"
        assert left.reason is not None, "every one is given a reason"
        rows.append(
            {
                "type": noun,
                "id": document.name(noun, left.id),
                "kind": str(left.reason.kind),
                "reason": left.reason.text,
                "kept_from_it": [
                    {
                        "vehicle": document.name("vehicle", one.technician),
                        "kind": str(one.kind),
                        "text": f"{one.technician} {one.text}.",
                    }
                    for one in kept
                ],
                "ways_out": [{"rule": one.rule, "text": one.text} for one in ways],
            }
        )
    if wanted is not None and not rows:
        raise BadInput(f"Visit {visit} is in the plan.")
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['type']} {row['id']}: {row['reason']}")
        for hindered in row["kept_from_it"]:
            click.echo(f"    {hindered['text']}")
        for way in row["ways_out"]:
            click.echo(f"    {way['text']}")
    if not rows:
        click.echo("Nothing is left out.")
