import io
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from fsc_logistics.cli.main import main

# Fictive: MedCom test persons.
EINER = ("--name", "Einer Test Lauridsen", "--address", "Testgrusgraven 3")
CPR = "0201609995"


@pytest.fixture
def fsc(database_url, tmp_path, monkeypatch, capsys):
    """Run a command as a person would; return exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FSC_DATABASE", database_url)
    monkeypatch.setenv("FSC_ACTOR", "BIRTE")
    monkeypatch.delenv("FSC_KEY", raising=False)

    def run(*arguments, stdin=""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return end.value.code, told.out, told.err

    return run


@pytest.fixture
def keyed(fsc):
    """A centre with its region and a key."""
    assert fsc("key", "new")[0] == 0
    assert fsc("region", "load")[0] == 0
    return fsc


def test_a_citizen_is_registered_with_a_number_from_standard_input(keyed):
    code, out, err = keyed(
        "citizen", "add", *EINER, "--postcode", "8700", "--cpr", "-", stdin=CPR + "\n"
    )

    shown = json.loads(keyed("citizen", "show", "cit-000001", "--json")[1])
    found = json.loads(keyed("citizen", "find", "--cpr", "020160-9995", "--json")[1])

    assert (code, err) == (0, "")
    assert out == "CIT-000001 is registered, with HOME-CIT-000001.\n"
    assert (shown["cpr"], shown["city"]) == ("020160-****", "Horsens")
    assert [hit["citizen"] for hit in found] == ["CIT-000001"]


def test_everything_but_a_number_works_without_a_key(fsc):
    added = fsc("citizen", "add", *EINER, "--postcode", "8700", "--point", "55.9,9.8")
    shown = fsc("citizen", "show", "CIT-000001")
    refused = fsc(
        "citizen", "add", *EINER, "--postcode", "8700", "--cpr", "-", stdin=CPR
    )

    assert (added[0], shown[0]) == (0, 0)
    assert refused == (
        1,
        "",
        "Error: There is no key file fsc.key, and CPR numbers are sealed with one. Put"
        " it back, or make the first one: fsc key new\n",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("show", "Einer Test Lauridsen"), 3, "Error: No citizen has that code."),
        (("log", "Nancy Berggren"), 3, "Error: No citizen has that code."),
        (("log", "KOM-0615"), 3, "Error: No citizen has that code."),
        (("show", CPR), 3, "Error: No citizen has that code."),
        (("find", "--cpr", "3102609995"), 1, "its first six digits are not a date."),
        (("find", "--cpr", "02016099951"), 1, "it is ten digits, DDMMYY-SSSS."),
        (("change", "CIT-000001", "--phone", "12345678"), 1, "eight digits, or +"),
        (("change", "CIT-000001", "--name", " "), 1, "A citizen needs: name."),
        (("change", "CIT-000001", "--name", CPR), 1, "The name must not hold a CPR"),
        (("change", "CIT-000001", "--access", f"ring {CPR}"), 1, "The way in must not"),
        (("add", CPR, *EINER, "--postcode", "8700"), 1, "must not hold a CPR number"),
        (("add", *EINER, "--postcode", "8700", "--cpr", CPR), 4, "registered already"),
    ],
)
def test_an_error_never_repeats_a_name_a_phone_or_a_number(
    keyed, arguments, code, told
):
    keyed("citizen", "add", *EINER, "--postcode", "8700", "--cpr", CPR)

    found, out, err = keyed("citizen", *arguments)

    assert (found, out) == (code, "")
    assert told in err
    for secret in ("Lauridsen", "Testgrusgraven", "1609", "12345678", "310260"):
        assert secret not in err


def test_who_looked_is_shown_and_can_be_handed_on(keyed):
    keyed("citizen", "add", *EINER, "--postcode", "8700")
    keyed("citizen", "show", "CIT-000001", "--purpose", "ORD-000001")
    keyed("citizen", "find", "--name", "lauridsen")

    _, out, _ = keyed("citizen", "log", "CIT-000001", "--csv")

    rows = [line.split(",")[1:] for line in out.splitlines()]
    assert rows == [
        ["actor", "citizen", "action", "purpose"],
        ["BIRTE", "CIT-000001", "register", "fsc citizen add"],
        ["BIRTE", "CIT-000001", "show", "ORD-000001"],
        ["BIRTE", "CIT-000001", "find", "fsc citizen find"],
    ]


def test_a_look_that_is_refused_leaves_no_row(keyed):
    keyed("citizen", "show", "CIT-000009")

    assert keyed("citizen", "log", "--json")[1] == "[]\n"


def test_erasing_asks_first_and_waits_for_the_equipment(keyed):
    keyed("citizen", "add", "C1", *EINER, "--postcode", "8700")
    for line in (
        "party add FSC --kind partner",
        "model add 3230 --maker Nonin --name Onyx --category oximeter",
        "location add DEPOT --kind warehouse --keeper FSC",
        "device add OXI-1 --model 3230 --owner FSC --at-location HOME-C1",
    ):
        assert keyed(*line.split())[0] == 0

    unsure = keyed("citizen", "erase", "C1")
    early = keyed("citizen", "erase", "C1", "--yes")
    keyed("move", "OXI-1", "--to", "DEPOT")
    done = keyed("citizen", "erase", "C1", "--yes")

    assert unsure[0] == 2
    assert early == (4, "", "Error: C1 still has OXI-1. Fetch the equipment first.\n")
    assert done == (0, "The personal data of C1 are erased.\n", "")
    assert keyed("history", "OXI-1")[0] == 0
    assert "C1" in keyed("history", "OXI-1")[1]
    assert keyed("citizen", "list", "--json")[1] == "[]\n"
    assert keyed("citizen", "show", "C1")[2] == (
        "Error: The personal data of C1 were erased.\n"
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_erased_is_gone_from_the_files_too(keyed, database_url):
    keyed("citizen", "add", "C1", *EINER, "--postcode", "8700", "--cpr", CPR)
    keyed("citizen", "add", "C2", "--name", "Nancy", "--address", "X 1", "--postcode=8")
    file, log = Path(database_url), Path(f"{database_url}-wal")
    # As a scanner service would: the last to leave would empty the log anyway.
    with closing(sqlite3.connect(file)) as another:
        another.execute("SELECT count(*) FROM party").fetchone()

        erased = keyed("citizen", "erase", "C1", "--yes")
        left = file.read_bytes() + log.read_bytes()

    assert erased == (0, "The personal data of C1 are erased.\n", "")
    assert b"Nancy" in left
    assert b"Lauridsen" not in left
    assert b"Testgrusgraven" not in left


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_erases_is_told_that_a_reader_keeps_what_was(
    keyed, database_url, monkeypatch
):
    monkeypatch.setattr("fsc_logistics.core.erasing.BUSY_TIMEOUT_MS", 10)
    keyed("citizen", "add", "C1", *EINER, "--postcode", "8700")
    with closing(sqlite3.connect(database_url, isolation_level=None)) as another:
        another.execute("BEGIN")
        another.execute("SELECT count(*) FROM party").fetchone()

        erased = keyed("citizen", "erase", "C1", "--yes")

    assert erased == (
        0,
        "The personal data of C1 are erased.\n",
        "Somebody is reading the database, so what was erased still stands in its log"
        " file. It goes when the last program leaves the database.\n",
    )


def test_a_key_is_checked_against_every_number(keyed, tmp_path):
    keyed("citizen", "add", *EINER, "--postcode", "8700", "--cpr", CPR)
    good = keyed("key", "check")
    (tmp_path / "fsc.key").unlink()
    keyed("key", "new")

    bad = keyed("key", "check")

    assert good == (0, "The key is good: it opens 1 number.\n", "")
    assert bad == (
        1,
        "",
        "Error: The key in fsc.key is not the one the CPR numbers here were sealed"
        " with. Put the right key file back from its safe copy.\n",
    )


def test_no_question_is_asked_where_nobody_can_answer(keyed):
    done = keyed("citizen", "add")

    assert done == (1, "", "Error: A citizen needs: name, address, postcode.\n")


def test_a_protected_citizen_is_shown_to_nobody_at_a_screen(keyed):
    keyed(
        "citizen", "add", "C1", *EINER, "--postcode", "8700", "--protected",
        "--phone", "70203048", "--access", "Nøgle hos Lonni", "--cpr", CPR,
    )  # fmt: skip
    keyed("citizen", "contact", "add", "C1", "--name", "Lonni")

    told = [
        keyed("citizen", *line.split())[1]
        for line in ("show C1", "show C1 --json", "find --name einer --csv", "list",
                     "log")
    ]  # fmt: skip

    for secret in ("Einer", "Testgrus", "8700", "Horsens", "70 20", "Lonni", "020160"):
        assert secret not in "".join(told)


def test_a_home_that_is_nowhere_on_the_map_is_told_at_once(keyed):
    code, _, err = keyed("citizen", "add", "C1", *EINER, "--postcode", "87o0")

    assert code == 0
    assert err == (
        "Its postcode is not known here, so no visit can be planned. Say where it is:"
        " fsc citizen change C1 --point LAT,LON\n"
    )
