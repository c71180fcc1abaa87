"""Plain OR-Tools: cheapest insertion, then guided local search.

One search on one core, so that two of them with different seeds take two cores.  The
seed shuffles the nodes: OR-Tools' own does not touch guided local search.  Times and
costs are matrices in C++, not calls of Python.
"""

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.routes.peers.nodes import amount_at, nodes_of
from benchmarks.routes.peers.question import (
    Question,
    Steps,
    answer,
    asked,
    refuse_what_cannot_be_said,
)

ABLE = {
    "breaks",
    "one compartment for both ways",
    "priorities",
    "setup once a place",
    "several windows",
    "shipments",
    "skills",
}
OBJECTIVE_MAX = 2**60

Ints = NDArray[np.int64]


def main() -> None:
    """Solve what the command line asks."""
    question = asked()
    refuse_what_cannot_be_said(question, able=ABLE)
    model = Model(question)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    parameters.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    parameters.time_limit.FromMilliseconds(max(1, round(question.seconds * 1000)))
    parameters.log_search = False
    found = model.routing.SolveWithParameters(parameters)
    answer({} if found is None else model.routes(found))


class Model:
    """A question as OR-Tools understands it.

    Where several tasks share a place, and there is setup, the setup depends on the stop
    before and is part of the way: the time of a node is then when its setup is over.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self.nodes = nodes_of(question)
        self.vehicles = question.vehicles
        ends = sorted(
            {
                place
                for one in self.vehicles
                for place in (_start(one), one["end_index"])
            }
        )
        first = len(self.nodes)
        number = {place: first + n for n, place in enumerate(ends)}
        self.places = [node.halt["location_index"] for node in self.nodes] + ends
        self.manager = pywrapcp.RoutingIndexManager(
            len(self.places),
            len(self.vehicles),
            [number[_start(one)] for one in self.vehicles],
            [number[one["end_index"]] for one in self.vehicles],
        )
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.solver = self.routing.solver()
        table = np.array(question.travel, dtype=np.int64)
        self.travel: Ints = table[np.ix_(self.places, self.places)]
        self._add_times()
        self._add_loads()
        self._add_costs()
        self._add_pairs()

    def routes(self, assignment: Any) -> dict[int, Steps]:
        """Return who does what, in order."""
        routing, found = self.routing, {}
        for n, vehicle in enumerate(self.vehicles):
            steps: Steps = []
            index = assignment.Value(routing.NextVar(routing.Start(n)))
            while not routing.IsEnd(index):
                node = self.nodes[self.manager.IndexToNode(index)]
                steps.append((node.kind, node.halt["id"]))
                index = assignment.Value(routing.NextVar(index))
            found[vehicle["id"]] = steps
        return found

    def _add_times(self) -> None:
        counts = Counter(self.places[: len(self.nodes)])
        starts = {_start(one) for one in self.vehicles}
        shares = [
            counts[place] > 1 or place in starts
            for place in self.places[: len(self.nodes)]
        ]
        on_the_way = [
            node.halt.get("setup", 0) * there
            for node, there in zip(self.nodes, shares, strict=True)
        ]
        work = self._per_node(
            [
                node.halt.get("setup", 0) + node.halt.get("service", 0) - before
                for node, before in zip(self.nodes, on_the_way, strict=True)
            ]
        )
        places = np.array(self.places)
        moved = places[:, None] != places[None, :]
        setup = self._per_node(on_the_way) * moved
        transit = self.routing.RegisterTransitMatrix(
            (self.travel + setup + work[:, None]).tolist()
        )
        horizon = self.question.horizon
        self.routing.AddDimension(transit, horizon, horizon, False, "time")
        self.time = self.routing.GetDimensionOrDie("time")
        for n, vehicle in enumerate(self.vehicles):
            self.time.CumulVar(self.routing.Start(n)).SetRange(*vehicle["time_window"])
            self.time.CumulVar(self.routing.End(n)).SetRange(*vehicle["time_window"])
            if vehicle.get("breaks"):
                self._add_breaks(n, vehicle, work)
        for n, node in enumerate(self.nodes):
            if windows := node.halt.get("time_windows"):
                self._keep_windows(n, windows, on_the_way[n])

    def _keep_windows(self, n: int, windows: list[list[int]], setup: int) -> None:
        index = self.manager.NodeToIndex(n)
        moment = self.time.CumulVar(index)
        if not setup:
            moment.SetRange(windows[0][0], windows[-1][1])
            for before, after in pairwise(windows):
                moment.RemoveInterval(before[1] + 1, after[0] - 1)
            return
        same = [one for one in self._indicesamount_at(self.places[n]) if one != index]
        here = [
            self.solver.IsEqualCstVar(self.routing.NextVar(one), index) for one in same
        ]
        begins = moment - setup + setup * self.solver.Sum(here)
        self.solver.Add(begins >= windows[0][0])
        self.solver.Add(begins <= windows[-1][1])
        self._keep_out_of_gaps(begins, windows)

    def _indicesamount_at(self, place: int) -> list[int]:
        """Return the stops and starts at `place` that a route may go on from."""
        stops = [
            self.manager.NodeToIndex(n)
            for n in range(len(self.nodes))
            if self.places[n] == place
        ]
        starts = [
            self.routing.Start(n)
            for n, one in enumerate(self.vehicles)
            if _start(one) == place
        ]
        return [*stops, *starts]

    def _keep_out_of_gaps(self, moment: Any, windows: list[list[int]]) -> None:
        pairs = list(pairwise(windows))
        if pairs:
            opens = [before[1] + 1 for before, _ in pairs]
            closes = [after[0] - 1 for _, after in pairs]
            self.solver.Add(self.solver.NotMemberCt(moment, opens, closes))

    def _add_breaks(self, n: int, vehicle: dict[str, Any], work: Ints) -> None:
        opens, closes = vehicle["time_window"]
        intervals: list[Any] = []
        for pause in vehicle["breaks"]:
            windows = pause.get("time_windows") or [[opens, closes]]
            interval = self.solver.FixedDurationIntervalVar(
                max(windows[0][0], opens),
                min(windows[-1][1], closes - pause["service"]),
                pause["service"],
                False,
                str(pause["id"]),
            )
            self._keep_out_of_gaps(interval.StartExpr(), windows)
            if intervals:
                self.solver.Add(interval.StartsAfterEnd(intervals[-1]))
            intervals.append(interval)
        indices = range(self.routing.Size())
        at_node = [int(work[self.manager.IndexToNode(i)]) for i in indices]
        self.time.SetBreakIntervalsOfVehicle(intervals, n, at_node)

    def _add_loads(self) -> None:
        lengths = [
            len(one) for node in self.nodes for one in (node.start_load, node.gain)
        ]
        for d in range(max(lengths, default=0)):
            brought = self._per_node(
                [amount_at(node.start_load, d) for node in self.nodes]
            )
            gained = self._per_node([amount_at(node.gain, d) for node in self.nodes])
            capacities = [
                amount_at(one.get("capacity", []), d) for one in self.vehicles
            ]
            if brought.any():
                self._add_sum(f"brought {d}", brought, capacities, from_zero=True)
            if (brought + gained).any():
                free = bool(brought.any())
                self._add_sum(f"load {d}", gained, capacities, from_zero=not free)
                if free:
                    self._start_with_all(d)

    def _start_with_all(self, d: int) -> None:
        load = self.routing.GetDimensionOrDie(f"load {d}")
        brought = self.routing.GetDimensionOrDie(f"brought {d}")
        for n in range(len(self.vehicles)):
            start, end = self.routing.Start(n), self.routing.End(n)
            self.solver.Add(load.CumulVar(start) == brought.CumulVar(end))

    def _add_sum(
        self, name: str, values: Ints, limits: list[int], *, from_zero: bool
    ) -> None:
        each = self.routing.RegisterUnaryTransitVector(values.tolist())
        self.routing.AddDimensionWithVehicleCapacity(each, 0, limits, from_zero, name)

    def _add_costs(self) -> None:
        """Pay for driving, and so much for leaving things out that it never pays."""
        fixed = [one.get("costs", {}).get("fixed", 0) for one in self.vehicles]
        arcs = len(self.nodes) + len(self.vehicles)
        worst = sum(fixed) + arcs * int(self.travel.max()) + 1
        weights = [node.priority * (len(self.nodes) + 1) + 1 for node in self.nodes]
        scale = min(1.0, OBJECTIVE_MAX / (sum(weights) * worst))
        cost = np.rint(self.travel * scale).astype(np.int64)
        self.routing.SetArcCostEvaluatorOfAllVehicles(
            self.routing.RegisterTransitMatrix(cost.tolist())
        )
        for n, each in enumerate(fixed):
            self.routing.SetFixedCostOfVehicle(round(each * scale), n)
        skilled = [frozenset(one.get("skills", ())) for one in self.vehicles]
        for n, node in enumerate(self.nodes):
            index = self.manager.NodeToIndex(n)
            self.routing.AddDisjunction([index], weights[n] * round(worst * scale + 1))
            if node.skills:
                able = [v for v, skills in enumerate(skilled) if node.skills <= skills]
                # SetAllowedVehiclesForIndex raises TypeError in OR-Tools' Python.
                self.routing.VehicleVar(index).SetValues([-1, *able])

    def _add_pairs(self) -> None:
        for n, (one, other) in enumerate(pairwise(self.nodes)):
            if one.request != other.request:
                continue
            pickup, delivery = (self.manager.NodeToIndex(i) for i in (n, n + 1))
            self.routing.AddPickupAndDelivery(pickup, delivery)
            vehicle = self.routing.VehicleVar
            self.solver.Add(vehicle(pickup) == vehicle(delivery))
            moment = self.time.CumulVar
            self.solver.Add(moment(pickup) <= moment(delivery))

    def _per_node(self, values: list[int]) -> Ints:
        """Return `values` of the stops, followed by nothing for the ends."""
        rest = [0] * (len(self.places) - len(self.nodes))
        return np.array([*values, *rest], dtype=np.int64)


def _start(vehicle: dict[str, Any]) -> int:
    return int(vehicle["start_index"])


if __name__ == "__main__":
    main()
