"""One table of the settings file: each key known, of its kind, and in its range."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import Any, ClassVar, Protocol, TypeVar, get_args, get_origin

from fsc_logistics.domain.errors import Misconfigured


class Dataclass(Protocol):
    """A class that was made by the decorator."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


T = TypeVar("T", bound=Dataclass)
DAY_S = 24 * 3600
RANGES: dict[str, tuple[float, float]] = {
    "open_from_s": (0, DAY_S),
    "open_to_s": (0, DAY_S),
    "road_factor": (1, 10),
    "time_limit_s": (1, DAY_S),
    "per_hour": (0, 1_000_000),
    "per_km": (0, 1_000_000),
    "idle_s": (1, DAY_S),
    "spool_mb_max": (1, 1_000_000),
    "baud": (1, 4_000_000),
    "gap_s": (0.01, 60),
    "presence_s": (0.1, 3600),
    "reads_min": (1, 100),
    "rssi_min_dbm": (-120, 0),
    "portal_apart_s": (0, 60),
}
"""From where to where a number may be set; what lies outside is a slip."""
_ACCEPTED: dict[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a text"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    bool: ((bool,), "true or false"),
}
"""What TOML may say where this is wanted, and how a person calls it."""


def filled(
    kind: type[T],
    read: Any,
    path: Path,
    *,
    apart: Mapping[str, str] = MappingProxyType({}),
) -> T:
    """Return `kind` filled from one table of the file; every key must be known.

    `apart` are the fields that are read otherwise, each with its key, if it has one.

    Raises:
        Misconfigured: it is no table, or a key is unknown, missing, or wrongly set.
    """
    if not isinstance(read, dict):
        raise Misconfigured(f"{path}: {kind.__name__.lower()} must be a table.")
    known: dict[str, Field[Any]] = {
        f.name: f for f in fields(kind) if f.name not in apart
    }
    for name, value in read.items():
        if name not in known:
            words = [*known, *filter(None, apart.values())]
            raise Misconfigured(
                f"{path}: '{name}' is not a setting. Known: {', '.join(words)}."
            )
        _check_kind(name, value, known[name].type, path)
        _check_range(name, value, path)
    said: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in read.items()
    }
    try:
        return kind(**said)
    except TypeError:
        missing = [
            f.name
            for f in fields(kind)
            if f.default is MISSING and f.default_factory is MISSING
            if f.name not in read
        ]
        raise Misconfigured(
            f"{path}: a [[port]] lacks {' and '.join(missing)}."
        ) from None


def _check_kind(name: str, value: Any, wanted: Any, path: Path) -> None:
    if isinstance(wanted, UnionType):  # Such as `int | None`; TOML has no None.
        wanted = next(it for it in get_args(wanted) if it is not NoneType)
    if get_origin(wanted) is tuple:
        _check_list(name, value, get_args(wanted)[0], path)
        return
    accepted, word = _ACCEPTED.get(wanted, ((object,), "a number"))
    # True is a whole number to Python, and to nobody else.
    is_bool = isinstance(value, bool) and bool not in accepted
    if is_bool or not isinstance(value, accepted):
        raise Misconfigured(f"{path}: {name} = {value!r} is not {word}.")


def _check_list(name: str, value: Any, wanted: type, path: Path) -> None:
    accepted, _ = _ACCEPTED[wanted]
    wrong = not isinstance(value, (list, tuple)) or any(
        isinstance(item, bool) or not isinstance(item, accepted) for item in value
    )
    if wrong:
        words = {str: 'texts, such as ["A"]', int: "whole numbers, such as [1, 2]"}
        raise Misconfigured(
            f"{path}: {name} = {value!r} is not a list of {words[wanted]}."
        )


def _check_range(name: str, value: Any, path: Path) -> None:
    if name not in RANGES:
        return
    low, high = RANGES[name]
    # Not `value < low`: what is no number at all (nan) is out of every range.
    if not low <= value <= high:
        raise Misconfigured(f"{path}: {name} = {value!r} is not from {low} to {high}.")
