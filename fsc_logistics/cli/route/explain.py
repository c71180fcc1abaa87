"""Why something is left out, and what would let it in."""

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from fsc_logistics.cli.route.answer import id_of
from fsc_logistics.cli.route.files import read_document, read_plan_of
from fsc_logistics.cli.route.search_time import search_time_option
from fsc_logistics.cli.travel import Travel, travel_options
from fsc_logistics.domain.errors import BadInput

if TYPE_CHECKING:
    from routes.formats.document import Document
    from routes.plan import Plan, Unassigned


SEARCH_ALL_S = 10.0
"""Of all that is left out together, how long to plan again for one way out of each."""


@click.command()
@click.argument("problem", type=click.File("rb"))
@click.argument("plan", type=click.File("rb"))
@click.option(
    "--visit", metavar="ID", help="Only this job.  [default: all that is left out]"
)
@click.option("--all", "every", is_flag=True, help="Every way out, not the nearest.")
@search_time_option(
    0.5, "Plan again no longer than this to prove one way out, less for many visits."
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
    from routes.reasons.explain import explain as reasons

    document = read_document(problem, travel)
    found = read_plan_of(document, plan)
    try:
        read(document.problem, found)
    except NotPossible as error:
        raise BadInput(f"{plan.name}: {error}") from error
    wanted = None if visit is None else ("job", id_of(document, "job", visit))
    only = None if wanted is None else wanted[1]
    told = [
        left
        for left in reasons(document.problem, found, only=only)
        if wanted in (None, (_noun(left), left.id))
    ]
    search_s = min(time_limit_s, SEARCH_ALL_S / max(1, len(told)))
    rows = [
        _row(document, found, left, every=every, search_s=search_s) for left in told
    ]
    if wanted is not None and not rows:
        raise BadInput(f"Visit {visit} is in the plan.")
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['type']} {row['id']}: {row['reason']}")
        for said in (*row["kept_from_it"], *row["ways_out"]):
            click.echo(f"    {said['text']}")
    if not rows:
        click.echo("Nothing is left out.")


def _noun(left: "Unassigned") -> str:
    from routes.plan import TaskKind

    return "job" if left.kind is TaskKind.VISIT else "pickup"


def _row(
    document: "Document",
    plan: "Plan",
    left: "Unassigned",
    *,
    every: bool,
    search_s: float,
) -> dict[str, Any]:
    """Return why something is left out, and the nearest way out or `every` one."""
    from routes.reasons.explain import hindrances
    from routes.relaxing.relax import relaxations
    from routes.timetable.tasks import requests_of

    noun, problem, key = _noun(left), document.problem, (left.kind, left.id)
    request = next(one for one in requests_of(problem) if (one.kind, one.id) == key)
    ways = []
    if noun == "job":
        proved = relaxations(problem, plan, left.id, search_s=search_s)
        ways = list(islice(proved, None if every else 1))
    assert left.reason is not None, "every one is given a reason"
    return {
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
            for one in hindrances(problem, request)
        ],
        "ways_out": [{"rule": one.rule, "text": one.text} for one in ways],
    }
