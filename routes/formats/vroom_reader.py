"""Problems as the VROOM API writes them, in.

Source: VROOM-Project/vroom, docs/API.md.  Times are whole numbers of any origin, as
there; ids and skills may also be text.  A file without `matrices` is driven by the
built-in estimate of `routes.travel`, or as the caller says.  Keys that nobody here
knows are ignored, unless they would change what a good plan is: those are refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from routes.formats.entry import Entry, entry_of
from routes.formats.vroom import Document, Key, Name
from routes.plan import StopKind, TaskKey
from routes.problem import (
    ALWAYS,
    Break,
    Costs,
    Halt,
    Matrix,
    Problem,
    Shipment,
    Technician,
    TimeWindow,
    Visit,
)

if TYPE_CHECKING:
    from routes.travel import Point

Travel: TypeAlias = Callable[[Sequence["Point"], Sequence[str]], Matrix]
"""The matrix between points; what each is called where something is wrong with it."""
REFUSED = {
    "jobs": {
        "setup_per_type": "setup by vehicle type is not known here",
        "service_per_type": "service by vehicle type is not known here",
    },
    "breaks": {"max_load": "a break that depends on the load is not known here"},
    "costs": {"per_task_hour": "hours of work have no price here, only of driving"},
    "matrices": {"costs": "costs come from hours and kilometres here; leave it out"},
}


def read_problem(text: str | bytes, *, travel: Travel | None = None) -> Document:
    """Return the problem in a VROOM API document.

    `travel` is asked for the matrix where the document brings none, the same for all
    profiles; without it, the estimate is.

    Raises:
        BadProblem: it does not hold one; the text says where and why.
    """
    root = entry_of(text)
    return _Reader(root, travel).document()


class _Reader:
    """Collects places, names and descriptions while the objects are read."""

    def __init__(self, root: Entry, travel: Travel | None) -> None:
        self.root = root
        self.travel = travel
        self.indexed = root.get("matrices") is not None
        self.places: dict[tuple[float, float], int] = {}
        self.locations: dict[int, tuple[float, float]] = {}
        self.whose: dict[int, str] = {}
        self.names: dict[Key, Name] = {}
        self.descriptions: dict[Key, str] = {}
        self.orders: dict[str, tuple[TaskKey, ...]] = {}

    def document(self) -> Document:
        visits = tuple(self.visit(one) for one in self.root.each("jobs"))
        shipments = tuple(self.shipment(one) for one in self.root.each("shipments"))
        vehicles = self.root.need("vehicles").items()
        technicians = tuple(self.technician(one) for one in vehicles)
        for entry, technician in zip(vehicles, technicians, strict=True):
            self.read_steps(entry, technician.id)
        with self.root.blamed():
            problem = Problem(
                technicians=technicians,
                visits=visits,
                shipments=shipments,
                matrices=self.matrices({one.profile for one in technicians}),
            )
        return Document(
            problem=problem,
            orders=self.orders,
            names=self.names,
            descriptions=self.descriptions,
            locations=self.locations,
            indexed=self.indexed,
        )

    def visit(self, entry: Entry) -> Visit:
        _refuse(entry, "jobs")
        id_ = self.named("job", entry)
        halt = self.halt(entry)
        with entry.blamed():
            return Visit(
                id=id_,
                place=halt.place,
                setup_s=halt.setup_s,
                service_s=halt.service_s,
                windows=halt.windows,
                skills=self.skills(entry),
                deliver=entry.integers("delivery"),
                collect=entry.integers("pickup"),
                priority=entry.integer_at("priority", 0),
            )

    def shipment(self, entry: Entry) -> Shipment:
        pickup, delivery = entry.need("pickup"), entry.need("delivery")
        fetched, brought = (one.need("id").name() for one in (pickup, delivery))
        id_ = str(fetched) if fetched == brought else f"{fetched}>{brought}"
        for noun, half in (("pickup", pickup), ("delivery", delivery)):
            _refuse(half, "jobs")
            self.named(noun, half, id_=id_)
        with entry.blamed():
            return Shipment(
                id=id_,
                pickup=self.halt(pickup),
                delivery=self.halt(delivery),
                amount=entry.integers("amount"),
                skills=self.skills(entry),
                priority=entry.integer_at("priority", 0),
            )

    def halt(self, entry: Entry) -> Halt:
        place = self.place(entry, "location", "location_index")
        if place is None:
            needed = "location_index" if self.indexed else "location"
            entry.refuse(f"{needed} is missing")
        with entry.blamed():
            return Halt(
                place=place,
                setup_s=entry.integer_at("setup", 0),
                service_s=entry.integer_at("service", 0),
                windows=_windows(entry),
            )

    def technician(self, entry: Entry) -> Technician:
        profile, factor = entry.get("profile"), entry.get("speed_factor")
        shift = entry.get("time_window")
        id_ = self.named("vehicle", entry)
        with entry.blamed():
            return Technician(
                id=id_,
                start=self.place(entry, "start", "start_index"),
                end=self.place(entry, "end", "end_index"),
                shift=ALWAYS if shift is None else _window(shift),
                breaks=self.breaks(entry, id_),
                skills=self.skills(entry),
                capacity=entry.integers("capacity"),
                tasks_max=_limit(entry, "max_tasks"),
                travel_max_s=_limit(entry, "max_travel_time"),
                distance_max_m=_limit(entry, "max_distance"),
                speed_factor=1.0 if factor is None else factor.number(),
                costs=_costs(entry.get("costs")),
                profile="car" if profile is None else profile.text(),
            )

    def breaks(self, entry: Entry, vehicle: str) -> tuple[Break, ...]:
        """Return a vehicle's breaks by when they may begin: that is when they do."""
        found = []
        for one in entry.each("breaks"):
            _refuse(one, "breaks")
            name = one.need("id").name()
            self.names[f"break of {vehicle}", str(name)] = name
            if (description := one.get("description")) is not None:
                key = (f"break of {vehicle}", str(name))
                self.descriptions[key] = description.text()
            with one.blamed():
                found.append(
                    Break(
                        id=str(name),
                        duration_s=one.integer_at("service", 0),
                        windows=_windows(one),
                    )
                )
        return tuple(
            sorted(found, key=lambda one: [w.opens_s for w in one.windows[:1]])
        )

    def read_steps(self, entry: Entry, vehicle: str) -> None:
        ids = {(noun, str(name)): id_ for (noun, id_), name in self.names.items()}
        order = []
        for step in entry.each("steps"):
            kind = step.need("type").text()
            if kind in ("start", "end", "break"):
                continue
            found = ids.get((kind, str(step.need("id").name())))
            if found is None or kind not in ("job", "pickup", "delivery"):
                step.refuse(f"there is no {kind} of that id")
            order.append((StopKind(kind), found))
        if order:
            self.orders[vehicle] = tuple(order)

    def named(self, noun: str, entry: Entry, *, id_: str | None = None) -> str:
        """Remember what `entry` is called and return our id for it."""
        name = entry.need("id").name()
        id_ = str(name) if id_ is None else id_
        if (noun, id_) in self.names:
            entry.refuse(f"there is another {noun} with the id {name}")
        self.names[noun, id_] = name
        if (description := entry.get("description")) is not None:
            self.descriptions[noun, id_] = description.text()
        return id_

    def skills(self, entry: Entry) -> frozenset[str]:
        names = [one.name() for one in entry.each("skills")]
        self.names.update({("skill", str(name)): name for name in names})
        return frozenset(map(str, names))

    def place(self, entry: Entry, location: str, index: str) -> int | None:
        """Return the place given by `index`, or by coordinates without matrices."""
        spot, number = entry.get(location), entry.get(index)
        at = None if spot is None else _coordinates(spot)
        if self.indexed:
            if number is None:
                return entry.refuse(f"{index} is missing") if spot else None
            place = number.integer()
        elif at is None:
            return entry.refuse(f"{location} is missing") if number else None
        else:
            place = self.places.setdefault(at, len(self.places))
            self.whose.setdefault(place, _named(entry))
        if at is not None:
            self.locations[place] = at
        return place

    def matrices(self, profiles: set[str]) -> dict[str, Matrix]:
        given = self.root.get("matrices")
        if given is None:
            # NumPy is not needed by those who bring their own matrices.
            from routes.travel import Point, matrices

            points = [Point(lat, lon) for lon, lat in self.places]
            if self.travel is None:
                return dict.fromkeys(profiles, matrices(points))
            names = [self.whose[place] for place in range(len(points))]
            return dict.fromkeys(profiles, self.travel(points, names))
        if not isinstance(given.value, dict):
            given.refuse("should be an object")
        return {profile: _matrix(given.need(profile)) for profile in given.value}


def _named(entry: Entry) -> str:
    """Return where in the document something stands, and its id."""
    name = entry.get("id")
    return entry.path if name is None else f"{entry.path} (id {name.value})"


def _refuse(entry: Entry, noun: str) -> None:
    """Refuse keys that would change what a good plan is."""
    for key, sentence in REFUSED[noun].items():
        found = entry.get(key)
        if found is not None and found.value not in (0, [], {}):
            found.refuse(sentence)


def _limit(entry: Entry, key: str) -> int | None:
    found = entry.get(key)
    return None if found is None else found.integer()


def _window(entry: Entry) -> TimeWindow:
    moments = [one.integer() for one in entry.items()]
    if len(moments) != 2:
        entry.refuse("should be an array of two whole numbers")
    with entry.blamed():
        return TimeWindow(*moments)


def _windows(entry: Entry) -> tuple[TimeWindow, ...]:
    return tuple(_window(one) for one in entry.each("time_windows"))


def _coordinates(entry: Entry) -> tuple[float, float]:
    numbers = [one.number() for one in entry.items()]
    if len(numbers) != 2:
        entry.refuse("should be [longitude, latitude]")
    lon, lat = numbers
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        entry.refuse("there is no such point; it should be [longitude, latitude]")
    return lon, lat


def _costs(entry: Entry | None) -> Costs:
    if entry is None:
        return Costs()
    _refuse(entry, "costs")
    default = Costs()
    with entry.blamed():
        return replace(
            default,
            fixed=entry.integer_at("fixed", default.fixed),
            per_hour=entry.integer_at("per_hour", default.per_hour),
            per_km=entry.integer_at("per_km", default.per_km),
        )


def _matrix(entry: Entry) -> Matrix:
    _refuse(entry, "matrices")
    distances = entry.get("distances")
    with entry.blamed():
        return Matrix(
            travel_s=_table(entry.need("durations")),
            distance_m=None if distances is None else _table(distances),
        )


def _table(entry: Entry) -> tuple[tuple[int, ...], ...]:
    # Entries for 160,000 numbers would take a second; look closer only if need be.
    rows = entry.value
    if isinstance(rows, list) and all(
        isinstance(row, list) and {*map(type, row)} <= {int} for row in rows
    ):
        return tuple(map(tuple, rows))
    return tuple(tuple(one.integer() for one in row.items()) for row in entry.items())
