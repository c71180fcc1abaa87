"""The parts of VRPLIB text: what is said in its head, and its sections."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn, TypeAlias

from routes.formats.lines import Line, shown
from routes.problem import BadProblem

HEADINGS = frozenset(
    {
        "NAME",
        "COMMENT",
        "TYPE",
        "DIMENSION",
        "CAPACITY",
        "VEHICLES",
        "DISTANCE",
        "SERVICE_TIME",
        "EDGE_WEIGHT_TYPE",
        "EDGE_WEIGHT_FORMAT",
        "NODE_COORD_TYPE",
        "DISPLAY_DATA_TYPE",
        "EDGE_WEIGHT_UNIT_OF_MEASUREMENT",
    }
)
SECTIONS = frozenset(
    {
        "NODE_COORD_SECTION",
        "DEMAND_SECTION",
        "DEPOT_SECTION",
        "EDGE_WEIGHT_SECTION",
        "TIME_WINDOW_SECTION",
        "SERVICE_TIME_SECTION",
        "DISPLAY_DATA_SECTION",
    }
)
NUMERIC = "+-.0123456789"
_HEADING = re.compile(r"([A-Za-z][A-Za-z0-9_]*)\s*(?::\s*(.*))?", re.A)
_Row: TypeAlias = tuple[Line, list[Decimal]]


@dataclass(frozen=True, slots=True)
class VrplibText:
    """What is said under each heading, and the lines of each section."""

    head: dict[str, tuple[Line, str]]
    sections: dict[str, list[Line]]

    def refuse(self, heading: str, sentence: str) -> NoReturn:
        """Raise BadProblem: what is said under `heading` is wrong, and how."""
        line, said = self.head[heading]
        line.refuse(f"{heading} {shown(said)} {sentence}")

    def text(self, heading: str, default: str | None = None) -> str:
        """Return what is said under `heading`, which must be there or have a default.

        Raises:
            BadProblem: it is not there.
        """
        if heading in self.head:
            return self.head[heading][1]
        if default is None:
            raise BadProblem(f"{heading} is missing.")
        return default

    def number(self, heading: str, default: Decimal | None = None) -> Decimal | None:
        """Return the number under `heading`, which is not negative, or `default`."""
        if heading not in self.head:
            return default
        line, said = self.head[heading]
        numbers = Line(line.number, said).numbers()
        if len(numbers) != 1 or numbers[0] < 0:
            self.refuse(heading, "is not one number from 0 up")
        return numbers[0]

    def whole(self, heading: str, default: int | None = None) -> int:
        """Return the whole number under `heading`, or `default`."""
        if heading not in self.head and default is not None:
            return default
        self.text(heading)
        number = self.number(heading)
        if number is None or number != int(number):
            self.refuse(heading, "is not a whole number")
        return int(number)

    def rows(self, section: str, columns: Sequence[str], count: int) -> dict[int, _Row]:
        """Return what `section` says of each of `count` nodes, by their number.

        Raises:
            BadProblem: it does not say it of each, once.
        """
        if section not in self.sections:
            raise BadProblem(f"{section} is missing.")
        rows: dict[int, _Row] = {}
        for line in self.sections[section]:
            first, *rest = line.row(("node", *columns))
            node = line.whole(first, "node")
            if node in rows:
                line.refuse(f"node {node} is in {section} already")
            if not 1 <= node <= count:
                line.refuse(f"node {node} is not one of 1 to {count}, the DIMENSION")
            rows[node] = (line, rest)
        if len(rows) < count:
            first_missing = next(n for n in range(1, count + 1) if n not in rows)
            raise BadProblem(f"{section} says nothing of node {first_missing}.")
        return rows

    def values(
        self, section: str, columns: Sequence[str], count: int
    ) -> dict[int, list[Decimal]]:
        """Return the numbers of `rows`, without their lines."""
        rows = self.rows(section, columns, count)
        return {node: numbers for node, (_, numbers) in rows.items()}


def is_vrplib(lines: Sequence[Line]) -> bool:
    """Return whether `lines` have the two headings no VRPLIB text is without."""
    names = {match[1] for line in lines if (match := _HEADING.fullmatch(line.text))}
    return {"DIMENSION", "DEMAND_SECTION"} & names != set()


def text_of(lines: Sequence[Line]) -> VrplibText:
    """Return the parts of VRPLIB text, in any order.

    Raises:
        BadProblem: a line is neither, or one that is not known here.
    """
    head: dict[str, tuple[Line, str]] = {}
    sections: dict[str, list[Line]] = {}
    section: list[Line] | None = None
    for line in lines:
        if line.text[0] in NUMERIC:
            if section is None:
                line.refuse("there are numbers before any section")
            section.append(line)
            continue
        match = _HEADING.fullmatch(line.text)
        if match is None:
            line.refuse(f"{shown(line.text)} is neither numbers nor a heading")
        name, said = match[1].upper(), (match[2] or "").strip()
        if name == "EOF":
            break
        _check_heading(line, name, {*head, *sections})
        if name in SECTIONS:
            section = sections.setdefault(name, [])
        else:
            section = None
            head[name] = (line, said)
    return VrplibText(head, sections)


def _check_heading(line: Line, name: str, before: set[str]) -> None:
    if name not in HEADINGS | SECTIONS:
        line.refuse(f"{shown(name)} is not known here and may change the problem")
    if name in before and name != "COMMENT":
        line.refuse(f"{name} is there twice")
