from dataclasses import replace
from datetime import date

import pytest

from fsc_logistics.core.catalogue.absences import cancel_absence, record_absence
from fsc_logistics.core.catalogue.parties import name_technician
from fsc_logistics.core.catalogue.places import add_location, show_location
from fsc_logistics.core.catalogue.technicians import (
    Terms,
    add_technician,
    change_technician,
    list_technicians,
    show_technician,
    technicians_at_work,
)
from fsc_logistics.domain.errors import BadInput, NotFound, Refused
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.parties import LocationKind

MONDAY = date(2026, 11, 23)
SATURDAY = date(2026, 11, 28)
DEPOT = Point(55.86, 9.85)
TERMS = Terms(
    name="Anna", start="DEPOT", end="DEPOT", vehicle="VAN-1", skills=("cpap", "LIFT")
)


@pytest.fixture
def session(sessions):
    with sessions.begin() as session:
        add_location(session, "DEPOT", LocationKind.WAREHOUSE, point=DEPOT)
        yield session


def test_a_technician_at_work_is_told_with_places_and_skills(session):
    add_technician(session, "anna", TERMS, make_vehicle=True)

    (anna,) = technicians_at_work(session, MONDAY)

    assert (anna.code, anna.name, anna.vehicle) == ("ANNA", "Anna", "VAN-1")
    assert (anna.start, anna.start_point, anna.end_point) == ("DEPOT", DEPOT, DEPOT)
    assert anna.skills == {"CPAP", "LIFT"}
    assert (anna.shift_from_s, anna.shift_to_s) == (8 * 3600, 16 * 3600)


def test_who_is_absent_or_has_the_day_off_is_not_at_work(session):
    add_technician(session, "ANNA", TERMS, make_vehicle=True)
    weekends = replace(TERMS, name="Bo", vehicle="VAN-2", weekdays="67")
    add_technician(session, "BO", weekends, make_vehicle=True)
    record_absence(session, "ANNA", MONDAY, MONDAY)

    on_monday = technicians_at_work(session, MONDAY)
    on_tuesday = technicians_at_work(session, date(2026, 11, 24))
    on_saturday = technicians_at_work(session, SATURDAY)

    assert [t.code for t in on_monday] == []
    assert [t.code for t in on_tuesday] == ["ANNA"]
    assert [t.code for t in on_saturday] == ["BO"]


def test_an_absence_told_twice_is_one_and_can_be_taken_back(session):
    add_technician(session, "ANNA", TERMS, make_vehicle=True)
    record_absence(session, "ANNA", MONDAY, SATURDAY)
    record_absence(session, "ANNA", MONDAY, SATURDAY)

    back = cancel_absence(session, "ANNA", date(2026, 11, 24), date(2026, 12, 31))

    assert show_technician(session, "ANNA").absent == (MONDAY,)
    assert len(back) == 5


def test_the_point_of_a_shelf_is_that_of_its_warehouse(session):
    add_location(session, "SHELF-1", LocationKind.SHELF, inside="DEPOT")
    add_technician(session, "ANNA", replace(TERMS, start="SHELF-1"), make_vehicle=True)

    (anna,) = technicians_at_work(session, MONDAY)

    assert anna.start_point == DEPOT


def test_terms_are_changed_one_at_a_time(session):
    add_technician(session, "ANNA", TERMS, make_vehicle=True)

    changed = change_technician(session, "ANNA", skills=("LIFT",), weekdays="531")

    assert (changed.skills, changed.weekdays, changed.name) == (
        ("LIFT",),
        "135",
        "Anna",
    )
    assert list_technicians(session) == [changed]


def test_a_vehicle_has_one_technician(session):
    add_technician(session, "ANNA", TERMS, make_vehicle=True)
    bo = replace(TERMS, name="Bo", vehicle="VAN-2")
    add_technician(session, "BO", bo, make_vehicle=True)

    with pytest.raises(Refused) as changed:
        change_technician(session, "BO", vehicle="van-1")
    with pytest.raises(Refused) as added:
        add_technician(session, "CARL", replace(TERMS, name="Carl"))

    told = "VAN-1 is the vehicle of ANNA. Name another: --vehicle CODE"
    assert (str(changed.value), str(added.value)) == (told, told)
    assert show_location(session, "VAN-1").keeper == "ANNA"


def test_a_technician_named_before_gets_terms_and_keeps_the_telephone(session):
    name_technician(session, "ANNA", name="Anna", phone="70203048")
    add_location(session, "VAN-1", LocationKind.VEHICLE, keeper="ANNA")

    added = add_technician(session, "anna", TERMS)
    with pytest.raises(Refused) as again:
        add_technician(session, "ANNA", TERMS)

    assert (added.vehicle, added.phone) == ("VAN-1", "+4570203048")
    assert str(again.value) == (
        "ANNA is already the code of a technician. Choose another."
    )


def test_a_list_tells_the_absence_of_each_from_a_day_on(session):
    add_technician(session, "ANNA", TERMS, make_vehicle=True)
    bo = replace(TERMS, name="Bo", vehicle="VAN-2")
    add_technician(session, "BO", bo, make_vehicle=True)
    record_absence(session, "ANNA", MONDAY, date(2026, 11, 25))
    record_absence(session, "BO", SATURDAY, SATURDAY)

    listed = list_technicians(session, since=date(2026, 11, 24))

    assert {one.technician: one.absent for one in listed} == {
        "ANNA": (date(2026, 11, 24), date(2026, 11, 25)),
        "BO": (SATURDAY,),
    }


@pytest.mark.parametrize(
    ("change", "kind", "told"),
    [
        ({"weekdays": "128"}, BadInput, "'128' are not weekdays: 1 is Monday, 7 Sunday,"
         " as 12345."),
        ({"shift_from_s": 16 * 3600}, BadInput, "The shift ends before it begins."),
        ({"lunch_to_s": 16 * 3600}, BadInput, "Lunch does not lie within the shift."),
        ({"start": "YARD"}, Refused, "It is not known where YARD is. Say so:"
         " fsc location change YARD --point LAT,LON"),
        ({"vehicle": "DEPOT"}, Refused, "DEPOT is a warehouse, not a vehicle."),
        ({"capacity_ml": 100_000_001}, BadInput, "A vehicle holds 0 to 100000"
         " litres."),
        ({"end": "MOON"}, NotFound, "MOON is no place this centre knows. See:"
         " fsc location list"),
    ],
)  # fmt: skip
def test_terms_nobody_can_work_on_are_refused(session, change, kind, told):
    add_location(session, "YARD", LocationKind.WAREHOUSE)
    add_technician(session, "ANNA", TERMS, make_vehicle=True)

    with pytest.raises(kind) as error:
        change_technician(session, "ANNA", **change)

    assert str(error.value) == told
