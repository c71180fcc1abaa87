"""Ways that a VRPLIB file spells out, in whichever half of the table it likes."""

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import TypeAlias

from routes.formats.vrplib_text import VrplibText
from routes.problem import BadProblem, Table

Pairs: TypeAlias = Iterator[tuple[int, int]]


def _lower_row(count: int) -> Pairs:
    return ((row, column) for row in range(count) for column in range(row))


def _upper_row(count: int) -> Pairs:
    return ((row, column) for row in range(count) for column in range(row + 1, count))


def _lower_diagonal(count: int) -> Pairs:
    return ((row, column) for row in range(count) for column in range(row + 1))


def _upper_diagonal(count: int) -> Pairs:
    return ((row, column) for row in range(count) for column in range(row, count))


def _full(count: int) -> Pairs:
    return ((row, column) for row in range(count) for column in range(count))


# Down the columns of one half is along the rows of the other, turned over.
FORMATS: dict[str, Callable[[int], Pairs]] = {
    "FULL_MATRIX": _full,
    "LOWER_ROW": _lower_row,
    "UPPER_COL": _lower_row,
    "UPPER_ROW": _upper_row,
    "LOWER_COL": _upper_row,
    "LOWER_DIAG_ROW": _lower_diagonal,
    "UPPER_DIAG_COL": _lower_diagonal,
    "UPPER_DIAG_ROW": _upper_diagonal,
    "LOWER_DIAG_COL": _upper_diagonal,
}


def explicit(found: VrplibText, nodes: Sequence[int]) -> tuple[Table, int]:
    """Return the ways in EDGE_WEIGHT_SECTION between `nodes`, and their scale.

    Whole numbers stand for themselves; others are tenths, the rest cut off.

    Raises:
        BadProblem: there are not as many as there should be, or a negative one.
    """
    name = found.text("EDGE_WEIGHT_FORMAT").upper()
    if name not in FORMATS:
        found.refuse("EDGE_WEIGHT_FORMAT", f"is none of {', '.join(FORMATS)}")
    # The files named after Eilon say LOWER_ROW and mean LOWER_COL.
    # Source: VRPLIB's repository, "Eilon instances", issue 40.
    if name == "LOWER_ROW" and "eilon" in found.text("COMMENT", "").lower():
        name = "LOWER_COL"
    count = len(nodes)
    weights = _weights(found, f"{name} of {count} nodes", _count(name, count))
    scale = 1 if all(one == int(one) for one in weights) else 10
    whole = [int((one * scale).to_integral_value(ROUND_FLOOR)) for one in weights]
    table = _table(count, name, whole)
    return _in_order(table, nodes), scale


def _count(name: str, count: int) -> int:
    """Return how many numbers there are in the table of `count` places."""
    if name == "FULL_MATRIX":
        return count * count
    half = count * (count - 1) // 2
    return half + count if "DIAG" in name else half


def _weights(found: VrplibText, noun: str, needed: int) -> list[Decimal]:
    if "EDGE_WEIGHT_SECTION" not in found.sections:
        raise BadProblem("EDGE_WEIGHT_SECTION is missing.")
    lines, weights = found.sections["EDGE_WEIGHT_SECTION"], list[Decimal]()
    # Counted before they are read, which is slow.
    if (given := sum(len(line.words) for line in lines)) != needed:
        sentence = f"{given} numbers; {noun} has {needed}"
        raise BadProblem(f"EDGE_WEIGHT_SECTION has {sentence}.")
    for line in lines:
        numbers = line.numbers()
        if min(numbers) < 0:
            line.refuse(f"a way of {min(numbers)} is less than nothing")
        weights += numbers
    return weights


def _table(count: int, name: str, weights: Sequence[int]) -> list[list[int]]:
    table = [[0] * count for _ in range(count)]
    for (row, column), weight in zip(FORMATS[name](count), weights, strict=True):
        table[row][column] = weight
        if name != "FULL_MATRIX":
            table[column][row] = weight
    for place in range(count):
        # Files write anything there, from 0 to 9999.
        table[place][place] = 0
    return table


def _in_order(table: Sequence[Sequence[int]], nodes: Sequence[int]) -> Table:
    """Return `table`, which is by node, by place: the depot comes first."""
    return tuple(tuple(table[one - 1][other - 1] for other in nodes) for one in nodes)
