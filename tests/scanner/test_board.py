"""What is shown of a port that follows another."""

from datetime import UTC, datetime

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


def scan(port):
    return Scan(
        scan_id=new_scan_id(NOW),
        station="HORSENS",
        station_seq=1,
        port=port,
        read_point="R",
        scanned_at=NOW,
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


def test_what_is_set_there_begins_the_count_of_both_anew(board):
    for port in ("DESK", "TUNNEL", "GATE"):
        board.told(scan(port), Verdict(Outcome.OK, ""))

    board.told(scan("DESK"), Verdict(Outcome.SET, ""))

    assert shown(board, "counts") == {
        "DESK": {"set": 1},
        "TUNNEL": {},
        "GATE": {"ok": 1},
    }


def test_what_is_set_at_a_port_that_follows_begins_no_count_anew(board):
    board.told(scan("DESK"), Verdict(Outcome.OK, ""))

    board.told(scan("TUNNEL"), Verdict(Outcome.SET, ""))

    assert shown(board, "counts")["DESK"] == {"ok": 1}
