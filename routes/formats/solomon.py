"""Solomon's and Gehring and Homberger's text: deliveries with time windows.

Source: M. M. Solomon, "Algorithms for the Vehicle Routing and Scheduling Problems with
Time Window Constraints", Operations Research 35 (2), 1987; SINTEF, TOP, "Documentation
of the VRPTW benchmark".
"""

from collections.abc import Sequence
from itertools import dropwhile

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

COLUMNS = ("number", "x", "y", "demand", "ready time", "due date", "service time")


def is_solomon(lines: Sequence[Line]) -> bool:
    """Return whether `lines` have the headings of Solomon's text."""
    return {"VEHICLE", "CUSTOMER"} <= {line.text for line in lines}


def read_solomon(text: str, objective: Objective | None = None) -> Document:
    """Return the problem in Solomon's text; fewest routes first unless said otherwise.

    Raises:
        BadProblem: it does not hold one; the text names the line and the customer.
    """
    objective = objective or Objective.ROUTES
    benchmark = _benchmark(lines_of(text))
    return document_of(benchmark, roads_of(benchmark, objective), objective)


def _benchmark(lines: Sequence[Line]) -> Benchmark:
    fleet, *rest = _numbers_under("VEHICLE", lines)
    vehicles, capacity = fleet.row(("number of vehicles", "capacity"))
    if not rest:
        raise BadProblem("there are no customers under CUSTOMER, and no depot.")
    rest = _numbers_under("CUSTOMER", lines)
    check_count(len(rest))
    depot, *customers = (_node(line) for line in rest)
    check_nodes((depot, *customers))
    if depot.demand or depot.service:
        depot.line.refuse("the first row is the depot, and has no demand or service")
    return Benchmark(
        depot=depot,
        customers=tuple(customers),
        vehicles=fleet.whole(vehicles, "number of vehicles"),
        capacity=fleet.whole(capacity, "capacity"),
    )


def _numbers_under(heading: str, lines: Sequence[Line]) -> list[Line]:
    """Return the lines after `heading` and the names of its columns."""
    under = list(dropwhile(lambda line: line.text != heading, lines))
    rows = list(dropwhile(lambda line: not is_numbers(line), under))
    if not rows:
        raise BadProblem(f"there is nothing under {heading}.")
    return rows


def _node(line: Line) -> Node:
    number, x, y, demand, opens, closes, service = line.row(COLUMNS)
    return Node(
        number=line.whole(number, "number"),
        line=line,
        x=x,
        y=y,
        demand=line.whole(demand, "demand"),
        opens=opens,
        closes=closes,
        service=service,
    )
