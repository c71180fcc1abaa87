"""Conditions, flags and exceptions at the command line."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fsc_logistics.core.database import Sessions, make_engine
from fsc_logistics.core.scanning.recording import record_scans
from fsc_logistics.domain.station import advance
from scanner.scan import Scan

CENTRE = ZoneInfo("Europe/Copenhagen")
SCANNED = datetime(2026, 11, 21, 12, tzinfo=UTC)
IDLE = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def desk(centre, monkeypatch):
    monkeypatch.setenv("FSC_DATABASE", centre)
    monkeypatch.setenv("FSC_STATION", "OFFICE")
    monkeypatch.setenv("FSC_ACTOR", "BIRTE")
    return centre


@pytest.fixture
def scanned(centre):
    """Scan codes a second apart at HORSENS."""

    def scan(*texts):
        engine = make_engine(centre)
        context = ""
        for seq, text in enumerate(texts, start=1):
            moment = SCANNED + timedelta(seconds=seq)
            made = Scan(
                scan_id=f"scan-{seq}",
                station="DOCK",
                station_seq=seq,
                port="GUN",
                read_point="HORSENS",
                scanned_at=moment,
                raw=text.encode(),
                text=text,
                symbology="",
                context=context,
            )
            record_scans(Sessions(engine), [made], now=moment, idle=IDLE)
            context = advance(context, text, moment, idle=IDLE)
        engine.dispose()

    return scan


def listed(fsc, *command):
    return json.loads(fsc(*command, "--json").out)


def test_a_condition_is_set_and_the_event_is_told(fsc):
    told = fsc("condition", "set", "cleaning", "OXI-000001", "OXI-000002")

    uid, *devices = told.out.split()
    (row,) = listed(
        fsc, "condition", "list", "--condition", "cleaning", "--location", "HORSENS"
    )[:1]
    assert (told.code, devices) == (0, ["OXI-000001", "OXI-000002"])
    assert (row["device"], row["condition"], row["event"]) == (
        "OXI-000001",
        "cleaning",
        uid,
    )
    assert (row["by"], row["why"]) == ("BIRTE", None)
    assert (row["custodian"], row["location"]) == ("DEPOT", "HORSENS")


def test_a_condition_that_is_so_already_names_the_event_that_said_so(fsc):
    first = fsc("condition", "set", "cleaning", "OXI-000001").out.split()[0]

    again = fsc("condition", "set", "cleaning", "OXI-000001")

    assert again.out == f"{first}  already so\n"


def test_a_dry_run_sets_nothing(fsc):
    told = fsc("condition", "set", "cleaning", "OXI-000001", "--dry-run")

    assert told.out == "would be about OXI-000001\n"
    assert listed(fsc, "condition", "list", "--condition", "cleaning") == []


def test_a_condition_set_in_json(fsc):
    told = listed(
        fsc, "condition", "set", "repair", "OXI-000001", "--why", "display dark"
    )

    assert set(told) == {"uid", "added", "devices", "dry_run"}
    assert (told["added"], told["devices"]) == (True, ["OXI-000001"])


def test_a_condition_that_needs_a_reason_says_so(fsc):
    told = fsc("condition", "set", "quarantine", "OXI-000001")

    assert told.code == 4
    assert told.err == "Error: Say why OXI-000001 is set to quarantine: --why TEXT\n"


def test_the_conditions_of_a_device_have_a_history(fsc):
    fsc("condition", "set", "repair", "OXI-000001", "--why", "display dark")
    fsc("condition", "set", "ready", "OXI-000001")

    rows = listed(fsc, "condition", "history", "OXI-000001")

    assert [(row["condition"], row["why"]) for row in rows] == [
        ("ready", None),
        ("repair", "display dark"),
        ("ready", None),
    ]
    assert [row["until"] for row in rows] == [
        rows[1]["since"],
        rows[2]["since"],
        None,
    ]


def test_conditions_are_listed_as_they_were(fsc):
    fsc("condition", "set", "cleaning", "OXI-000001")

    rows = listed(
        fsc, "condition", "list", "--condition", "cleaning", "--at", "2026-02-01T12:00"
    )

    assert rows == []


def test_a_move_that_hands_out_an_unfit_device_says_what_to_do(fsc):
    fsc("condition", "set", "cleaning", "OXI-000001")

    told = fsc("move", "OXI-000001", "--to", "HOME-CIT-1")

    assert (told.code, told.out) == (4, "")
    assert told.err == (
        "Error: OXI-000001 is being cleaned and cannot be handed to CIT-1. When it is"
        " fit, say so: fsc condition set ready OXI-000001\n"
    )


def test_a_flag_is_raised_listed_and_lowered(fsc):
    raised = fsc("flag", "raise", "missing", "OXI-000001", "--why", "not at the count")
    rows = listed(fsc, "flag", "list", "--flag", "missing")
    lowered = fsc("flag", "lower", "missing", "OXI-000001", "--why", "on top of it")

    assert (raised.code, lowered.code) == (0, 0)
    assert [(row["device"], row["flag"], row["why"]) for row in rows] == [
        ("OXI-000001", "missing", "not at the count")
    ]
    assert listed(fsc, "flag", "list") == []


def test_who_tells_the_flags_too(fsc):
    fsc("flag", "raise", "recalled", "OXI-000001", "--why", "straps tear")

    assert "  available, recalled  (3230)" in fsc("who", "OXI-000001").out


def test_a_whole_model_is_recalled_and_told_by_its_ends(fsc):
    told = fsc("flag", "raise", "recalled", "--model", "3230", "--why", "straps tear")

    assert told.code == 0
    assert told.out.endswith("  OXI-000001 … OXI-000025 (25 devices)\n")
    assert len(listed(fsc, "flag", "list", "--flag", "recalled")) == 25


@pytest.mark.parametrize("named", [[], ["OXI-000001", "--model", "3230"]])
def test_a_flag_is_about_devices_or_a_model(fsc, named):
    told = fsc("flag", "raise", "recalled", *named, "--why", "straps tear")

    assert told.code == 2
    assert "Name devices or a --model, one of the two." in told.err


def test_an_exception_is_listed_with_what_to_do_and_dealt_with(fsc, scanned):
    scanned("5701234567890")

    (waiting,) = listed(fsc, "exceptions")
    told = fsc("exceptions", "resolve", "scan-1", "--how", "a parcel of the post")
    (done,) = listed(fsc, "exceptions", "list", "--resolved")

    assert set(waiting) == {
        *("id", "kind", "raised_at", "device", "payload", "station", "read_point"),
        *("what", "todo", "event", "count", "resolved_at", "resolved_by", "how"),
    }
    assert told.out.endswith("  scan-1 is dealt with\n")
    assert (done["id"], done["how"]) == ("scan-1", "a parcel of the post")
    assert listed(fsc, "exceptions") == []


@pytest.mark.parametrize("which", ["--resolved", "--all"])
def test_who_dealt_with_an_exception_and_when_is_listed(fsc, scanned, which):
    scanned("5701234567890")
    fsc("exceptions", "resolve", "scan-1", "--how", "a parcel of the post")

    (done,) = listed(fsc, "exceptions", "list", "--resolved")
    heads, row = fsc("exceptions", "list", which).out.splitlines()

    at = datetime.fromisoformat(done["resolved_at"]).astimezone(CENTRE)
    told = row[heads.index("resolved at") :]
    assert (told[:16], told[16:].split(maxsplit=1)) == (
        f"{at:%Y-%m-%d %H:%M}",
        ["BIRTE", "a parcel of the post"],
    )


def test_several_that_say_the_same_are_dealt_with_as_one(fsc, scanned):
    scanned("5701234567890", "5701234567890")

    told = fsc("exceptions", "resolve", "scan-1", "--how", "thrown away")

    assert told.out.endswith("  scan-1 is dealt with (2 exceptions)\n")


def test_exceptions_that_say_the_same_may_all_be_named(fsc, scanned):
    scanned("5701234567890", "5701234567890")

    told = fsc("exceptions", "resolve", "scan-1", "scan-2", "--how", "thrown away")

    assert (told.code, told.out[36:]) == (0, "  scan-1 is dealt with (2 exceptions)\n")


def test_a_held_scan_is_recorded_after_its_code_was_linked(fsc, scanned):
    scanned("%C:MODE:OUT", "%P:ANNA", "5701234567890")
    fsc("device", "link", "OXI-000001", "5701234567890")

    told = fsc("exceptions", "record", "scan-3")

    assert (told.code, told.out) == (0, "scan-3  OXI-000001\n")
    assert listed(fsc, "who", "OXI-000001")["custodian"] == "ANNA"


def test_what_a_held_scan_contradicts_is_told_when_it_is_recorded(fsc, scanned):
    scanned("%C:MODE:OUT", "%P:CIT-1", "5701234567890")
    fsc("device", "link", "OXI-000001", "5701234567890")
    fsc(
        *("condition", "set", "cleaning", "OXI-000001"),
        *("--at", "2026-11-01T12:00"),
    )

    told = fsc("exceptions", "record", "scan-3")

    assert told.err == (
        "OXI-000001 is being cleaned, and was handed to CIT-1. See: fsc exceptions\n"
    )
    assert [row["id"] for row in listed(fsc, "exceptions")] == ["A-1"]


def test_all_and_resolved_are_not_asked_at_once(fsc):
    told = fsc("exceptions", "--all", "--resolved")

    assert told.code == 2
    assert "--all has those dealt with already; leave --resolved." in told.err


def test_that_nothing_waits_is_said(fsc):
    told = fsc("exceptions")

    assert (told.code, told.out, told.err) == (0, "", "Nothing waits.\n")
