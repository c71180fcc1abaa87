"""The problem as OR-Tools understands it.

Only this and `routes.search` import OR-Tools; `routes.solve` imports them when it is
called, because that takes longer than most commands run.

The time of a node is when work begins, setup first.  Only where several tasks share a
place does the setup depend on the stop before, and is therefore part of the way to it:
there the time of a node is when its setup is over, and `_keep_windows` reckons back.
A break may then fall into such a setup in the model; `routes.solve` times every route
anew and drops what does not hold.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp

from routes.plan import StopKind
from routes.problem import FOREVER_S, Problem, Technician, TimeWindow, at
from routes.tasks import Request, Task

Ints = NDArray[np.int64]
OBJECTIVE_MAX = 2**60
RESOLUTION_MAX = 100
"""Hundredths of a cost unit are as fine as the search need see."""


class Model:
    """OR-Tools' model of some technicians and of requests each of them may get.

    `allowed` names, for each request, the technicians who could do it alone.
    """

    def __init__(
        self,
        problem: Problem,
        allowed: Mapping[Request, Sequence[Technician]],
        *,
        seed: int,
    ) -> None:
        used = {one.id for some in allowed.values() for one in some}
        self.problem = problem
        self.technicians = [one for one in problem.technicians if one.id in used]
        self.requests = list(allowed)
        # Neighbourhoods are searched in the order of the nodes: another order, another
        # search.  OR-Tools' own seed does not touch guided local search.
        Random(seed).shuffle(self.requests)  # noqa: S311 (nothing secret)
        self.tasks = [task for request in self.requests for task in request.tasks]
        self.node = {(task.kind, task.id): n for n, task in enumerate(self.tasks)}
        self._lay_out_places()
        self._add_times()
        self._add_limits()
        self._add_loads()
        self._add_costs(allowed)
        self._add_pairs()

    def _lay_out_places(self) -> None:
        ends = [(one.start, one.end) for one in self.technicians]
        extra = sorted(
            {place for pair in ends for place in pair},
            key=lambda place: -1 if place is None else place,
        )
        first = len(self.tasks)
        number = {place: first + n for n, place in enumerate(extra)}
        self.places = [task.halt.place for task in self.tasks]
        self.places += [-1 if place is None else place for place in extra]
        self.manager = pywrapcp.RoutingIndexManager(
            len(self.places),
            len(self.technicians),
            [number[start] for start, _ in ends],
            [number[end] for _, end in ends],
        )
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.solver = self.routing.solver()
        self._registered: dict[bytes, int] = {}

    def _per_node(self, values: Sequence[int]) -> Ints:
        """Return `values` of the tasks, followed by nothing for the other nodes."""
        rest = [0] * (len(self.places) - len(self.tasks))
        return np.array([*values, *rest], dtype=np.int64)

    def _register(self, matrix: Ints) -> int:
        """Return OR-Tools' number for `matrix`, given to it once."""
        key = matrix.tobytes()
        if key not in self._registered:
            found = self.routing.RegisterTransitMatrix(matrix.tolist())
            self._registered[key] = found
        return self._registered[key]

    def _between(self, table: Sequence[Sequence[int]]) -> Ints:
        """Return a matrix of places as one of nodes; open ends are near everything."""
        # The last row and column, which -1 picks, stand for an open end.
        padded = np.zeros((len(table) + 1, len(table) + 1), dtype=np.int64)
        if table:
            padded[:-1, :-1] = table
        return padded[np.ix_(self.places, self.places)]

    def _travel(self, technician: Technician) -> Ints:
        travel = self._between(self.problem.matrices[technician.profile].travel_s)
        if technician.speed_factor == 1:
            return travel
        return np.rint(travel / technician.speed_factor).astype(np.int64)

    def _distance(self, technician: Technician) -> Ints:
        table = self.problem.matrices[technician.profile].distance_m
        return self._between(table) if table else self._setup * 0

    @cached_property
    def _shares_place(self) -> list[bool]:
        """Say of each task whether another task, or a start, is at its place."""
        starts = {one.start for one in self.technicians}
        counts = Counter(task.halt.place for task in self.tasks)
        places = [task.halt.place for task in self.tasks]
        return [counts[place] > 1 or place in starts for place in places]

    @cached_property
    def _setup(self) -> Ints:
        """Setup on the way to tasks that share a place; none between those."""
        setup = self._per_node(
            [
                task.halt.setup_s * shares
                for task, shares in zip(self.tasks, self._shares_place, strict=True)
            ]
        )
        places = np.array(self.places)
        moved: Ints = setup * (places[:, None] != places[None, :])
        return moved

    @cached_property
    def _work(self) -> Ints:
        """What is left to do at each node from its time on."""
        return self._per_node(
            [
                task.halt.service_s + task.halt.setup_s * (not shares)
                for task, shares in zip(self.tasks, self._shares_place, strict=True)
            ]
        )

    def _add_times(self) -> None:
        horizon_s = max(one.shift.closes_s for one in self.technicians)
        self.routing.AddDimensionWithVehicleTransitAndCapacity(
            [
                self._register(self._travel(one) + self._setup + self._work[:, None])
                for one in self.technicians
            ],
            horizon_s,
            [horizon_s] * len(self.technicians),
            False,
            "time",
        )
        self.time = self.routing.GetDimensionOrDie("time")
        for vehicle, technician in enumerate(self.technicians):
            shift = (technician.shift.opens_s, technician.shift.closes_s)
            self.time.CumulVar(self.routing.Start(vehicle)).SetRange(*shift)
            self.time.CumulVar(self.routing.End(vehicle)).SetRange(*shift)
            if technician.breaks:
                self._add_breaks(vehicle, technician)
        for node, task in enumerate(self.tasks):
            if task.halt.windows:
                self._keep_windows(node, task)

    def _keep_windows(self, node: int, task: Task) -> None:
        index = self.manager.NodeToIndex(node)
        windows, setup_s = task.halt.windows, task.halt.setup_s
        moment = self.time.CumulVar(index)
        if not (setup_s and self._shares_place[node]):
            # Straight into the domain, where the search's own filters look.
            moment.SetRange(windows[0].opens_s, windows[-1].closes_s)
            for before, after in pairwise(windows):
                moment.RemoveInterval(before.closes_s + 1, after.opens_s - 1)
            return
        same = self._indices_at(task.halt.place, besides=index)
        next_of = self.routing.NextVar
        here = [self.solver.IsEqualCstVar(next_of(one), index) for one in same]
        work = moment - setup_s + setup_s * self.solver.Sum(here)
        self.solver.Add(work >= windows[0].opens_s)
        self.solver.Add(work <= windows[-1].closes_s)
        self._keep_out_of_gaps(work, windows)

    def _indices_at(self, place: int, *, besides: int) -> list[int]:
        """Return the tasks and starts at `place` that a route may go on from."""
        tasks = [
            self.manager.NodeToIndex(node)
            for node, task in enumerate(self.tasks)
            if task.halt.place == place
        ]
        starts = [
            self.routing.Start(vehicle)
            for vehicle, one in enumerate(self.technicians)
            if one.start == place
        ]
        return [index for index in (*tasks, *starts) if index != besides]

    def _keep_out_of_gaps(self, moment: Any, windows: Sequence[TimeWindow]) -> None:
        pairs = list(pairwise(windows))
        if pairs:
            self.solver.Add(
                self.solver.NotMemberCt(
                    moment,
                    [before.closes_s + 1 for before, _ in pairs],
                    [after.opens_s - 1 for _, after in pairs],
                )
            )

    def _add_breaks(self, vehicle: int, technician: Technician) -> None:
        intervals: list[Any] = []
        for pause in technician.breaks:
            windows = pause.windows or (technician.shift,)
            last_s = technician.shift.closes_s - pause.duration_s
            interval = self.solver.FixedDurationIntervalVar(
                max(windows[0].opens_s, technician.shift.opens_s),
                min(windows[-1].closes_s, last_s),
                pause.duration_s,
                False,
                pause.id,
            )
            self._keep_out_of_gaps(interval.StartExpr(), windows)
            if intervals:
                self.solver.Add(interval.StartsAfterEnd(intervals[-1]))
            intervals.append(interval)
        indices = range(self.routing.Size())
        work = [int(self._work[self.manager.IndexToNode(i)]) for i in indices]
        self.time.SetBreakIntervalsOfVehicle(intervals, vehicle, work)

    def _add_limits(self) -> None:
        technicians = self.technicians
        ones = self._per_node([1] * len(self.tasks))
        if any(one.tasks_max is not None for one in technicians):
            self._add_sum("tasks", ones, [one.tasks_max for one in technicians])
        for name, matrices, limits in (
            ("travel", self._travel, [one.travel_max_s for one in technicians]),
            ("distance", self._distance, [one.distance_max_m for one in technicians]),
        ):
            if any(limit is not None for limit in limits):
                self.routing.AddDimensionWithVehicleTransitAndCapacity(
                    [self._register(matrices(one)) for one in technicians],
                    0,
                    [_bound(limit) for limit in limits],
                    True,
                    name,
                )

    def _add_loads(self) -> None:
        used = [
            amounts
            for task in self.tasks
            for amounts in (task.deliver, task.collect, task.amount)
        ]
        for d in range(max(map(len, used), default=0)):
            self._add_load(d)

    def _add_load(self, d: int) -> None:
        """Keep dimension `d` of what is in the car within every capacity.

        On leaving a stop that is all still to be delivered and all collected so far.
        """
        capacities = [at(one.capacity, d) for one in self.technicians]
        deliver = self._per_node([at(task.deliver, d) for task in self.tasks])
        collect = self._per_node([at(task.collect, d) for task in self.tasks])
        moved = self._per_node(
            [
                at(task.amount, d) * (-1 if task.kind is StopKind.DELIVERY else 1)
                for task in self.tasks
            ]
        )
        if deliver.any():
            self._add_sum(f"delivered {d}", deliver, capacities)
        if not (collect.any() or moved.any()):
            return
        gained = collect + moved - deliver
        free = bool(deliver.any())
        self._add_sum(f"load {d}", gained, capacities, from_zero=not free)
        if free:
            load = self.routing.GetDimensionOrDie(f"load {d}")
            delivered = self.routing.GetDimensionOrDie(f"delivered {d}")
            for vehicle in range(len(self.technicians)):
                start, end = self.routing.Start(vehicle), self.routing.End(vehicle)
                self.solver.Add(load.CumulVar(start) == delivered.CumulVar(end))

    def _add_sum(
        self,
        name: str,
        values: Ints,
        limits: Sequence[int | None],
        *,
        from_zero: bool = True,
    ) -> None:
        self.routing.AddDimensionWithVehicleCapacity(
            self.routing.RegisterUnaryTransitVector(values.tolist()),
            0,
            [_bound(limit) for limit in limits],
            from_zero,
            name,
        )

    def _add_costs(self, allowed: Mapping[Request, Sequence[Technician]]) -> None:
        """Pay for driving, and so much for leaving things out that it never pays.

        A task left out weighs `priority * (tasks + 1) + 1` times more than any plan
        can cost: first as much priority as possible is served, then as many tasks as
        possible, then the cheapest plan is taken.
        """
        prices = [
            one.costs.per_hour * self._travel(one) / 3600
            + one.costs.per_km * self._distance(one) / 1000
            for one in self.technicians
        ]
        fixed = sum(one.costs.fixed for one in self.technicians)
        arcs = len(self.tasks) + len(self.technicians)
        worst = fixed + arcs * max(float(price.max()) for price in prices) + 1
        weights = {
            request: request.priority * (len(self.tasks) + 1) + 1
            for request in self.requests
        }
        total = sum(weights[one] * len(one.tasks) for one in self.requests)
        self.resolution = min(RESOLUTION_MAX, OBJECTIVE_MAX / (total * worst))
        for vehicle, one in enumerate(self.technicians):
            arc = np.rint(prices[vehicle] * self.resolution).astype(np.int64)
            self.routing.SetArcCostEvaluatorOfVehicle(self._register(arc), vehicle)
            fixed_cost = round(one.costs.fixed * self.resolution)
            self.routing.SetFixedCostOfVehicle(fixed_cost, vehicle)
        vehicles = {one.id: n for n, one in enumerate(self.technicians)}
        self.penalties = {}
        for request in self.requests:
            values = [-1, *(vehicles[one.id] for one in allowed[request])]
            for task in request.tasks:
                index = self.manager.NodeToIndex(self.node[task.kind, task.id])
                penalty = weights[request] * round(worst * self.resolution + 1)
                self.penalties[index] = penalty
                self.routing.AddDisjunction([index], penalty)
                # SetAllowedVehiclesForIndex raises TypeError in OR-Tools' Python.
                self.routing.VehicleVar(index).SetValues(values)

    def _add_pairs(self) -> None:
        for request in self.requests:
            if len(request.tasks) == 2:
                pickup, delivery = (
                    self.manager.NodeToIndex(self.node[task.kind, task.id])
                    for task in request.tasks
                )
                routing, time = self.routing, self.time
                routing.AddPickupAndDelivery(pickup, delivery)
                vehicles = map(routing.VehicleVar, (pickup, delivery))
                self.solver.Add(next(vehicles) == next(vehicles))
                self.solver.Add(time.CumulVar(pickup) <= time.CumulVar(delivery))


def _bound(limit: int | None) -> int:
    return FOREVER_S if limit is None else limit
