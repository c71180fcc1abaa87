import csv
import io
import json
import sys

import pytest

from fsc_logistics.cli.main import main

HEADER = "device,model,serial,owner,location,codes\n"


@pytest.fixture
def fsc(database_url, tmp_path, monkeypatch, capsys):
    """Run a command as a person would; return exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FSC_DATABASE", database_url)
    monkeypatch.setenv("FSC_ACTOR", "BIRTE")

    def run(*arguments, stdin=""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return end.value.code, told.out, told.err

    return run


@pytest.fixture
def centre(fsc):
    """A centre with a depot, a shelf and a model."""
    for line in (
        "party add FSC --kind partner --name Centre",
        "location add DEPOT --kind warehouse --keeper FSC --point 55.86,9.85",
        "location add A1 --kind shelf --in DEPOT",
        "model add 3230 --maker Nonin --name Onyx --category oximeter --setup 10",
    ):
        code, _, told = fsc(*line.split())
        assert (code, told) == (0, "")
    return fsc


def test_a_device_is_added_listed_and_shown_with_the_promised_keys(centre):
    code, out, err = centre(
        *("device", "add", "oxi-1", "--model", "3230", "--serial", "77"),
        *("--owner", "FSC", "--at-location", "a1", "--json"),
    )
    _, listed, _ = centre("device", "list", "--json")
    _, shown, _ = centre("device", "show", "77", "--json")

    assert (code, err) == (0, "")
    assert json.loads(out)["location"] == "A1"
    assert list(json.loads(listed)[0]) == [
        "device",
        "model",
        "serial",
        "custodian",
        "location",
        "since",
        "disposition",
    ]
    assert json.loads(shown)["owner"] == "FSC"


def test_a_broken_line_seven_is_named_and_nothing_imported(centre, tmp_path):
    lines = [f"OXI-{number},3230,{number},FSC,A1," for number in range(2, 10)]
    lines[5] = "OXI-7,9999,7,FSC,A1,"
    file = tmp_path / "devices.csv"
    file.write_text(HEADER + "\n".join(lines), "utf-8")

    code, out, err = centre("device", "import", file)

    assert (code, out) == (1, "")
    assert err == (
        "Line 7, model: 9999 is no model of this centre. Register it: fsc model add"
        " 9999\n"
        "Error: 1 line is wrong, so nothing was imported. Put the file right and import"
        f" it again. Every fault stands in {file}.errors.csv.\n"
    )
    assert centre("device", "list", "--json")[1] == "[]\n"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "Error: The file is empty. Its first line names device, model, serial,"
         " owner, location, codes.\n"),
        (b"device,model,owner\n", "Error: The first line lacks column location. It"
         " names these, in any order: device, model, serial, owner, location, codes;"
         " needed are device, model, owner, location.\n"),
        ("device,model,owner,location\næ".encode("utf-16"), "Error: Line 1 is not"
         " UTF-8. Save the file as CSV UTF-8 and try again.\n"),
        (b"device,model,owner,location,Nancy Berggren\n", "Error: The first line has"
         " the unknown column number 5. It names these, in any order: device, model,"
         " serial, owner, location, codes; needed are device, model, owner,"
         " location.\n"),
        (b"\x00\x01PK", "Error: The first line lacks column device, model, owner,"
         " location. It names these, in any order: device, model, serial, owner,"
         " location, codes; needed are device, model, owner, location.\n"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused_in_one_line(centre, tmp_path, data, told):
    file = tmp_path / "devices.csv"
    file.write_bytes(data)

    code, out, err = centre("device", "import", file)

    assert (code, out, err) == (1, "", told)


def test_one_is_not_spoken_of_as_several(centre, tmp_path):
    devices, models = tmp_path / "devices.csv", tmp_path / "models.csv"
    devices.write_text(HEADER + "OXI-1,3230,1,FSC,A1,\n")
    models.write_text("model,maker,name,category\nT9,Terumo,T9,thermometer\n")

    assert centre("device", "import", devices)[1].endswith("1 device is registered.\n")
    assert centre("model", "import", models)[1] == "1 model is registered.\n"
    assert centre("device", "labels", "OXI-1")[1] == "labels.pdf  1 label\n"


def test_a_dry_run_tells_what_would_be_and_leaves_no_trace(centre, tmp_path):
    file = tmp_path / "devices.csv"
    file.write_text(HEADER + "OXI-1,3230,1,FSC,A1,\nOXI-2,3230,,FSC,DEPOT,\n")

    tried = centre("device", "import", file, "--dry-run")
    listed = centre("device", "list", "--json")[1]
    code, out, _ = centre("device", "import", file)

    assert tried == (0, "1 at A1.\n1 at DEPOT.\n2 devices would be registered.\n", "")
    assert listed == "[]\n"
    assert code == 0
    assert out.endswith("2 devices are registered.\n")
    assert centre("ledger", "verify")[0] == 0


def test_an_exported_file_goes_in_again_elsewhere(centre, tmp_path):
    file = tmp_path / "devices.csv"
    file.write_text(HEADER + 'OXI-1,3230,"1,5",FSC,A1,"HMS 1|B,2"\n')
    centre("device", "import", file)

    _, exported, _ = centre("device", "export", "-")
    renamed = exported.replace("OXI-1", "OXI-2").replace("HMS 1", "HMS 2")
    renamed = renamed.replace("B,2", "B,3").replace("1,5", "1,6")
    code, _, err = centre("device", "import", "-", stdin=renamed)
    _, again, _ = centre("device", "export", "-")

    assert (code, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(again)))
    assert [(row["device"], row["codes"]) for row in rows] == [
        ("OXI-1", "B,2|HMS 1"),
        ("OXI-2", "B,3|HMS 2"),
    ]


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        ("location add B1 --kind shelf --in A1", 4,
         "Error: A1 is a shelf; a shelf stands in a warehouse or zone.\n"),
        ("location add VAN --kind vehicle --in DEPOT", 4,
         "Error: DEPOT is a warehouse; a vehicle stands inside no other.\n"),
        ("location add H --kind home", 4,
         "Error: A home is registered with its citizen: fsc citizen add\n"),
        ("location add FSC --kind warehouse", 4,
         "Error: FSC is already the code of a partner. Choose another.\n"),
        ("party add DEPOT --kind hospital", 4,
         "Error: DEPOT is already the code of a warehouse. Choose another.\n"),
        ("party add CIT-9 --kind citizen", 4,
         "Error: Register a citizen with: fsc citizen add\n"),
        ("party change FSC --parent FSC", 4, "Error: FSC cannot be part of itself.\n"),
        ("party show 0201609995", 3,
         "Error: That is nobody this centre knows. See: fsc party list\n"),
        ("location show MOON", 3,
         "Error: MOON is no place this centre knows. See: fsc location list\n"),
        ("model show X9", 3,
         "Error: X9 is no device model here. See: fsc model list\n"),
        ("device show X9", 3,
         "Error: X9 is not a device of this centre. See: fsc device list\n"),
        ("party add 0201609995 --kind hospital", 1,
         "Error: A code must not hold a CPR number: it stands in the ledger and on"
         " paper. Choose another.\n"),
        ("article add A1 --name 0201609995 --unit piece", 1,
         "Error: The name must not hold a CPR number: it stands in lists and on paper."
         " Leave the number out.\n"),
        ("model add 3230 --maker N --name O --category o", 4,
         "Error: 3230 is registered already.\n"),
    ],
)  # fmt: skip
def test_what_the_catalogue_refuses_is_told_in_one_line(centre, command, code, told):
    assert centre(*command.split()) == (code, "", told)


@pytest.mark.parametrize("typed", ["Nancy Berggren", "nancy", "CIT-0201609995"])
@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("party show", "That is nobody this centre knows. See: fsc party list"),
        ("location show", "That is no place this centre knows. See: fsc location list"),
        ("device show", "That is not a device of this centre. See: fsc device list"),
        ("model show", "That is no device model here. See: fsc model list"),
        ("technician show",
         "That is no technician of this centre. See: fsc technician list"),
    ],
)  # fmt: skip
def test_what_may_be_a_name_or_a_number_is_not_repeated(centre, command, told, typed):
    assert centre(*command.split(), typed) == (3, "", f"Error: {told}\n")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("model add X --maker N --name O --category o --setup 99999999999999999999",
         "Error: Invalid value for '--setup': 99999999999999999999 is not in the range"
         " 0<=x<=1440.\n"),
        ("model change 3230 --training 1441",
         "Error: Invalid value for '--training': 1441 is not in the range"
         " 0<=x<=1440.\n"),
        ("model change 3230 --volume-ml 100000001",
         "Error: Invalid value for '--volume-ml': 100000001 is not in the range"
         " 0<=x<=100000000.\n"),
        ("technician change ANNA --capacity 9999999999999999999",
         "Error: Invalid value for '--capacity': 9999999999999999999 is not in the"
         " range 0<=x<=100000.\n"),
    ],
)  # fmt: skip
def test_more_than_there_can_be_is_wrong_usage(centre, command, told):
    code, out, err = centre(*command.split())

    assert (code, out) == (2, "")
    assert err.endswith(told)


def test_a_zone_cannot_stand_inside_itself(centre):
    centre(*["location", "add", "Z1", "--kind", "zone", "--in", "DEPOT"])
    centre(*["location", "add", "Z2", "--kind", "zone", "--in", "Z1"])

    done = centre(*["location", "change", "Z1", "--in", "Z2"])

    assert done == (4, "", "Error: Z1 cannot stand inside itself.\n")


def test_models_are_imported_and_told_as_json(centre, tmp_path):
    file = tmp_path / "models.csv"
    file.write_text("model,maker,name,category\n9560,Nonin,Onyx II,oximeter\n", "utf-8")

    tried = centre("model", "import", file, "--dry-run")
    done = centre("model", "import", file, "--json")

    assert tried == (0, "1 model would be registered.\n", "")
    assert [row["model"] for row in json.loads(done[1])] == ["9560"]
    assert json.loads(centre("model", "show", "9560", "--json")[1])["setup_s"] == 0


def test_a_point_with_latitude_and_longitude_exchanged_is_wrong_usage(centre):
    command = "location add X --kind warehouse --point 190.1,55.8"
    code, _, err = centre(*command.split())

    assert code == 2
    assert "is nowhere on earth" in err


def test_a_region_is_loaded_twice_with_nothing_new(fsc):
    fsc("region", "load")

    again = fsc("region", "load")

    assert again[1] == (
        "REG-1082: 19 municipalities and 144 postcodes, 0 of them new or different.\n"
    )
    people = json.loads(fsc("region", "show", "--json")[1])
    assert people[0] == {
        "code": "0615",
        "name": "Horsens",
        "population": 90966,
        "population_year": 2020,
    }


def test_a_region_is_tried_before_it_is_loaded(fsc):
    tried = fsc("region", "load", "--dry-run")

    assert tried[1] == (
        "REG-1082: 19 municipalities and 144 postcodes, 164 of them new or different;"
        " nothing was changed.\n"
    )
    assert fsc("party", "list", "--json")[1] == "[]\n"


def test_a_technician_gets_a_vehicle_and_days_of_absence(centre):
    added = centre(
        *("technician", "add", "ANNA", "--name", "Anna", "--start", "DEPOT"),
        *("--skills", "cpap,lift", "--shift", "07:30-15:30"),
        *("--lunch", "11:00-12:30/30", "--capacity", "800"),
    )
    centre("technician", "absent", "ANNA", "2099-12-24", "--until", "2099-12-31")
    centre("technician", "present", "ANNA", "2099-12-28")

    _, shown, _ = centre("technician", "show", "ANNA")
    _, listed, _ = centre("technician", "list", "--json")

    assert added[0] == 0
    assert shown == (
        "ANNA: Anna, 07:30-15:30 on 12345, from DEPOT to DEPOT with VAN-ANNA. Absent:"
        " 2099-12-24 to 2099-12-27, 2099-12-29 to 2099-12-31.\n"
    )
    (anna,) = json.loads(listed)
    assert (anna["skills"], anna["capacity_ml"]) == (["CPAP", "LIFT"], 800_000)
    assert [day for day in anna["absent"] if day < "2099-12-29"] == [
        "2099-12-24",
        "2099-12-25",
        "2099-12-26",
        "2099-12-27",
    ]
    assert (anna["lunch_from_s"], anna["lunch_to_s"], anna["lunch_s"]) == (
        39_600,
        45_000,
        1800,
    )


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ("--shift 8", 2, "'8' is not from-to. Try 08:00-16:00."),
        ("--shift 08:00-25:00", 2, "'08:00-25:00' is not from-to. Try 08:00-16:00."),
        ("--lunch 11:00-12:00", 2, "is not a lunch. Try 11:00-13:00/30, or none."),
        ("--lunch 06:00-07:00/30", 1, "Error: Lunch does not lie within the shift."),
        ("--weekdays 0", 1, "Error: '0' are not weekdays: 1 is Monday, 7 Sunday"),
        ("--end A2", 3, "Error: A2 is no place this centre knows."),
    ],
)
def test_a_working_day_that_cannot_be_is_refused(centre, options, code, told):
    line = f"technician add ANNA --name Anna --start DEPOT {options}"

    found, _, err = centre(*line.split())

    assert found == code
    assert told in err
    assert centre("technician", "list", "--json")[1] == "[]\n"


def test_a_file_that_is_wrong_all_through_is_not_told_all_through(centre, tmp_path):
    file = tmp_path / "devices.csv"
    lines = "\n".join(f"OXI-{number},X9,,FSC,A1," for number in range(60))
    file.write_text(HEADER + lines)

    code, _, err = centre("device", "import", file)

    assert code == 1
    assert err.splitlines()[-2] == "And 10 more."
    assert err.splitlines()[-1].startswith("Error: 60 lines are wrong")
