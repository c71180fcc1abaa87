"""A plan changed by hand: one visit more, moved, swapped or locked."""

import json
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from fsc_logistics.cli.route.answer import id_of, tell
from fsc_logistics.cli.route.files import read_document, read_plan_of, write_whole
from fsc_logistics.cli.travel import Travel, travel_options
from fsc_logistics.domain.errors import BadInput, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routes.drafting.draft import Draft
    from routes.formats.document import Document

Command = Callable[..., Any]


def plan_options(command: Command) -> Command:
    """Add what every change of a plan takes: both files, where to write, travel."""
    for option in (
        travel_options,
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option(
            "-o",
            "--output",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write the new plan here.  [default: only say what changes]",
        ),
        click.argument("plan", type=click.File("rb")),
        click.argument("problem", type=click.File("rb")),
    ):
        command = option(command)
    return command


visit_option = click.option("--visit", required=True, metavar="ID", help="The job.")


@contextmanager
def refusals() -> "Iterator[None]":
    """Say what cannot be done as the house says it."""
    from routes.changes.by_hand import NotPossible

    try:
        yield
    except NotPossible as error:
        raise Refused(str(error)) from error


def read(problem: BinaryIO, plan: BinaryIO, travel: Travel) -> "tuple[Document, Draft]":
    """Return the problem, and the plan for it, timed anew.

    Raises:
        BadInput: they cannot be read, or the plan breaks a rule.
    """
    from routes.changes.by_hand import NotPossible
    from routes.changes.by_hand import read as as_draft

    document = read_document(problem, travel)
    found = read_plan_of(document, plan)
    try:
        return document, as_draft(document.problem, found)
    except NotPossible as error:
        raise BadInput(f"{plan.name}: {error}") from error


@click.command()
@plan_options
@visit_option
def insert(
    problem: BinaryIO,
    plan: BinaryIO,
    output: Path | None,
    visit: str,
    as_json: bool,
    travel: Travel,
) -> None:
    """Put a visit of PROBLEM that is not in PLAN where it costs least.

    Nobody else's visits change hands or order; what begins later is told.
    """
    from routes.changes.by_hand import inserted

    document, draft = read(problem, plan, travel)
    with refusals():
        found = inserted(draft, id_of(document, "job", visit))
    _tell(document, draft, found, output, as_json=as_json)


@click.command()
@plan_options
@visit_option
@click.option("--to", required=True, metavar="ID", help="The vehicle.")
@click.option(
    "--place",
    type=click.IntRange(min=1),
    metavar="N",
    help="Its place on that route, from 1.  [default: where it costs least]",
)
def move(
    problem: BinaryIO,
    plan: BinaryIO,
    output: Path | None,
    visit: str,
    to: str,
    place: int | None,
    as_json: bool,
    travel: Travel,
) -> None:
    """Move a visit of PLAN to another route, or to another place on its own.

    Says what that costs and what begins when, or which rule it would break.
    """
    from routes.changes.by_hand import moved

    document, draft = read(problem, plan, travel)
    who = id_of(document, "vehicle", to)
    with refusals():
        found = moved(draft, id_of(document, "job", visit), who, place=place)
    _tell(document, draft, found, output, as_json=as_json)


@click.command()
@plan_options
@visit_option
@click.option("--with", "other", required=True, metavar="ID", help="The other job.")
def swap(
    problem: BinaryIO,
    plan: BinaryIO,
    output: Path | None,
    visit: str,
    other: str,
    as_json: bool,
    travel: Travel,
) -> None:
    """Put two visits of PLAN in each other's places."""
    from routes.changes.by_hand import swapped

    document, draft = read(problem, plan, travel)
    one, another = (id_of(document, "job", name) for name in (visit, other))
    with refusals():
        found = swapped(draft, one, another)
    _tell(document, draft, found, output, as_json=as_json)


@click.command()
@click.argument("problem", type=click.File("rb"))
@click.argument("plan", type=click.File("rb"))
@click.option(
    "--visit", "visits", multiple=True, required=True, metavar="ID", help="The job."
)
@click.option("--moment", is_flag=True, help="Lock when it begins, too.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the problem here.  [default: stdout]",
)
@travel_options
def lock(
    problem: BinaryIO,
    plan: BinaryIO,
    visits: tuple[str, ...],
    moment: bool,
    output: Path | None,
    travel: Travel,
) -> None:
    """Write PROBLEM so that visits stay with whom PLAN gives them to.

    PLAN keeps every rule of what is written; so does every plan made of it.
    """
    from routes.changes.by_hand import locked
    from routes.formats.vroom import write_problem

    document, draft = read(problem, plan, travel)
    ids = [id_of(document, "job", visit) for visit in visits]
    with refusals():
        fixed = locked(draft, ids, moment=moment)
    names = {**document.names}
    for technician in fixed.technicians:
        name = document.name("vehicle", technician.id)
        names.setdefault(("person", technician.id), name)
    written = replace(document, problem=fixed, names=names)
    text = json.dumps(write_problem(written), ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
    else:
        write_whole(output, text + "\n")


def _tell(
    document: "Document",
    before: "Draft",
    after: "Draft",
    output: Path | None,
    *,
    as_json: bool,
) -> None:
    from routes.drafting.difference import difference
    from routes.reasons.explain import with_reasons

    plan = after.plan()
    changed = difference(before.plan(), plan)
    if output is not None:
        plan = with_reasons(document.problem, plan)
    tell(document, plan, changed, output=output, as_json=as_json)
