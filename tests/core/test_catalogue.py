from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from fsc_logistics.core.catalogue.device_models import Model, add_model
from fsc_logistics.core.catalogue.parties import add_party, change_party, list_parties
from fsc_logistics.core.catalogue.places import (
    add_location,
    change_location,
    find_location,
    list_locations,
    point_of,
)
from fsc_logistics.core.catalogue.region import load_region, read_region
from fsc_logistics.core.devices.commissioning import (
    NewDevice,
    add_device,
    device_troubles,
)
from fsc_logistics.core.devices.finding import resolve_device
from fsc_logistics.core.kits.templates import add_template
from fsc_logistics.core.people.access import Look
from fsc_logistics.core.people.citizens import register_citizen
from fsc_logistics.core.stock.articles import Consumable, add_article
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.errors import BadInput, FscError, Refused
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.parties import LocationKind, PartyKind

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BY = Signature(station="OFFICE", actor="BIRTE", record_time=NOW)
LOOK = Look(by="BIRTE", at=NOW, action="register")


def build(session):
    add_party(session, "FSC", PartyKind.PARTNER, name="Centre")
    add_location(session, "DEPOT", LocationKind.WAREHOUSE, keeper="FSC")
    add_location(session, "VAN-1", LocationKind.VEHICLE, keeper="FSC")


MODEL = Model(
    model="3230",
    maker="Nonin, Inc.",
    name='Onyx "Vantage"',
    category="oximeter",
    setup_s=600,
    skill="BLE",
)


def test_our_own_tag_takes_one_query(sessions):
    with sessions.begin() as session:
        build(session)
        add_model(session, MODEL)
        device = NewDevice(device="OXI-1", model="3230", owner="FSC", location="DEPOT")
        add_device(session, device, BY, at=NOW)
    asked = []
    sa.event.listen(
        sessions.engine,
        "before_cursor_execute",
        lambda *call: asked.append(call[2]),
    )

    with sessions.read() as session:
        resolve_device(session, "oxi-1")

    assert len([text for text in asked if text.startswith("SELECT")]) == 1


def test_two_desks_that_register_at_once_get_different_codes(sessions):
    def register(number):
        fields = {"name": f"Test {number}", "address": "X 1", "postcode": "8700"}
        with sessions.begin() as session:
            return register_citizen(session, LOOK, **fields)

    with ThreadPoolExecutor(4) as desks:
        codes = list(desks.map(register, range(8)))

    assert sorted(codes) == [f"CIT-00000{number}" for number in range(1, 9)]


def test_two_desks_cannot_take_the_same_code(sessions):
    def register(kind):
        try:
            with sessions.begin() as session:
                return add_party(session, "HORSENS", kind).party
        except FscError as error:
            return str(error)

    with ThreadPoolExecutor(2) as desks:
        told = set(desks.map(register, (PartyKind.HOSPITAL, PartyKind.PRACTICE)))

    assert "HORSENS" in told
    assert any("is already the code of a" in text for text in told)


def test_a_code_is_one_party_or_one_place(sessions):
    with sessions.begin() as session:
        build(session)

        with pytest.raises(Refused, match="DEPOT is already the code of a warehouse"):
            add_party(session, "depot", PartyKind.HOSPITAL)
        with pytest.raises(Refused, match="FSC is already the code of a partner"):
            add_location(session, "fsc", LocationKind.WARD)


def test_citizens_and_homes_are_listed_only_when_asked_for(sessions):
    with sessions.begin() as session:
        build(session)
        register_citizen(session, LOOK, name="Test", address="X 1", postcode="8700")

        parties = [row.party for row in list_parties(session)]
        citizens = list_parties(session, kind=PartyKind.CITIZEN)
        places = [row.location for row in list_locations(session)]
        (home,) = list_locations(session, kind=LocationKind.HOME)

    assert parties == ["FSC"]
    assert [(row.party, row.name) for row in citizens] == [("CIT-000001", None)]
    assert places == ["DEPOT", "VAN-1"]
    assert (home.lat, home.postcode, home.keeper) == (None, None, "CIT-000001")


ESCAPE = "North\x1b]0;x\x07"
ONYX = Model(model="ONYX", maker="Nonin", name="Onyx", category="oximeter")


@pytest.mark.parametrize(
    ("register", "what"),
    [
        (lambda s, bad: add_party(s, "A", PartyKind.HOSPITAL, name=bad), "name"),
        (lambda s, bad: change_party(s, "FSC", name=bad), "name"),
        (lambda s, bad: change_location(s, "DEPOT", name=bad), "name"),
        (lambda s, bad: change_location(s, "DEPOT", postcode=bad), "postcode"),
        (lambda s, bad: add_model(s, replace(ONYX, maker=bad)), "maker"),
        (lambda s, bad: add_model(s, replace(ONYX, name=bad)), "name"),
        (
            lambda s, bad: add_article(s, Consumable(article="A", name=bad, unit="x")),
            "name",
        ),
        (
            lambda s, bad: add_article(s, Consumable(article="A", name="x", unit=bad)),
            "unit",
        ),
        (
            lambda s, bad: add_template(s, "A", name=bad, holds={"OXI": 1}),
            "name",
        ),
    ],
)
@pytest.mark.parametrize("bad", [ESCAPE, "North\u202e", "N\x00rth", "N\ud800"])
def test_what_a_terminal_would_obey_is_no_name(sessions, register, what, bad):
    with sessions.begin() as session:
        build(session)

    with pytest.raises(BadInput) as error, sessions.begin() as session:
        register(session, bad)

    assert str(error.value) == (
        f"The {what} holds a sign that cannot be printed. Type it anew."
    )


def test_a_name_is_one_line(sessions):
    with sessions.begin() as session:
        build(session)
        shown = change_location(session, "DEPOT", name=" Depot\n Horsens\t")

    assert shown.name == "Depot Horsens"


def test_parties_cannot_be_part_of_each_other(sessions):
    with sessions.begin() as session:
        add_party(session, "A", PartyKind.REGION)
        add_party(session, "B", PartyKind.HOSPITAL, parent="A")

        with pytest.raises(Refused, match="A cannot be part of itself"):
            change_party(session, "A", parent="B")


def test_a_place_is_at_its_point_then_its_surroundings_then_its_postcode(sessions):
    with sessions.begin() as session:
        load_region(session, read_region())
        build(session)
        add_location(session, "A1", LocationKind.SHELF, inside="DEPOT")
        shelf = find_location(session, "A1")
        with pytest.raises(Refused, match="It is not known where A1 is"):
            point_of(session, shelf)
        change_location(session, "DEPOT", postcode="8700")
        by_postcode = point_of(session, shelf)
        change_location(session, "DEPOT", point=Point(55.0, 9.0))

        by_point = point_of(session, shelf)

    assert (by_postcode, by_point) == (Point(55.866, 9.893), Point(55.0, 9.0))


def test_many_troubles_are_found_at_once(sessions):
    with sessions.begin() as session:
        devices = [
            NewDevice(device=f"OXI-{n}", model="X", owner="Y", location="Z")
            for n in range(1500)
        ]

        troubles = device_troubles(session, devices)

    assert len(troubles) == 4500
