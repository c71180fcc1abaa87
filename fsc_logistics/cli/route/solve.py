"""Plan the routes of a problem."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from fsc_logistics.cli.route.files import read_document, write_whole
from fsc_logistics.cli.route.objective import objective_option
from fsc_logistics.cli.route.search_time import search_time_option
from fsc_logistics.cli.travel import Travel, travel_options
from fsc_logistics.domain.errors import BadInput

if TYPE_CHECKING:
    from routes.formats.document import Document
    from routes.plan import Plan
    from routes.plan import Progress as Found


@click.command()
@click.argument("problem", type=click.File("rb"))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the plan here.  [default: stdout]",
)
@click.option(
    "--solution",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.sol",
    help="Write the plan of a benchmark file here too, in VRPLIB's solution form.",
)
@objective_option
@search_time_option(10.0, "Search no longer than this.")
@click.option(
    "--threads",
    type=click.IntRange(min=1, max=64),
    help="So many searches side by side, which meet.  [default: the processors]",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Where chance begins; other seeds find other plans.",
)
@travel_options
def solve(
    problem: BinaryIO,
    output: Path | None,
    solution: Path | None,
    objective: str | None,
    time_limit_s: float,
    threads: int | None,
    seed: int,
    travel: Travel,
) -> None:
    """Plan routes for PROBLEM, a file, or - for standard input.

    PROBLEM is VROOM JSON, or a benchmark file: Solomon's, Gehring and Homberger's or Li
    and Lim's text, or VRPLIB.  Which one is told by what is in it.

    What fits on no route is under `unassigned`, with its reason.  Ctrl-C ends the
    search with the best plan so far.
    """
    from routes.formats.vroom_plan import write_plan
    from routes.problem import BadProblem

    document = read_document(problem, travel, objective=objective)
    if solution is not None and not document.stops:
        raise BadInput(
            f"{problem.name} is no benchmark file: leave --solution out, its plan"
            " cannot be said in that form."
        )
    try:
        with _progress(time_limit_s) as progress:
            plan = _searched(
                document,
                time_limit_s=time_limit_s,
                threads=threads,
                seed=seed,
                progress=progress,
            )
    except BadProblem as error:
        raise BadInput(f"{problem.name}: {error}") from error
    text = json.dumps(write_plan(document, plan), ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
    else:
        write_whole(output, text + "\n")
    if solution is not None:
        _write_solution(solution, document, plan)


def _write_solution(path: Path, document: "Document", plan: "Plan") -> None:
    from routes.formats.solution import write_solution
    from routes.problem import BadProblem

    try:
        text = write_solution(document, plan)
    except BadProblem as error:
        raise BadInput(f"{path} was not written: {error}") from error
    write_whole(path, text)


def _searched(
    document: "Document",
    *,
    time_limit_s: float,
    threads: int | None,
    seed: int,
    progress: "Callable[[Found], None] | None",
) -> "Plan":
    from routes.solve import solve as search

    return search(
        document.problem,
        time_limit_s=time_limit_s,
        threads=threads,
        seed=seed,
        initial=document.orders,
        progress=progress,
    )


@contextmanager
def _progress(time_limit_s: float) -> "Iterator[Callable[[Found], None] | None]":
    """Show how far the search is, and how good, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Searching", total=time_limit_s)

        def show(now: "Found") -> None:
            words = "Searching"
            if now.cost is not None:
                words = f"Cost {now.cost}, {now.unassigned_count} left out"
                if now.bound is not None and now.unassigned_count == 0:
                    words += f", no plan below {now.bound}"
            bar.update(task, completed=now.elapsed_s, description=words)

        yield show
