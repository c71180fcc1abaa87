"""VRPLIB: TSPLIB's text, as the libraries of vehicle routing problems extend it.

Source: G. Reinelt, "TSPLIB 95"; E. Uchoa et al., "New benchmark instances for the
Capacitated Vehicle Routing Problem", EJOR 257 (3), 2017; the sections of time windows
and service times as in PyVRP's VRPLIB.  What would change the problem and is not known
here is refused.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from routes.formats.benchmark import (
    Benchmark,
    Node,
    Roads,
    check_nodes,
    document_of,
    roads_of,
)
from routes.formats.document import Document
from routes.formats.euclid import (
    cut,
    euclidean,
    largest,
    manhattan,
    nearest,
    upwards,
)
from routes.formats.lines import lines_of
from routes.formats.objective import Objective
from routes.formats.places import check_count
from routes.formats.vrplib_text import VrplibText, text_of
from routes.formats.vrplib_weights import explicit

TYPES = ("CVRP", "DCVRP", "CVRPTW", "VRP", "VRPTW")
ROUNDINGS = {"EUC_2D": nearest, "CEIL_2D": upwards, "FLOOR_2D": cut}
AXES = {"MAN_2D": manhattan, "MAX_2D": largest}


def read_vrplib(text: str, objective: Objective | None = None) -> Document:
    """Return the problem in VRPLIB text; total distance unless said otherwise.

    Distances are those of its EDGE_WEIGHT_TYPE: EUC_2D rounds to whole numbers; with
    time windows it is as in Solomon's text (`roads_of`).  Without VEHICLES there are as
    many as customers.  DISTANCE is the longest a route may take, service included.

    Raises:
        BadProblem: it does not hold one; the text names the line and the node.
    """
    objective = objective or Objective.DISTANCE
    found = text_of(lines_of(text))
    if found.text("TYPE", TYPES[0]).upper() not in TYPES:
        found.refuse("TYPE", f"is none of {', '.join(TYPES)}")
    benchmark, limit = _benchmark(found), found.number("DISTANCE")
    if limit is not None:
        if "TIME_WINDOW_SECTION" in found.sections:
            found.refuse("DISTANCE", "is not known here together with time windows")
        depot = replace(benchmark.depot, closes=limit)
        benchmark = replace(benchmark, depot=depot)
    # A solution counts from the depot, which is 0, and a file from 1.
    numbers = {node.number: n for n, node in enumerate(benchmark.customers, 1)}
    roads = _roads(found, benchmark, objective)
    return document_of(benchmark, roads, objective, numbers=numbers)


def _benchmark(found: VrplibText) -> Benchmark:
    nodes = _nodes(found)
    check_nodes(nodes)
    depots = [
        (line, line.whole(number, "depot"))
        for line in found.sections.get("DEPOT_SECTION", [])
        for number in line.numbers()
        if number != -1
    ]
    if len(depots) > 1:
        depots[1][0].refuse("there is more than one depot, which is not known here")
    at = depots[0][1] if depots else nodes[0].number
    depot = next((node for node in nodes if node.number == at), None)
    if depot is None:
        depots[0][0].refuse(f"the depot {at} is none of the nodes")
    if depot.demand:
        depot.line.refuse(f"the depot has a demand of {depot.demand}")
    customers = tuple(node for node in nodes if node is not depot)
    return Benchmark(
        depot=depot,
        customers=customers,
        vehicles=found.whole("VEHICLES", len(customers)),
        capacity=found.whole("CAPACITY"),
    )


def _nodes(found: VrplibText) -> list[Node]:
    count = found.whole("DIMENSION")
    if count < 1:
        found.refuse("DIMENSION", "is not even the depot")
    check_count(count)
    demands = found.rows("DEMAND_SECTION", ("demand",), count)
    points = _points(found, count)
    windows = _optional(found, "TIME_WINDOW_SECTION", ("opens", "closes"), count)
    services = _optional(found, "SERVICE_TIME_SECTION", ("service time",), count)
    same = found.number("SERVICE_TIME", Decimal(0)) or Decimal(0)
    nodes = []
    for number, (line, (demand,)) in demands.items():
        x, y = points[number] if points else (Decimal(0), Decimal(0))
        opens, closes = windows[number] if windows else (Decimal(0), None)
        nodes.append(
            Node(
                number=number,
                line=line,
                x=x,
                y=y,
                demand=line.whole(demand, f"demand of {number},"),
                opens=opens,
                closes=closes,
                service=services[number][0] if services else same,
            )
        )
    return nodes


def _points(found: VrplibText, count: int) -> dict[int, list[Decimal]]:
    if found.text("EDGE_WEIGHT_TYPE").upper() == "EXPLICIT":
        return {}
    return found.values("NODE_COORD_SECTION", ("x", "y"), count)


def _optional(
    found: VrplibText, section: str, columns: Sequence[str], count: int
) -> dict[int, list[Decimal]]:
    given = section in found.sections
    return found.values(section, columns, count) if given else {}


def _roads(found: VrplibText, benchmark: Benchmark, objective: Objective) -> Roads:
    """Return ways as EDGE_WEIGHT_TYPE says: in whole numbers, but for time windows."""
    weights = found.text("EDGE_WEIGHT_TYPE").upper()
    nodes = (benchmark.depot, *benchmark.customers)
    points = [(node.x, node.y) for node in nodes]
    if weights == "EUC_2D" and "TIME_WINDOW_SECTION" in found.sections:
        return roads_of(benchmark, objective)
    scale = 1
    if weights == "EXPLICIT":
        table, scale = explicit(found, [node.number for node in nodes])
    elif weights == "EXACT_2D":
        scale = 1000
        table = euclidean(points, scale=scale, rounding=nearest)
    elif weights in ROUNDINGS:
        table = euclidean(points, scale=scale, rounding=ROUNDINGS[weights])
    elif weights in AXES:
        table = AXES[weights](points)
    else:
        known = ", ".join(("EXPLICIT", "EXACT_2D", *ROUNDINGS, *AXES))
        found.refuse("EDGE_WEIGHT_TYPE", f"is none of {known}")
    return Roads(scale, table, table)
