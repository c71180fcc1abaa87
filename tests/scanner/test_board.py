"""What is counted at a port, and what is shown of one that follows another."""

from datetime import UTC, datetime, timedelta

import pytest

from scanner.scan import Outcome, Scan, Verdict, new_scan_id
from scanner.settings import PortSettings
from scanner.telling.board import Board

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def board():
    board = Board("HORSENS", waiting_count=0, failed_count=0)
    for name, follows in (("DESK", ""), ("TUNNEL", "DESK"), ("GATE", "")):
        port = PortSettings(
            name=name, url="loop://", read_point="R", protocol="r200", follows=follows
        )
        board.serve(port, "")
    return board


def scan(port, moment=NOW):
    return Scan(
        scan_id=new_scan_id(moment),
        station="HORSENS",
        station_seq=1,
        port=port,
        read_point="R",
        scanned_at=moment,
        raw=b"",
        text="",
        symbology="",
        context="",
    )


def shown(board, key):
    return {port["name"]: port[key] for port in board.as_json()["ports"]}


def test_a_port_that_follows_another_shows_what_is_set_there(board):
    board.saved([scan("DESK")], {"DESK": "OUT"})

    assert shown(board, "context") == {"DESK": "OUT", "TUNNEL": "OUT", "GATE": ""}


def verdict(outcome, since=NOW, **facts):
    return Verdict(outcome, "", facts={"since": since.isoformat(), **facts})


def test_what_is_set_there_begins_the_count_of_both_anew(board):
    for port in ("DESK", "TUNNEL", "GATE"):
        board.told(scan(port), Verdict(Outcome.OK, ""))

    board.told(scan("DESK"), verdict(Outcome.SET))

    assert shown(board, "counts") == {
        "DESK": {"set": 1},
        "TUNNEL": {},
        "GATE": {"ok": 1},
    }
    board.told(scan("TUNNEL"), verdict(Outcome.OK))
    assert shown(board, "counts")["TUNNEL"] == {"ok": 1}


def test_a_card_that_changes_nothing_leaves_the_count_alone(board):
    board.told(scan("DESK"), verdict(Outcome.SET))
    board.told(scan("DESK"), verdict(Outcome.OK))

    board.told(scan("DESK"), verdict(Outcome.SET))

    assert shown(board, "counts")["DESK"] == {"ok": 1, "set": 2}


def test_what_is_undone_is_taken_off_the_count(board):
    for outcome in (Outcome.OK, Outcome.OK, Outcome.REFUSED):
        board.told(scan("DESK"), verdict(outcome))

    board.told(scan("DESK"), verdict(Outcome.OK, takes_back="refused"))
    board.told(scan("DESK"), verdict(Outcome.OK, takes_back="ok"))

    assert shown(board, "counts")["DESK"] == {"ok": 1}


def test_what_was_recorded_and_sounded_bad_is_counted_as_recorded(board):
    board.told(scan("DESK"), verdict(Outcome.REFUSED, counts_as="ok"))
    board.told(scan("DESK"), verdict(Outcome.REFUSED))

    assert shown(board, "counts")["DESK"] == {"ok": 1, "refused": 1}
    assert board.totals() == {("DESK", Outcome.REFUSED): 2}


def test_what_is_undone_is_taken_off_the_count_of_the_port_it_was_scanned_at(board):
    tag = scan("TUNNEL")
    for it in (scan("DESK"), tag, scan("TUNNEL")):
        board.told(it, verdict(Outcome.OK))

    undo = verdict(Outcome.OK, takes_back="ok", taken_back=tag.scan_id)
    board.told(scan("DESK"), undo)

    assert shown(board, "counts") == {
        "DESK": {"ok": 1},
        "TUNNEL": {"ok": 1},
        "GATE": {},
    }


def test_what_is_undone_of_the_count_before_makes_no_debt(board):
    board.told(scan("DESK"), verdict(Outcome.SET))

    board.told(scan("DESK"), verdict(Outcome.OK, takes_back="ok"))
    board.told(scan("DESK"), verdict(Outcome.OK))

    assert shown(board, "counts")["DESK"] == {"ok": 1, "set": 1}


def test_a_mode_set_while_the_database_was_away_begins_a_count_once_it_is_checked(
    board,
):
    board.told(scan("DESK"), verdict(Outcome.OK, since=NOW - timedelta(minutes=5)))
    moments = [NOW + timedelta(seconds=it) for it in range(40)]
    scans = [scan("DESK", moment) for moment in moments]
    for it in scans:
        board.told(it, Verdict(Outcome.STORED, ""))
    assert shown(board, "counts")["DESK"] == {"ok": 1, "stored": 40}

    board.told(scans[0], verdict(Outcome.SET))

    assert shown(board, "counts")["DESK"] == {"set": 1, "stored": 39}
    assert shown(board, "counts_since")["DESK"] == NOW.isoformat()
    for it in scans[1:]:
        board.told(it, verdict(Outcome.OK))
    assert shown(board, "counts")["DESK"] == {"ok": 39, "set": 1}
    last = shown(board, "last")["DESK"]
    assert [it["scan_id"] for it in last] == [it.scan_id for it in scans[:19:-1]]


def test_of_what_was_set_before_the_start_the_rest_is_counted(board):
    board.told(scan("DESK"), verdict(Outcome.OK, since=NOW - timedelta(minutes=5)))

    assert shown(board, "counts_since")["DESK"] == NOW.isoformat()
