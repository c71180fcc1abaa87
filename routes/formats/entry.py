"""A value in a JSON document that knows where it stands.

Whoever wrote the file is told the place and one sentence, never a traceback.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from routes.problem import BadProblem

INTEGER_MAX = 2**53
"""Beyond it JSON readers disagree (RFC 8259, section 6), and the solver overflows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`value`, as found at `path`."""

    value: Any
    path: str = ""

    def refuse(self, sentence: str) -> NoReturn:
        """Raise BadProblem: this entry is wrong, and how."""
        raise BadProblem(f"{self.path or 'the document'}: {sentence}.")

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Turn a ValueError inside into one that names this entry."""
        try:
            yield
        except BadProblem:
            raise
        except ValueError as error:
            self.refuse(str(error))

    def get(self, key: str) -> "Entry | None":
        """Return what stands under `key`, or None for nothing or null."""
        if not isinstance(self.value, dict):
            self.refuse("should be an object")
        found = self.value.get(key)
        path = f"{self.path}.{key}" if self.path else key
        return None if found is None else Entry(found, path)

    def need(self, key: str) -> "Entry":
        """Return what stands under `key`, which must be there."""
        found = self.get(key)
        return self.refuse(f"{key} is missing") if found is None else found

    def each(self, key: str) -> list["Entry"]:
        """Return the items of the array under `key`; nothing is an empty one."""
        found = self.get(key)
        return [] if found is None else found.items()

    def items(self) -> list["Entry"]:
        """Return the items of this array."""
        if not isinstance(self.value, list):
            self.refuse("should be an array")
        return [Entry(one, f"{self.path}[{n}]") for n, one in enumerate(self.value)]

    def integer(self) -> int:
        """Return this whole number; true and 1.0 are none."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.refuse("should be a whole number")
        if abs(self.value) > INTEGER_MAX:
            self.refuse("is too large a number to plan with")
        return self.value

    def number(self) -> float:
        """Return this number."""
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            self.refuse("should be a number")
        return float(self.value)

    def name(self) -> int | str:
        """Return this id, a whole number or text."""
        if not isinstance(self.value, int | str) or isinstance(self.value, bool):
            self.refuse("should be a whole number or text")
        self._check_signs()
        return self.value

    def text(self) -> str:
        """Return this text."""
        if not isinstance(self.value, str):
            self.refuse("should be text")
        self._check_signs()
        return self.value

    def _check_signs(self) -> None:
        # JSON may escape half of a surrogate pair, which no plan could be written with.
        try:
            str(self.value).encode()
        except UnicodeEncodeError:
            self.refuse("holds half a sign, which cannot be written down")

    def integers(self, key: str) -> tuple[int, ...]:
        """Return the whole numbers in the array under `key`."""
        return tuple(one.integer() for one in self.each(key))

    def integer_at(self, key: str, default: int) -> int:
        """Return the whole number under `key`, or `default`."""
        found = self.get(key)
        return default if found is None else found.integer()


def entry_of(text: str | bytes) -> Entry:
    """Return a JSON document.

    Raises:
        BadProblem: it is not JSON.
    """
    try:
        return Entry(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise BadProblem(f"not JSON: {error}.") from error
