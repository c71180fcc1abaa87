"""Problems as the VROOM API writes them, out; `routes.formats.vroom_reader` reads them.

Source: VROOM-Project/vroom, docs/API.md.  Ids and skills may also be text here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from routes.plan import TaskKeys
from routes.problem import (
    ALWAYS,
    Amounts,
    Halt,
    Matrix,
    Problem,
    Shipment,
    Technician,
    TimeWindow,
    Visit,
)

Name: TypeAlias = int | str
Key: TypeAlias = tuple[str, str]
"""What kind of thing is called that (job, pickup, vehicle, skill, …), and our id."""
Object: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A problem, and what has to be known to write of it in its author's words."""

    problem: Problem
    orders: TaskKeys = field(default_factory=dict)
    """The vehicles' `steps`: where the search may begin."""
    names: Mapping[Key, Name] = field(default_factory=dict)
    """Ids and skills as given, where they are not our own."""
    descriptions: Mapping[Key, str] = field(default_factory=dict)
    locations: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    """[lon, lat] of places, where given."""
    indexed: bool = True
    """The file has its own matrices, and places are its indices into them."""

    def name(self, noun: str, id_: str) -> Name:
        """Return what the author calls our `id_`."""
        return self.names.get((noun, id_), id_)

    def ids(self) -> dict[tuple[str, str], str]:
        """Return our ids by noun and the author's name as text."""
        return {(noun, str(name)): id_ for (noun, id_), name in self.names.items()}


def write_problem(document: Document) -> Object:
    """Return `document` as VROOM API JSON; `steps` and what was ignored are lost."""
    return _Writer(document).problem()


class _Writer:
    def __init__(self, document: Document) -> None:
        self.document = document

    def problem(self) -> Object:
        problem = self.document.problem
        found: Object = {
            "jobs": [self.job(one) for one in problem.visits],
            "shipments": [self.shipment(one) for one in problem.shipments],
            "vehicles": [self.vehicle(one) for one in problem.technicians],
        }
        if self.document.indexed:
            found["matrices"] = {
                profile: _matrix_out(matrix)
                for profile, matrix in problem.matrices.items()
            }
        return found

    def job(self, visit: Visit) -> Object:
        return {
            **self.named("job", visit.id),
            **self.halt(visit),
            **_given(
                delivery=visit.deliver, pickup=visit.collect, priority=visit.priority
            ),
            **_given(skills=self.skills(visit.skills)),
        }

    def shipment(self, one: Shipment) -> Object:
        return {
            "pickup": {**self.named("pickup", one.id), **self.halt(one.pickup)},
            "delivery": {**self.named("delivery", one.id), **self.halt(one.delivery)},
            **_given(amount=one.amount, priority=one.priority),
            **_given(skills=self.skills(one.skills)),
        }

    def halt(self, halt: Halt) -> Object:
        return {
            **self.place(halt.place, "location", "location_index"),
            **_given(setup=halt.setup_s, service=halt.service_s),
            **_given(time_windows=_windows_out(halt.windows)),
        }

    def vehicle(self, one: Technician) -> Object:
        shift = [] if one.shift == ALWAYS else _windows_out((one.shift,))[0]
        limits = {
            "max_tasks": one.tasks_max,
            "max_travel_time": one.travel_max_s,
            "max_distance": one.distance_max_m,
        }
        costs = one.costs
        return {
            **self.named("vehicle", one.id),
            "profile": one.profile,
            **self.place(one.start, "start", "start_index"),
            **self.place(one.end, "end", "end_index"),
            **_given(capacity=one.capacity, skills=self.skills(one.skills)),
            **_given(time_window=shift, breaks=self.breaks(one)),
            "speed_factor": one.speed_factor,
            **{key: limit for key, limit in limits.items() if limit is not None},
            "costs": {
                "fixed": costs.fixed,
                "per_hour": costs.per_hour,
                "per_km": costs.per_km,
            },
        }

    def breaks(self, technician: Technician) -> list[Object]:
        return [
            {
                **self.named(f"break of {technician.id}", pause.id),
                "service": pause.duration_s,
                **_given(time_windows=_windows_out(pause.windows)),
            }
            for pause in technician.breaks
        ]

    def named(self, noun: str, id_: str) -> Object:
        description = self.document.descriptions.get((noun, id_))
        found: Object = {"id": self.document.name(noun, id_)}
        return found if description is None else {**found, "description": description}

    def place(self, place: int | None, location: str, index: str) -> Object:
        found: Object = {}
        if place is None:
            return found
        if place in self.document.locations:
            found[location] = list(self.document.locations[place])
        if self.document.indexed:
            found[index] = place
        return found

    def skills(self, skills: frozenset[str]) -> list[Name]:
        return [self.document.name("skill", one) for one in sorted(skills)]


def labels(document: Document, noun: str, id_: str) -> Object:
    """Return the id and, if it has one, the description of `id_` as given."""
    return _Writer(document).named(noun, id_)


def location(document: Document, place: int | None) -> Object:
    """Return where `place` is, as coordinates and index, as far as given."""
    return _Writer(document).place(place, "location", "location_index")


def _matrix_out(matrix: Matrix) -> Object:
    found: Object = {"durations": [list(row) for row in matrix.travel_s]}
    if matrix.distance_m is not None:
        found["distances"] = [list(row) for row in matrix.distance_m]
    return found


def _windows_out(windows: tuple[TimeWindow, ...]) -> list[list[int]]:
    return [[one.opens_s, one.closes_s] for one in windows]


def _given(**values: Amounts | list[Any] | int) -> Object:
    """Return `values` as an object, without those that say nothing."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in values.items()
        if value
    }
