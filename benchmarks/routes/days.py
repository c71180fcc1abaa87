"""Sixty days of technicians in Central Jutland, the same for everyone who makes them.

They are made up from fixed seeds over the region's postcodes and written as the VROOM
API does, in whole numbers: `days.txt` beside this has a hash of each, so that a change
to what they are made of is noticed.  How far it is from place to place is the great
circle times a road factor, with the factor and the speeds as they are set here: a
better estimate in `routes.travel` leaves these days as they are.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from math import ceil, exp
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from fsc_logistics.core.catalogue.region import PostcodeArea, read_region
from routes.travel import Delay, Point, SpeedBand, great_circle_m, matrices

DAYS = 60
HASHES = Path(__file__).with_name("days.txt")
VISITS = (40, 300)
TECHNICIANS = (4, 20)
VISITS_PER_TECHNICIAN = 15
TECHNICIANS_PER_DEPOT = 6
SKILLS = (1, 2, 3, 4)
"""ECG, ventilator, oxygen, installation; VROOM wants them numbered."""
PRIORITIES = ((10, 0.75), (30, 0.15), (100, 0.10))
LUNCH_S = 30 * 60
LUNCH_BEGINS = (11 * 3600, 13 * 3600)
SHIFTS = (((8.0, 15.4), 0.6), ((7.0, 14.4), 0.2), ((9.0, 16.4), 0.2))
DEPOTS = ("8700", "8200", "8800", "7400", "8900", "7500", "8600")
"""Horsens, Aarhus N, Viborg, Herning, Randers, Holstebro, Silkeborg."""
REACH_M = 45_000
NEAR_M = 10_000
"""Visits thin out by a factor e every so many metres from their depot."""
EXTRA_MAX_S = 1200
"""An island further away than this ferry is a day's journey of its own."""
ROAD_FACTOR = 1.3
SPEEDS = (SpeedBand(0, 30.0), SpeedBand(3_000, 65.0), SpeedBand(25_000, 95.0))

SERVICE_MIN: dict[str, tuple[int, ...]] = {
    "light": (5, 10),
    "even": (10, 10, 15),
    "full": (10, 15, 15, 20),
    "too full": (15, 20, 25, 30),
}
"""How long visits take, by how full the day is: fifteen of them for everyone."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A made-up day."""

    name: str
    fullness: str
    visits: int
    technicians: int
    problem: dict[str, Any]

    @property
    def hash(self) -> str:
        """Return what is another for any other problem."""
        text = json.dumps(self.problem, sort_keys=True, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()[:16]


def day(number: int) -> Day:
    """Return one of the frozen days; the first is number 1."""
    fullness = tuple(SERVICE_MIN)[number % len(SERVICE_MIN)]
    low, high = VISITS
    visits = low + (high - low) * (number - 1) // (DAYS - 1)
    return made_up(f"day {number:02d}", visits=visits, fullness=fullness)


def made_up(
    name: str, *, visits: int, fullness: str = "full", technicians: int | None = None
) -> Day:
    """Return the day of this name and size; the name is the seed."""
    chance = Random(name)
    count = technicians or ceil(visits / VISITS_PER_TECHNICIAN)
    count = min(max(count, TECHNICIANS[0]), TECHNICIANS[1])
    made = _Maker(chance, shared_places=chance.random() < 1 / 3)
    made.set_up_depots(1 + count // TECHNICIANS_PER_DEPOT)
    vehicles = [made.vehicle(n + 1, of=count) for n in range(count)]
    jobs = [made.job(n + 1, vehicles, SERVICE_MIN[fullness]) for n in range(visits)]
    problem = {"jobs": jobs, "vehicles": vehicles, "matrices": made.matrices()}
    return Day(
        name=name,
        fullness=fullness,
        visits=visits,
        technicians=count,
        problem=problem,
    )


def frozen_hashes() -> dict[str, str]:
    """Return the hash of each frozen day, by its name."""
    found = {}
    for line in HASHES.read_text("utf-8").splitlines():
        name, hash_ = line.rsplit(maxsplit=1)
        found[name] = hash_
    return found


class _Maker:
    """Lays out places while vehicles and jobs are made up."""

    def __init__(self, chance: Random, *, shared_places: bool) -> None:
        self.chance = chance
        self.shared_places = shared_places
        self.points: list[Point] = []
        self.delays: list[Delay | None] = []

    def set_up_depots(self, count: int) -> None:
        """Open the depots of the day: one of the region's and those nearest to it."""
        first = self._one_of(DEPOTS)
        here = _point(_postcodes()[first])
        nearest = sorted(
            DEPOTS, key=lambda code: great_circle_m(here, _point(_postcodes()[code]))
        )
        self.depots = [_postcodes()[code] for code in nearest[:count]]
        for depot in self.depots:
            self._add(depot, _point(depot))

    def vehicle(self, number: int, *, of: int) -> dict[str, Any]:
        """Return a technician, who starts at home or at a depot."""
        depot = number % len(self.depots)
        at = depot
        if self.chance.random() < 0.5:
            at = self._somewhere(self._near(depot))
        opens_h, closes_h = self._weighed(SHIFTS)
        skills = {one for one in SKILLS if self.chance.random() < 0.6}
        # Somebody has each of them, and everybody one.
        skills |= {SKILLS[number % len(SKILLS)]}
        return {
            "id": number,
            "profile": "car",
            "start_index": at,
            "end_index": at,
            "time_window": [round(opens_h * 3600), round(closes_h * 3600)],
            "capacity": [self.chance.randrange(18, 31) for _ in ("clean", "used")],
            "skills": sorted(skills),
            "breaks": [
                {"id": 1, "service": LUNCH_S, "time_windows": [list(LUNCH_BEGINS)]}
            ],
        }

    def job(
        self,
        number: int,
        vehicles: Sequence[dict[str, Any]],
        service_min: Sequence[int],
    ) -> dict[str, Any]:
        """Return a visit, at a place of its own or in the same house as the last."""
        same = self.shared_places and number > 1 and self.chance.random() < 0.15
        if same:
            at = len(self.points) - 1
        else:
            depot = self.chance.randrange(len(self.depots))
            at = self._somewhere(self._near(depot))
        clean, used = self.chance.randrange(4), self.chance.randrange(4)
        found: dict[str, Any] = {
            "id": number,
            "location_index": at,
            "service": 60 * self._one_of(service_min),
            "delivery": [clean, 0],
            "pickup": [0, used],
            "priority": self._weighed(PRIORITIES),
        }
        if self.shared_places:
            found["setup"] = 300
        if windows := self._windows():
            found["time_windows"] = windows
        if skills := self._skills(vehicles):
            found["skills"] = skills
        return found

    def matrices(self) -> dict[str, Any]:
        """Return how long it is between all places so far."""
        matrix = matrices(
            self.points, road_factor=ROAD_FACTOR, speeds=SPEEDS, delays=self.delays
        )
        return {"car": {"durations": [list(row) for row in matrix.travel_s]}}

    def _windows(self) -> list[list[int]]:
        """Return none, a part of the day, an hour, or an hour in two parts of it."""
        kind = self.chance.random()
        if kind < 0.35:
            return []
        if kind < 0.70:
            return [self._window(8, 13, 2 + self.chance.randrange(3))]
        if kind < 0.90:
            return [self._window(8, 14, 1)]
        return [self._window(8, 10, 1), self._window(12, 14, 1)]

    def _window(self, first_h: int, last_h: int, hours: int) -> list[int]:
        """Return so many hours from a quarter between `first_h` and `last_h`."""
        opens_s = 900 * self.chance.randrange(4 * first_h, 4 * last_h + 1)
        return [opens_s, opens_s + 3600 * hours]

    def _skills(self, vehicles: Sequence[dict[str, Any]]) -> list[int]:
        """Return what somebody has: mostly none, at times two."""
        kind = self.chance.random()
        if kind < 0.70:
            return []
        has = self._one_of(vehicles)["skills"]
        return sorted({self._one_of(has) for _ in range(2 if kind > 0.95 else 1)})

    def _somewhere(self, postcode: PostcodeArea) -> int:
        """Add a place within a mile of a postcode's point, and return its number."""
        lat = postcode.lat + (self.chance.random() - 0.5) * 0.024
        lon = postcode.lon + (self.chance.random() - 0.5) * 0.04
        return self._add(postcode, Point(round(lat, 4), round(lon, 4)))

    def _add(self, postcode: PostcodeArea, point: Point) -> int:
        extra_s = postcode.extra_s
        self.points.append(point)
        self.delays.append(
            Delay(area=postcode.code, extra_s=extra_s) if extra_s else None
        )
        return len(self.points) - 1

    def _near(self, depot: int) -> PostcodeArea:
        return self._weighed(_around(self.depots[depot].code))

    def _one_of(self, some: Sequence[T]) -> T:
        return some[self.chance.randrange(len(some))]

    def _weighed(self, some: Sequence[tuple[T, float]]) -> T:
        left = self.chance.random() * sum(weight for _, weight in some)
        for one, weight in some:
            left -= weight
            if left < 0:
                return one
        return some[-1][0]


@cache
def _postcodes() -> dict[str, PostcodeArea]:
    return {one.code: one for one in read_region().postcodes}


@cache
def _around(code: str) -> tuple[tuple[PostcodeArea, float], ...]:
    """Return the postcodes within reach of a depot, and how often one is visited.

    A municipality's people are spread evenly over its postcodes.
    """
    region = read_region()
    people = {one.code: one.population for one in region.municipalities}
    depot = _point(_postcodes()[code])
    found = []
    for one in region.postcodes:
        away_m = great_circle_m(depot, _point(one))
        if away_m > REACH_M or one.extra_s > EXTRA_MAX_S:
            continue
        shares = sum(one.municipality == it.municipality for it in region.postcodes)
        found.append((one, people[one.municipality] / shares * exp(-away_m / NEAR_M)))
    return tuple(found)


def _point(postcode: PostcodeArea) -> Point:
    return Point(postcode.lat, postcode.lon)


if __name__ == "__main__":
    # What `days.txt` holds.
    for made in map(day, range(1, DAYS + 1)):
        print(made.name, made.hash)
