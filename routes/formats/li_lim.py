"""Li and Lim's text: what is fetched at one place and brought to another, in time.

Source: H. Li, A. Lim, "A Metaheuristic for the Pickup and Delivery Problem with Time
Windows", ICTAI 2001; SINTEF, TOP, "Documentation of the PDPTW benchmark".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from routes.formats.benchmark import (
    Benchmark,
    Node,
    check_nodes,
    document_of,
    roads_of,
)
from routes.formats.document import Document
from routes.formats.lines import Line, is_numbers, lines_of
from routes.formats.objective import Objective
from routes.formats.places import check_count
from routes.problem import BadProblem

HEAD = ("number of vehicles", "capacity", "speed")
COLUMNS = (
    "number",
    "x",
    "y",
    "demand",
    "earliest",
    "latest",
    "service time",
    "pickup",
    "delivery",
)


@dataclass(frozen=True, slots=True)
class _Row:
    node: Node
    demand: int
    """Negative where it is brought."""
    pickup: int
    """0 at a pickup."""
    delivery: int
    """0 at a delivery."""


def is_li_lim(lines: Sequence[Line]) -> bool:
    """Return whether `lines` begin like Li and Lim's text."""
    first = lines[0]
    return is_numbers(first) and len(first.words) == len(HEAD)


def read_li_lim(text: str, objective: Objective | None = None) -> Document:
    """Return the problem in Li and Lim's text; fewest routes unless said otherwise.

    The speed in its head means nothing, as in its documentation.

    Raises:
        BadProblem: it does not hold one; the text names the line and the task.
    """
    objective = objective or Objective.ROUTES
    benchmark = _benchmark(lines_of(text))
    return document_of(benchmark, roads_of(benchmark, objective), objective)


def _benchmark(lines: Sequence[Line]) -> Benchmark:
    head, *rest = lines
    vehicles, capacity, _ = head.row(HEAD)
    if not rest:
        raise BadProblem("there are no tasks, and no depot.")
    check_count(len(rest))
    rows = [_row(line) for line in rest]
    check_nodes([row.node for row in rows])
    depot, *tasks = rows
    by_number = {row.node.number: row for row in tasks}
    if depot.demand or depot.node.service or depot.pickup or depot.delivery:
        sentence = "the first task is the depot, and has no demand, service or pair"
        depot.node.line.refuse(sentence)
    return Benchmark(
        depot=depot.node,
        customers=tuple(_paired(row, by_number) for row in tasks),
        vehicles=head.whole(vehicles, "number of vehicles"),
        capacity=head.whole(capacity, "capacity"),
    )


def _row(line: Line) -> _Row:
    number, x, y, demand, opens, closes, service, pickup, delivery = line.row(COLUMNS)
    amount = line.whole(abs(demand), "demand")
    node = Node(
        number=line.whole(number, "number"),
        line=line,
        x=x,
        y=y,
        demand=amount,
        opens=opens,
        closes=closes,
        service=service,
    )
    return _Row(
        node,
        amount if demand >= 0 else -amount,
        line.whole(pickup, "pickup"),
        line.whole(delivery, "delivery"),
    )


def _paired(row: _Row, by_number: Mapping[int, _Row]) -> Node:
    """Return the task in `row`; the other half must know of it."""
    node, line = row.node, row.node.line
    if bool(row.pickup) == bool(row.delivery):
        line.refuse(f"task {node.number} needs a pickup or a delivery, and not both")
    other = by_number.get(row.pickup or row.delivery)
    if other is None:
        there = row.pickup or row.delivery
        line.refuse(f"task {node.number} belongs to {there}, which is not there")
    back = other.delivery if row.pickup else other.pickup
    if back != node.number:
        sentence = f"task {node.number} belongs to {other.node.number}, but not back"
        line.refuse(sentence)
    if row.demand != -other.demand or row.demand * (1 if row.delivery else -1) < 0:
        amounts = f"{row.demand} and {other.demand}"
        line.refuse(
            f"tasks {node.number} and {other.node.number} fetch and bring {amounts}; "
            "it should be the same, and the second less than nothing"
        )
    return node if row.delivery else replace(node, pickup=row.pickup)
