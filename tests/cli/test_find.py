"""`fsc find`: what is printed, where, and with which exit code."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

LEFT_OUT = (
    "Citizens' names and numbers were not searched. To search them, which is logged:"
    " --purpose WHY\n"
)


@pytest.fixture
def find(fsc, centre):
    return lambda *arguments, **options: fsc(
        "--database", centre, "find", *arguments, **options
    )


def looks(database):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT action, purpose FROM access_log").fetchall()


def test_a_device_is_found_by_a_tag_typed_otherwise(find):
    told = find("oxi", "000.007", "--json")

    assert json.loads(told.out) == [
        {
            "kind": "device",
            "code": "OXI-000007",
            "what": "3230 Nonin Onyx",
            "custodian": "DEPOT",
            "location": "HORSENS",
            "since": "2026-01-01T08:00:00+00:00",
            "match": "tag exact",
        }
    ]
    assert (told.code, told.err) == (0, "")


def test_what_is_more_and_what_was_left_out_is_said_on_stderr(find):
    told = find("oxi-", "--limit", 2, "--csv")

    assert told.out == (
        "kind,code,what,custodian,location,since,match\n"
        "device,OXI-000001,3230 Nonin Onyx,DEPOT,HORSENS,2026-01-01T08:00:00+00:00,"
        "tag prefix\n"
        "device,OXI-000002,3230 Nonin Onyx,DEPOT,HORSENS,2026-01-01T08:00:00+00:00,"
        "tag prefix\n"
    )
    assert told.err == "There is more than these 2. See: --limit\n" + LEFT_OUT


def test_a_person_is_found_for_a_purpose_from_standard_input(find, fsc, centre):
    # Fictive: a MedCom test person.
    person = ("--name", "Einer Test Lauridsen", "--address", "Testgrusgraven 3")
    at = ("--postcode", "8700", "--point", "55.9,9.8")
    added = fsc("--database", centre, "citizen", "add", "CIT-7", *person, *at)
    before = looks(centre)

    told = find("-", "--purpose", "ORD-1", stdin="einer lauridsen\n")

    assert (added.code, told.code, told.err) == (0, 0, "")
    assert "citizen  CIT-7  Einer Test Lauridsen, devices: 0" in told.out
    assert looks(centre)[len(before) :] == [("find", "ORD-1")]


def test_nothing_found_ends_with_3_and_repeats_no_name(find):
    told = find("Nancy Berggren", "--purpose", "ORD-1")

    assert (told.code, told.out) == (3, "")
    assert told.err == (
        "Error: That is no device, model, party, place or citizen here. Look through"
        " them with: fsc device list, fsc location list, fsc citizen list\n"
    )


def test_a_purpose_is_said(find):
    told = find("Nancy", "--purpose", " ")

    assert told.code == 2
    assert told.err.endswith("Error: Say what it is for: --purpose WHY.\n")


NO_UTF_8 = (
    "Error: Standard input is not text in UTF-8. Is the terminal set to another"
    " encoding?\n"
)


def test_what_is_typed_in_another_encoding_is_refused(find):
    told = find("-", stdin="Søren".encode("latin-1"))

    assert (told.code, told.out, told.err) == (1, "", NO_UTF_8)


@pytest.mark.skipif(os.name == "nt", reason="It has no locale that says nothing.")
def test_what_no_locale_can_tell_of_is_refused_too(centre, folder):
    told = subprocess.run(
        [sys.executable, "-m", "fsc_logistics", "--database", centre, "find", "-"],
        cwd=folder,
        env=os.environ | {"LC_ALL": "C"},
        input="Søren\n".encode("latin-1"),
        capture_output=True,
        check=False,
    )

    assert (told.returncode, told.stderr.decode()) == (1, NO_UTF_8)


@pytest.mark.parametrize(("length", "told"), [(201, 201), (1_000_000, 10_000)])
def test_more_than_any_code_or_name_is_refused_in_one_line(find, length, told):
    ended = find("-", stdin="X" * length)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"Error: {told} signs are too many to search for. Say it in 200: a code, or"
        " words of a name.\n"
    )
