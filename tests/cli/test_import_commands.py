"""Files at the command line: interrupted, wrong in part, and out again."""

import csv
import io
import json
import re
import sqlite3
import subprocess
import sys

import pytest

HEADER = "device,model,serial,owner,location,codes\n"
CHUNK = 5_000


def devices(count):
    return HEADER + "".join(
        f"BIG-{n:06},3230,B{n},DEPOT,HORSENS,B {n}\n" for n in range(count)
    )


def asked(path, query):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_an_import_killed_halfway_goes_on_without_doubles(
    started, fsc, centre, folder, wait_until
):
    file = folder / "big.csv"
    file.write_text(devices(8 * CHUNK), "utf-8")
    done = "SELECT lines_done FROM import_progress"
    running = started("--database", centre, "device", "import", file)
    wait_until(lambda: asked(centre, done), "the first chunk")

    running.kill()
    ((lines,),) = asked(centre, done)
    told = fsc("--database", centre, "device", "import", file)

    assert told.code == 0
    assert told.err == f"Going on after line {lines}, where it was interrupted.\n"
    assert told.out.endswith(f"{8 * CHUNK - lines + 1} devices are registered.\n")
    counted = "SELECT count(*), count(DISTINCT tag) FROM device WHERE tag LIKE 'BIG%'"
    assert asked(centre, counted) == [(8 * CHUNK, 8 * CHUNK)]
    lines = "SELECT count(*) FROM event_line l JOIN device d ON d.id = l.device_id"
    assert asked(centre, f"{lines} WHERE d.tag LIKE 'BIG%'") == [(8 * CHUNK,)]
    assert fsc("--database", centre, "ledger", "verify").code == 0


def test_the_same_file_again_has_nothing_left_to_do(fsc, centre, folder):
    file = folder / "devices.csv"
    file.write_text(devices(3), "utf-8")
    fsc("--database", centre, "device", "import", file)

    told = fsc("--database", centre, "device", "import", file)

    assert (told.code, told.out) == (0, "0 devices are registered.\n")
    assert re.fullmatch(
        r"This file was imported on \d{4}-\d\d-\d\d \d\d:\d\d UTC; nothing is left to"
        r" do\.\n",
        told.err,
    )


def test_what_is_right_is_imported_and_the_rest_told(fsc, centre, folder):
    file = folder / "devices.csv"
    file.write_text(devices(3).replace("BIG-000001,3230", "BIG-000001,X9"), "utf-8")

    told = fsc("--database", centre, "device", "import", file, "--skip-wrong", "--json")

    assert told.code == 1
    assert [row["devices"] for row in json.loads(told.out)] == [2]
    assert told.err.splitlines()[-1] == (
        "Error: 1 line is wrong and left out; 2 other lines were imported. Put the"
        " wrong ones right and import them in a file of their own. Every fault stands"
        f" in {file}.errors.csv."
    )
    with (folder / "devices.csv.errors.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["line", "column", "error"],
            [
                "3",
                "model",
                "X9 is no model of this centre. Register it: fsc model add X9",
            ],
        ]


def test_errors_stand_where_that_is_asked_for(fsc, centre, folder):
    text = "device,model,owner,location\nBIG-1,X9,DEPOT,HORSENS\n"

    beside = fsc("--database", centre, "device", "import", "-", stdin=text)
    named = fsc(
        *("--database", centre, "device", "import", "-", "--errors", "wrong.csv"),
        stdin=text,
    )

    assert beside.err.endswith("Put the file right and import it again.\n")
    assert named.err.endswith("again. Every fault stands in wrong.csv.\n")
    assert [path.name for path in folder.glob("*.csv")] == ["wrong.csv"]


@pytest.mark.skipif(sys.platform != "linux", reason="others have no /proc")
@pytest.mark.parametrize("name", ["/dev/stdin", "/proc/self/fd/0", "link"])
def test_beside_standard_input_by_any_name_nothing_is_written(centre, folder, name):
    file = folder / "wrong.csv"
    file.write_text("device,model,owner,location\nBIG-1,X9,DEPOT,HORSENS\n", "utf-8")
    (folder / "link").symlink_to("/dev/stdin")
    command = [sys.executable, "-m", "fsc_logistics", "--database", centre]

    with file.open("rb") as stdin:
        done = subprocess.run(
            [*command, "device", "import", name],
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
        )

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Line 2, model: X9 is no model of this centre. Register it: fsc model add X9",
        "Error: 1 line is wrong, so nothing was imported. Put the file right and import"
        " it again.",
    ]
    assert [path.name for path in folder.glob("*.errors.csv")] == []


@pytest.mark.parametrize(
    ("noun", "text", "told"),
    [
        (
            "party",
            "party,kind,name,phone,municipality,parent\n"
            "NEW,hospital,,,,\n"
            "NEW,hospital,,,,\n"
            "BELOW,hospital,,,,ABOVE\n"
            "ABOVE,region,,,,\n"
            "SOMEBODY,citizen,,,,\n"
            "OTHER,hospital,,12,615,\n",
            [
                "Line 3: NEW is already the code of a hospital. Choose another.",
                "Line 4: ABOVE is nobody this centre knows. See: fsc party list",
                "Line 6, kind: It is none of region, municipality, hospital, practice,"
                " supplier, partner, technician, nobody.",
                "Line 7, phone: The telephone number given is not one: eight digits, or"
                " + and the country in front.",
                "Line 7, municipality: 615 is not a municipality's number: four digits,"
                " as 0615.",
            ],
        ),
        (
            "location",
            "location,kind,inside,keeper,lat,lon\n"
            "S-1,shelf,HORSENS,,,\n"
            "B-1,bin,S-1,,,\n"
            "W-1,warehouse,HORSENS,,,\n"
            "W-2,warehouse,,WHO,,\n"
            "W-3,warehouse,,,55.8,\n"
            "W-4,warehouse,,,far,9\n"
            "H-1,home,,,,\n"
            "W-5,warehouse,,,9.8,255.8\n",
            [
                "Line 4: HORSENS is a warehouse; a warehouse stands inside no other.",
                "Line 5: WHO is nobody this centre knows. See: fsc party list",
                "Line 6: lat and lon go together.",
                "Line 7, lat: It is no number of degrees. Try 55.8617.",
                "Line 8, kind: It is none of warehouse, zone, shelf, bin, vehicle,"
                " ward, supplier, lost, retired.",
                "Line 9, lon: It is not between -180 and 180 degrees.",
            ],
        ),
    ],
)
def test_every_wrong_line_of_a_register_is_told(fsc, centre, noun, text, told):
    before = fsc("--database", centre, noun, "export", "-").out

    found = fsc("--database", centre, noun, "import", "-", stdin=text)

    assert (found.code, found.out) == (1, "")
    assert found.err.splitlines()[:-1] == told
    assert fsc("--database", centre, noun, "export", "-").out == before


@pytest.mark.parametrize("noun", ["party", "location"])
def test_a_dry_run_of_a_register_changes_nothing(fsc, centre, noun):
    text = f"{noun},kind\nNEW-1,{'hospital' if noun == 'party' else 'warehouse'}\n"
    before = fsc("--database", centre, noun, "export", "-").out

    tried = fsc("--database", centre, noun, "import", "-", "--dry-run", stdin=text)
    after = fsc("--database", centre, noun, "export", "-").out
    done = fsc("--database", centre, noun, "import", "-", "--csv", stdin=text)

    thing = "party" if noun == "party" else "place"
    assert (tried.code, tried.out) == (0, f"1 {thing} would be registered.\n")
    assert after == before
    assert [row[noun] for row in csv.DictReader(io.StringIO(done.out))] == ["NEW-1"]


def test_a_ledger_goes_out_and_in_at_the_command_line(fsc, centre, elsewhere, folder):
    out = fsc("--database", centre, "ledger", "export", "out")
    tried = fsc("--database", elsewhere, "ledger", "import", "out", "--dry-run")
    done = fsc("--database", elsewhere, "ledger", "import", "out", "--json")
    again = fsc("--database", elsewhere, "ledger", "import", "out")

    assert (out.code, out.out) == (0, "1 event of 25 devices is in out.\n")
    assert tried.out == "1 event of 25 devices would be imported.\n"
    proof = fsc("--database", centre, "ledger", "verify", "--json").out
    assert json.loads(done.out) == {
        "events": 1,
        "devices": 25,
        "spans": json.loads(proof)["spans"],
        "went_on_after": 0,
    }
    assert again.code == 4
    shown = [
        fsc("--database", path, "history", "OXI-000007").out
        for path in (centre, elsewhere)
    ]
    assert shown[0] == shown[1]


def test_of_a_ledger_that_was_changed_every_fault_stands_beside_it(
    fsc, centre, elsewhere, folder
):
    fsc("--database", centre, "ledger", "export", "out")
    text = (folder / "out" / "party.csv").read_text("utf-8")
    changed = text.replace("partner", "wizard")
    (folder / "out" / "party.csv").write_text(changed, "utf-8")

    told = fsc("--database", elsewhere, "ledger", "import", "out")
    tried = fsc(
        *("--database", elsewhere, "ledger", "import", "out", "--dry-run"),
        *("--errors", "wrong.csv"),
    )

    assert (told.code, told.out) == (6, "")
    assert told.err.splitlines() == [
        "party.csv, line 1: It is not the file that was exported: manifest.json has"
        " another hash.",
        "party.csv, line 2, kind: It is not one of region, municipality, hospital,"
        " practice, supplier, partner, technician, citizen, nobody.",
        "Error: Of the ledger in out 2 lines are wrong, so nothing was imported. Export"
        f" it again. Every fault stands in {folder / 'out.errors.csv'}.",
    ]
    assert tried.code == 6
    wrong = (folder / "wrong.csv").read_text("utf-8")
    assert wrong == (folder / "out.errors.csv").read_text("utf-8")
    assert wrong.startswith("file,line,column,error\nparty.csv,1,,It is not the file")


@pytest.mark.parametrize(
    "file",
    [
        "\ufeffparty;kind;name;;\r\nNEW;hospital;A, B;;\r\n;;;;\r\n",
        "party\tkind\tname\nNEW\thospital\tA, B\n",
    ],
    ids=["with empty columns", "with tabs"],
)
def test_a_file_may_be_as_spreadsheets_write_it(fsc, centre, file):
    told = fsc("--database", centre, "party", "import", "-", stdin=file)

    assert (told.out, told.err) == ("1 party is registered.\n", "")
    shown = fsc("--database", centre, "party", "show", "NEW")
    assert shown.out == "NEW: hospital, A, B.\n"


def test_a_cell_behind_the_columns_is_not_lost(fsc, centre):
    file = "party;kind;\nNEW;hospital;A\n"

    told = fsc("--database", centre, "party", "import", "-", stdin=file)

    assert told.err.splitlines()[0] == (
        "Line 2: It has 3 cells and the first line 2. Put a cell that holds the"
        " delimiter in double quotes."
    )


def test_kits_are_built_from_a_file_and_come_out_as_they_went_in(fsc, centre):
    text = (
        "kit,template,moves_by,part\n"
        "OXI-000001,,any,OXI-000002\n"
        "OXI-000001,,any,OXI-000003\n"
        "OXI-000004,,case,OXI-000005\n"
    )

    tried = fsc("--database", centre, "kit", "import", "-", "--dry-run", stdin=text)
    nothing = fsc("--database", centre, "kit", "export", "-").out
    done = fsc("--database", centre, "kit", "import", "-", stdin=text)
    again = fsc("--database", centre, "kit", "import", "-", stdin=text)

    assert (tried.code, tried.out) == (
        0,
        "OXI-000001: OXI-000002 OXI-000003.\n"
        "OXI-000004: OXI-000005.\n"
        "2 kits would be built.\n",
    )
    assert nothing == "kit,template,moves_by,part\n"
    assert (done.code, done.out.splitlines()[-1]) == (0, "2 kits are built.")
    assert again.out == "0 kits are built.\n"
    assert fsc("--database", centre, "kit", "export", "-").out == text
    assert fsc("--database", centre, "ledger", "verify").code == 0


def test_kits_that_are_built_already_are_told_and_not_counted(fsc, centre):
    header = "kit,part\n"
    first = "OXI-000001,OXI-000002\n"
    fsc("--database", centre, "kit", "import", "-", stdin=header + first)

    text = header + first + "OXI-000004,OXI-000005\n"
    tried = fsc("--database", centre, "kit", "import", "-", "--dry-run", stdin=text)
    done = fsc("--database", centre, "kit", "import", "-", "--json", stdin=text)

    assert tried.out == (
        "OXI-000001: OXI-000002. Already so.\n"
        "OXI-000004: OXI-000005.\n"
        "1 kit would be built.\n"
    )
    assert [built["added"] for built in json.loads(done.out)] == [False, True]


def test_of_a_wrong_kit_the_wrong_line_is_told(fsc, centre):
    text = (
        "kit,moves_by,part\n"
        "OXI-000001,,OXI-000002\n"
        "OXI-000001,,OXI-000099\n"
        "OXI-000001,,OXI-000003\n"
        "OXI-000004,,OXI-000002\n"
        "OXI-000004,sometimes,OXI-000005\n"
    )

    told = fsc("--database", centre, "kit", "import", "-", stdin=text)

    assert (told.code, told.out) == (1, "")
    assert told.err.splitlines()[:-1] == [
        "Line 3: OXI-000099 is not a device of this centre. See: fsc device list",
        "Line 5: OXI-000002 is a part of OXI-000001. Take it out first: fsc kit"
        " take-apart OXI-000001 OXI-000002",
        "Line 6, moves_by: It is none of case, any, each.",
    ]
    assert fsc("--database", centre, "kit", "export", "-").out.count("\n") == 1


MEASURED = """
import resource, sys
from fsc_logistics.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="others count in other units")
def test_memory_does_not_grow_with_the_number_of_lines(
    centre, fill, sqlite_template, folder
):
    more = folder / "more.db"
    more.write_bytes(sqlite_template.read_bytes())
    fill(str(more))
    used_kib: dict[str, list[int]] = {"import": [], "export": []}

    for database, count in ((centre, CHUNK + 1), (str(more), 5 * CHUNK)):
        file = folder / f"{count}.csv"
        file.write_text(devices(count), "utf-8")
        for verb, target in (("import", file), ("export", "/dev/null")):
            command = (sys.executable, "-c", MEASURED, "--database", database)
            done = subprocess.run(
                [*command, "device", verb, str(target)],
                capture_output=True,
                text=True,
                check=True,
                cwd=folder,
            )
            used_kib[verb].append(int(done.stderr))

    for few, many in used_kib.values():
        assert many - few < 30_000


def test_faults_are_written_to_a_file_and_not_to_a_dash(
    fsc, centre, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)

    found = fsc(
        *("--database", centre, "location", "import", "-", "--errors", "-"), stdin="x"
    )

    assert found.code == 2
    assert "faults are written to a file of their own" in found.err
    assert list(tmp_path.glob("-")) == []
