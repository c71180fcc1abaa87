"""Technicians: how they work, and who is at work on a day."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.codes import free_code, lock_register
from fsc_logistics.core.catalogue.places import add_location, find_location, point_of
from fsc_logistics.core.tables import (
    Absence,
    Location,
    Party,
    Technician,
    TechnicianSkill,
)
from fsc_logistics.domain.codes import read_code, read_line, shown_code
from fsc_logistics.domain.errors import BadInput, NotFound, Refused
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.limits import CAPACITY_LITRES_MAX
from fsc_logistics.domain.parties import LocationKind, PartyKind
from fsc_logistics.domain.people import read_phone

_LITRE_ML = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a technician works; times of day in seconds from local midnight."""

    name: str
    phone: str | None = None
    start: str
    """Where the day begins: a place that has a point."""
    end: str
    vehicle: str
    skills: tuple[str, ...] = ()
    weekdays: str = "12345"
    shift_from_s: int = 8 * 3600
    shift_to_s: int = 16 * 3600
    lunch_from_s: int = 11 * 3600
    lunch_to_s: int = 13 * 3600
    lunch_s: int = 1800
    capacity_ml: int = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianShown(Terms):
    """A technician of the catalogue."""

    technician: str
    absent: tuple[date, ...] = ()
    """Days from today on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingTechnician:
    """A technician who is at work on the day asked for."""

    code: str
    name: str
    start: str
    start_point: Point
    end: str
    end_point: Point
    vehicle: str
    skills: frozenset[str]
    shift_from_s: int
    shift_to_s: int
    lunch_from_s: int
    lunch_to_s: int
    lunch_s: int
    capacity_ml: int


def add_technician(
    session: Session, code: str, terms: Terms, *, make_vehicle: bool = False
) -> TechnicianShown:
    """Register a technician; with `make_vehicle`, the vehicle too.

    One who came from a file has been named, and now gets terms.

    Raises:
        BadIdentifier, BadInput: a field cannot be read.
        NotFound: a place is unknown.
        Refused: a code is taken, or a place has no point.
    """
    party = _named_only(session, code)
    if party is None:
        party = Party(code=free_code(session, code), kind=PartyKind.TECHNICIAN)
        session.add(party)
        session.flush()
    terms = replace(terms, phone=terms.phone or party.phone)
    if make_vehicle:
        add_location(session, terms.vehicle, LocationKind.VEHICLE, keeper=party.code)
    _set_terms(session, party, terms)
    return show_technician(session, party.code)


def change_technician(session: Session, code: str, **changes: Any) -> TechnicianShown:
    """Change some of the terms a technician works on.

    Raises:
        NotFound, BadInput, Refused: as for a new one.
    """
    shown = show_technician(session, code)
    known = {field.name: getattr(shown, field.name) for field in fields(Terms)}
    _set_terms(
        session, find_technician(session, code)[0], Terms(**{**known, **changes})
    )
    return show_technician(session, code)


def show_technician(
    session: Session, code: str, *, since: date = date.min
) -> TechnicianShown:
    """Return one technician, with the days of absence from `since` on.

    Raises:
        NotFound: no technician has that code.
    """
    party, technician = find_technician(session, code)
    skills = _skills(session, [party.id])[party.id]
    absent = _absent(session, [party.id], since)[party.id]
    return _shown(session, party, technician, skills, absent)


def list_technicians(
    session: Session, *, since: date = date.min
) -> list[TechnicianShown]:
    """Return every technician by code, with the days of absence from `since` on."""
    rows = session.execute(_everyone()).all()
    ids = [party.id for party, _ in rows]
    skills = _skills(session, ids)
    absent = _absent(session, ids, since)
    return [_shown(session, p, t, skills[p.id], absent[p.id]) for p, t in rows]


def technicians_at_work(session: Session, day: date) -> tuple[WorkingTechnician, ...]:
    """Return who works on `day`: their weekday, and not absent; by code.

    Raises:
        Refused: it is not known where one of them starts or ends.
    """
    away = select(Absence.technician_id).where(Absence.day == day)
    rows = session.execute(
        _everyone().where(
            Technician.party_id.not_in(away),
            Technician.weekdays.contains(str(day.isoweekday())),
        )
    ).all()
    skills = _skills(session, [party.id for party, _ in rows])
    return tuple(_working(session, p, t, skills[p.id]) for p, t in rows)


def find_technician(session: Session, code: str) -> tuple[Party, Technician]:
    """Return the records of a technician, for other use cases.

    Raises:
        NotFound: no technician has that code.
    """
    row = session.execute(
        _everyone().where(Party.code == code.strip().upper())
    ).one_or_none()
    if row is None:
        raise NotFound(
            f"{shown_code(code)} is no technician of this centre."
            " See: fsc technician list"
        )
    return row[0], row[1]


def _named_only(session: Session, code: str) -> Party | None:
    """Return the technician of that code who has no terms, or None."""
    lock_register(session)
    return session.scalar(
        select(Party).where(
            Party.code == code.strip().upper(),
            Party.kind == PartyKind.TECHNICIAN,
            Party.id.not_in(select(Technician.party_id)),
        )
    )


def _everyone() -> Any:
    return (
        select(Party, Technician)
        .join(Technician, Technician.party_id == Party.id)
        .order_by(Party.code)
    )


def _skills(session: Session, ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {number: [] for number in ids}
    rows = session.execute(
        select(TechnicianSkill.technician_id, TechnicianSkill.skill)
        .where(TechnicianSkill.technician_id.in_(ids))
        .order_by(TechnicianSkill.skill)
    )
    for number, skill in rows:
        found[number].append(skill)
    return {number: tuple(skills) for number, skills in found.items()}


def _absent(
    session: Session, ids: Collection[int], since: date
) -> dict[int, tuple[date, ...]]:
    found: dict[int, list[date]] = {number: [] for number in ids}
    rows = session.execute(
        select(Absence.technician_id, Absence.day)
        .where(Absence.technician_id.in_(ids), Absence.day >= since)
        .order_by(Absence.day)
    )
    for number, day in rows:
        found[number].append(day)
    return {number: tuple(days) for number, days in found.items()}


def _set_terms(session: Session, party: Party, terms: Terms) -> None:
    _check_terms(terms)
    start, end = (find_location(session, code) for code in (terms.start, terms.end))
    for place in (start, end):
        point_of(session, place)
    vehicle = find_location(session, terms.vehicle)
    if vehicle.kind != LocationKind.VEHICLE:
        raise Refused(f"{vehicle.code} is a {vehicle.kind}, not a vehicle.")
    _check_free(session, vehicle, party)
    vehicle.keeper_id = party.id
    party.name = read_line(terms.name, "name")
    party.phone = read_phone(terms.phone) if terms.phone else None
    technician = session.get(Technician, party.id) or Technician(party_id=party.id)
    technician.start_id, technician.end_id = start.id, end.id
    technician.vehicle_id = vehicle.id
    technician.weekdays = "".join(sorted(set(terms.weekdays)))
    for name in _NUMBERS:
        setattr(technician, name, getattr(terms, name))
    session.add(technician)
    session.flush()
    session.execute(
        delete(TechnicianSkill).where(TechnicianSkill.technician_id == party.id)
    )
    session.add_all(
        TechnicianSkill(technician_id=party.id, skill=skill)
        for skill in {read_code(skill) for skill in terms.skills}
    )
    session.flush()


def _check_free(session: Session, vehicle: Location, party: Party) -> None:
    lock_register(session)
    other = session.scalar(
        select(Party.code)
        .join(Technician, Technician.party_id == Party.id)
        .where(Technician.vehicle_id == vehicle.id, Party.id != party.id)
    )
    if other is not None:
        raise Refused(
            f"{vehicle.code} is the vehicle of {other}. Name another: --vehicle CODE"
        )


_NUMBERS = (
    "shift_from_s",
    "shift_to_s",
    "lunch_from_s",
    "lunch_to_s",
    "lunch_s",
    "capacity_ml",
)


def _check_terms(terms: Terms) -> None:
    if not terms.name.strip():
        raise BadInput("A technician needs a name: --name")
    if not terms.weekdays or set(terms.weekdays) - set("1234567"):
        raise BadInput(
            f"'{terms.weekdays}' are not weekdays: 1 is Monday, 7 Sunday, as 12345."
        )
    if terms.shift_from_s >= terms.shift_to_s:
        raise BadInput("The shift ends before it begins.")
    if terms.lunch_s and not (
        terms.shift_from_s
        <= terms.lunch_from_s
        <= terms.lunch_to_s
        <= terms.shift_to_s - terms.lunch_s
    ):
        raise BadInput("Lunch does not lie within the shift.")
    if not 0 <= terms.capacity_ml <= CAPACITY_LITRES_MAX * _LITRE_ML:
        raise BadInput(f"A vehicle holds 0 to {CAPACITY_LITRES_MAX} litres.")


def _shown(
    session: Session,
    party: Party,
    technician: Technician,
    skills: tuple[str, ...],
    absent: tuple[date, ...],
) -> TechnicianShown:
    return TechnicianShown(
        technician=party.code,
        name=party.name or party.code,
        phone=party.phone,
        start=session.get_one(Location, technician.start_id).code,
        end=session.get_one(Location, technician.end_id).code,
        vehicle=session.get_one(Location, technician.vehicle_id).code,
        skills=skills,
        weekdays=technician.weekdays,
        absent=absent,
        **{name: getattr(technician, name) for name in _NUMBERS},
    )


def _working(
    session: Session, party: Party, technician: Technician, skills: tuple[str, ...]
) -> WorkingTechnician:
    start = session.get_one(Location, technician.start_id)
    end = session.get_one(Location, technician.end_id)
    return WorkingTechnician(
        code=party.code,
        name=party.name or party.code,
        start=start.code,
        start_point=point_of(session, start),
        end=end.code,
        end_point=point_of(session, end),
        vehicle=session.get_one(Location, technician.vehicle_id).code,
        skills=frozenset(skills),
        **{name: getattr(technician, name) for name in _NUMBERS},
    )
