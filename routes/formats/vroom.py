"""Problems as the VROOM API writes them, out; `routes.formats.vroom_reader` reads them.

Source: VROOM-Project/vroom, docs/API.md.  Ids and skills may also be text here, and
keys that begin with `fsc_` are our own (`routes.formats.own_keys`).
"""

from collections.abc import Iterable
from typing import Any

from routes.formats.document import Document, Key, Name, Object
from routes.formats.vroom_vehicles import first_opening
from routes.problem import (
    ALWAYS,
    Amounts,
    Changes,
    Halt,
    Link,
    Matrix,
    Reload,
    Shipment,
    Technician,
    TimeWindow,
    Visit,
)

__all__ = ["Document", "Key", "Name", "Object", "labels", "location", "write_problem"]


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
            **_given(fsc_links=[self.link(one) for one in problem.links]),
            **_given(fsc_evenness_price=problem.evenness_price),
        }
        if problem.area_windows:
            found["fsc_area_windows"] = {
                area: _windows_out(windows)
                for area, windows in problem.area_windows.items()
            }
        if problem.changes != Changes():
            found["fsc_changes"] = {
                "per_technician": problem.changes.per_technician,
                "per_hour": problem.changes.per_hour,
            }
        if self.document.scale != 1:
            found["fsc_scale"] = self.document.scale
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
            **self.own_of_job(visit),
        }

    def own_of_job(self, visit: Visit) -> Object:
        found = _known(fsc_area=visit.area)
        if visit.people != 1:
            found["fsc_people"] = visit.people
        if visit.allowed is not None:
            found["fsc_allowed"] = self.people(visit.allowed)
        found |= _given(
            fsc_forbidden=self.people(visit.forbidden),
            fsc_preferred=self.people(visit.preferred),
            fsc_preferred_price=visit.preferred_price,
        )
        if visit.given is not None:
            found["fsc_given"] = {
                "vehicle": self.person(visit.given.technician),
                **_known(begin=visit.given.begin_s),
            }
        return found

    def shipment(self, one: Shipment) -> Object:
        return {
            "pickup": {**self.named("pickup", one.id), **self.halt(one.pickup)},
            "delivery": {**self.named("delivery", one.id), **self.halt(one.delivery)},
            **_given(amount=one.amount, priority=one.priority),
            **_given(skills=self.skills(one.skills)),
        }

    def halt(self, halt: Halt) -> Object:
        found = {
            **self.place(halt.place, "location", "location_index"),
            **_given(setup=halt.setup_s, service=halt.service_s),
            **_given(time_windows=_windows_out(halt.windows)),
        }
        if (late := halt.lateness) is not None:
            found["fsc_lateness"] = {"max": late.max_s, "per_hour": late.per_hour}
        return found

    def link(self, link: Link) -> Object:
        return {
            "first": self.document.name("job", link.first),
            "second": self.document.name("job", link.second),
            **_given(least=link.least_s),
            **_known(most=link.most_s),
            **({"same_person": True} if link.same_person else {}),
        }

    def vehicle(self, one: Technician) -> Object:
        shift = [] if one.shift == ALWAYS else _windows_out((one.shift,))[0]
        costs = one.costs
        return {
            **self.named("vehicle", one.id),
            "profile": one.profile,
            **self.place(one.start, "start", "start_index"),
            **self.place(one.end, "end", "end_index"),
            **_given(capacity=one.capacity, skills=self.skills(one.skills)),
            **_given(time_window=shift, breaks=self.breaks(one)),
            "speed_factor": one.speed_factor,
            **_known(
                max_tasks=one.tasks_max,
                max_travel_time=one.travel_max_s,
                max_distance=one.distance_max_m,
            ),
            "costs": {
                "fixed": costs.fixed,
                "per_hour": costs.per_hour,
                "per_km": costs.per_km,
                **_given(
                    fsc_per_work_hour=costs.per_work_hour,
                    fsc_per_overtime_hour=costs.per_overtime_hour,
                ),
            },
            **self.own_of_vehicle(one),
        }

    def own_of_vehicle(self, one: Technician) -> Object:
        found = _known(fsc_away_price=one.away_price, fsc_max_work_time=one.work_max_s)
        if one.person is not None:
            found["fsc_person"] = self.person(one.person)
        if one.used_capacity is not None:
            found["fsc_used_capacity"] = list(one.used_capacity)
        if one.areas is not None:
            found["fsc_areas"] = sorted(one.areas)
        if one.reload is not None:
            found["fsc_reload"] = self.reload(one.reload)
        if list(one.breaks) != sorted(one.breaks, key=first_opening):
            found["fsc_breaks_in_order"] = True
        return found | _given(
            fsc_overtime=one.overtime_max_s,
            fsc_aboard=one.aboard,
            fsc_first=[self.document.name("job", id_) for id_ in one.first],
            fsc_last=[self.document.name("job", id_) for id_ in one.last],
        )

    def reload(self, one: Reload) -> Object:
        places: Object = {"location_indexes": list(one.places)}
        if not self.document.indexed:
            spots = [list(self.document.locations[place]) for place in one.places]
            places = {"locations": spots}
        return {
            **places,
            "max": one.times_max,
            **_given(service=one.duration_s),
            **_given(time_windows=_windows_out(one.windows)),
        }

    def breaks(self, technician: Technician) -> list[Object]:
        return [
            {
                **self.named(f"break of {technician.id}", pause.id),
                "service": pause.duration_s,
                **_given(time_windows=_windows_out(pause.windows)),
                **self.place(pause.place, "fsc_location", "fsc_location_index"),
                **({} if pause.is_paid else {"fsc_paid": False}),
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

    def people(self, people: Iterable[str]) -> list[Name]:
        return [self.person(one) for one in sorted(people)]

    def person(self, id_: str) -> Name:
        """Return what the author calls a vehicle, or the person who has several."""
        names = self.document.names
        return names.get(("vehicle", id_), self.document.name("person", id_))


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


def _known(**values: int | str | None) -> Object:
    """Return `values` as an object, without those that are None."""
    return {key: value for key, value in values.items() if value is not None}
