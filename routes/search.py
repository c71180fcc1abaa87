"""OR-Tools' search of a model, watched."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from routes.model import Model
from routes.plan import Progress
from routes.tasks import Orders, Task

TICK_S = 0.1
IDLE_S_PER_TASK = 0.1
"""After so long without a better plan a search is over, whatever time is left."""


def search(
    model: Model,
    *,
    initial: Orders,
    time_limit_s: float,
    solution_limit: int | None,
    progress: Callable[[Progress], None],
    stop: Callable[[], bool],
) -> dict[str, list[Task]]:
    """Return the best orders found until a limit is reached or `stop` says so."""
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    parameters.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    parameters.time_limit.FromMilliseconds(max(1, round(time_limit_s * 1000)))
    parameters.log_search = False
    if solution_limit is not None:
        parameters.solution_limit = solution_limit
    watch = _Watch(model, progress=progress, stop=stop)
    model.routing.AddAtSolutionCallback(watch.at_solution)
    model.routing.AddSearchMonitor(model.solver.CustomLimit(watch.over))
    model.routing.CloseModelWithParameters(parameters)
    found = None
    if any(initial.values()):
        routes = [
            [
                model.manager.NodeToIndex(model.node[task.kind, task.id])
                for task in initial.get(technician.id, ())
            ]
            for technician in model.technicians
        ]
        start = model.routing.ReadAssignmentFromRoutes(routes, True)
        if start is not None:
            found = model.routing.SolveFromAssignmentWithParameters(start, parameters)
    if found is None:
        found = model.routing.SolveWithParameters(parameters)
    return {} if found is None else _orders(model, found)


def _orders(model: Model, assignment: Any) -> dict[str, list[Task]]:
    orders = {}
    for vehicle, technician in enumerate(model.technicians):
        order = []
        index = assignment.Value(model.routing.NextVar(model.routing.Start(vehicle)))
        while not model.routing.IsEnd(index):
            order.append(model.tasks[model.manager.IndexToNode(index)])
            index = assignment.Value(model.routing.NextVar(index))
        orders[technician.id] = order
    return orders


class _Watch:
    """Tells how the search goes, and the search when to end."""

    def __init__(
        self,
        model: Model,
        *,
        progress: Callable[[Progress], None],
        stop: Callable[[], bool],
    ) -> None:
        self.model = model
        self.progress = progress
        self.stop = stop
        self.began_s = monotonic()
        self.told_s = self.began_s
        self.objective: int | None = None
        self.cost: int | None = None
        self.unassigned_count: int | None = None
        self.better_s = self.began_s
        self.idle_max_s = IDLE_S_PER_TASK * len(model.tasks)
        self.stopped = False

    def over(self) -> bool:
        now_s = monotonic()
        if now_s - self.told_s >= TICK_S:
            self.told_s = now_s
            idle = now_s - self.better_s > self.idle_max_s
            self.stopped = self.stopped or idle or self.stop()
            self.progress(
                Progress(
                    elapsed_s=now_s - self.began_s,
                    cost=self.cost,
                    unassigned_count=self.unassigned_count,
                )
            )
        return self.stopped

    def at_solution(self) -> None:
        routing, penalties = self.model.routing, self.model.penalties
        objective = routing.CostVar().Value()
        if self.objective is not None and objective >= self.objective:
            return
        self.objective, self.better_s = objective, monotonic()
        left = [i for i in penalties if routing.NextVar(i).Value() == i]
        driven = objective - sum(penalties[i] for i in left)
        self.cost = round(driven / self.model.resolution)
        self.unassigned_count = len(left)
