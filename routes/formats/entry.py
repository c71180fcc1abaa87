"""A value in a JSON document that knows where it stands.

Whoever wrote the file is told the place and one sentence, never a traceback.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from typing import Any, NoReturn

from routes.problem import BadProblem

NAME_SHOWN_MAX = 40
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
        return None if found is None else _named(found, path)

    def need(self, key: str) -> "Entry":
        """Return what stands under `key`, which must be there."""
        found = self.get(key)
        return self.refuse(f"{key} is missing") if found is None else found

    def fields(self) -> list[str]:
        """Return the keys of this object."""
        if not isinstance(self.value, dict):
            self.refuse("should be an object")
        return list(self.value)

    def refuse_given(self, key: str, sentence: str) -> None:
        """Refuse what stands under `key`, which would change what a good plan is."""
        found = self.get(key)
        if found is not None and found.value not in (0, [], {}):
            found.refuse(sentence)

    def each(self, key: str) -> list["Entry"]:
        """Return the items of the array under `key`; nothing is an empty one."""
        found = self.get(key)
        return [] if found is None else found.items()

    def items(self) -> list["Entry"]:
        """Return the items of this array."""
        if not isinstance(self.value, list):
            self.refuse("should be an array")
        return [_named(one, f"{self.path}[{n}]") for n, one in enumerate(self.value)]

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
        # Python reads NaN and Infinity, and 1e999 as the latter; JSON knows neither.
        if abs(self.value) > INTEGER_MAX or not isfinite(self.value):
            self.refuse("is too large a number to plan with, or none")
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

    def integer_or_none(self, key: str) -> int | None:
        """Return the whole number under `key`, or None for nothing."""
        found = self.get(key)
        return None if found is None else found.integer()

    def _check_signs(self) -> None:
        # JSON may escape half of a surrogate pair, which no plan could be written with.
        try:
            str(self.value).encode()
        except UnicodeEncodeError:
            self.refuse("holds half a sign, which cannot be written down")

    def truth(self) -> bool:
        """Return this true or false."""
        if not isinstance(self.value, bool):
            self.refuse("should be true or false")
        return self.value

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
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadProblem(f"not whole JSON: {error.msg}, {where}.") from error
    except RecursionError as error:
        raise BadProblem("not JSON to plan with: it is nested too deeply.") from error
    except ValueError as error:
        raise BadProblem(f"not JSON: {error}.") from error


def _named(value: Any, path: str) -> Entry:
    """Return the entry at `path`, which is told with the id it has, if it has one."""
    id_ = value.get("id") if isinstance(value, dict) else None
    if isinstance(id_, bool) or not isinstance(id_, int | str):
        return Entry(value, path)
    # Whole on one line, whatever the id holds.
    shown = id_ if isinstance(id_, int) and abs(id_) <= INTEGER_MAX else repr(id_)
    return Entry(value, f"{path} (id {str(shown)[:NAME_SHOWN_MAX]})")
