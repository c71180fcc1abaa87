"""What a benchmark file holds, whatever its form, and the problem that it is.

One car like another, from one depot and back.  Distance is time.  Numbers that are not
whole are made so by a scale, and never to the good of a plan: a way takes no less than
it does, a window is no wider than it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from routes.formats.document import Document, Key, Name
from routes.formats.euclid import cut, euclidean, nearest, upwards
from routes.formats.lines import Line
from routes.formats.objective import Objective, measured_by
from routes.plan import StopKind, TaskKey
from routes.problem import (
    ALWAYS,
    FOREVER_S,
    BadProblem,
    Halt,
    Matrix,
    Problem,
    Shipment,
    Table,
    Technician,
    TimeWindow,
    Visit,
)
from routes.rules import DURATION_MAX_S

PROFILE = "car"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One row of a benchmark file: the depot, a customer or half of a pair."""

    number: int
    """What the file calls it."""
    line: Line
    """Where the file says so."""
    x: Decimal = Decimal(0)
    y: Decimal = Decimal(0)
    demand: int = 0
    """Brought there; what is collected is that of the pickup of a pair."""
    opens: Decimal = Decimal(0)
    closes: Decimal | None = None
    """None: any time."""
    service: Decimal = Decimal(0)
    pickup: int | None = None
    """The number of where that is fetched which is brought here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A depot, customers, and cars that are all alike."""

    depot: Node
    customers: tuple[Node, ...]
    vehicles: int
    capacity: int


class Roads(NamedTuple):
    """How long and how far it is; `scale` of them are one unit of the file's."""

    scale: int
    travel: Table
    distance: Table


def roads_of(benchmark: Benchmark, objective: Objective) -> Roads:
    """Return what the authors of `objective` drive by, in a file of points on paper.

    Total distance is compared with one decimal, the rest cut off (DIMACS, 12th
    Implementation Challenge, VRPTW track, 2022).  Fewest routes are compared with full
    precision (Solomon 1987; Li and Lim 2001): here in thousandths, ways rounded up
    where they take time, so that a plan is on time by anybody's clock.
    """
    points = [(node.x, node.y) for node in (benchmark.depot, *benchmark.customers)]
    if objective is Objective.DISTANCE:
        table = euclidean(points, scale=10, rounding=cut)
        return Roads(10, table, table)
    return Roads(
        1000,
        travel=euclidean(points, scale=1000, rounding=upwards),
        distance=euclidean(points, scale=1000, rounding=nearest),
    )


def document_of(
    benchmark: Benchmark,
    roads: Roads,
    objective: Objective,
    *,
    numbers: Mapping[int, int] | None = None,
) -> Document:
    """Return `benchmark` as a problem.

    `numbers` says what a VRPLIB solution calls each customer, where it does not call
    them what the file does.

    Raises:
        BadProblem: it is none; the text names the customer.
    """
    depot, customers = benchmark.depot, benchmark.customers
    _check_ways((depot, *customers), roads.travel)
    places = {node.number: n for n, node in enumerate((depot, *customers))}
    halts = {
        node.number: _halt(node, places[node.number], roads.scale) for node in customers
    }
    pairs = {one.pickup: one.number for one in customers if one.pickup is not None}
    halves = {*pairs, *pairs.values()}
    try:
        problem = Problem(
            technicians=_technicians(benchmark, roads.scale),
            visits=tuple(
                _visit(one, halts[one.number])
                for one in customers
                if one.number not in halves
            ),
            shipments=tuple(
                _shipment(one, halts[one.number], halts[pairs[one.number]], pairs)
                for one in customers
                if one.number in pairs
            ),
            matrices={
                PROFILE: Matrix(travel_s=roads.travel, distance_m=roads.distance)
            },
        )
        problem = measured_by(objective, problem)
    except ValueError as error:
        raise BadProblem(f"{error}.") from error
    keys = _keys(customers, pairs)
    numbers = numbers or {node.number: node.number for node in customers}
    names: dict[Key, Name] = {
        (str(kind), id_): number for number, (kind, id_) in keys.items()
    }
    names |= {("vehicle", one.id): int(one.id) for one in problem.technicians}
    return Document(
        problem=problem,
        names=names,
        scale=roads.scale,
        stops={numbers[number]: key for number, key in keys.items()},
    )


def _check_ways(nodes: Sequence[Node], travel: Table) -> None:
    """Refuse nodes that are too far apart."""
    for node, row in zip(nodes, travel, strict=True):
        farthest = max(row)
        if farthest > DURATION_MAX_S:
            other = nodes[row.index(farthest)].number
            node.line.refuse(f"{node.number} is too far from {other} to plan with")


def check_nodes(nodes: Sequence[Node]) -> None:
    """Refuse a number given twice."""
    seen: dict[int, Node] = {}
    for node in nodes:
        if node.number in seen:
            before = seen[node.number].line.number
            node.line.refuse(f"{node.number} is on line {before} already")
        seen[node.number] = node


def _technicians(benchmark: Benchmark, scale: int) -> tuple[Technician, ...]:
    first = Technician(
        id="1",
        start=0,
        end=0,
        shift=_window(benchmark.depot, scale) or ALWAYS,
        capacity=(benchmark.capacity,),
        profile=PROFILE,
    )
    # Nobody needs more cars than there are doors, whatever a file says.
    count = min(benchmark.vehicles, len(benchmark.customers))
    return tuple(replace(first, id=str(n + 1)) for n in range(count))


def _halt(node: Node, place: int, scale: int) -> Halt:
    window = _window(node, scale)
    service = (node.service * scale).to_integral_value(ROUND_CEILING)
    try:
        return Halt(
            place=place,
            service_s=int(service),
            windows=() if window is None else (window,),
        )
    except ValueError as error:
        node.line.refuse(f"customer {node.number}: {error}")


def _window(node: Node, scale: int) -> TimeWindow | None:
    if node.closes is None:
        return None
    opens = (node.opens * scale).to_integral_value(ROUND_CEILING)
    closes = (node.closes * scale).to_integral_value(ROUND_FLOOR)
    try:
        return TimeWindow(int(opens), min(int(closes), FOREVER_S))
    except ValueError as error:
        node.line.refuse(f"{node.number}: {error}")


def _visit(node: Node, halt: Halt) -> Visit:
    return Visit(
        id=str(node.number),
        place=halt.place,
        service_s=halt.service_s,
        windows=halt.windows,
        deliver=(node.demand,),
    )


def _shipment(
    node: Node, pickup: Halt, delivery: Halt, pairs: Mapping[int, int]
) -> Shipment:
    return Shipment(
        id=f"{node.number}>{pairs[node.number]}",
        pickup=pickup,
        delivery=delivery,
        amount=(node.demand,),
    )


def _keys(customers: Sequence[Node], pairs: Mapping[int, int]) -> dict[int, TaskKey]:
    """Return what each customer of the file is here."""
    keys: dict[int, TaskKey] = {}
    for node in customers:
        number = node.number
        if number in pairs:
            keys[number] = (StopKind.PICKUP, f"{number}>{pairs[number]}")
        elif node.pickup is not None:
            keys[number] = (StopKind.DELIVERY, f"{node.pickup}>{number}")
        else:
            keys[number] = (StopKind.JOB, str(number))
    return keys
