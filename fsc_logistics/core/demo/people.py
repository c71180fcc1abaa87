"""The demonstration's citizens: MedCom's fictive persons, near real postcodes."""

import csv
import math
from importlib.resources import files
from random import Random

from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.region import PostcodeArea, read_region
from fsc_logistics.core.demo.catalogue import DEPOTS
from fsc_logistics.core.people.access import Look
from fsc_logistics.core.people.citizens import CitizenFields, register_citizen
from fsc_logistics.core.people.sealing import Vault
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.people import Cpr

CITIZENS = 72
"""More than MedCom has persons: their names return, without a number."""
REACH_KM = 42
"""How far from a depot the citizens of the demonstration live."""
KM_PER_DEGREE = 111.2
ISLAND = "8305"


def fill_citizens(
    session: Session, by: Signature, vault: Vault, random: Random
) -> list[str]:
    """Register the citizens; return their codes."""
    text = (files("fsc_logistics.data") / "test_persons.csv").read_text("utf-8")
    persons = list(csv.DictReader(text.splitlines()))
    areas = _near_depots()
    island = next(a for a in read_region().postcodes if a.code == ISLAND)
    look = Look(by=by.actor, at=by.record_time, action="register", purpose="demo")
    codes = []
    for number in range(CITIZENS):
        person = persons[number % len(persons)]
        area = island if number == CITIZENS - 1 else random.choice(areas)
        fields: CitizenFields = {
            "name": person["name"],
            "address": person["street"],
            "postcode": area.code,
            "city": area.name,
            "municipality": area.municipality,
            "phone": "70203048",
            "protected": number % 24 == 7,
            "call_first": number % 6 == 1,
            "point": _near(area, random),
        }
        if number < len(persons):
            fields["cpr"] = Cpr.read(person["cpr"])
        if number % 9 == 4:
            fields["access_notes"] = (
                "Dørkode 1234. Ring på hos naboen, hvis det er stille."
            )
        codes.append(register_citizen(session, look, vault=vault, **fields))
    return codes


def _near_depots() -> list[PostcodeArea]:
    return [
        area
        for area in read_region().postcodes
        if area.extra_s == 0
        and min(_km(area, point) for _, point, _ in DEPOTS.values()) <= REACH_KM
    ]


def _km(area: PostcodeArea, point: Point) -> float:
    north = (area.lat - point.lat) * KM_PER_DEGREE
    east = (area.lon - point.lon) * KM_PER_DEGREE * math.cos(math.radians(point.lat))
    return math.hypot(north, east)


def _near(area: PostcodeArea, random: Random) -> Point:
    """Return a point within a kilometre or so of a postcode's centre."""
    return Point(
        round(area.lat + random.uniform(-0.008, 0.008), 5),
        round(area.lon + random.uniform(-0.014, 0.014), 5),
    )
