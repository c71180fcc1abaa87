"""Mistakes put right at the command line: what is printed, and how it ends."""

import json
from datetime import UTC, datetime

import pytest

MAY = ("--from", "2026-05-01T00:00", "--until", "2026-05-02T00:00")


@pytest.fixture
def desk(fsc, centre, monkeypatch):
    """Run a command on the small centre, at a station."""
    monkeypatch.setenv("FSC_DATABASE", centre)

    def run(*arguments, station="OFFICE"):
        monkeypatch.setenv("FSC_STATION", station)
        return fsc(*arguments)

    return run


@pytest.fixture
def moved(desk):
    """Two devices moved in one event at the dock, and one more later; their uids."""
    one = desk(
        *("move", "OXI-000001", "OXI-000002", "--to", "VAN-ANNA"),
        *("--at", "2026-05-01T10:00", "--json"),
        station="DOCK",
    )
    other = desk(
        *("move", "OXI-000003", "--to", "VAN-BO"),
        *("--at", "2026-05-01T11:00", "--json"),
        station="DOCK",
    )
    return [json.loads(told.out)["uid"] for told in (one, other)]


def where(desk, device, at="2026-05-01T12:00"):
    return json.loads(desk("who", device, "--at", at, "--json").out)["location"]


def test_one_device_of_an_event_is_undone(desk, moved):
    told = desk("undo", moved[0], "--device", "OXI-000002")

    assert (told.code, told.err) == (0, "")
    uid = told.out.split()[0]
    assert told.out == f"{uid}  declares {moved[0]} wrong for OXI-000002\n"
    assert where(desk, "OXI-000001") == "VAN-ANNA"
    assert where(desk, "OXI-000002") == "HORSENS"


@pytest.fixture
def act(desk, centre):
    """An act of three events, as those of kits are; their uids."""
    from fsc_logistics.core.care.conditions import record_condition
    from fsc_logistics.core.database import Sessions, make_engine
    from fsc_logistics.domain.care import Condition
    from fsc_logistics.domain.custody import Signature

    at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    engine = make_engine(centre)
    uids = ["act", "act.2", "act.3"]
    with Sessions(engine).begin() as session:
        for uid, tag, condition in zip(
            uids,
            ("OXI-000001", "OXI-000002", "OXI-000001"),
            (Condition.RETURNED, Condition.RETURNED, Condition.CLEANING),
            strict=True,
        ):
            record_condition(
                session,
                [tag],
                condition,
                uid=uid,
                at=at,
                by=Signature(station="DOCK", actor="EVA", record_time=at),
            )
    engine.dispose()
    return uids


def test_what_else_the_act_recorded_is_told_when_one_event_of_it_is_undone(desk, act):
    first = desk("undo", "act.2", "--dry-run")
    second = desk("undo", "act.2")
    third = desk("undo", "act")

    rest = "act.3 is of the same act and still stands. To undo it too: fsc undo act.3\n"
    assert first.err == (
        "act is of the same act and still stands. To undo it too: fsc undo act\n" + rest
    )
    assert second.err == first.err
    assert third.err == rest


def test_of_one_device_what_else_the_act_said_of_it_is_told(desk, act):
    told = desk("undo", "act", "--device", "OXI-000001", "--json")

    assert json.loads(told.out)["wrong"] == "act"
    assert told.err == (
        "act.3 is of the same act and still stands. To undo it too: fsc undo act.3"
        " --device OXI-000001\n"
    )


def test_one_device_of_an_event_is_corrected(desk, moved):
    told = desk(
        *("correct", moved[0], "--device", "OXI-000002"),
        *("--reason", "incorrect_data", "--to", "VAN-BO", "--json"),
    )

    answer = json.loads(told.out)
    assert list(answer) == ["uid", "wrong", "replacement", "devices"]
    assert (answer["wrong"], answer["devices"]) == (moved[0], ["OXI-000002"])
    assert where(desk, "OXI-000001") == "VAN-ANNA"
    assert where(desk, "OXI-000002") == "VAN-BO"


def test_a_dry_run_says_what_would_be_wrong_and_records_nothing(desk, moved):
    told = desk("undo", moved[0], "--dry-run")

    assert told.out == f"would declare {moved[0]} wrong for OXI-000001 OXI-000002\n"
    assert where(desk, "OXI-000001") == "VAN-ANNA"


def test_a_period_of_a_station_is_moved_in_time(desk, moved):
    told = desk("correct", "--station", "DOCK", *MAY, "--shift", "-1h")

    head, *rows = (
        [cell.strip() for cell in line.split("  ") if cell]
        for line in told.out.splitlines()
    )
    assert head == ["event", "was", "is now", "devices", "uid"]
    assert [row[:-1] for row in rows] == [
        [moved[0], "2026-05-01 10:00", "2026-05-01 09:00", "OXI-000001 OXI-000002"],
        [moved[1], "2026-05-01 11:00", "2026-05-01 10:00", "OXI-000003"],
    ]
    assert told.err == "2 events are declared wrong; 0 left alone.\n"
    assert where(desk, "OXI-000003", "2026-05-01T10:30") == "VAN-BO"
    assert desk("ledger", "verify").code == 0


def test_a_period_is_moved_once_however_often_that_is_said(desk, moved):
    shift = ("correct", "--station", "DOCK", *MAY, "--shift", "-1h")
    desk(*shift, station="DOCK")

    told = desk(*shift, station="DOCK")
    again = desk(*shift, "--again", "--dry-run", station="DOCK")

    assert (told.code, told.out) == (4, "")
    assert told.err.startswith(
        "Error: What DOCK recorded in that period was moved already, to 1 hour earlier,"
    )
    assert again.err == "2 events would be declared wrong; 2 left alone.\n"


def test_a_dry_run_shows_a_period_and_records_nothing(desk, moved):
    told = desk("undo", "--station", "DOCK", *MAY, "--dry-run")

    lines = told.out.splitlines()
    assert [line.split()[0] for line in lines] == ["event", *moved]
    assert lines[0].endswith("devices")
    assert told.err == "2 events would be declared wrong; 0 left alone.\n"
    assert where(desk, "OXI-000003") == "VAN-BO"


@pytest.mark.parametrize(
    "arguments", [("undo", *MAY), ("correct", *MAY, "--shift", "+30m")]
)
def test_a_period_in_json_is_an_array(desk, moved, arguments):
    told = desk(*arguments, "--station", "DOCK", "--json")

    answer = json.loads(told.out)
    assert told.err == ""
    assert [list(row) for row in answer] == [
        ["event", "was", "is_now", "devices", "uid", "replacement"]
    ] * 2
    assert [row["event"] for row in answer] == moved
    assert answer[0]["was"] == "2026-05-01T08:00:00+00:00"
    shifted = "2026-05-01T08:30:00+00:00" if "--shift" in arguments else None
    assert answer[0]["is_now"] == shifted


def test_a_period_that_is_put_right_twice_has_nothing_left(desk, moved):
    desk("undo", "--station", "DOCK", *MAY)

    told = desk("undo", "--station", "DOCK", *MAY)

    assert (told.code, told.out) == (0, "")
    assert told.err == "0 events are declared wrong; 2 left alone.\n"


def test_many_devices_of_an_event_are_counted(desk):
    tags = [f"OXI-{number:06}" for number in range(1, 7)]
    desk("move", *tags, "--to", "VAN-BO", "--at", "2026-05-01T10:00", station="DOCK")

    told = desk("undo", "--station", "DOCK", *MAY, "--dry-run")

    assert "  OXI-000001 OXI-000002 OXI-000003 and 3 more\n" in told.out


WRONG_USAGE = [
    (("undo",), "Say what is wrong: EVENT, or a period of a --station."),
    (
        ("undo", "x", "--station", "DOCK"),
        "Give EVENT or a period of a --station, not both.",
    ),
    (
        ("undo", "--station", "DOCK"),
        "A period needs --station, --from and --until.",
    ),
    (
        ("undo", "--station", "DOCK", *MAY, "--device", "OXI-000001"),
        "--device is for one EVENT.",
    ),
    (
        ("undo", "--station", "DOCK", "--until", "2026-05-01", "--from", "2026-05-01"),
        "--until must be later than --from.",
    ),
    (
        ("correct", "--station", "DOCK", *MAY),
        "A period is moved in time with --shift, and with nothing else.",
    ),
    (
        ("correct", "--station", "DOCK", *MAY, "--shift", "1h", "--to", "VAN-BO"),
        "A period is moved in time with --shift, and with nothing else.",
    ),
    (
        ("correct", "x", "--shift", "-1h"),
        "--shift is for a period. When was EVENT? Give --at.",
    ),
    (
        ("correct", "x", "--again", "--reason", "did_not_occur"),
        "--again is for a period.",
    ),
    (
        ("correct", "x", "--to", "VAN-BO"),
        "Say why: --reason did_not_occur or --reason incorrect_data.",
    ),
    (
        ("correct", "x", "--reason", "incorrect_data"),
        "Say what is right: --to, --custodian, --step or --at.",
    ),
    (
        ("correct", "x", "--reason", "did_not_occur", "--to", "VAN-BO"),
        "What did not occur has no other place or time; use incorrect_data.",
    ),
    (
        ("correct", "--station", "DOCK", *MAY, "--shift", "soon"),
        "Invalid value for '--shift': 'soon' is not a span. Try -1h or +1h30m.",
    ),
    (
        ("correct", "--station", "DOCK", *MAY, "--shift", "0h"),
        "Invalid value for '--shift': '0h' is not a span. Try -1h or +1h30m.",
    ),
]


@pytest.mark.parametrize(("arguments", "error"), WRONG_USAGE)
def test_wrong_usage_is_told(desk, arguments, error):
    told = desk(*arguments)

    assert (told.code, told.out) == (2, "")
    assert told.err.endswith(f"\nError: {error}\n")


@pytest.mark.parametrize(
    ("span", "now"),
    [
        ("-1h", "09:00"),
        ("1h", "11:00"),
        ("+1h30m", "11:30"),
        ("-90m", "08:30"),
        ("-3600s", "09:00"),
        ("-1d", "10:00"),
        ("-1d2h", "08:00"),
    ],
)
def test_a_shift_is_told_in_days_hours_minutes_and_seconds(desk, moved, span, now):
    told = desk("correct", "--station", "DOCK", *MAY, "--shift", span, "--dry-run")

    day = "2026-04-30" if "d" in span else "2026-05-01"
    assert f"  {day} {now}  OXI-000001 OXI-000002\n" in told.out
