"""The rest of a day, planned again."""

import json
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import click

from fsc_logistics.cli.route.answer import Moment, id_of, tell
from fsc_logistics.cli.route.change import plan_options
from fsc_logistics.cli.route.files import read_document, read_plan_of, write_whole
from fsc_logistics.cli.route.search_time import search_time_option
from fsc_logistics.cli.travel import Travel
from fsc_logistics.domain.errors import BadInput


@click.command()
@plan_options
@click.option(
    "--at",
    "at_s",
    type=Moment(),
    required=True,
    metavar="MOMENT",
    help="What is done by then stays done: hours and minutes, or seconds.",
)
@click.option(
    "--without", multiple=True, metavar="ID", help="A vehicle that is gone for today."
)
@search_time_option(0.6, "Search no longer than this.")
@click.option(
    "--rest",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write what is left of the problem here: the new plan is for that.",
)
def replan(
    problem: BinaryIO,
    plan: BinaryIO,
    output: Path | None,
    at_s: int,
    without: tuple[str, ...],
    time_limit_s: float,
    rest: Path | None,
    as_json: bool,
    travel: Travel,
) -> None:
    """Plan the rest of the day again: what PLAN has not done by a moment.

    Who is on the way somewhere goes there, what is in a car is brought by it, and
    changing anything else costs what `fsc_changes` in PROBLEM says, or as much as ten
    minutes of driving for another vehicle and for each hour moved.  Jobs that are in
    PROBLEM and not in PLAN are new.
    """
    from routes.changes.replan import replan as again
    from routes.formats.vroom import write_problem
    from routes.plan import TaskKind

    document = read_document(problem, travel)
    found = read_plan_of(document, plan)
    gone = frozenset(id_of(document, "vehicle", name) for name in without)
    try:
        left = again(document.problem, found, at_s, without=gone, search_s=time_limit_s)
    except ValueError as error:
        raise BadInput(f"{plan.name}: {error}.") from error
    names = dict(document.names)
    for visit in left.problem.visits:
        # What was half done when it was left is a job now.
        names.setdefault(("job", visit.id), document.name("delivery", visit.id))
    for vehicle in document.problem.technicians:
        name = document.name("vehicle", vehicle.id)
        names.setdefault(("person", vehicle.id), name)
    document = replace(document, problem=left.problem, names=names)
    if rest is not None:
        text = json.dumps(write_problem(document), ensure_ascii=False, indent=2)
        write_whole(rest, text + "\n")
    tell(document, left.plan, left.changed, output=output, as_json=as_json)
    if not as_json:
        for one in left.plan.unassigned:
            noun = "job" if one.kind is TaskKind.VISIT else "pickup"
            reason = "" if one.reason is None else f" {one.reason.text}"
            name = document.name(noun, one.id)
            click.echo(f"{noun} {name} is left out.{reason}")
