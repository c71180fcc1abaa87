"""UNDO: at which port, and of which scan."""

from datetime import timedelta

import pytest

from scanner.scan import Outcome, Verdict

NOTHING = Verdict(Outcome.REFUSED, "Nothing was recorded here in the last two minutes.")


@pytest.fixture
def gun(docks):
    return docks("GUN-1", "HORSENS")


def test_a_port_takes_back_nothing_of_another_at_the_same_read_point(docks, gun):
    other = docks("GUN-2", "HORSENS")
    other.seq = 100
    other.scan("%C:MODE:IN", "%L:H-B", "OXI-1")
    gun.clock = other.clock

    assert gun.scan("%C:UNDO") == NOTHING
    assert other.where("OXI-1") == "DEPOT@H-B"


def test_a_reader_that_follows_a_desk_is_undone_at_the_desk(docks, gun):
    reader = docks("TAGS", "HORSENS-TABLE")
    reader.seq = 100
    gun.scan("%C:MODE:IN", "%L:H-B", "OXI-1")
    reader.followed = gun.followed = {"TAGS": "GUN-1"}
    reader.clock, reader.context = gun.clock, gun.context
    reader.scan("OXI-2")
    gun.clock, gun.seq = reader.clock, 200

    gun.scan("%C:UNDO")

    assert (gun.where("OXI-1"), gun.where("OXI-2")) == ("DEPOT@H-B", "DEPOT@H-A")


@pytest.mark.parametrize("card", ["%P:CIT-1", "%K:KIT-1"])
def test_a_device_scanned_twice_is_undone(dock, card):
    before = dock.where("OXI-1")
    dock.scan("%C:MODE:OUT", card, "OXI-2", "OXI-1", "OXI-1")

    undone = dock.scan("%C:UNDO")

    assert undone == Verdict(Outcome.OK, "Undone. OXI-1: DEPOT @ H-A")
    assert dock.where("OXI-1") == before


def test_what_was_recorded_long_ago_and_scanned_again_is_not_undone(dock):
    dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1")
    for _ in range(3):
        dock.scan("OXI-2", gap=timedelta(minutes=1))
    dock.scan("OXI-1")

    assert dock.scan("%C:UNDO") == Verdict(
        Outcome.REFUSED, "The last scan recorded nothing, so there is nothing to undo."
    )


def test_what_another_act_has_recorded_is_not_undone(dock):
    dock.scan("%C:MODE:IN", "%L:H-B", "OXI-1", "%C:MODE:MOVE", "%L:H-B", "OXI-1")

    assert dock.scan("%C:UNDO") == Verdict(
        Outcome.REFUSED, "The last scan recorded nothing, so there is nothing to undo."
    )
