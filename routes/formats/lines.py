"""Text that is read line by line, and told of by the number of the line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from routes.problem import BadProblem

NUMBER_MAX = 10**9
"""Larger numbers stand for nothing on a map, in a car or in a day."""
DIGITS_MAX = 12
"""After the point; what is beyond moves nothing by the width of a hair."""
SHOWN_MAX = 40
_NUMBER = re.compile(r"[+-]?(\d{1,20}\.?\d{0,20}|\.\d{1,20})([eE][+-]?\d{1,2})?", re.A)


@dataclass(frozen=True, slots=True)
class Line:
    """What stands on the line of that `number`, without spaces around it."""

    number: int
    text: str

    @property
    def words(self) -> list[str]:
        """Return what is separated by spaces."""
        return self.text.split()

    def refuse(self, sentence: str) -> NoReturn:
        """Raise BadProblem: this line is wrong, and how."""
        raise BadProblem(f"line {self.number}: {sentence}.")

    def numbers(self) -> list[Decimal]:
        """Return what is on this line, which must be numbers and nothing else."""
        return [self._number(word) for word in self.words]

    def row(self, columns: Sequence[str]) -> list[Decimal]:
        """Return the numbers on this line, one for each of `columns`."""
        found = self.numbers()
        if len(found) != len(columns):
            needed = f"{len(columns)} numbers: {', '.join(columns)}"
            self.refuse(f"has {len(found)} numbers; there should be {needed}")
        return found

    def whole(self, number: Decimal, noun: str) -> int:
        """Return `number`, a `noun` on this line, which must be whole and not negative.

        >>> Line(3, "1 2.0").whole(Decimal("2.0"), "demand")
        2
        """
        if number < 0:
            self.refuse(f"the {noun} {number} is less than nothing")
        if number != int(number):
            self.refuse(f"the {noun} {number} is not a whole number")
        return int(number)

    def _number(self, word: str) -> Decimal:
        if not _NUMBER.fullmatch(word):
            self.refuse(f"{shown(word)} is not a number")
        number = Decimal(word)
        if abs(number) > NUMBER_MAX:
            self.refuse(f"{shown(word)} is too large a number to plan with")
        return round(number, DIGITS_MAX).normalize()


def lines_of(text: str) -> list[Line]:
    """Return the lines of `text` that are not empty."""
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = (Line(n, row.strip()) for n, row in enumerate(rows, 1))
    return [line for line in found if line.text]


def is_numbers(line: Line) -> bool:
    """Return whether there is nothing but numbers on `line`."""
    return all(_NUMBER.fullmatch(word) for word in line.words)


def shown(text: str) -> str:
    """Return the beginning of `text` in quotes, on one line whatever it holds.

    >>> shown("12\\x00")
    "'12\\\\x00'"
    """
    return repr(text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…")
