from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fsc_logistics.core.catalogue.device_models import (
    Model,
    add_model,
    change_model,
    list_models,
)
from fsc_logistics.core.catalogue.parties import add_party
from fsc_logistics.core.catalogue.places import add_location
from fsc_logistics.core.devices.codes import link_code, unlink_code
from fsc_logistics.core.devices.commissioning import NewDevice, add_device
from fsc_logistics.core.devices.finding import (
    find_device,
    list_devices,
    resolve_device,
)
from fsc_logistics.core.devices.showing import show_device
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.stock.articles import Consumable, add_article
from fsc_logistics.domain.custody import Signature, Transfer
from fsc_logistics.domain.errors import BadIdentifier, BadInput, NotFound, Refused
from fsc_logistics.domain.parties import LocationKind, PartyKind

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BY = Signature(station="OFFICE", actor="BIRTE", record_time=NOW)
ONYX = Model(
    model="3230",
    maker="Nonin",
    name="Onyx",
    category="oximeter",
    gtin="9501101531000",
    setup_s=600,
)
SCALE = Model(model="UC-352", maker="A&D", name="Scale", category="scale")


@pytest.fixture
def session(sessions):
    with sessions.begin() as session:
        add_party(session, "FSC", PartyKind.PARTNER, name="Centre")
        add_location(session, "DEPOT", LocationKind.WAREHOUSE, keeper="FSC")
        add_location(session, "SHELF-1", LocationKind.SHELF, inside="DEPOT")
        add_location(session, "VAN-1", LocationKind.VEHICLE, keeper="FSC")
        add_model(session, ONYX)
        add_model(session, SCALE)
        yield session


def new(tag, **fields):
    values = {"model": "3230", "owner": "FSC", "location": "SHELF-1", **fields}
    return NewDevice(device=tag, **values)


def test_a_new_device_is_somewhere_from_its_first_moment(session):
    done = add_device(session, new("oxi-1", serial="123"), BY, at=NOW)

    (row,) = list_devices(session)

    assert (row.device, row.model, row.serial) == ("OXI-1", "3230", "123")
    assert (row.custodian, row.location, row.since) == ("FSC", "SHELF-1", NOW)
    assert (done.location, done.devices) == ("SHELF-1", 1)


@pytest.mark.parametrize(
    "text",
    [
        "oxi-1",
        " OXI-1 ",
        "]C0OXI-1",
        "HMS/4711",
        "SN-7",
        "3230/SN-7",
        "nonin/SN-7",
        "(01)09501101531000(21)SN-7",
        "010950110153100021SN-7",
        "]d2010950110153100021SN-7",
        "010950110153100021SN-7\x1d10LOT9",
    ],
)
def test_a_device_answers_to_its_tag_its_codes_and_its_makers_serial(session, text):
    device = new("OXI-1", serial="SN-7", codes=("HMS/4711",))
    add_device(session, device, BY, at=NOW)

    assert find_device(session, text).tag == "OXI-1"


def test_a_device_answers_to_its_rfid_tag(session):
    gtin = "80614141123458"  # as in the EPC Tag Data Standard, section E.3
    add_model(
        session,
        Model(model="R1", maker="Rfid", name="R", category="x", gtin=gtin),
    )
    add_device(session, new("RFID-1", model="R1", serial="6789"), BY, at=NOW)

    assert find_device(session, "3074257BF7194E4000001A85").tag == "RFID-1"


@pytest.mark.parametrize(
    "text",
    [
        "OXI-2",
        "",
        "hms/4711",
        "E2801160600002054D5E1234",
        "01",
        "]C1",
        "/",
        "OXI\x00-1",
        "OXI\udcff",
        "(01)09501101531001(21)SN-7",
    ],
)
def test_what_names_no_device_is_nothing(session, text):
    add_device(session, new("OXI-1", codes=("HMS/4711",)), BY, at=NOW)

    assert resolve_device(session, text) is None


def test_a_serial_that_two_makers_use_asks_for_the_model(session):
    add_device(session, new("OXI-1", serial="123"), BY, at=NOW)
    add_device(session, new("SCA-1", model="UC-352", serial="123"), BY, at=NOW)

    with pytest.raises(BadIdentifier) as error:
        find_device(session, "123")

    assert str(error.value) == (
        "123 is the serial of several devices. Say 3230/123 (OXI-1) or UC-352/123"
        " (SCA-1)."
    )
    assert find_device(session, "UC-352/123").tag == "SCA-1"


def test_a_personal_number_taken_for_a_device_is_not_repeated(session):
    with pytest.raises(NotFound) as error:
        find_device(session, "0201609995")

    assert str(error.value) == (
        "That is not a device of this centre. See: fsc device list"
    )


def test_a_list_can_be_of_a_place_and_all_inside_a_custodian_or_a_model(session):
    add_device(session, new("OXI-1"), BY, at=NOW)
    add_device(session, new("OXI-2", location="VAN-1"), BY, at=NOW)
    add_device(session, new("SCA-1", model="UC-352", location="DEPOT"), BY, at=NOW)

    def tags(**wanted):
        return [row.device for row in list_devices(session, **wanted)]

    assert tags() == ["OXI-1", "OXI-2", "SCA-1"]
    assert tags(at_location="depot") == ["OXI-1", "SCA-1"]
    assert tags(at_location="SHELF-1") == ["OXI-1"]
    assert tags(model="uc-352") == ["SCA-1"]
    assert tags(custodian="FSC", at_location="VAN-1") == ["OXI-2"]


def test_a_list_tells_where_devices_are_now(session):
    add_device(session, new("OXI-1"), BY, at=NOW)
    record_transfer(
        session,
        Transfer(uid="1", devices=("OXI-1",), location="VAN-1", event_time=NOW),
        BY,
    )

    (row,) = list_devices(session)

    assert row.location == "VAN-1"


def test_a_code_means_one_device(session):
    add_device(session, new("OXI-1"), BY, at=NOW)
    add_device(session, new("OXI-2"), BY, at=NOW)
    link_code(session, "OXI-1", "HMS 4711")
    link_code(session, "OXI-1", "HMS 4711")

    with pytest.raises(Refused) as linked:
        link_code(session, "OXI-2", "HMS 4711")
    with pytest.raises(Refused, match="'oxi-1' means OXI-1 already"):
        link_code(session, "OXI-2", "oxi-1")
    with pytest.raises(BadInput, match="command card"):
        link_code(session, "OXI-2", "%C:UNDO")

    assert str(linked.value) == (
        "'HMS 4711' means OXI-1 already. Take it away there first:"
        " fsc device unlink OXI-1 'HMS 4711'"
    )
    assert show_device(session, "HMS 4711", at=NOW).codes == ("HMS 4711",)


def test_a_linked_code_never_comes_to_mean_another_device(session):
    add_device(session, new("OXI-1"), BY, at=NOW)
    add_device(session, new("OXI-2"), BY, at=NOW)
    link_code(session, "OXI-1", "spi-9")
    link_code(session, "OXI-1", "Ætsning 4")

    with pytest.raises(Refused) as added:
        add_device(session, new("SPI-9"), BY, at=NOW)
    with pytest.raises(Refused) as coded:
        add_device(session, new("OXI-3", codes=("Spi-9",)), BY, at=NOW)
    with pytest.raises(Refused) as linked:
        link_code(session, "OXI-2", "SPI-9")
    with pytest.raises(Refused, match="'Ætsning 4' means OXI-1 already"):
        link_code(session, "OXI-2", "Ætsning 4")

    assert str(added.value) == "SPI-9 is linked to OXI-1 already."
    assert str(coded.value) == "'Spi-9' means OXI-1 already."
    assert str(linked.value) == (
        "'SPI-9' means OXI-1 already. Take it away there first:"
        " fsc device unlink OXI-1 'SPI-9'"
    )
    assert find_device(session, "spi-9").tag == "OXI-1"


def test_a_letter_whose_capital_is_one_of_ours_is_another_letter(session):
    add_device(session, new("SPI-9"), BY, at=NOW)

    assert resolve_device(session, "sp\N{LATIN SMALL LETTER DOTLESS I}-9") is None


def test_a_code_cannot_hold_what_stands_between_codes_in_a_file(session):
    add_device(session, new("OXI-1"), BY, at=NOW)

    with pytest.raises(BadInput) as error:
        link_code(session, "OXI-1", "A|B")

    assert str(error.value) == "A code cannot hold |: it stands between codes."


def test_a_code_taken_away_is_free_again(session):
    add_device(session, new("OXI-1", codes=("HMS 4711",)), BY, at=NOW)
    add_device(session, new("OXI-2"), BY, at=NOW)
    unlink_code(session, "OXI-1", "HMS 4711")

    with pytest.raises(NotFound, match="That is not linked to OXI-1"):
        unlink_code(session, "OXI-1", "HMS 4711")
    link_code(session, "OXI-2", "HMS 4711")

    assert find_device(session, "HMS 4711").tag == "OXI-2"


@pytest.mark.parametrize(
    ("device", "kind", "told"),
    [
        (new("OXI-1"), Refused, "OXI-1 is registered already."),
        (new("OXI-2", serial="123"), Refused, "Serial 123 of 3230 is OXI-1 already."),
        (new("OXI-2", codes=("HMS",)), Refused, "'HMS' means OXI-1 already."),
        (new("HMS"), Refused, "HMS is linked to OXI-1 already."),
        (
            new("OXI-2", model="X9"),
            NotFound,
            "X9 is no model of this centre. Register it: fsc model add X9",
        ),
        (
            new("OXI-2", owner="WHO"),
            NotFound,
            "WHO is no party of this centre. Register it: fsc party add WHO",
        ),
        (
            new("OXI-2", location="MOON"),
            NotFound,
            "MOON is no location of this centre. Register it: fsc location add MOON",
        ),
        (
            new("OXI-2", location="YARD"),
            Refused,
            "YARD has no keeper. Give it one: fsc location change YARD --keeper PARTY",
        ),
    ],
)
def test_a_device_that_cannot_be_registered_says_why(session, device, kind, told):
    add_location(session, "YARD", LocationKind.WAREHOUSE)
    add_device(session, new("OXI-1", serial="123", codes=("HMS",)), BY, at=NOW)

    with pytest.raises(kind) as error:
        add_device(session, device, BY, at=NOW)

    assert str(error.value) == told
    assert len(list(list_devices(session))) == 1


def test_a_model_keeps_its_gtin_in_fourteen_digits(session):
    assert [model.gtin for model in list_models(session)] == ["09501101531000", None]

    changed = change_model(session, "uc-352", skill="scale", training_s=300)

    assert (changed.skill, changed.training_s, changed.maker) == ("SCALE", 300, "A&D")
    with pytest.raises(Refused, match="is that of model 3230 already"):
        change_model(session, "UC-352", gtin="9501101531000")
    with pytest.raises(BadIdentifier) as error:
        change_model(session, "UC-352", gtin="9501101531001")
    assert str(error.value) == (
        "'9501101531001' is not a GTIN: its last digit should be 0, not 1."
    )


def test_a_gtin_is_that_of_an_article_or_of_a_model(session):
    gtin = "4006381333931"
    add_article(session, Consumable(article="CUFF", name="C", unit="pair", gtin=gtin))
    cuff = Model(model="X", maker="X", name="X", category="x", gtin=gtin)

    with pytest.raises(Refused) as added:
        add_model(session, cuff)
    with pytest.raises(Refused) as changed:
        change_model(session, "UC-352", gtin=gtin)
    add_model(session, replace(cuff, gtin="5012345678900"))

    told = "GTIN 04006381333931 is that of article CUFF already."
    assert (str(added.value), str(changed.value)) == (told, told)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"setup_s": 86_460}, "Setup and training take 0 to 1440 minutes."),
        ({"training_s": -60}, "Setup and training take 0 to 1440 minutes."),
        ({"volume_ml": 100_000_001}, "A device has 0 to 100000000 ml."),
        ({"maker": " "}, "A device model needs: maker."),
        (
            {"category": "sc\x1b[31male"},
            "The category holds a sign that cannot be printed. Type it anew.",
        ),
    ],
)
def test_a_model_that_cannot_be_is_refused(session, changes, told):
    with pytest.raises(BadInput) as error:
        change_model(session, "3230", **changes)

    assert str(error.value) == told


def test_models_without_a_gtin_do_not_stand_in_each_others_way(session):
    add_model(session, Model(model="X", maker="X", name="X", category="x"))

    changed = change_model(session, "UC-352", name="Scale 2")

    assert (changed.name, changed.gtin) == ("Scale 2", None)
