"""BUILD, and OUT to a kit: what is scanned becomes a part of it, and is with it."""

import pytest

from fsc_logistics.core.devices.codes import link_code
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exceptions.resolving import record_held
from fsc_logistics.core.exceptions.waiting import list_matters
from fsc_logistics.core.kits.membership import kit_parts, record_kit
from fsc_logistics.core.kits.settings import set_up
from fsc_logistics.core.kits.templates import add_template
from fsc_logistics.domain.custody import Signature
from scanner.scan import Outcome, Verdict


@pytest.fixture
def parts(dock):
    """Return what is in the kit now."""

    def read():
        with dock.sessions.read() as session:
            return [one.device for one in kit_parts(session, "KIT-1", at=dock.clock)]

    return read


def a_template(dock, **holds):
    with dock.sessions.begin() as session:
        add_template(session, "SET", name="A set", holds=holds)
        set_up(session, find_device(session, "KIT-1"), template="SET")


@pytest.mark.parametrize("kit", ["%K:KIT-1", "KIT-1"])
def test_what_is_scanned_after_the_kit_is_a_part_of_it_one_by_one(dock, parts, kit):
    named = dock.scan("%C:MODE:BUILD", kit)
    first = dock.scan("OXI-1")
    inside = parts()
    dock.scan("OXI-2")

    assert named == Verdict(Outcome.SET, "BUILD: KIT-1")
    assert first == Verdict(Outcome.OK, "OXI-1: DEPOT @ H-A (a part of KIT-1)")
    assert inside == ["OXI-1"]
    assert parts() == ["OXI-1", "OXI-2"]


def test_a_part_from_elsewhere_is_with_its_kit_from_now_on(dock, parts):
    dock.scan("%C:MODE:MOVE", "%L:H-B", "OXI-1")

    dock.scan("%C:MODE:BUILD", "%K:KIT-1", "OXI-1")

    assert parts() == ["OXI-1"]
    assert dock.where("OXI-1") == "DEPOT@H-A"


def test_the_end_of_building_tells_what_the_kit_still_lacks(dock):
    a_template(dock, **{"3230": 2})
    dock.scan("%C:MODE:BUILD", "%K:KIT-1", "OXI-1")

    lacking = dock.scan("%C:END")
    dock.scan("%C:MODE:BUILD", "%K:KIT-1", "OXI-2")
    whole = dock.scan("%C:END")

    assert lacking == Verdict(
        Outcome.SET, "Done. KIT-1 is not whole: it lacks 1 of 3230."
    )
    assert whole == Verdict(Outcome.SET, "Done. KIT-1 is whole: 2 in it.")


def test_a_part_too_many_stops_the_hand_and_stays_where_it_was(dock, parts):
    a_template(dock, **{"3230": 1})
    dock.scan("%C:MODE:MOVE", "%L:H-B", "OXI-2")
    dock.scan("%C:MODE:BUILD", "%K:KIT-1", "OXI-1")

    verdict = dock.scan("OXI-2")

    assert verdict == Verdict(
        Outcome.REFUSED,
        "KIT-1 would hold 2 of 3230, and template SET has room for 1. See: fsc kit"
        " template show SET",
        holds=True,
    )
    assert parts() == ["OXI-1"]
    assert dock.where("OXI-2") == "DEPOT@H-B"
    assert dock.waiting() == [("OXI-2", "refused_scan")]


def test_a_part_that_is_in_it_already_adds_nothing(dock):
    dock.scan("%C:MODE:BUILD", "%K:KIT-1", "OXI-1")
    before = dock.uids()

    verdict = dock.scan("OXI-1")

    assert verdict.outcome is Outcome.ALREADY
    assert dock.uids() == before


def test_a_part_taken_elsewhere_and_scanned_again_comes_back_to_its_kit(dock):
    dock.scan("%C:MODE:BUILD", "%K:KIT-1", "OXI-1")
    dock.scan("%C:MODE:MOVE", "%L:H-B", "OXI-1")

    verdict = dock.scan("%C:MODE:BUILD", "%K:KIT-1", "OXI-1")

    assert verdict.outcome is Outcome.OK
    assert dock.where("OXI-1") == "DEPOT@H-A"


def test_a_device_scanned_before_the_kit_names_it_only_if_it_may_be_a_tag(dock):
    dock.scan("%C:MODE:BUILD")

    unknown = dock.scan("5701234567890")
    chosen = dock.scan("KIT-1")

    assert unknown.outcome is Outcome.UNKNOWN
    assert chosen == Verdict(Outcome.SET, "BUILD: KIT-1")


def test_a_foreign_code_of_a_device_names_no_kit(dock):
    with dock.sessions.begin() as session:
        find_device(session, "KIT-1").serial = "570123456789"

    verdict = dock.scan("%C:MODE:BUILD", "570123456789")

    assert verdict == Verdict(
        Outcome.REFUSED, "Scan the kit first: its card or its own tag."
    )


def test_out_to_a_kit_makes_a_part_of_it_and_takes_it_where_the_kit_is(dock, parts):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "KIT-1")

    verdict = dock.scan("%K:KIT-1", "OXI-1")

    assert verdict == Verdict(Outcome.OK, "OXI-1: ANNA @ VAN-ANNA (a part of KIT-1)")
    assert parts() == ["OXI-1"]


def test_a_part_that_may_not_go_where_the_kit_is_is_recorded_and_stops_the_hand(dock):
    dock.scan("%C:MODE:OUT", "%P:CIT-1", "KIT-1", "%C:CARE:REPAIR", "OXI-1")

    verdict = dock.scan("%C:MODE:OUT", "%K:KIT-1", "OXI-1")

    assert verdict == Verdict(
        Outcome.REFUSED,
        "OXI-1 is in repair, and was handed to CIT-1. Recorded all the same; take it"
        " back: scan OK, then UNDO or IN.",
        holds=True,
    )


@pytest.mark.parametrize("mode", ["%C:MODE:OUT", "%C:MODE:BUILD"])
def test_a_part_put_in_by_mistake_is_taken_out_and_back(dock, parts, mode):
    dock.scan("%C:MODE:MOVE", "%L:H-B", "OXI-1")
    dock.scan(mode, "%K:KIT-1", "OXI-1")

    verdict = dock.scan("%C:UNDO")

    assert verdict == Verdict(Outcome.OK, "Undone. OXI-1: DEPOT @ H-B")
    assert parts() == []
    assert dock.where("OXI-1") == "DEPOT@H-B"


def test_a_kit_there_is_not_is_told_and_waits(dock):
    verdict = dock.scan("%C:MODE:BUILD", "%K:KIT-9")

    assert verdict == Verdict(
        Outcome.UNKNOWN, "KIT-9 is not a device of this centre. See: fsc device list"
    )
    assert dock.waiting() == [("%K:KIT-9", "unknown_code")]


def test_a_kit_card_while_looking_tells_who_has_it(dock):
    with dock.sessions.begin() as session:
        by = Signature(station="OFFICE", actor="EVA", record_time=dock.clock)
        record_kit(session, ["OXI-1"], kit="KIT-1", uid="kit", at=dock.clock, by=by)

    assert dock.scan("%K:KIT-1") == Verdict(
        Outcome.LOOKED, "KIT-1: DEPOT @ H-A (with 1 part)"
    )


def test_a_code_that_names_nothing_is_no_kit_and_the_next_device_is(dock, parts):
    wrong = dock.scan("%C:MODE:BUILD", "KIT-9")
    unknown = dock.scan("OXI-9")
    kit = dock.scan("KIT-1")
    part = dock.scan("OXI-1")
    end = dock.scan("%C:END")

    again = "This code is not known here: scan the kit again, its card or its own tag."
    assert wrong == unknown == Verdict(Outcome.UNKNOWN, again)
    assert wrong.facts["say"] == "kit_again"
    assert kit == Verdict(Outcome.SET, "BUILD: KIT-1")
    assert part == Verdict(Outcome.OK, "OXI-1: DEPOT @ H-A (a part of KIT-1)")
    assert end.message == "Done. KIT-1 is whole: 1 in it."
    assert parts() == ["OXI-1"]


def test_a_card_of_a_kit_that_is_not_registered_leaves_the_kit_to_be_scanned(
    dock, parts
):
    dock.scan("%C:MODE:BUILD", "%K:KIT-9", "KIT-1", "OXI-1", "%K:KIT-9", "%K:KIT-1")
    dock.scan("OXI-2")

    assert parts() == ["OXI-1", "OXI-2"]


def test_a_kit_goes_by_a_foreign_code_whose_case_matters(dock, parts):
    with dock.sessions.begin() as session:
        link_code(session, "KIT-1", "Bx7-kit")

    dock.scan("%C:MODE:BUILD", "Bx7-kit", "OXI-1")

    assert parts() == ["OXI-1"]


def test_what_waits_of_a_kit_that_was_not_known_cannot_be_recorded(dock):
    dock.scan("%C:MODE:BUILD", "KIT-9")

    with dock.sessions.read() as session:
        (matter,) = list_matters(session)
    assert matter.todo.startswith("Nothing was set that could be recorded.")


def test_a_part_that_waited_is_put_into_the_kit_that_was_scanned_again(dock, parts):
    dock.scan("%C:MODE:BUILD", "KIT-9", "KIT-1", "BOX-77")
    by = Signature(station="OFFICE", actor="EVA", record_time=dock.clock)
    with dock.sessions.begin() as session:
        link_code(session, "OXI-1", "BOX-77")
        held = dock.made[-1].scan_id
        record_held(session, held, uid="desk-1", by=by)

    assert parts() == ["OXI-1"]
