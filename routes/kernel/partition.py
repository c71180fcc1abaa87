"""Routes that were seen, put together in the best way: a set partitioning.

OR-Tools solves it: first without whole numbers, which tells what each visit is worth;
then with them, over the routes that can still be part of something better.
"""

from collections.abc import Sequence
from time import monotonic
from typing import NamedTuple

import numpy as np

from routes.kernel.arrays import Array

COLUMNS_MAX = 4000


class Columns(NamedTuple):
    """Routes to choose from."""

    requests: list[Array]
    """Which requests each serves."""
    cost: Array
    kind: Array
    """[column]: routes of one kind are alike."""


def load() -> None:
    """Import what is needed of OR-Tools, which takes most of a second."""
    from ortools.linear_solver import pywraplp  # noqa: F401
    from ortools.sat.python import cp_model  # noqa: F401


def best_choice(
    columns: Columns,
    *,
    penalty: Array,
    available: Sequence[int],
    known: int,
    effort: float,
    time_limit_s: float,
) -> list[int] | None:
    """Return the cheapest choice of `columns`, by their numbers.

    Each request is in one of them or costs its `penalty`; of the kind k there are at
    most `available[k]`.  None if nothing below `known` was found.  `effort` limits the
    work, not the time, so that the same columns give the same choice.
    """
    began_s = monotonic()
    found = _worth(columns, penalty, available, known, time_limit_s)
    if found is None:
        return None
    worth, bound = found
    slack = known - bound
    if slack < 1:
        return None
    reduced = np.array(
        [
            cost - worth[0][members].sum() - worth[1][kind]
            for members, cost, kind in zip(
                columns.requests, columns.cost, columns.kind, strict=True
            )
        ]
    )
    # A route that makes any whole plan dearer than what is known is in none that helps.
    left = np.flatnonzero(reduced < slack)
    left = left[np.argsort(reduced[left], kind="stable")][:COLUMNS_MAX]
    left_s = max(0.0, time_limit_s - (monotonic() - began_s))
    return _chosen(columns, np.sort(left), penalty, available, known, effort, left_s)


def _worth(
    columns: Columns,
    penalty: Array,
    available: Sequence[int],
    known: int,
    time_limit_s: float,
) -> tuple[tuple[Array, Array], float] | None:
    """Return what each request and each kind is worth, and the bound they prove.

    None if the time is up before, or the solver gives up.
    """
    from ortools.linear_solver import pywraplp

    solver = pywraplp.Solver.CreateSolver("GLOP")
    solver.SetTimeLimit(max(1, int(min(1e6, time_limit_s) * 1000)))
    # In steps of cost there are six digits before the point, and GLOP has been seen to
    # give up on them.
    scale = known / max(1, len(penalty))
    rows = [solver.Constraint(1.0, 1.0) for _ in penalty]
    kinds = [solver.Constraint(-solver.infinity(), float(n)) for n in available]
    objective = solver.Objective()
    for members, cost, kind in zip(
        columns.requests, columns.cost, columns.kind, strict=True
    ):
        take = solver.NumVar(0.0, solver.infinity(), "")
        objective.SetCoefficient(take, float(cost) / scale)
        kinds[kind].SetCoefficient(take, 1.0)
        for request in members.tolist():
            rows[request].SetCoefficient(take, 1.0)
    for request, price in enumerate(penalty.tolist()):
        leave = solver.NumVar(0.0, solver.infinity(), "")
        objective.SetCoefficient(leave, float(price) / scale)
        rows[request].SetCoefficient(leave, 1.0)
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return None
    return (
        np.array([row.dual_value() for row in rows]) * scale,
        np.array([row.dual_value() for row in kinds]) * scale,
    ), objective.Value() * scale


def _chosen(
    columns: Columns,
    left: Array,
    penalty: Array,
    available: Sequence[int],
    known: int,
    effort: float,
    time_limit_s: float,
) -> list[int] | None:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    take = {int(n): model.new_bool_var("") for n in left}
    serving: list[list[cp_model.IntVar]] = [[] for _ in penalty]
    for n, one in take.items():
        for request in columns.requests[n].tolist():
            serving[request].append(one)
    absent = [model.new_bool_var("") for _ in penalty]
    for one, some in zip(absent, serving, strict=True):
        model.add_exactly_one([one, *some])
    for kind, count in enumerate(available):
        model.add(
            sum(one for n, one in take.items() if columns.kind[n] == kind) <= count
        )
    cost = sum(int(columns.cost[n]) * one for n, one in take.items())
    left_out = sum(int(price) * one for price, one in zip(penalty, absent, strict=True))
    model.add(cost + left_out <= known - 1)
    model.minimize(cost + left_out)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = time_limit_s
    solver.parameters.max_deterministic_time = effort
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return [n for n, one in take.items() if solver.boolean_value(one)]
