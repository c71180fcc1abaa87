"""The ledger at the command line: what is printed, and how it ends."""

import csv
import io
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from fsc_logistics.cli.main import main
from fsc_logistics.core import database
from fsc_logistics.core.database import REVISION, Sessions, make_engine
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.tables import Device, DeviceModel, Location, Party
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.custody import BizStep, Signature, Transfer

FIRST_DAY = datetime(2024, 1, 1, 8, tzinfo=UTC)
WHO = [
    "device",
    "model",
    "custodian",
    "custodian_kind",
    "location",
    "since",
    "until",
    "biz_step",
    "disposition",
    "event",
    "condition",
    "flags",
]
HISTORY = [
    "event",
    "event_time",
    "record_time",
    "biz_step",
    "disposition",
    "custodian",
    "location",
    "station",
    "declared_wrong",
    "condition",
    "flag",
    "raised",
    "reason",
    "actor",
    "declared_by",
    "declared_at",
]
VERIFY = ["events", "devices", "spans", "mismatches"]


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def uid(self):
        return self.out.split()[0]


@pytest.fixture
def run(capsys):
    """Run `fsc` as the shell does."""

    def run(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        code = ended.value.code
        return Ended(code=0 if code is None else code, out=said.out, err=said.err)

    return run


@pytest.fixture(autouse=True)
def centre(sqlite_url, tmp_path, monkeypatch):
    """Three oximeters and a case on a shelf since 2024; two places to go to."""
    for variable, value in {
        "FSC_DATABASE": sqlite_url,
        "FSC_STATION": "DESK",
        "FSC_ACTOR": "TESTER",
        "FSC_TIMEZONE": "Europe/Copenhagen",
    }.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.chdir(tmp_path)
    sessions = Sessions(make_engine(sqlite_url))
    with sessions.begin() as session:
        session.add_all(
            [
                Party(id=1, code="DEPOT", kind="partner"),
                Party(id=2, code="ANNA", kind="technician"),
                Party(id=3, code="NOBODY", kind="nobody"),
                DeviceModel(
                    id=1, code="3230", maker="Nonin", name="Onyx", category="oximeter"
                ),
            ]
        )
        session.flush()
        session.add(Location(id=1, code="HORSENS", kind="warehouse", keeper_id=1))
        session.flush()
        session.add_all(
            [
                Location(code="H-A", kind="shelf", parent_id=1),
                Location(code="VAN-ANNA", kind="vehicle", keeper_id=2),
                Location(code="RETIRED", kind="retired", keeper_id=3),
            ]
        )
        tags = ("OXI-1", "OXI-2", "OXI-3", "KIT-1")
        session.add_all(
            Device(tag=tag, serial=f"S{tag}", model_id=1, owner_id=1) for tag in tags
        )
        session.flush()
        record_transfer(
            session,
            Transfer(
                uid="first",
                devices=tags,
                location="H-A",
                event_time=FIRST_DAY,
                biz_step=BizStep.COMMISSIONING,
                condition=Condition.READY,
            ),
            Signature(station="DOCK", actor="TESTER", record_time=FIRST_DAY),
        )
    return sessions


def where(run, device, *options):
    answer = run("who", device, "--json", *options).json
    return f"{answer['custodian']}@{answer['location']}"


def test_who_is_a_line(run):
    ended = run("who", "oxi-1")

    assert ended == Ended(
        code=0,
        out="OXI-1  DEPOT @ H-A  since 2024-01-01 09:00  available  (3230)\n",
        err="",
    )


def test_who_in_json_has_the_keys_that_were_promised(run):
    answer = run("who", "OXI-1", "--json").json

    assert list(answer) == WHO
    assert answer == {
        "device": "OXI-1",
        "model": "3230",
        "custodian": "DEPOT",
        "custodian_kind": "partner",
        "location": "H-A",
        "since": "2024-01-01T08:00:00+00:00",
        "until": None,
        "biz_step": "commissioning",
        "disposition": "available",
        "event": "first",
        "condition": "ready",
        "flags": [],
    }


def test_who_in_csv_has_the_same_columns(run):
    head, row = csv.reader(io.StringIO(run("who", "OXI-1", "--csv").out))

    assert head == WHO
    assert row[:3] == ["OXI-1", "3230", "DEPOT"]


def test_a_device_answers_to_its_serial(run):
    assert run("who", "SOXI-2", "--json").json["device"] == "OXI-2"


def test_who_at_a_moment_and_as_it_was_known_then(run):
    run("move", "OXI-1", "--to", "VAN-ANNA", "--at", "2024-05-01T08:00")

    assert where(run, "OXI-1") == "ANNA@VAN-ANNA"
    assert where(run, "OXI-1", "--at", "2024-05-01T07:59") == "DEPOT@H-A"
    # Told today: a year ago nobody knew.
    assert where(run, "OXI-1", "--known-at", "2024-06-01T00:00") == "DEPOT@H-A"


def test_before_its_first_event_nobody_had_it(run):
    ended = run("who", "OXI-1", "--at", "2023-12-31T12:00")

    assert (ended.code, ended.out) == (3, "")
    assert ended.err == (
        "Error: Nobody had OXI-1 yet at 2023-12-31 12:00. See: fsc history OXI-1\n"
    )


def test_before_it_was_told_of_nobody_was_known_to_have_it(run):
    ended = run("who", "OXI-1", "--at", "2024-05-01", "--known-at", "2023-12-31")

    assert ended.err == (
        "Error: Nobody had OXI-1 yet at 2024-05-01 00:00, as known at 2023-12-31 00:00."
        " See: fsc history OXI-1\n"
    )


@pytest.mark.parametrize("command", ["who", "history"])
def test_a_device_that_is_unknown_is_not_found(run, command):
    assert run(command, "OXI-9") == Ended(
        code=3,
        out="",
        err="Error: OXI-9 is not a device of this centre. See: fsc device list\n",
    )


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("noon", "'noon' is not a time. Try 2026-08-01T14:30."),
        (
            "2024-03-31T02:30",
            "'2024-03-31T02:30:00' did not exist that night: say"
            " 2024-03-31T01:30:00+01:00 or 2024-03-31T03:30:00+02:00.",
        ),
        (
            "2024-10-27T02:30",
            "'2024-10-27T02:30:00' was twice that night: say"
            " 2024-10-27T02:30:00+02:00 or 2024-10-27T02:30:00+01:00.",
        ),
    ],
)
@pytest.mark.parametrize("option", ["--at", "--known-at"])
def test_a_moment_that_is_none_is_wrong_usage(run, option, moment, said):
    ended = run("who", "OXI-1", option, moment)

    assert (ended.code, ended.out) == (2, "")
    assert f"Error: Invalid value for '{option}': {said}" in ended.err


def test_a_moment_that_was_twice_is_meant_by_its_offset(run):
    run("move", "OXI-1", "--to", "VAN-ANNA", "--at", "2024-10-27T02:30+01:00")

    assert where(run, "OXI-1", "--at", "2024-10-27T02:30+02:00") == "DEPOT@H-A"
    assert where(run, "OXI-1", "--at", "2024-10-27T02:30+01:00") == "ANNA@VAN-ANNA"


def test_move_prints_the_uid_of_one_event_for_all(run):
    ended = run("move", "OXI-1", "OXI-2", "--to", "van-anna", "--step", "loading")

    assert ended.code == 0
    assert ended.out == f"{ended.uid}  OXI-1 OXI-2\n"
    assert run("who", "OXI-1", "--json").json["event"] == ended.uid
    assert run("who", "OXI-2", "--json").json["event"] == ended.uid


def test_move_in_json(run):
    answer = run("move", "OXI-1", "--to", "H-A", "--custodian", "ANNA", "--json").json

    assert {**answer, "uid": "", "event": 0} == {
        "uid": "",
        "event": 0,
        "added": True,
        "devices": ["OXI-1"],
        "also": [],
        "incomplete": [],
        "dry_run": False,
    }
    assert where(run, "OXI-1") == "ANNA@H-A"


def test_a_move_to_where_it_is_names_the_event_that_said_so(run):
    assert run("move", "OXI-1", "--to", "H-A").out == "first  already so\n"


def test_a_dry_run_records_nothing(run):
    ended = run("move", "OXI-1", "--to", "van-anna", "--dry-run")
    answer = run("move", "OXI-1", "--to", "VAN-ANNA", "--dry-run", "--json").json

    assert ended.out == "would move OXI-1 to VAN-ANNA\n"
    assert answer["dry_run"] is True
    assert where(run, "OXI-1") == "DEPOT@H-A"
    assert run("ledger", "verify", "--json").json["events"] == 1


def test_a_dry_run_is_refused_as_the_real_one_would_be(run):
    run("move", "OXI-1", "--to", "RETIRED", "--at", "2024-04-02T08:00")

    ended = run("move", "OXI-1", "--to", "VAN-ANNA", "--dry-run")

    assert ended == Ended(
        code=4,
        out="",
        err="Error: OXI-1 is scrapped and cannot be handed on. If it is fit after all,"
        " say so first: fsc condition set ready OXI-1 --why TEXT\n",
    )


def test_a_move_of_several_happens_for_all_or_none(run):
    ended = run("move", "OXI-1", "OXI-9", "--to", "VAN-ANNA")

    assert ended.code == 3
    assert where(run, "OXI-1") == "DEPOT@H-A"


@pytest.mark.parametrize(
    "arguments",
    [
        ["move", "OXI-1"],
        ["move", "--to", "H-A"],
        ["move", "OXI-1", "--to", "H-A", "--step", "dancing"],
        ["correct", "first", "--reason", "incorrect_data"],
        ["correct", "first", "--reason", "did_not_occur", "--to", "VAN-ANNA"],
        ["correct", "first"],
        ["dance"],
        ["db", "restore", "copy.db"],
    ],
)
def test_wrong_usage_is_told_apart(run, arguments):
    ended = run("--no-input", *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert "Error: " in ended.err


def test_a_place_that_is_unknown_is_not_found(run):
    assert run("move", "OXI-1", "--to", "NOWHERE") == Ended(
        code=3,
        out="",
        err="Error: NOWHERE is no place this centre knows. See: fsc location list\n",
    )


def test_history_has_the_keys_that_were_promised_oldest_first(run):
    run("move", "OXI-1", "--to", "VAN-ANNA", "--at", "2024-05-01T08:00")

    entries = run("history", "OXI-1", "--json").json

    assert [list(entry) for entry in entries] == [HISTORY, HISTORY]
    assert [entry["event_time"] for entry in entries] == [
        "2024-01-01T08:00:00+00:00",
        "2024-05-01T06:00:00+00:00",
    ]
    assert [entry["station"] for entry in entries] == ["DOCK", "DESK"]


def test_history_as_a_table_and_in_csv(run):
    heads = run("history", "OXI-1").out.splitlines()[0].split("  ")
    rows = list(csv.DictReader(io.StringIO(run("history", "OXI-1", "--csv").out)))

    assert [head.strip() for head in heads if head] == [
        name.replace("_", " ") for name in HISTORY
    ]
    assert [list(row) for row in rows] == [HISTORY]
    assert rows[0]["declared_wrong"] == ""


def test_holdings_of_a_party_a_place_and_what_is_inside(run):
    run("move", "OXI-1", "--to", "VAN-ANNA", "--at", "2024-05-01T08:00")

    def held(*arguments):
        rows = run("holdings", *arguments, "--json").json
        assert all(list(row) == WHO for row in rows)
        return [row["device"] for row in rows]

    assert held("anna") == held("VAN-ANNA") == ["OXI-1"]
    assert held("ANNA", "--at", "2024-04-01T08:00") == []
    assert held("HORSENS") == []
    assert held("HORSENS", "--within") == ["KIT-1", "OXI-2", "OXI-3"]
    # Told today: a year ago nobody knew.
    assert held("ANNA", "--known-at", "2024-06-01") == []
    assert "OXI-1" in held("HORSENS", "--within", "--known-at", "2024-06-01")
    assert run("holdings", "ANNA", "--csv").out.startswith(",".join(WHO))


def test_holdings_of_nobody_known(run):
    ended = run("holdings", "NOWHERE")

    assert ended.code == 3
    assert ended.err == (
        "Error: NOWHERE is neither a party nor a place of this centre. See:"
        " fsc party list, fsc location list\n"
    )


def test_holdings_do_not_repeat_a_personal_number(run):
    ended = run("holdings", "020160-9995")

    assert ended.err == (
        "Error: That is neither a party nor a place of this centre. See:"
        " fsc party list, fsc location list\n"
    )


def test_undo_declares_and_keeps(run):
    uid = run("move", "OXI-1", "--to", "VAN-ANNA", "--at", "2024-05-01T08:00").uid

    ended = run("undo", uid)

    assert ended.out == f"{ended.uid}  declares {uid} wrong\n"
    assert where(run, "OXI-1") == "DEPOT@H-A"
    assert [e["declared_wrong"] for e in run("history", "OXI-1", "--json").json] == [
        None,
        "did_not_occur",
    ]


def test_an_event_is_undone_once(run):
    uid = run("move", "OXI-1", "--to", "VAN-ANNA").uid
    run("undo", uid)

    ended = run("undo", uid)

    assert ended.code == 4
    assert ended.err.startswith(f"Error: Event {uid} was declared wrong on ")


def test_an_event_that_is_unknown_is_not_found(run):
    assert run("undo", "nothing") == Ended(
        code=3,
        out="",
        err="Error: There is no event of that name. See: fsc history DEVICE\n",
    )


def test_what_would_be_nowhere_is_not_undone(run):
    ended = run("undo", "first")

    assert ended.code == 4
    assert ended.err == (
        "Error: Without this event KIT-1 would be nowhere. Say where it was instead:"
        " fsc correct EVENT --reason incorrect_data --to LOCATION\n"
    )
    assert where(run, "KIT-1") == "DEPOT@H-A"


def test_correct_says_what_is_right_instead(run):
    uid = run("move", "OXI-1", "--to", "RETIRED", "--at", "2024-05-01T08:00").uid

    answer = run(
        "correct", uid, "--reason", "incorrect_data", "--to", "VAN-ANNA", "--json"
    ).json

    assert list(answer) == ["uid", "wrong", "replacement", "devices"]
    assert (answer["wrong"], answer["devices"]) == (uid, ["OXI-1"])
    held = run("who", "OXI-1", "--json").json
    assert held["event"] == answer["replacement"]
    assert (held["custodian"], held["biz_step"]) == ("ANNA", "loading")
    assert held["since"] == "2024-05-01T06:00:00+00:00"


def test_correct_did_not_occur_is_an_undo(run):
    uid = run("move", "OXI-1", "--to", "VAN-ANNA").uid

    ended = run("correct", uid, "--reason", "did_not_occur")

    assert ended.out == f"{ended.uid}  declares {uid} wrong\n"
    assert where(run, "OXI-1") == "DEPOT@H-A"


def test_a_kit_is_built_moved_and_taken_apart(run):
    built = run("kit", "build", "KIT-1", "OXI-1", "OXI-2")
    moved = run("move", "KIT-1", "--to", "VAN-ANNA")
    inside = run("kit", "show", "KIT-1", "--json").json["parts"]
    apart = run("kit", "take-apart", "KIT-1", "OXI-1")
    left = run("kit", "show", "KIT-1", "--json").json["parts"]

    assert built.out == f"{built.uid}  OXI-1 OXI-2\n"
    assert moved.out == f"{moved.uid}  KIT-1 OXI-1 OXI-2\n"
    assert [row["location"] for row in inside] == ["VAN-ANNA", "VAN-ANNA"]
    assert apart.out == f"{apart.uid}  OXI-1\n"
    assert [row["device"] for row in left] == ["OXI-2"]


def test_the_history_of_a_part_says_when_it_was_built_in(run):
    run("kit", "build", "KIT-1", "OXI-1")

    _, built = run("history", "OXI-1", "--json").json

    assert built["biz_step"] == "assembling"
    assert (built["disposition"], built["custodian"], built["location"]) == (None,) * 3


def test_what_is_not_in_a_kit_is_not_taken_out(run):
    empty = run("kit", "take-apart", "KIT-1")
    run("kit", "build", "KIT-1", "OXI-1")
    other = run("kit", "take-apart", "KIT-1", "OXI-2")
    itself = run("kit", "build", "KIT-1", "KIT-1")

    assert (empty.code, empty.err) == (4, "Error: There is nothing in KIT-1.\n")
    assert (other.code, other.err) == (
        4,
        "Error: OXI-2 is not in KIT-1. See: fsc kit show KIT-1\n",
    )
    assert itself.code == 4


def test_the_ledger_is_verified_and_rebuilt(run):
    run("move", "OXI-1", "--to", "VAN-ANNA")

    verified = run("ledger", "verify", "--json")
    rebuilt = run("ledger", "rebuild", "--json")

    whole = {"events": 2, "devices": 4, "spans": 9, "mismatches": []}
    assert list(verified.json) == VERIFY
    assert verified.json == rebuilt.json == whole
    assert run("ledger", "verify").out == (
        "2 events, 4 devices, 9 spans, 0 mismatches\n"
    )


def test_a_span_that_was_changed_is_found_and_mended(run, sqlite_url):
    with closing(sqlite3.connect(sqlite_url)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("UPDATE custody_span SET custodian_id = 2 WHERE device_id=1")
        connection.commit()

    found = run("ledger", "verify")
    in_json = run("ledger", "verify", "--json")
    rebuilt = run("ledger", "rebuild")

    assert found.code == in_json.code == 6
    assert found.out.splitlines() == [
        "device OXI-1: its custody_spans are not what its events say",
        "1 event, 4 devices, 8 spans, 1 mismatch",
    ]
    assert found.err == (
        "Error: The ledger and what is derived from it disagree. If only spans are"
        " named, see first that no event was cut off: fsc ledger verify --against FILE,"
        " a checkpoint kept elsewhere; then: fsc ledger rebuild\n"
    )
    assert in_json.json["mismatches"] == [found.out.splitlines()[0]]
    assert rebuilt.out == "8 spans of 4 devices made from 1 event\n"
    assert run("ledger", "verify").code == 0


def test_a_checkpoint_changes_with_every_event(run):
    before = run("ledger", "checkpoint", "--json").json
    run("move", "OXI-1", "--to", "VAN-ANNA")
    after = run("ledger", "checkpoint", "--json").json

    assert [head["station"] for head in after["stations"]] == ["DESK", "DOCK"]
    assert (before["events"], after["events"]) == (1, 2)
    assert before["hash"] == after["before"] != after["hash"]


def test_a_checkpoint_is_printed_head_by_head(run):
    printed = run("ledger", "checkpoint").out.splitlines()
    kept = run("ledger", "checkpoint", "--json").json

    head = kept["stations"][0]["hash"]
    assert printed == [f"DOCK  1 event  {head}", f"ledger  1 event  {kept['before']}"]


def test_the_database_is_checked(run, sqlite_url):
    whole = run("db", "check")
    with closing(sqlite3.connect(sqlite_url)) as connection:
        connection.execute("DROP TRIGGER event_no_update")
    damaged = run("db", "check", "--json")

    assert (whole.code, whole.out) == (
        0,
        "The database is whole. To prove the ledger too: fsc ledger verify\n",
    )
    assert damaged.code == 6
    assert damaged.json == {
        "defects": ["event: the trigger that refuses changes is gone (event_no_update)"]
    }


def test_the_database_is_copied_and_put_back(run, tmp_path):
    copied = run("db", "backup", "copy.db")
    run("move", "OXI-1", "--to", "VAN-ANNA")
    put_back = run("db", "restore", "copy.db", "--yes")

    assert (copied.code, copied.out) == (0, "copy.db\n")
    assert put_back.code == 0
    assert where(run, "OXI-1") == "DEPOT@H-A"


def test_the_database_is_made_and_upgraded_once(run, tmp_path):
    path = tmp_path / "new" / "fsc.db"

    missing = run("--database", path, "who", "OXI-1")
    made = run("--database", path, "db", "upgrade")
    again = run("--database", path, "db", "upgrade")
    in_json = run("--database", path, "db", "upgrade", "--json").json

    assert (missing.code, missing.err) == (
        1,
        f"Error: There is no database at {path}. Make one with: fsc db upgrade\n",
    )
    assert made.out == f"The database is now at revision {REVISION}.\n"
    assert again.out == f"The database is at revision {REVISION} already.\n"
    assert in_json == {"from": REVISION, "to": REVISION}


def test_a_busy_database_is_tried_later_and_still_answers(run, sqlite_url, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)

    with closing(sqlite3.connect(sqlite_url, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        busy = run("move", "OXI-1", "--to", "VAN-ANNA")
        answer = where(run, "OXI-1")
        other.execute("ROLLBACK")

    assert busy == Ended(
        code=75,
        out="",
        err="Error: The database is busy. Try again in a moment.\n",
    )
    assert answer == "DEPOT@H-A"
