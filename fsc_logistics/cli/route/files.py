"""The files of a route problem, read and written so that a person understands it."""

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from fsc_logistics.cli.travel import Travel
from fsc_logistics.domain.errors import BadInput

if TYPE_CHECKING:
    from routes.formats.document import Document
    from routes.plan import Plan
    from routes.problem import Matrix
    from routes.travel import Point


def read_document(
    problem: BinaryIO,
    travel: Travel | None = None,
    *,
    objective: str | None = None,
    draws: bool = False,
) -> "Document":
    """Return the problem in an open file of any form known, measured by `objective`.

    How long it takes to drive is in the file, or asked of `travel`; without either it
    is estimated.  Where `travel` also draws, it may be given to a file with its own.

    Raises:
        BadInput: it holds none, or has times of its own and other ones were asked for;
            the text names the file, the place and why.
        TryLater: a service that knows how long it takes is away.
    """
    from routes.formats.objective import Objective
    from routes.formats.reader import read_problem
    from routes.problem import BadProblem

    measured = None if objective is None else Objective(objective)
    try:
        document = read_problem(
            problem.read(),
            objective=measured,
            travel=None if travel is None else travel.matrix,
        )
    except BadProblem as error:
        raise BadInput(f"{problem.name}: {error}") from error
    if document.stops and travel is not None and travel.said:
        raise BadInput(
            f"{problem.name} is a benchmark file and measured on paper: leave --travel"
            " out."
        )
    if document.indexed and not draws and travel is not None and travel.said:
        raise BadInput(
            f"{problem.name} brings its own matrices: leave --travel out, or take"
            " `matrices` out of the file."
        )
    return document


def places_of(problem: BinaryIO, document: "Document") -> "tuple[list[Point], Matrix]":
    """Return the points of `document`, read from `problem`, and what was asked of them.

    Raises:
        BadInput: nothing was asked: it has its own matrices, or nobody drives.
    """
    from routes.travel import Point

    if document.indexed:
        raise BadInput(f"{problem.name} brings its own matrices.")
    matrices = document.problem.matrices
    if not matrices:
        raise BadInput(f"{problem.name} has no vehicles: nobody drives anywhere.")
    places = [document.locations[place] for place in range(len(document.locations))]
    return [Point(lat, lon) for lon, lat in places], next(iter(matrices.values()))


def read_plan_of(document: "Document", plan: BinaryIO) -> "Plan":
    """Return the plan for `document` in an open file of any form known.

    Raises:
        BadInput: it holds none; the text names the file, the place and why.
    """
    from routes.formats.reader import read_plan
    from routes.problem import BadProblem

    try:
        return read_plan(plan.read(), document)
    except BadProblem as error:
        raise BadInput(f"{plan.name}: {error}") from error


def write_whole(path: Path, text: str) -> None:
    """Write all of `text` to `path` or nothing: a reader never sees half a plan.

    Raises:
        BadInput: it cannot be written there.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
