"""Files of devices and models: every fault by its line, and all of a file or none."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from fsc_logistics.core.catalogue.device_models import Model, add_model, list_models
from fsc_logistics.core.catalogue.parties import add_party
from fsc_logistics.core.catalogue.places import add_location
from fsc_logistics.core.database import Sessions, make_engine
from fsc_logistics.core.devices.commissioning import NewDevice, add_device
from fsc_logistics.core.devices.finding import find_device, list_devices
from fsc_logistics.core.devices.showing import show_device
from fsc_logistics.core.exchange import devices, importing, progress
from fsc_logistics.core.exchange.csv_files import opened
from fsc_logistics.core.exchange.device_models import export_models, import_models
from fsc_logistics.core.exchange.devices import export_devices, import_devices
from fsc_logistics.core.exchange.faults import BadFile, Faults
from fsc_logistics.core.exchange.places import import_places
from fsc_logistics.core.exchange.recipe import Manner
from fsc_logistics.core.proof.verification import verify
from fsc_logistics.core.tables import (
    ConditionSpan,
    Device,
    Event,
    EventLine,
    ImportProgress,
    Location,
    Party,
)
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.errors import BadInput, Refused, TryLater
from fsc_logistics.domain.parties import LocationKind, PartyKind

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BY = Signature(station="OFFICE", actor="BIRTE", record_time=NOW)
HEADER = "device;model;serial;owner;location;codes\n"
ONYX = Model(
    model="3230",
    maker="Nonin",
    name="Onyx",
    category="oximeter",
    gtin="9501101531000",
    setup_s=600,
)
SCALE = Model(model="UC-352", maker="A&D", name="Scale", category="scale")


def build(session):
    add_party(session, "FSC", PartyKind.PARTNER, name="Centre")
    add_location(session, "DEPOT", LocationKind.WAREHOUSE, keeper="FSC")
    add_location(session, "SHELF-1", LocationKind.SHELF, inside="DEPOT")
    add_location(session, "VAN-1", LocationKind.VEHICLE, keeper="FSC")
    add_model(session, ONYX)
    add_model(session, SCALE)


@pytest.fixture
def centre(sessions):
    with sessions.begin() as session:
        build(session)
    return sessions


def taken_in(sessions, data, import_them, *, path=None, **manner):
    data = data.encode() if isinstance(data, str) else data
    manner = Manner(**{"now": NOW, **manner})
    with opened(io.BytesIO(data)) as source, Faults.kept(path) as faults:
        return list(import_them(sessions, source, faults=faults, manner=manner))


def devices_in(sessions, data, **manner):
    def import_them(sessions, source, **said):
        return import_devices(sessions, source, BY, **said)

    return taken_in(sessions, data, import_them, **manner)


def models_in(sessions, data, **manner):
    return taken_in(sessions, data, import_models, **manner)


def places_in(sessions, data, **manner):
    return taken_in(sessions, data, import_places, **manner)


def tags(sessions):
    with sessions.read() as session:
        return [row.device for row in list_devices(session)]


def many(count, *, first=1):
    return HEADER + "".join(
        f"OXI-{n:06};3230;S{n};FSC;{'VAN-1' if n % 3 else 'SHELF-1'};HMS {n}\n"
        for n in range(first, first + count)
    )


def rows(sessions, *tables):
    with sessions.read() as session:
        return [session.scalar(select(func.count()).select_from(t)) for t in tables]


def exported(sessions, export):
    with sessions.read() as session:
        return "".join(export(session))


def test_a_file_cannot_name_two_devices_the_same_but_for_the_case(centre):
    file = HEADER + (
        "OXI-1;3230;1;FSC;SHELF-1;spi-9|abc\n"
        "SPI-9;3230;2;FSC;SHELF-1;\n"
        "OXI-3;3230;3;FSC;SHELF-1;ABC\n"
    )

    with pytest.raises(BadFile) as error:
        devices_in(centre, file)

    assert [str(fault) for fault in error.value.faults] == [
        "Line 3, device: SPI-9 is on line 2 already. Keep one of them.",
        "Line 4, device: ABC is on line 2 already. Keep one of them.",
    ]


def test_a_file_of_devices_makes_one_event_for_each_location(centre):
    lines = [f"OXI-{n};3230;S{n};FSC;SHELF-1;A {n}|B,{n}" for n in range(1200)]
    lines.append('VAN-OXI;3230;"S;9";fsc;van-1;')

    done = devices_in(centre, (HEADER + "\n".join(lines)).encode("utf-8-sig"))

    assert [(event.location, event.devices) for event in done] == [
        ("SHELF-1", 1200),
        ("VAN-1", 1),
    ]
    with centre.read() as session:
        assert find_device(session, "B,77").tag == "OXI-77"
        assert show_device(session, "VAN-OXI", at=NOW).serial == "S;9"
        stated = select(ConditionSpan.condition, func.count()).group_by(
            ConditionSpan.condition
        )
        assert session.execute(stated).all() == [("ready", 1201)]
        assert verify(session).mismatches == ()


def test_what_is_exported_is_what_can_be_imported(centre):
    lines = "OXI-1;3230;1;FSC;SHELF-1;A 1|B,1\nOXI-2;UC-352;;FSC;VAN-1;\n"
    devices_in(centre, HEADER + lines)

    assert exported(centre, export_devices) == (
        "device,model,serial,owner,location,codes\n"
        'OXI-1,3230,1,FSC,SHELF-1,"A 1|B,1"\n'
        "OXI-2,UC-352,,FSC,VAN-1,\n"
    )
    assert exported(centre, export_models) == (
        "model,maker,name,category,gtin,setup_min,training_min,skill,volume_ml\n"
        "3230,Nonin,Onyx,oximeter,09501101531000,10,0,,0\n"
        "UC-352,A&D,Scale,scale,,0,0,,0\n"
    )


def test_a_catalogue_exported_builds_the_same_one_elsewhere(
    sessions, sqlite_template, tmp_path
):
    odd = Model(
        model="3230",
        maker="Nonin, Inc.",
        name='Onyx "Vantage"',
        category="oximeter",
        setup_s=600,
        skill="BLE",
    )
    with sessions.begin() as session:
        add_party(session, "FSC", PartyKind.PARTNER)
        add_location(session, "DEPOT", LocationKind.WAREHOUSE, keeper="FSC")
        add_model(session, odd)
        for number, codes in enumerate((("A 1", "B,2"), ('"C"',), ())):
            device = NewDevice(
                device=f"OXI-{number}",
                model="3230",
                owner="FSC",
                location="DEPOT",
                serial=f"S;{number}",
                codes=codes,
            )
            add_device(session, device, BY, at=NOW)
    models, devices = (
        exported(sessions, export_models),
        exported(sessions, export_devices),
    )
    copy = tmp_path / "elsewhere.db"
    copy.write_bytes(sqlite_template.read_bytes())
    elsewhere = Sessions(make_engine(str(copy)))
    with elsewhere.begin() as session:
        add_party(session, "FSC", PartyKind.PARTNER)
        add_location(session, "DEPOT", LocationKind.WAREHOUSE, keeper="FSC")

    models_in(elsewhere, models)
    devices_in(elsewhere, devices.encode("utf-8-sig"))
    again = exported(elsewhere, export_models), exported(elsewhere, export_devices)
    elsewhere.engine.dispose()

    assert again == (models, devices)


def test_every_wrong_line_is_told_and_nothing_is_imported(centre, tmp_path):
    with centre.begin() as session:
        old = NewDevice(
            device="OLD-1", serial="77", model="3230", owner="FSC", location="DEPOT"
        )
        add_device(session, old, BY, at=NOW)
    file = HEADER + (
        "OXI-1;3230;1;FSC;SHELF-1;\n"
        "OXI-1;3230;2;FSC;SHELF-1;\n"
        'OXI-3;3230;1;FSC;SHELF-1;"A\nB"\n'
        "OXI-4;X9;4;FSC;SHELF-1;\n"
        "OXI 5;3230;5;FSC;;\n"
        "OXI-6;3230\n"
        "OLD-1;3230;77;FSC;SHELF-1;\n"
    )
    kept = tmp_path / "errors.csv"

    with pytest.raises(BadFile) as error:
        devices_in(centre, file, path=kept)

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
        f" again. Every fault stands in {kept}."
    )
    assert tags(centre) == ["OLD-1"]
    with kept.open(encoding="utf-8", newline="") as written:
        told = list(csv.reader(written))
    assert told[0] == ["line", "column", "error"]
    assert told[1:3] == [
        ["3", "device", "OXI-1 is on line 2 already. Keep one of them."],
        ["4", "serial", "3230/1 is on line 2 already. Keep one of them."],
    ]
    assert len(told) == 9


def test_a_name_in_a_wrong_cell_is_not_repeated(centre):
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
    for take_in, given in ((devices_in, file), (models_in, models)):
        with pytest.raises(BadFile) as error:
            take_in(centre, given)
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


def test_a_cpr_number_in_a_wrong_cell_is_not_taken_in_nor_repeated(centre):
    told = []
    for take_in, file in (
        (places_in, "location,kind,name\nVAN-2,vehicle,0201609995\n"),
        (models_in, "model,maker,name,category\n1,A,020160-9995,C\n"),
        (devices_in, HEADER + "OXI-020160-9995;3230;;FSC;SHELF-1;\n"),
    ):
        with pytest.raises(BadFile) as error:
            take_in(centre, file)
        told += [str(fault) for fault in error.value.faults]

    name = (
        "The name must not hold a CPR number: it stands in lists and on paper. Leave"
        " the number out."
    )
    assert told == [
        f"Line 2, name: {name}",
        f"Line 2, name: {name}",
        "Line 2, device: A code must not hold a CPR number: it stands in the ledger and"
        " on paper. Choose another.",
    ]


def test_a_serial_and_a_barcode_may_be_ten_digits_that_begin_with_a_date(centre):
    devices_in(centre, HEADER + "OXI-1;3230;0201609995;FSC;SHELF-1;0101809995\n")

    with centre.read() as session:
        assert find_device(session, "0201609995").tag == "OXI-1"
        assert find_device(session, "0101809995").tag == "OXI-1"


def test_a_dry_run_changes_no_row_and_tells_the_same(centre, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK_LINES", 4)
    counted = (Device, Event, EventLine, ImportProgress)

    tried = devices_in(centre, many(10), dry_run=True)
    after = rows(centre, *counted)
    done = devices_in(centre, many(10))

    assert after == [0, 0, 0, 0]
    assert [(e.location, e.devices) for e in tried] == [
        (e.location, e.devices) for e in done
    ]
    assert sum(e.devices for e in done) == 10


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
        (
            HEADER.encode() + b"\n" * (1 << 20) + "æ".encode()[:1],
            "Line 1048578 is not UTF-8. Save the file as CSV UTF-8 and try again.",
        ),
    ],
)
def test_a_file_that_is_no_table_of_devices_says_why(centre, data, told):
    with pytest.raises(BadInput) as error:
        devices_in(centre, data)

    assert str(error.value) == told


@pytest.mark.parametrize("shift", range(4))
def test_a_sign_cut_in_two_by_a_block_is_still_a_sign(centre, shift):
    before = HEADER + "OXI-1;3230;1;FSC;SHELF-1;" + "x" * 20
    padding = "\n" * ((1 << 20) - len(before) - 1 - shift)
    file = before + padding + "\nOXI-2;3230;æøå€;FSC;SHELF-1;\n"

    devices_in(centre, file)

    with centre.read() as session:
        assert show_device(session, "OXI-2", at=NOW).serial == "æøå€"


def test_a_quote_that_never_ends_is_told_where_it_began(centre):
    file = HEADER + 'OXI-1;3230;1;FSC;SHELF-1;\nOXI-2;3230;"2;FSC;SHELF-1;\nX;Y\n'

    with pytest.raises(BadFile) as error:
        devices_in(centre, file)

    (fault,) = error.value.faults
    assert str(fault) == (
        "Line 3: From here on it cannot be read: the file ends inside a cell in quotes."
        " Is a quote missing or too many?"
    )


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("x" * 131_073, "a cell is longer than 131072 signs"),
        ('"OXI"-2', "a cell goes on after the quote that ends it"),
    ],
)
def test_what_cannot_be_read_is_told_in_plain_words(centre, cell, told):
    with pytest.raises(BadFile) as row:
        devices_in(centre, HEADER + f"OXI-1;3230;1;FSC;SHELF-1;\n{cell}")
    with pytest.raises(BadInput) as header:
        devices_in(centre, cell)

    reason = f"From here on it cannot be read: {told}. Is a quote missing or too many?"
    assert [str(fault) for fault in row.value.faults] == [f"Line 3: {reason}"]
    assert str(header.value) == f"Line 1: {reason}"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_file_of_many_chunks_may_end_its_lines_in_any_way(centre, end, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK_LINES", 2)
    places = end.join(["location,kind", *(f"V-{n},vehicle" for n in range(7))])

    done = places_in(centre, places)
    with pytest.raises(BadInput) as error:
        places_in(centre, places.encode() + end.encode() + b"\xff")

    assert len(done) == 7
    assert str(error.value) == (
        "Line 9 is not UTF-8. Save the file as CSV UTF-8 and try again."
    )


def test_a_line_end_cut_in_two_by_a_block_is_one(centre):
    before = HEADER.replace("\n", "\r\n")
    padding = "x" * ((1 << 20) - len(before) - 1)

    with opened(io.BytesIO(f"{before}{padding}\r\n".encode())) as source:
        assert source.lines == 2


def test_models_are_imported_with_minutes_and_refused_with_their_line(centre):
    header = "model,maker,name,category,gtin,setup_min,volume_ml\n"
    good = header + "9560,Nonin,Onyx II,oximeter,,15,400\n"
    bad = header + (
        "9560,Nonin,Onyx II,oximeter,,15,400\n"
        "9561,Nonin,Onyx III,oximeter,123,ten,\n"
        "9562,Nonin,Onyx IV,oximeter,,1441,100000001\n"
        "9563,Nonin,Onyx V,oximeter,,1440,100000000\n"
    )

    models = models_in(centre, good)
    with pytest.raises(BadFile) as error:
        models_in(centre, bad)

    assert [model.model for model in models] == ["9560"]
    with centre.read() as session:
        found = [m.setup_s for m in list_models(session) if m.model == "9560"]
    assert found == [900]
    assert [str(fault) for fault in error.value.faults] == [
        "Line 2, model: 9560 is registered already.",
        "Line 3, gtin: A GTIN has 8, 12, 13 or 14 digits.",
        "Line 3, setup_min: It is not a whole number up to 1440.",
        "Line 4, setup_min: It is not a whole number up to 1440.",
        "Line 4, volume_ml: It is not a whole number up to 100000000.",
    ]


def test_of_faults_without_end_the_first_are_told_and_all_are_kept(centre, tmp_path):
    kept = tmp_path / "errors.csv"
    lines = "".join(f"OXI {number},3230,FSC,DEPOT\n" for number in range(500))

    with pytest.raises(BadFile) as error:
        devices_in(centre, f"device,model,owner,location\n{lines}", path=kept)

    assert (len(error.value.faults), error.value.more) == (50, 450)
    assert len(kept.read_text().splitlines()) == 501


def test_a_file_put_right_leaves_no_errors_behind(centre, tmp_path):
    kept = tmp_path / "errors.csv"
    with pytest.raises(BadFile):
        devices_in(centre, HEADER + "OXI-1;X9;1;FSC;SHELF-1;\n", path=kept)

    devices_in(centre, HEADER + "OXI-1;3230;1;FSC;SHELF-1;\n", path=kept)

    assert not kept.exists()


def test_errors_are_not_written_over_something_else(centre, tmp_path):
    kept = tmp_path / "letters.csv"
    kept.write_text("a,b\n")

    with pytest.raises(Refused) as error:
        devices_in(centre, HEADER, path=kept)

    assert str(error.value) == not_ours(kept)
    assert kept.read_text() == "a,b\n"


def not_ours(path):
    return (
        f"{path} is there already and holds no errors of a file. Name another:"
        " --errors FILE"
    )


def test_a_file_with_a_blank_first_line_is_somebodys(centre, tmp_path):
    kept = tmp_path / "letters.csv"
    kept.write_text("\nDear all\n")

    with pytest.raises(Refused) as error:
        devices_in(centre, HEADER, path=kept)

    assert str(error.value) == not_ours(kept)
    assert kept.read_text() == "\nDear all\n"


def test_an_empty_file_may_be_filled_with_errors(centre, tmp_path):
    kept = tmp_path / "errors.csv"
    kept.touch()

    with pytest.raises(BadFile):
        devices_in(centre, HEADER + "OXI-1;X9;1;FSC;SHELF-1;\n", path=kept)

    assert kept.read_text().startswith("line,column,error\n2,model,")


@pytest.mark.parametrize("row", ["3,model", "3,model,X9,1", "third,model,X9", "\n"])
def test_errors_that_somebody_changed_are_refused_where_they_are_needed(
    centre, tmp_path, monkeypatch, row
):
    monkeypatch.setattr(importing, "CHUNK_LINES", 4)
    kept = tmp_path / "errors.csv"
    kept.write_text(f"line,column,error\n{row}\n")
    go_on = interrupt(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        devices_in(centre, many(12))
    go_on()

    with pytest.raises(Refused) as needed:
        devices_in(centre, many(12), path=kept)
    before = kept.read_text()
    devices_in(centre, many(2, first=20), path=kept)

    assert str(needed.value) == not_ours(kept)
    assert before == f"line,column,error\n{row}\n"
    assert not kept.exists()


def test_a_file_that_is_in_but_for_wrong_lines_keeps_its_errors(centre, tmp_path):
    kept = tmp_path / "errors.csv"
    file = many(2) + "OXI-9;X9;9;FSC;SHELF-1;\n"
    with pytest.raises(BadFile):
        devices_in(centre, file, path=kept, skip_wrong=True)
    before, told = kept.read_text(), []

    done = devices_in(centre, file, path=kept, skip_wrong=True, told=told.append)

    assert done == []
    assert told == [
        f"This file was imported on 2026-11-23 08:00 UTC; its wrong lines stand in"
        f" {kept}. Put them right and import them in a file of their own."
    ]
    assert kept.read_text() == before


def test_a_file_of_wrong_lines_alone_may_be_tried_again(centre, tmp_path):
    file = HEADER + "OXI-1;X9;1;FSC;SHELF-1;\n"
    with pytest.raises(BadFile):
        devices_in(centre, file, skip_wrong=True)
    with centre.begin() as session:
        add_model(session, Model(model="X9", maker="M", name="N", category="c"))

    devices_in(centre, file)

    assert tags(centre) == ["OXI-1"]


def test_wrong_lines_are_left_out_when_that_is_asked_for(centre, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK_LINES", 4)
    kept = tmp_path / "errors.csv"
    lines = many(10).splitlines(keepends=True)
    lines[3] = "OXI-000003;X9;3;FSC;SHELF-1;\n"
    lines[7] = lines[1]

    with pytest.raises(BadFile) as error:
        devices_in(centre, "".join(lines), path=kept, skip_wrong=True)

    assert str(error.value) == (
        "2 lines are wrong and left out; 8 other lines were imported. Put the wrong"
        f" ones right and import them in a file of their own. Every fault stands in"
        f" {kept}."
    )
    assert tags(centre) == [f"OXI-{n:06}" for n in (1, 2, 4, 5, 6, 8, 9, 10)]
    told = csv.reader(kept.read_text("utf-8").splitlines())
    assert [row[0] for row in told] == ["line", "4", "8", "8", "8"]


def interrupt(monkeypatch, after):
    """Let an import stop after that many chunks, as a power cut would."""
    calls, real = [], devices.add_devices

    def add_devices(*arguments, **said):
        calls.append(1)
        done = real(*arguments, **said)
        if len(calls) > after:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(devices, "add_devices", add_devices)
    return lambda: monkeypatch.setattr(devices, "add_devices", real)


def test_an_interrupted_import_goes_on_without_doubles(centre, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK_LINES", 4)
    go_on = interrupt(monkeypatch, 2)
    with pytest.raises(KeyboardInterrupt):
        devices_in(centre, many(18))
    before = rows(centre, Device)
    go_on()
    told = []

    done = devices_in(centre, many(18), told=told.append, now=NOW + timedelta(hours=1))

    assert before == [8]
    assert told == ["Going on after line 9, where it was interrupted."]
    assert sum(event.devices for event in done) == 10
    assert tags(centre) == [f"OXI-{n:06}" for n in range(1, 19)]
    with centre.read() as session:
        # Also where a device came in after the interruption, it is since the start.
        assert set(session.scalars(select(Event.event_time))) == {NOW}
        assert verify(session).mismatches == ()


def test_a_file_that_is_in_has_nothing_left_to_do(centre):
    devices_in(centre, many(3))
    told = []

    done = devices_in(centre, many(3), told=told.append)

    assert done == []
    assert told == [
        "This file was imported on 2026-11-23 08:00 UTC; nothing is left to do."
    ]


def test_faults_found_before_an_interruption_are_kept(centre, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK_LINES", 4)
    kept = tmp_path / "errors.csv"
    lines = many(12).splitlines(keepends=True)
    lines[2] = "OXI-000002;X9;2;FSC;SHELF-1;\n"
    lines[12] = "OXI-000012;X9;12;FSC;SHELF-1;\n"
    file = "".join(lines)
    go_on = interrupt(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        devices_in(centre, file, path=kept, skip_wrong=True)
    go_on()

    with pytest.raises(BadFile) as error:
        devices_in(centre, file, path=kept, skip_wrong=True)

    assert [fault.line for fault in error.value.faults] == [3, 13]
    assert len(tags(centre)) == 10


def test_a_line_that_turned_wrong_meanwhile_stops_the_import(centre, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK_LINES", 4)
    file = many(10)

    def told(done, total):
        # Between the look and the import: the sixth device is registered elsewhere.
        if done == total // 2:
            with centre.begin() as session:
                device = NewDevice(
                    device="OXI-000006", model="3230", owner="FSC", location="DEPOT"
                )
                add_device(session, device, BY, at=NOW)

    with pytest.raises(Refused) as error:
        devices_in(centre, file, progress=told)
    with pytest.raises(BadFile) as again:
        devices_in(centre, file, skip_wrong=True)

    assert str(error.value) == (
        "Line 7, device: OXI-000006 is registered already. It was right a moment ago."
        " The lines before line 6 are imported; import the file again, the rest with"
        " --skip-wrong."
    )
    assert str(again.value).startswith("1 line is wrong and left out; 5 other lines")
    assert tags(centre) == [f"OXI-{n:06}" for n in range(1, 11)]


def test_two_imports_of_one_file_at_once_do_not_both_go_on(centre, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK_LINES", 4)
    file = many(10)

    def told(done, total):
        if done == total // 2:
            devices_in(centre, file)

    with pytest.raises(TryLater) as error:
        devices_in(centre, file, progress=told)

    assert str(error.value) == (
        "Somebody else is importing the same file just now. Wait until that is done."
    )
    assert len(tags(centre)) == 10


@pytest.mark.parametrize("dry_run", [False, True])
def test_others_write_while_a_long_file_is_rehearsed(centre, monkeypatch, dry_run):
    monkeypatch.setattr(importing, "CHUNK_LINES", 2)
    file = "location,kind\n" + "".join(f"V-{n},vehicle\n" for n in range(7))
    others = []

    def told(done, total):
        if done < total // 2:
            with centre.begin() as session:
                session.add(Party(code=f"X{done}", kind=PartyKind.HOSPITAL))
            others.append(f"X{done}")

    done = places_in(centre, file, dry_run=dry_run, progress=told)

    expected = [f"V-{n}" for n in range(7)]
    places = select(Location.code).where(Location.code.like("V-%"))
    with centre.read() as session:
        kept = session.scalars(places.order_by(Location.code)).all()
        parties = set(session.scalars(select(Party.code)))
    assert [place.location for place in done] == expected
    assert kept == ([] if dry_run else expected)
    assert len(others) == 3
    assert set(others) < parties


def test_a_file_begun_twice_at_the_same_moment_is_imported_once(
    postgresql_url, monkeypatch
):
    # SQLite lets nobody in between the look and the first line.
    centre, file = Sessions(make_engine(postgresql_url)), many(3)
    with centre.begin() as session:
        build(session)
    real, looks = progress.progress_of, []

    def progress_of(*arguments, **said):
        found = real(*arguments, **said)
        looks.append(found)
        if len(looks) == 1:
            devices_in(centre, file)
        return found

    monkeypatch.setattr(progress, "progress_of", progress_of)
    with pytest.raises(TryLater) as error:
        devices_in(centre, file)

    assert looks[0] is None
    assert str(error.value) == (
        "Somebody else is importing the same file just now. Wait until that is done."
    )
    assert tags(centre) == ["OXI-000001", "OXI-000002", "OXI-000003"]
    centre.engine.dispose()
