from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Event

import pytest
import sqlalchemy as sa

from fsc_logistics.core.catalogue.parties import list_parties, show_party
from fsc_logistics.core.catalogue.places import keeper_of, show_location
from fsc_logistics.core.catalogue.region import load_region, read_region
from fsc_logistics.core.people.access import Look, access_log
from fsc_logistics.core.people.citizens import (
    add_contact,
    change_citizen,
    erase_citizen,
    register_citizen,
    remove_contact,
)
from fsc_logistics.core.people.personal import (
    check_key,
    find_citizens,
    list_citizens,
    personal_data_for_run,
    show_citizen,
)
from fsc_logistics.core.people.sealing import Vault, make_key
from fsc_logistics.core.tables import Base, Location, Order, Party
from fsc_logistics.domain.errors import (
    BadInput,
    FscError,
    Misconfigured,
    NotFound,
    Refused,
)
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.parties import PartyKind
from fsc_logistics.domain.people import Cpr

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LOOK = Look(by="BIRTE", at=NOW, action="show", purpose="ORD-000001")
# Fictive: MedCom test persons.
EINER = {
    "name": "Einer Test Lauridsen",
    "address": "Testgrusgraven 3, 3.th",
    "postcode": "8700",
    "phone": "70203048",
    "cpr": Cpr.read("0201609995"),
    "access_notes": "Ring på hos Lonni",
}
AAGE = {
    "name": "Åge Test Berggren",
    "address": "Testgrusgraven 5",
    "postcode": "8000",
    "protected": True,
}


@pytest.fixture
def vault(tmp_path):
    make_key(tmp_path / "fsc.key")
    return Vault(tmp_path / "fsc.key")


@pytest.fixture
def session(sessions):
    with sessions.begin() as session:
        load_region(session, read_region())
        yield session


@pytest.fixture
def einer(session, vault):
    return register_citizen(session, LOOK, vault=vault, **EINER)


def test_a_citizen_gets_a_code_a_home_and_the_point_of_the_postcode(session, einer):
    (listed,) = list_citizens(session)
    home = session.scalar(sa.select(Location).where(Location.code == listed.home))

    assert (einer, listed.home, listed.postcode) == (
        "CIT-000001",
        "HOME-CIT-000001",
        "8700",
    )
    assert keeper_of(session, home).code == einer
    assert show_location(session, home.code).lat is None


def test_a_point_set_by_hand_stays_until_the_address_changes(session, einer, vault):
    change_citizen(session, LOOK, einer, point=Point(55.9, 9.8))
    by_hand = show_citizen(session, LOOK, einer, vault=vault)
    change_citizen(session, LOOK, einer, phone="")
    unchanged = show_citizen(session, LOOK, einer, vault=vault)
    change_citizen(session, LOOK, einer, address="Testgrusgraven 4")

    moved = show_citizen(session, LOOK, einer, vault=vault)

    assert by_hand.geo_quality == unchanged.geo_quality == "manual"
    assert unchanged.phone is None
    assert moved.geo_quality == "postcode"


def test_a_screen_shows_the_number_masked_and_the_town_of_the_postcode(
    session, einer, vault
):
    shown = show_citizen(session, LOOK, einer, vault=vault)

    assert (shown.cpr, shown.city, shown.phone) == (
        "020160-****",
        "Horsens",
        "70 20 30 48",
    )


def test_a_protected_citizen_is_hidden_on_screens_and_in_lists(session, vault):
    code = "AAGE"
    register_citizen(session, LOOK, code="aage", **AAGE, phone="70203048")
    add_contact(session, LOOK, code, name="Bruno Test Elmer")

    shown = show_citizen(session, LOOK, code, vault=vault)
    (listed,) = list_citizens(session)

    hidden = (shown.name, shown.address, shown.postcode, shown.city, shown.phone)
    assert set(hidden) == {"protected"}
    assert shown.contacts == ()
    assert listed.postcode is None


def test_only_the_sheet_of_a_run_has_the_protected_address_and_it_is_logged(
    session, einer
):
    code = register_citizen(session, LOOK, code="aage", **AAGE)
    add_contact(session, LOOK, code, name="Bruno Test Elmer", phone="70203048")

    people = personal_data_for_run(
        session, [code, einer], run="2026-11-24/ANNA", by="BIRTE", at=NOW
    )

    assert people[code].address == "Testgrusgraven 5"
    assert people[code].protected
    assert people[code].contacts[0].phone == "70 20 30 48"
    assert people[einer].access_notes == "Ring på hos Lonni"
    printed = [look for look in access_log(session) if look.action == "print"]
    assert {(look.citizen, look.purpose, look.actor) for look in printed} == {
        ("AAGE", "2026-11-24/ANNA", "BIRTE"),
        (einer, "2026-11-24/ANNA", "BIRTE"),
    }


def test_a_citizen_is_found_by_number_phone_and_part_of_the_name(session, einer, vault):
    by = [
        {"cpr": Cpr.read("020160-9995")},
        {"phone": "+45 70 20 30 48"},
        {"name": "lauRID"},
    ]

    found = [find_citizens(session, LOOK, vault=vault, **one) for one in by]

    assert [[hit.citizen for hit in hits] for hits in found] == [[einer]] * 3


def test_danish_letters_are_found_in_either_case(session, vault):
    register_citizen(session, LOOK, **{**AAGE, "protected": False})

    (hit,) = find_citizens(session, LOOK, vault=vault, name="åGE")

    assert hit.name == "Åge Test Berggren"


def test_every_look_is_logged_with_its_purpose_and_no_number_in_it(session, vault):
    register = replace(LOOK, action="register")
    code = register_citizen(session, register, **AAGE)
    show_citizen(session, replace(LOOK, purpose="020160 9995 rang"), code, vault=vault)
    find_citizens(session, replace(LOOK, action="find"), vault=vault, name="Åge")
    find_citizens(session, replace(LOOK, action="find"), vault=vault, name="Nobody")

    looks = access_log(session, citizen=code)

    assert [(look.action, look.purpose) for look in looks] == [
        ("register", "ORD-000001"),
        ("show", "020160-**** rang"),
        ("find", "ORD-000001"),
    ]


def test_a_number_is_registered_once(session, einer, vault):
    with pytest.raises(Refused) as error:
        register_citizen(session, LOOK, vault=vault, **{**EINER, "name": "Another"})

    assert str(error.value) == (
        "The CPR number given is registered already, as CIT-000001."
    )


def test_the_raw_database_holds_no_number_in_clear(session, einer, vault):
    session.flush()

    dump = repr(
        [
            tuple(row)
            for table in Base.metadata.sorted_tables
            for row in session.execute(sa.select(table))
        ]
    )

    assert "Lauridsen" in dump
    assert "0201609995" not in dump
    assert "020160" not in dump
    assert "9995" not in dump


def test_another_key_is_noticed_before_a_number_is_sealed_with_it(
    session, einer, tmp_path, vault
):
    make_key(tmp_path / "other.key")
    other = Vault(tmp_path / "other.key")
    lonni = {**EINER, "cpr": Cpr.read("0201609996")}

    for use in (
        lambda: register_citizen(session, LOOK, vault=other, **lonni),
        lambda: find_citizens(session, LOOK, vault=other, cpr=lonni["cpr"]),
        lambda: show_citizen(session, LOOK, einer, vault=other),
        lambda: check_key(session, other),
    ):
        with pytest.raises(Misconfigured, match="is not the one the CPR numbers here"):
            use()
    assert check_key(session, vault) == 1


def test_a_desk_without_the_key_shows_the_citizen_without_the_number(
    session, einer, tmp_path
):
    shown = show_citizen(session, LOOK, einer, vault=Vault(tmp_path / "none.key"))

    assert (shown.name, shown.cpr) == ("Einer Test Lauridsen", "******-****")


def test_erasing_leaves_the_code_the_log_and_nothing_personal(session, einer, vault):
    add_contact(session, LOOK, einer, name="Lonni Test Lauridsen")
    change_citizen(session, LOOK, einer, municipality="0615")

    erase_citizen(session, replace(LOOK, action="erase"), einer)

    dump = repr(
        [
            tuple(row)
            for table in Base.metadata.sorted_tables
            for row in session.execute(sa.select(table))
        ]
    )
    assert "Lauridsen" not in dump
    assert "Testgrusgraven" not in dump
    assert show_party(session, einer).municipality is None
    assert einer in dump
    assert [look.action for look in access_log(session)][-1] == "erase"
    with pytest.raises(NotFound, match="The personal data of CIT-000001 were erased"):
        show_citizen(session, LOOK, einer, vault=vault)


def test_whoever_changes_a_citizen_meanwhile_waits_and_finds_them_erased(
    sessions, vault
):
    with sessions.begin() as session:
        einer = register_citizen(session, LOOK, vault=vault, **EINER)
    erased = Event()

    def change():
        assert erased.wait(20)
        with sessions.begin() as other:
            change_citizen(other, LOOK, einer, phone="70203049")

    with ThreadPoolExecutor() as pool:
        with sessions.begin() as session:
            erase_citizen(session, LOOK, einer)
            changing = pool.submit(change)
            erased.set()
            wait([changing], timeout=0.3)
            in_between = changing.done()

        with pytest.raises(NotFound) as error:
            changing.result()

    assert not in_between
    assert str(error.value) == "The personal data of CIT-000001 were erased."


def test_where_the_protected_live_is_told_on_no_screen(session, vault):
    aage = register_citizen(session, LOOK, municipality="0615", **AAGE)
    einer = register_citizen(session, LOOK, vault=vault, municipality="0615", **EINER)

    told = {
        citizen: (
            show_citizen(session, LOOK, citizen, vault=vault).municipality,
            list_citizens(session, code=citizen)[0].municipality,
            show_party(session, citizen).municipality,
            *(
                row.municipality
                for row in list_parties(session, kind=PartyKind.CITIZEN)
                if row.party == citizen
            ),
        )
        for citizen in (aage, einer)
    }

    assert told == {
        aage: ("protected", None, None, None),
        einer: ("0615", "0615", "0615", "0615"),
    }


def test_a_citizen_with_an_open_order_is_not_erased(session, einer):
    party_id = session.scalar(sa.select(Party.id).where(Party.code == einer))
    session.add(
        Order(
            code="ORD-000001",
            service="TRAINING",
            citizen_id=party_id,
            earliest=date(2026, 11, 24),
            latest=date(2026, 11, 25),
            service_s=900,
            priority=50,
            consent=True,
            placed_at=NOW,
            placed_by="BIRTE",
        )
    )
    session.flush()

    with pytest.raises(Refused) as error:
        erase_citizen(session, LOOK, einer)

    assert str(error.value) == (
        "CIT-000001 still has open orders: ORD-000001. Close or cancel them first."
    )


def test_contacts_are_numbered_for_each_citizen(session, einer, vault):
    first = add_contact(session, LOOK, einer, name="Lonni", relation="hustru")
    second = add_contact(session, LOOK, einer, name="Magnus", phone="70203048")
    remove_contact(session, LOOK, einer, first)

    (left,) = show_citizen(session, LOOK, einer, vault=vault).contacts

    assert (first, second) == (1, 2)
    assert (left.number, left.name, left.phone) == (1, "Magnus", "70 20 30 48")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"address": "X 1", "postcode": "8700"}, "A citizen needs: name."),
        ({"name": "Lonni"}, "A citizen needs: address, postcode."),
        (
            {"name": "L", "address": "X", "postcode": "8700", "phone": "12345678"},
            "The telephone number given is not one: eight digits, or + and the country"
            " in front.",
        ),
        (
            {"name": "L", "address": "X", "postcode": "8700", "municipality": "61"},
            "61 is not a municipality's number: four digits, as 0615.",
        ),
    ],
)
def test_a_citizen_who_is_told_wrong_is_refused(session, fields, told):
    with pytest.raises(BadInput) as error:
        register_citizen(session, LOOK, **fields)

    assert str(error.value) == told


def test_looking_for_everybody_is_refused(session, vault):
    for number in range(21):
        name = f"Test {number}"
        register_citizen(session, LOOK, name=name, address="X 1", postcode="8700")

    with pytest.raises(FscError, match="More than 20 citizens answer to that"):
        find_citizens(session, LOOK, vault=vault, name="Test")
    with pytest.raises(BadInput, match="at least 2 letters"):
        find_citizens(session, LOOK, vault=vault, name="T")
    with pytest.raises(BadInput, match="Say what to find a citizen by"):
        find_citizens(session, LOOK, vault=vault)
