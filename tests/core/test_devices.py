from datetime import UTC, datetime

import pytest

from fsc_logistics.core.commissioning import NewDevice, add_device
from fsc_logistics.core.csv_files import BadFile
from fsc_logistics.core.custody import record_transfer
from fsc_logistics.core.device_codes import link_code, unlink_code
from fsc_logistics.core.device_models import (
    Model,
    add_model,
    change_model,
    list_models,
)
from fsc_logistics.core.devices import (
    find_device,
    list_devices,
    resolve_device,
    show_device,
)
from fsc_logistics.core.importing import (
    export_devices,
    export_models,
    import_devices,
    import_models,
)
from fsc_logistics.core.parties import add_party
from fsc_logistics.core.places import add_location
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
HEADER = "device;model;serial;owner;location;codes\n"


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
    assert show_device(session, "HMS 4711").codes == ("HMS 4711",)


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


def test_a_file_cannot_name_two_devices_the_same_but_for_the_case(session):
    file = HEADER + (
        "OXI-1;3230;1;FSC;SHELF-1;spi-9|abc\n"
        "SPI-9;3230;2;FSC;SHELF-1;\n"
        "OXI-3;3230;3;FSC;SHELF-1;ABC\n"
    )

    with pytest.raises(BadFile) as error:
        import_devices(session, file.encode(), BY, at=NOW)

    assert [str(fault) for fault in error.value.faults] == [
        "Line 3, device: SPI-9 is on line 2 already. Keep one of them.",
        "Line 4, device: ABC is on line 2 already. Keep one of them.",
    ]


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


def test_a_file_of_devices_makes_one_event_for_each_location(session):
    lines = [f"OXI-{n};3230;S{n};FSC;SHELF-1;A {n}|B,{n}" for n in range(1200)]
    lines.append('VAN-OXI;3230;"S;9";fsc;van-1;')

    done = import_devices(
        session, (HEADER + "\n".join(lines)).encode("utf-8-sig"), BY, at=NOW
    )

    assert [(event.location, event.devices) for event in done] == [
        ("SHELF-1", 1200),
        ("VAN-1", 1),
    ]
    assert find_device(session, "B,77").tag == "OXI-77"
    assert show_device(session, "VAN-OXI").serial == "S;9"


def test_what_is_exported_is_what_can_be_imported(session):
    lines = "OXI-1;3230;1;FSC;SHELF-1;A 1|B,1\nOXI-2;UC-352;;FSC;VAN-1;\n"
    import_devices(session, (HEADER + lines).encode(), BY, at=NOW)

    devices, models = export_devices(session), export_models(session)

    assert devices == (
        "device,model,serial,owner,location,codes\n"
        'OXI-1,3230,1,FSC,SHELF-1,"A 1|B,1"\n'
        "OXI-2,UC-352,,FSC,VAN-1,\n"
    )
    assert models == (
        "model,maker,name,category,gtin,setup_min,training_min,skill,volume_ml\n"
        "3230,Nonin,Onyx,oximeter,09501101531000,10,0,,0\n"
        "UC-352,A&D,Scale,scale,,0,0,,0\n"
    )


def test_every_wrong_line_is_told_and_nothing_is_imported(session):
    add_device(session, new("OLD-1", serial="77"), BY, at=NOW)
    file = HEADER + (
        "OXI-1;3230;1;FSC;SHELF-1;\n"
        "OXI-1;3230;2;FSC;SHELF-1;\n"
        'OXI-3;3230;1;FSC;SHELF-1;"A\nB"\n'
        "OXI-4;X9;4;FSC;SHELF-1;\n"
        "OXI 5;3230;5;FSC;;\n"
        "OXI-6;3230\n"
        "OLD-1;3230;77;FSC;SHELF-1;\n"
    )

    with pytest.raises(BadFile) as error:
        import_devices(session, file.encode(), BY, at=NOW)

    assert [str(fault) for fault in error.value.faults] == [
        "Line 3, device: OXI-1 is on line 2 already. Keep one of them.",
        "Line 4, serial: 3230/1 is on line 2 already. Keep one of them.",
        "Line 6, model: X9 is no model of this centre. Register it: fsc model add X9",
        "Line 7, device: That cannot be a code: use up to 40 of A-Z, 0-9, '-', '.' and"
        " '_', a letter or digit first.",
        "Line 7, location: It is empty, and is needed.",
        "Line 8: It has 2 cells and the first line 6. Put a cell that holds the"
        " delimiter in double quotes.",
        "Line 9, device: OLD-1 is registered already.",
        "Line 9, serial: Serial 77 of 3230 is OLD-1 already.",
    ]
    assert str(error.value) == (
        "6 lines are wrong, so nothing was imported. Put the file right and import it"
        " again."
    )
    assert [row.device for row in list_devices(session)] == ["OLD-1"]


def test_a_name_in_a_wrong_cell_is_not_repeated(session):
    file = HEADER + (
        "Nancy Berggren;Nancy;Nancy Berggren;FSC;SHELF-1;%Nancy\n"
        "OXI-1;3230;Nancy Berggren;FSC;SHELF-1;\n"
        "OXI-2;3230;Nancy Berggren;FSC;SHELF-1;\n"
    )
    models = (
        "model,maker,name,category,gtin,setup_min,skill\n"
        "1,A,B,C,Nancy Berggren,Nancy,Nancy Berggren\n"
    )

    told = []
    for read, given in (
        (lambda data: import_devices(session, data, BY, at=NOW), file),
        (lambda data: import_models(session, data), models),
    ):
        with pytest.raises(BadFile) as error:
            read(given.encode())
        told += [str(fault) for fault in error.value.faults]

    signs = (
        "That cannot be a code: use up to 40 of A-Z, 0-9, '-', '.' and '_', a letter or"
        " digit first."
    )
    assert told == [
        f"Line 2, device: {signs}",
        "Line 2, codes: What begins with % is a command card of the scanner, not a"
        " device's code.",
        "Line 4, serial: It is on line 3 already. Keep one of them.",
        "Line 2, gtin: A GTIN has 8, 12, 13 or 14 digits.",
        "Line 2, setup_min: It is not a whole number up to 1440.",
        f"Line 2, skill: {signs}",
    ]


def test_a_dry_run_imports_nothing_and_tells_the_same(session):
    file = (HEADER + "OXI-1;3230;1;FSC;SHELF-1;\n").encode()

    tried = import_devices(session, file, BY, at=NOW, dry_run=True)
    none = list(list_devices(session))
    done = import_devices(session, file, BY, at=NOW)

    assert [(e.location, e.devices) for e in tried] == [("SHELF-1", 1)]
    assert [(e.location, e.devices) for e in done] == [("SHELF-1", 1)]
    assert none == []


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            b"",
            "The file is empty. Its first line names device, model, serial, owner,"
            " location, codes.",
        ),
        (
            b"device,model\nX,Y\n",
            "The first line lacks column owner, location. It names these, in any order:"
            " device, model, serial, owner, location, codes; needed are device, model,"
            " owner, location.",
        ),
        (
            b"device,model,owner,location,colour\n",
            "The first line has the unknown column colour. It names these, in any"
            " order: device, model, serial, owner, location, codes; needed are device,"
            " model, owner, location.",
        ),
        (
            HEADER.encode() + "OXI-1;3230;æ".encode("latin-1"),
            "Line 2 is not UTF-8. Save the file as CSV UTF-8 and try again.",
        ),
    ],
)
def test_a_file_that_is_no_table_of_devices_says_why(session, data, told):
    with pytest.raises(BadInput) as error:
        import_devices(session, data, BY, at=NOW)

    assert str(error.value) == told


def test_a_quote_that_never_ends_is_told_where_it_began(session):
    file = HEADER + 'OXI-1;3230;1;FSC;SHELF-1;\nOXI-2;3230;"2;FSC;SHELF-1;\nX;Y\n'

    with pytest.raises(BadFile) as error:
        import_devices(session, file.encode(), BY, at=NOW)

    (fault,) = error.value.faults
    assert str(fault).startswith("Line 3: From here on it cannot be read:")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"setup_s": 86_460}, "Setup and training take 0 to 1440 minutes."),
        ({"training_s": -60}, "Setup and training take 0 to 1440 minutes."),
        ({"volume_ml": 100_000_001}, "A device has 0 to 100000000 ml."),
        ({"maker": " "}, "A device model needs: maker."),
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


def test_models_are_imported_with_minutes_and_refused_with_their_line(session):
    header = "model,maker,name,category,gtin,setup_min,volume_ml\n"
    good = header + "9560,Nonin,Onyx II,oximeter,,15,400\n"
    bad = header + (
        "9560,Nonin,Onyx II,oximeter,,15,400\n"
        "9561,Nonin,Onyx III,oximeter,123,ten,\n"
        "9562,Nonin,Onyx IV,oximeter,,1441,100000001\n"
        "9563,Nonin,Onyx V,oximeter,,1440,100000000\n"
    )

    models = import_models(session, good.encode())
    with pytest.raises(BadFile) as error:
        import_models(session, bad.encode())

    assert [model.model for model in models] == ["9560"]
    assert [m.setup_s for m in list_models(session) if m.model == "9560"] == [900]
    assert [str(fault) for fault in error.value.faults] == [
        "Line 2, model: 9560 is registered already.",
        "Line 3, gtin: A GTIN has 8, 12, 13 or 14 digits.",
        "Line 3, setup_min: It is not a whole number up to 1440.",
        "Line 4, setup_min: It is not a whole number up to 1440.",
        "Line 4, volume_ml: It is not a whole number up to 100000000.",
    ]
