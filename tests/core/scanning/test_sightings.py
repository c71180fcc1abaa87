"""COUNT: what is seen is never lost, and can be taken back."""

from datetime import timedelta

import pytest

from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.corrections.replacements import Right
from fsc_logistics.core.devices.codes import link_code
from fsc_logistics.core.exceptions.resolving import record_held, resolve
from fsc_logistics.core.exceptions.waiting import list_matters
from fsc_logistics.core.scanning.counts import list_counts
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import Signature, WrongBecause
from scanner.scan import Outcome

EPC = "E2801160600002054D5E1234"
OTHER = "E2801160600002054D5E9999"


@pytest.fixture
def tagged(dock):
    with dock.sessions.begin() as session:
        link_code(session, "OXI-1", EPC)
    return dock


def test_a_known_tag_seen_at_a_place_that_is_not_registered_waits(tagged):
    known = tagged.scan("%C:MODE:COUNT", "%L:H-A9", EPC)
    unknown = tagged.scan(OTHER)

    assert known.outcome is Outcome.UNKNOWN
    assert known.facts["say"] != "unknown_listed"
    assert unknown.facts["say"] == "unknown_listed"
    assert (EPC, "unknown_code") in tagged.waiting()
    assert OTHER not in [code for code, _ in tagged.waiting()]


def test_what_only_an_undone_scan_has_seen_is_sought_again(dock):
    dock.scan("%C:MODE:COUNT", "%L:H-A", "OXI-1", "OXI-2", "KIT-1", "%C:END")
    sought = dock.waiting()
    dock.scan("%C:MODE:MOVE", "%L:H-B", "OXI-3")
    found = dock.waiting()

    dock.scan("%C:UNDO")

    assert (sought, found) == ([("OXI-3", "not_seen")], [])
    assert dock.waiting() == [("OXI-3", "not_seen")]


def test_what_was_seen_again_since_stays_found_if_the_first_sight_is_undone(dock):
    dock.scan("%C:MODE:COUNT", "%L:H-A", "OXI-1", "OXI-2", "KIT-1", "%C:END")
    dock.scan("%C:MODE:MOVE", "%L:H-B", "OXI-3", "%L:HORSENS", "OXI-3")
    first = dock.made[-3].scan_id

    with dock.sessions.begin() as session:
        declare_wrong(
            session,
            first,
            Signature(station="OFFICE", actor="EVA", record_time=dock.clock),
            reason=WrongBecause.DID_NOT_OCCUR,
            declaration_uid="wrong-1",
        )

    assert dock.waiting() == []


def test_what_was_seen_elsewhere_than_first_said_is_found(dock):
    dock.scan("%C:MODE:COUNT", "%L:H-A", "OXI-1", "OXI-2", "KIT-1", "%C:END")
    dock.scan("%C:MODE:MOVE", "%L:H-B", "OXI-3")

    with dock.sessions.begin() as session:
        declare_wrong(
            session,
            dock.made[-1].scan_id,
            Signature(station="OFFICE", actor="EVA", record_time=dock.clock),
            reason=WrongBecause.INCORRECT_DATA,
            declaration_uid="wrong-1",
            right=Right(location="HORSENS"),
            replacement_uid="right-1",
        )

    assert dock.waiting() == []


def test_a_code_linked_after_the_count_ends_the_search_for_its_device(dock):
    dock.scan("%C:MODE:COUNT", "%L:H-A", "OXI-1", "OXI-2", "KIT-1", "BOX-77")
    unknown = dock.made[-1].scan_id
    dock.scan("%C:END")
    sought = dock.waiting()
    dock.clock += timedelta(hours=1)
    by = Signature(station="OFFICE", actor="EVA", record_time=dock.clock)

    with dock.sessions.begin() as session:
        link_code(session, "OXI-3", "BOX-77")
        done = record_held(session, unknown, uid="desk-1", by=by)

    assert sought == [("BOX-77", "unknown_code"), ("OXI-3", "not_seen")]
    assert done.added is False
    assert dock.waiting() == []


def test_a_code_scanned_before_the_count_began_does_not_end_its_search(dock):
    dock.scan("%C:MODE:IN", "%L:H-A", "BOX-77")
    unknown = dock.made[-1].scan_id
    dock.scan("%C:MODE:COUNT", "%L:H-A", "OXI-1", "OXI-2", "KIT-1", "%C:END")
    by = Signature(station="OFFICE", actor="EVA", record_time=dock.clock)

    with dock.sessions.begin() as session:
        link_code(session, "OXI-3", "BOX-77")
        record_held(session, unknown, uid="desk-1", by=by)

    assert dock.waiting() == [("OXI-3", "not_seen")]


def test_what_is_cared_for_is_found_though_its_condition_is_not_news(dock):
    dock.say("OXI-3", Condition.CLEANING)
    dock.scan("%C:MODE:COUNT", "%L:H-A", "OXI-1", "OXI-2", "KIT-1", "%C:END")
    sought = dock.waiting()

    cared = dock.scan("%C:CARE:CLEANING", "OXI-3")
    again = dock.scan("OXI-3")

    assert sought == [("OXI-3", "not_seen")]
    assert (cared.outcome, again.outcome) == (Outcome.OK, Outcome.ALREADY)
    assert dock.waiting() == []
    assert dock.held("OXI-3").condition == Condition.CLEANING


def test_what_is_missing_and_cared_for_as_before_waits_once(dock):
    dock.say("OXI-3", Condition.CLEANING)
    dock.say("OXI-3", Flag.MISSING)

    found = dock.scan("%C:CARE:CLEANING", "OXI-3")
    again = dock.scan("OXI-3")

    assert found.facts["rule"] == "missing_found"
    assert again.outcome is Outcome.ALREADY
    assert dock.waiting() == [("OXI-3", "missing_found")]


def test_undo_takes_back_one_device_after_the_other_out_of_a_count(dock):
    dock.scan("%C:MODE:COUNT", "%L:H-A", "OXI-1", "OXI-2", "OXI-2")

    first = dock.scan("%C:UNDO")
    second = dock.scan("%C:UNDO")
    nothing = dock.scan("%C:UNDO")
    end = dock.scan("OXI-3", "%C:END")

    assert first.message == "Undone. OXI-2 is not counted: 1 of 4 at H-A."
    assert second.message == "Undone. OXI-1 is not counted: 0 of 4 at H-A."
    assert nothing.outcome is Outcome.REFUSED
    assert end.message == "H-A: 1 of 4 found, missing: KIT-1, OXI-1, OXI-2."


def test_undo_of_a_stray_lowers_how_many_there_are(dock):
    dock.scan("%C:MODE:MOVE", "%L:H-B", "OXI-3")
    stray = dock.scan("%C:MODE:COUNT", "%L:H-A", "OXI-1", "OXI-3")

    dock.scan("%C:UNDO")
    after = dock.scan("OXI-2")

    assert stray.facts["strays"] == "1"
    assert (after.facts["strays"], after.facts["found"]) == ("0", "2")
    assert dock.where("OXI-3") == "DEPOT@H-B"


def test_what_a_count_that_has_ended_has_seen_is_not_taken_back(dock):
    dock.scan("%C:MODE:COUNT", "%L:H-A", "OXI-1", "%C:END")

    verdict = dock.scan("%C:UNDO")

    assert (verdict.outcome, verdict.message) == (
        Outcome.REFUSED,
        "The count has ended. Count the place again.",
    )


def unknown(dock):
    with dock.sessions.read() as session:
        listed = list_counts(session, now=dock.clock, limit=10)
    return {count.place: count.unknown_codes for count in listed}


def test_an_unknown_code_is_listed_with_the_count_it_was_scanned_in_alone(docks):
    one, other = docks("GUN-1"), docks("GUN-2")
    other.seq = 500
    one.scan("%C:MODE:COUNT", "%L:H-A", "BOX-1", "OXI-1")
    other.clock = one.clock
    other.scan("%C:MODE:COUNT", "%L:H-B", "BOX-2", "OXI-2")
    one.clock = other.clock
    end = one.scan("%C:END")
    before = unknown(one)

    with one.sessions.begin() as session:
        by = Signature(station="OFFICE", actor="EVA", record_time=one.clock)
        resolve(session, one.made[2].scan_id, "a coat", uid="desk-1", by=by)

    assert "Unknown codes: 1." in end.message
    assert before == {"H-A": ("BOX-1",), "H-B": ("BOX-2",)}
    assert unknown(one) == {"H-A": (), "H-B": ("BOX-2",)}


def test_looking_at_a_place_counts_what_stands_inside_it(dock):
    assert dock.scan("%L:HORSENS").message == dock.scan("%L:H-A").message.replace(
        "H-A", "HORSENS"
    )


@pytest.mark.parametrize(
    ("card", "key"),
    [
        ("%L:H-A9", "no_place"),
        ("%P:NOBODY-9", "no_party"),
        ("%O:ORD-999999", "no_order"),
        ("%K:KIT-9", "no_kit"),
    ],
)
def test_where_the_target_is_unknown_it_is_not_said_of_the_device(dock, card, key):
    target = dock.scan("%C:MODE:OUT", card)
    device = dock.scan("OXI-1")
    with dock.sessions.read() as session:
        (matter,) = [x for x in list_matters(session) if x.payload == "OXI-1"]

    assert target.facts["say"] == device.facts["say"] == key
    assert matter.todo == (
        "Register what was set when this was scanned, then: fsc exceptions record"
        f" {matter.id}; or say where the device is (fsc move), then: fsc exceptions"
        f" resolve {matter.id} --how TEXT"
    )


def test_what_was_brought_to_two_unknown_places_waits_for_each(dock):
    def waiting():
        with dock.sessions.read() as session:
            return [x for x in list_matters(session) if x.payload == "OXI-1"]

    dock.scan("%C:MODE:MOVE", "%L:H-A9", "OXI-1", "OXI-1", "%L:H-B9", "OXI-1")
    one, other = waiting()
    with dock.sessions.begin() as session:
        by = Signature(station="OFFICE", actor="EVA", record_time=dock.clock)
        resolve(session, one.id, "It was in H-A.", uid="desk-1", by=by)

    assert (one.count, other.count) == (2, 1)
    assert [matter.id for matter in waiting()] == [other.id]
