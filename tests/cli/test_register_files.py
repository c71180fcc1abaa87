"""A whole register out of one database and into another, in the order of its files."""

import csv
import hashlib
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

# Fictive: MedCom test persons.
EINER = "Einer Test Lauridsen"
CPR = "0201609995"
IN_ORDER = (
    "party",
    "location",
    "technician",
    "model",
    "kit template",
    "citizen",
    "device",
    "kit",
    "order",
)


def typed(fsc, database, lines):
    for line in lines:
        told = fsc("--database", database, *line.split())
        assert told.code == 0, told.err
    return database


@pytest.fixture
def staffed(fsc, centre):
    """A centre with a technician who has terms, and with a kit template."""
    lines = (
        "location change HORSENS --point 55.86,9.85 --postcode 8700",
        "technician add ANNA --name Anna --start HORSENS --vehicle VAN-ANNA"
        " --skills SETUP,LIFT --shift 7-15:30 --lunch none --capacity 800",
        "model add CASE --maker FSC --name Case --category case",
        "kit template add HOME 3230=2 CASE --name Home --moves-by any",
    )
    return typed(fsc, centre, lines)


@pytest.fixture
def register(fsc, staffed, folder):
    """A centre with something in each file, and the list of its citizens."""
    file = folder / "citizen.csv"
    file.write_text(
        "citizen,name,address,postcode,lat,lon\nCIT-2,Einer,Testvej,8700,55.9,9.8\n"
    )
    lines = (
        "party add REGION --kind region --name Midtjylland",
        "party add AAA-HOSPITAL --kind hospital --parent REGION --phone 70203048",
        "party change DEPOT --parent REGION --name Depot --municipality 0615",
        "location add A-ZONE --kind zone --in HORSENS --name Cold,store",
        "location add A-SHELF --kind shelf --in A-ZONE --keeper AAA-HOSPITAL",
        "location add BO-BIN --kind bin --in VAN-BO --keeper BO",
        "technician add BO --name Bo --start HORSENS --end A-SHELF --vehicle VAN-BO"
        " --phone 70203048 --weekdays 67",
        "technician absent ANNA 2026-12-24 --until 2026-12-27",
        "technician absent ANNA 2027-01-04",
        "key new",
        f"citizen import {file}",
        "kit build OXI-000001 OXI-000002 OXI-000003 --template HOME",
        "move OXI-000001 --to HOME-CIT-2",
        "order place CIT-2 PICKUP --device OXI-000001 --minutes 20 --consent",
    )
    return typed(fsc, staffed, lines)


def test_a_register_exported_builds_the_same_one_elsewhere(
    fsc, register, elsewhere, folder
):
    for noun in IN_ORDER:
        file = folder / f"{noun.replace(' ', '-')}.csv"
        if noun != "citizen":
            assert fsc("--database", register, *noun.split(), "export", file).code == 0
        taken = fsc("--database", elsewhere, *noun.split(), "import", file)
        assert (taken.code, taken.err) == (0, "")

    first, again = (
        {
            noun: fsc("--database", path, *noun.split(), "export", "-").out
            for noun in IN_ORDER
            if noun != "citizen"
        }
        for path in (register, elsewhere)
    )
    assert again == first
    assert len(first["device"].splitlines()) == 26
    assert first["party"].splitlines()[1:] == [
        "ANNA,technician,Anna,,,",
        "BO,technician,Bo,+4570203048,,",
        "REGION,region,Midtjylland,,,",
        "AAA-HOSPITAL,hospital,,+4570203048,,REGION",
        "DEPOT,partner,Depot,,0615,REGION",
    ]
    assert first["location"].splitlines()[1:] == [
        "HORSENS,warehouse,,,DEPOT,55.86,9.85,8700",
        "VAN-ANNA,vehicle,,,ANNA,,,",
        "VAN-BO,vehicle,,,BO,,,",
        'A-ZONE,zone,"Cold,store",HORSENS,,,,',
        "BO-BIN,bin,,VAN-BO,BO,,,",
        "A-SHELF,shelf,,A-ZONE,AAA-HOSPITAL,,,",
    ]
    assert first["technician"].splitlines()[1:] == [
        "ANNA,Anna,,HORSENS,HORSENS,VAN-ANNA,LIFT SETUP,07:00-15:30,none,12345,800,"
        "2026-12-24/2026-12-27 2027-01-04",
        "BO,Bo,+4570203048,HORSENS,A-SHELF,VAN-BO,,08:00-16:00,11:00-13:00/30,67,1000,",
    ]
    assert first["kit template"].splitlines()[1:] == ["HOME,Home,any,3230=2 CASE"]
    assert fsc("--database", elsewhere, "ledger", "verify").code == 0


def test_technicians_of_a_file_alone_get_vehicles_of_their_own(fsc, staffed):
    text = (
        "technician;name;start;skills;shift;absent\n"
        "clara;Clara;HORSENS;SETUP, LIFT;9-17;2026-12-24\n"
    )

    tried = fsc(
        *("--database", staffed, "technician", "import", "-", "--dry-run"), stdin=text
    )
    done = fsc("--database", staffed, "technician", "import", "-", "--csv", stdin=text)
    again = fsc("--database", staffed, "technician", "import", "-", stdin=text)

    assert tried.out == "1 technician would be registered.\n"
    (row,) = csv.DictReader(io.StringIO(done.out))
    assert (row["technician"], row["vehicle"]) == ("CLARA", "VAN-CLARA")
    assert (row["skills"], row["absent"]) == ("LIFT SETUP", "2026-12-24")
    assert again.out == "0 technicians are registered.\n"


@pytest.mark.parametrize(
    ("noun", "text", "told"),
    [
        (
            "technician",
            "technician,name,start,vehicle,shift,lunch,weekdays,capacity,absent\n"
            "ANNA,Anna,HORSENS,,,,,,\n"
            "CARL,Carl,MOON,,,,,,\n"
            "CARL,Carl,HORSENS,VAN-ANNA,,,,,\n"
            "CARL,Carl,HORSENS,,8,noon,0,-1,soon\n"
            "CARL,Carl,HORSENS,,8-9,,,,\n"
            "CARL,,HORSENS,,,,,,2026-12-24/2026-12-23\n"
            "CARL,Carl,HORSENS,,,,,,2026-12-24/2026-12-23\n",
            [
                "Line 2: ANNA is already the code of a technician. Choose another.",
                "Line 3: MOON is no place this centre knows. See: fsc location list",
                "Line 4: VAN-ANNA is the vehicle of ANNA. Name another: --vehicle CODE",
                "Line 5, shift: It is not from-to. Try 08:00-16:00.",
                "Line 5, lunch: It is not a lunch. Try 11:00-13:00/30, or none.",
                "Line 5, weekdays: It is not weekdays: 1 is Monday, 7 Sunday, as"
                " 12345.",
                "Line 5, capacity: It is not a whole number up to 100000.",
                "Line 5, absent: It is not days of absence. Try 2026-12-24/2026-12-31"
                " 2027-01-04.",
                "Line 6: Lunch does not lie within the shift.",
                "Line 7, name: It is empty, and is needed.",
                "Line 8: From 2026-12-24 until 2026-12-23 is not between one day and a"
                " year of absence.",
            ],
        ),
        (
            "kit template",
            "template,name,moves_by,holds\n"
            "HOME,Home,,CASE\n"
            "NEW,New,hand,CASE=x\n"
            "NEW,New,,CASE CASE=2\n"
            "NEW,New,,X9\n"
            "NEW,New,,CASE=1000\n",
            [
                "Line 2: There is a kit template HOME already. Change it: fsc kit"
                " template change HOME",
                "Line 3, moves_by: It is none of case, any, each.",
                "Line 3, holds: It does not name models. Try TAB-A9 OXI-3230=2.",
                "Line 4, holds: A model is named twice. Say how many: MODEL=QUANTITY.",
                "Line 5: X9 is no device model here. See: fsc model list",
                "Line 6: A kit holds 0 to 999 devices of a model, not 1000.",
            ],
        ),
    ],
)
def test_every_wrong_line_is_told_and_none_is_taken_in(fsc, staffed, noun, text, told):
    before = fsc("--database", staffed, *noun.split(), "export", "-").out

    found = fsc("--database", staffed, *noun.split(), "import", "-", stdin=text)

    assert (found.code, found.out) == (1, "")
    assert found.err.splitlines()[:-1] == told
    assert fsc("--database", staffed, *noun.split(), "export", "-").out == before


CITIZENS = (
    "citizen;name;address;postcode;cpr;phone;protected;access;contact_name\r\n"
    f";{EINER};Testgrusgraven 3, 3.th;8700;{CPR};70203048;ja;Dør 12;Lonni\r\n"
    "CIT-77;Lonni Test Lauridsen;Testgrusgraven 3;9999;;;;;\r\n"
)


@pytest.fixture
def keyed(fsc, elsewhere):
    """An empty database with a region and a key."""
    fsc("--database", elsewhere, "region", "load")
    fsc("key", "new")
    return elsewhere


def asked(path, query):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_citizens_are_taken_in_sealed_and_each_is_logged(fsc, keyed):
    given = ("--database", keyed, "citizen", "import", "-", "--purpose", "list of 0615")
    file = ("\ufeff" + CITIZENS).encode()

    tried = fsc(*given, "--dry-run", "--json", stdin=file)
    before = asked(keyed, "SELECT * FROM access_log")
    done = fsc(*given, "--csv", stdin=file)
    again = fsc(*given, stdin=file)

    assert [row["citizen"] for row in json.loads(tried.out)] == [None, "CIT-77"]
    assert before == []
    assert done.out == ("line,citizen,geo_quality\n2,CIT-000001,postcode\n3,CIT-77,\n")
    assert again.out == "0 citizens are registered.\n"
    assert again.err.endswith(" UTC; nothing is left to do.\n")
    found = fsc("--database", keyed, "citizen", "find", "--cpr", CPR, "--json")
    (shown,) = json.loads(found.out)
    assert (shown["citizen"], shown["protected"]) == ("CIT-000001", True)
    looks = asked(keyed, "SELECT action, purpose FROM access_log")
    assert looks[:3] == [("register", "list of 0615")] * 3
    assert CPR.encode() not in b"".join(
        path.read_bytes() for path in sorted(Path(keyed).parent.glob("elsewhere.db*"))
    )


def test_nothing_personal_is_told_of_wrong_citizens(fsc, keyed):
    lines = (
        f";{EINER};Testgrusgraven 3;8700;{CPR};;;;\r\n"
        f";{EINER};Testgrusgraven 3;8700;{CPR};;;;\r\n"
        f";{EINER};Testgrusgraven 3;8700;;;;;\r\n"
        f"LAURIDSEN;{EINER};Testgrusgraven 3;8700;;Lonni;Lonni;;\r\n"
        f"{CPR};{CPR};Testgrusgraven 3;;Einer;;;;\r\n"
        f"CIT-9;{EINER};Testgrusgraven 3;8700;;;;{CPR};\r\n"
    )
    file = CITIZENS.splitlines(keepends=True)[0] + lines

    told = fsc(
        *("--database", keyed, "citizen", "import", "-", "--errors", "errors.csv"),
        stdin=file,
    )

    assert told.err.splitlines() == [
        "Line 3: The CPR number given is registered already, as the citizen of line 2.",
        "Line 4: It has neither citizen nor cpr, so that nobody could see whether they"
        " are registered already. Give one of them.",
        "Line 5, citizen: It is no code of a citizen, which stands in the ledger and on"
        " paper, and may be a name. Try CIT-000001.",
        "Line 5, phone: The telephone number given is not one: eight digits, or + and"
        " the country in front.",
        "Line 5, protected: It is neither yes nor no.",
        "Line 6, citizen: A code must not hold a CPR number: it stands in the ledger"
        " and on paper. Choose another.",
        "Line 6, name: The name must not hold a CPR number: it stands in lists and on"
        " paper. Leave the number out.",
        "Line 6, postcode: It is empty, and is needed.",
        "Line 6, cpr: The CPR number given is not one: it is ten digits, DDMMYY-SSSS.",
        "Line 7: The way in must not hold a CPR number: it stands in lists and on"
        " paper. Leave the number out.",
        "Error: 5 lines are wrong, so nothing was imported. Put the file right and"
        " import it again. Every fault stands in errors.csv.",
    ]
    assert asked(keyed, "SELECT count(*) FROM citizen") == [(0,)]


def test_of_a_list_of_citizens_no_hash_is_kept_that_could_be_tried_out(fsc, keyed):
    fsc("--database", keyed, "citizen", "import", "-", stdin=CITIZENS)

    ((kept,),) = asked(keyed, "SELECT digest FROM import_progress")
    assert kept != hashlib.sha256(CITIZENS.encode()).hexdigest()
