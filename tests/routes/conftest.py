"""Small problems on a straight road: one minute and one kilometre a place."""

from collections.abc import Callable
from typing import Any

import pytest

from routes.problem import Matrix, Problem, Technician, TimeWindow, Visit


def _hours(opens: float, closes: float) -> TimeWindow:
    return TimeWindow(round(opens * 3600), round(closes * 3600))


def _road(count: int, *, leg_s: int = 60, leg_m: int = 1000) -> Matrix:
    steps = [[abs(a - b) for b in range(count)] for a in range(count)]
    return Matrix(
        travel_s=tuple(tuple(n * leg_s for n in row) for row in steps),
        distance_m=tuple(tuple(n * leg_m for n in row) for row in steps),
    )


def _problem(
    *work: Any, technicians: tuple[Technician, ...] | None = None, leg_s: int = 60
) -> Problem:
    visits = tuple(one for one in work if isinstance(one, Visit))
    if technicians is None:
        technicians = (_technician("anna"),)
    return Problem(
        technicians=technicians,
        visits=visits,
        shipments=tuple(one for one in work if one not in visits),
        matrices={"car": _road(200, leg_s=leg_s)},
    )


def _technician(id: str, **others: Any) -> Technician:
    values: dict[str, Any] = {"start": 0, "end": 0, "shift": _hours(8, 16), **others}
    return Technician(id=id, **values)


@pytest.fixture
def hours() -> Callable[..., TimeWindow]:
    return _hours


@pytest.fixture
def technician() -> Callable[..., Technician]:
    return _technician


@pytest.fixture
def visit() -> Callable[..., Visit]:
    def make(id: str, place: int, **others: Any) -> Visit:
        return Visit(id=id, place=place, **others)

    return make


@pytest.fixture
def problem() -> Callable[..., Problem]:
    return _problem
