"""What the compiled search takes a row to cost is what its timetable costs."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rich_days import rich_problem

from routes.kernel import words as w
from routes.kernel.library import LIBRARY, P32
from routes.plan import TASKS, StopKind
from routes.search.day_arrays import PARTS, days_of
from routes.search.layout import layout_of
from routes.search.weights import step_of
from routes.timetable.loads import fits_in_car, whole_between_reloads
from routes.timetable.schedule import route_of
from routes.timetable.tasks import price_of, requests_of


def cost_in_steps(days, layout, r, row):
    """Return what the search says of a row of nodes; None if it cannot be done."""
    nodes = np.array([layout.starts[r], *row, layout.ends[r]], np.int32)
    cost = LIBRARY.fsc_row_cost(days, r, nodes.ctypes.data_as(P32), len(row))
    return None if cost >= w.DEAR else cost


def cost_of_timetable(problem, technician, tasks):
    """Return what a row of tasks costs, told slowly; None if it cannot be done."""
    route = route_of(problem, technician, tasks)
    if route is None or not fits_in_car(technician, tasks):
        return None
    if not _paired(tasks) or not whole_between_reloads(tasks):
        return None
    limits = (
        (technician.tasks_max, sum(task.kind in TASKS for task in tasks)),
        (technician.travel_max_s, route.travel_s),
        (technician.distance_max_m, route.distance_m),
        (technician.work_max_s, route.work_s),
    )
    if any(most is not None and found > most for most, found in limits):
        return None
    requests = {(t.kind, t.id): one for one in requests_of(problem) for t in one.tasks}
    done = [requests[task.kind, task.id] for task in tasks if task.kind in TASKS]
    prices = [price_of(problem, technician, one) for one in done]
    return route.cost + sum(price for price in prices if price is not None)


def _paired(tasks):
    place = {(task.kind, task.id): n for n, task in enumerate(tasks)}
    return all(
        place.get((StopKind.PICKUP, task.id), len(tasks))
        < place.get((StopKind.DELIVERY, task.id), -1)
        for task in tasks
        if task.kind in (StopKind.PICKUP, StopKind.DELIVERY)
    )


def row_of(dice, **rules):
    """Return a layout, a technician's number, and nodes they may do in some order."""
    layout = layout_of(rich_problem(dice, **rules))
    technicians = layout.problem.technicians
    r = dice.randrange(len(technicians))
    share, row = dice.random(), []
    for group, nodes in zip(layout.requests, layout.members, strict=True):
        may = all(
            price_of(layout.problem, technicians[r], one) is not None for one in group
        )
        if may and dice.random() < share:
            # One node of each task: two people at a visit are never one.
            tasks = {
                layout.nodes[n].task.kind + layout.nodes[n].task.id: n for n in nodes
            }
            row += tasks.values()
    row += [n for n in range(*layout.reloads[r]) if dice.random() < share]
    dice.shuffle(row)
    return layout, r, row


@settings(max_examples=300, deadline=None)
@given(dice=st.randoms(use_true_random=True))
def test_a_row_costs_what_its_timetable_costs(dice):
    layout, r, row = row_of(dice, placed=False)
    technician = layout.problem.technicians[r]
    tasks = [layout.nodes[n].task for n in row]
    assume(any(task.kind in TASKS for task in tasks))
    assume(not _only_nearly(layout.problem, technician, tasks))
    step = step_of(layout)

    found = cost_in_steps(days_of(layout, step), layout, r, row)
    told = cost_of_timetable(layout.problem, technician, tasks)

    assert (found is None) == (told is None)
    if found is not None and told is not None:
        # A timetable is rounded to whole units, every price to whole steps.
        assert abs(found * step / PARTS - told) <= 0.51 + (len(row) + 2) * step / PARTS


def _only_nearly(problem, technician, tasks):
    """Return whether leaving later changes a price, which the search only estimates."""
    moved = problem.changes.per_hour and any(task.given for task in tasks)
    paid = technician.costs.per_work_hour or technician.work_max_s is not None
    return moved or (paid and any(task.halt.lateness for task in tasks))
