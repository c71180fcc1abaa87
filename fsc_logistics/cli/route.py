"""Route problems without a database: VROOM JSON in, VROOM JSON out."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from fsc_logistics.cli.params import SearchTime
from fsc_logistics.domain.errors import BadInput, VerificationFailed

if TYPE_CHECKING:
    from routes.formats.vroom import Document
    from routes.plan import Plan
    from routes.plan import Progress as Found


@click.group()
def route() -> None:
    """Solve and check route problems without a database."""


@route.command("solve")
@click.argument("problem", type=click.File("rb"))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the plan here.  [default: stdout]",
)
@click.option(
    "--time-limit",
    "time_limit_s",
    type=SearchTime(),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Search no longer than this.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Search that many times at once and keep the best plan.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Where chance begins; other seeds find other plans.",
)
def solve_command(
    problem: BinaryIO,
    output: Path | None,
    time_limit_s: float,
    threads: int,
    seed: int,
) -> None:
    """Plan routes for PROBLEM, a VROOM JSON file, or - for standard input.

    What fits on no route is under `unassigned`, with its reason.  Ctrl-C ends the
    search with the best plan so far.
    """
    from routes.formats.vroom_plan import write_plan

    document = _read(problem)
    with _progress(time_limit_s) as progress:
        plan = _solve(
            document,
            time_limit_s=time_limit_s,
            threads=threads,
            seed=seed,
            progress=progress,
        )
    text = json.dumps(write_plan(document, plan), ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
    else:
        _write(output, text + "\n")


@route.command("check")
@click.argument("problem", type=click.File("rb"))
@click.argument("plan", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check_command(problem: BinaryIO, plan: BinaryIO, as_json: bool) -> None:
    """Check PLAN, from anyone, against PROBLEM, both VROOM JSON.

    Ends with exit code 6 where the plan breaks a rule or adds up wrongly.
    """
    from routes.check import cost_of, violations
    from routes.formats.vroom_plan import read_plan
    from routes.problem import BadProblem

    document = _read(problem)
    try:
        found_plan = read_plan(plan.read(), document)
    except BadProblem as error:
        raise BadInput(f"{plan.name}: {error}") from error
    found = violations(document.problem, found_plan)
    cost = cost_of(document.problem, found_plan)
    if as_json:
        rows = [
            {
                "kind": str(one.kind),
                "technician": one.technician,
                "stop": one.stop,
                "text": one.text,
            }
            for one in found
        ]
        text = json.dumps({"violations": rows, "cost": cost}, ensure_ascii=False)
        click.echo(text)
    else:
        for one in found:
            click.echo(f"{one.kind}: {one.text}")
        click.echo(f"Cost: {cost}")
    if found:
        times = "once" if len(found) == 1 else f"{len(found)} times"
        raise VerificationFailed(f"{plan.name} breaks the rules {times}.")


def _read(problem: BinaryIO) -> "Document":
    from routes.formats.vroom_reader import read_problem
    from routes.problem import BadProblem

    try:
        return read_problem(problem.read())
    except BadProblem as error:
        raise BadInput(f"{problem.name}: {error}") from error


def _solve(
    document: "Document",
    *,
    time_limit_s: float,
    threads: int,
    seed: int,
    progress: "Callable[[Found], None]",
) -> "Plan":
    from routes.portfolio import solve_together
    from routes.solve import solve

    if threads == 1:
        return solve(
            document.problem,
            time_limit_s=time_limit_s,
            seed=seed,
            initial=document.orders,
            progress=progress,
        )
    return solve_together(
        document.problem,
        count=threads,
        time_limit_s=time_limit_s,
        seed=seed,
        initial=document.orders,
        progress=progress,
    )


@contextmanager
def _progress(time_limit_s: float) -> "Iterator[Callable[[Found], None]]":
    """Show on a terminal how far the search is, and how good."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task("Searching", total=time_limit_s)

        def show(now: "Found") -> None:
            words = "Searching"
            if now.cost is not None:
                words = f"Cost {now.cost}, {now.unassigned_count} left out"
            bar.update(task, completed=now.elapsed_s, description=words)

        yield show


def _write(path: Path, text: str) -> None:
    """Write all of `text` to `path` or nothing: a reader never sees half a plan."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
