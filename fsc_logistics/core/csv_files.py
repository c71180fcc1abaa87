"""CSV files that people made: read with every fault told by its line and column."""

import csv
import io
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.errors import BadInput, FscError

_DIGITS = re.compile(r"[0-9]{1,9}")
_COLUMN_NAME = re.compile(r"[a-z]+(_[a-z]+)*")
FAULTS_MAX = 50
"""How many faults of a file are told before it is put aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column a file may have, and how a cell of it is read."""

    name: str
    read: Callable[[str], Any]
    needed: bool = False
    empty: Any = None
    """What an empty cell, or a column left out, means."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file: where it begins, and what it says by column."""

    number: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one line of a file."""

    line: int
    column: str | None
    text: str

    def __str__(self) -> str:
        """Return it as one line, for whoever puts it right."""
        where = f", {self.column}" if self.column else ""
        return f"Line {self.line}{where}: {self.text}"


class BadFile(BadInput):
    """A file has faults, and nothing of it was imported."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        count = len({fault.line for fault in faults})
        noun = "line is" if count == 1 else "lines are"
        super().__init__(
            f"{count} {noun} wrong, so nothing was imported. Put the file right and"
            " import it again."
        )


def read_csv(data: bytes, columns: Sequence[Column]) -> tuple[list[Line], list[Fault]]:
    """Return the lines of a file that can be read, and the faults of the others.

    UTF-8 with or without a byte order mark; commas or semicolons; cells in double
    quotes may hold either, and line ends.  The first line names the columns.

    Raises:
        BadInput: there is no table to read lines from.
        BadFile: it has more than `FAULTS_MAX` faults.
    """
    faults: list[Fault] = []
    lines = []
    rows = _rows(_text(data), faults)
    header = _header(next(rows, None), columns)
    for number, cells in rows:
        values = _values(number, header, cells, columns, faults)
        if values is not None:
            lines.append(Line(number, values))
        if len(faults) > FAULTS_MAX:
            raise BadFile(faults)
    return lines, faults


def read_whole_number(cell: str, highest: int) -> int:
    """Return the number a cell holds, from 0 to `highest`.

    Raises:
        BadInput: it holds none.
    """
    if not _DIGITS.fullmatch(cell) or int(cell) > highest:
        raise BadInput(f"It is not a whole number up to {highest}.")
    return int(cell)


def twice(
    lines: Iterable[Line], column: str, name: Callable[[Line], Iterable[Hashable]]
) -> Iterator[Fault]:
    """Yield a fault for each name that an earlier line has too."""
    first: dict[Hashable, int] = {}
    for line in lines:
        for value in name(line):
            before = first.setdefault(value, line.number)
            if before != line.number:
                text = f"{_shown(value)} is on line {before} already. Keep one of them."
                yield Fault(line=line.number, column=column, text=text)


def written(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as the text of a file that `read_csv` reads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(column.name for column in columns)
    writer.writerows(rows)
    return out.getvalue()


def _shown(name: Hashable) -> str:
    """Return a name as a fault may repeat it."""
    parts = [str(part) for part in (name if isinstance(name, tuple) else (name,))]
    shown = [shown_code(part, "") for part in parts]
    return "/".join(shown) if all(shown) else "It"


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(
            f"Line {line} is not UTF-8. Save the file as CSV UTF-8 and try again."
        ) from None


def _rows(text: str, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold anything, by the number of the line they begin on."""
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, [cell.strip() for cell in cells]
            begins = reader.line_num + 1
    except csv.Error as error:
        # Past a broken quote nobody can tell where a line begins.
        text = f"From here on it cannot be read: {error}. Is a quote missing?"
        faults.append(Fault(line=begins, column=None, text=text))


def _header(
    first: tuple[int, list[str]] | None, columns: Sequence[Column]
) -> list[str]:
    names = [column.name for column in columns]
    needed = [column.name for column in columns if column.needed]
    if first is None:
        raise BadInput(f"The file is empty. Its first line names {', '.join(names)}.")
    header = [cell.lower() for cell in first[1]]
    unknown = [
        # A file without such a line begins with what may be personal.
        cell if _COLUMN_NAME.fullmatch(cell) else f"number {place}"
        for place, cell in enumerate(first[1], start=1)
        if cell.lower() not in names
    ]
    wrong = {
        "lacks": [name for name in needed if name not in header],
        "has the unknown": unknown,
        "repeats": [name for name in names if header.count(name) > 1],
    }
    for what, which in wrong.items():
        if which:
            raise BadInput(
                f"The first line {what} column {', '.join(which)}. It names these, in"
                f" any order: {', '.join(names)}; needed are {', '.join(needed)}."
            )
    return header


def _values(
    number: int,
    header: Sequence[str],
    cells: Sequence[str],
    columns: Sequence[Column],
    faults: list[Fault],
) -> dict[str, Any] | None:
    """Return what one row says, or None after noting its faults."""
    if len(cells) != len(header):
        text = (
            f"It has {len(cells)} cells and the first line {len(header)}. Put a cell"
            " that holds the delimiter in double quotes."
        )
        faults.append(Fault(line=number, column=None, text=text))
        return None
    found = dict(zip(header, cells, strict=True))
    values = {}
    before = len(faults)
    for column in columns:
        try:
            values[column.name] = _value(column, found.get(column.name, ""))
        except FscError as error:
            faults.append(Fault(line=number, column=column.name, text=str(error)))
    return values if len(faults) == before else None


def _value(column: Column, cell: str) -> Any:
    if not cell and column.needed:
        raise BadInput("It is empty, and is needed.")
    if not cell:
        return column.empty
    if not " ".join(cell.split()).isprintable():
        raise BadInput("It holds a sign that cannot be printed. Type it anew.")
    return column.read(cell)
