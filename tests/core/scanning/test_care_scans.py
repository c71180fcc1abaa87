"""CARE: a scanned device is in a condition, wherever it is."""

import pytest

from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exceptions.resolving import record_held
from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.core.tables import DeviceCode
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.kits import MovesBy
from scanner.scan import Outcome, Verdict


def by(dock):
    return Signature(station="OFFICE", actor="EVA", record_time=dock.clock)


@pytest.mark.parametrize(
    ("card", "told", "step"),
    [
        ("CLEANING", "OXI-1 is being cleaned: DEPOT @ H-A", "other"),
        ("QUARANTINE", "OXI-1 is in quarantine: DEPOT @ H-A", "holding"),
        ("REPAIR", "OXI-1 is in repair: DEPOT @ H-A", "repairing"),
    ],
)
def test_a_device_is_in_the_condition_scanned_before(dock, card, told, step):
    verdict = dock.scan(f"%C:CARE:{card}", "OXI-1")

    event = dock.event(dock.made[-1].scan_id)
    assert verdict == Verdict(Outcome.OK, told)
    assert dock.held("OXI-1").condition == card.lower()
    assert dock.where("OXI-1") == "DEPOT@H-A"
    assert (event.biz_step, event.read_point, event.actor) == (step, "HORSENS", "GUN-1")
    assert event.event_time == dock.clock


def test_what_is_ready_again_may_go_out(dock):
    dock.scan("%C:CARE:CLEANING", "OXI-1", "%C:CARE:READY", "OXI-1")

    verdict = dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1")

    assert verdict == Verdict(Outcome.OK, "OXI-1: CIT-1 @ HOME-CIT-1")


def test_it_is_kept_why_and_where_it_was_said(dock):
    dock.scan("%C:CARE:REPAIR", "OXI-1", "%C:REASON:DEFECT", "OXI-2")

    first, second = (dock.event(dock.made[number].scan_id) for number in (1, 3))
    assert (first.reason, second.reason) == ("scanned at HORSENS", "defect")


def test_what_is_in_the_condition_already_stays_as_it_was_said(dock):
    dock.say("OXI-1", Condition.REPAIR)
    before = dock.uids()

    verdict = dock.scan("%C:CARE:REPAIR", "OXI-1")

    assert verdict.outcome is Outcome.ALREADY
    assert dock.uids() == before


def test_a_mode_card_alone_asks_for_the_condition_and_holds_nobody(dock):
    verdict = dock.scan("%C:MODE:CARE", "OXI-1")

    assert verdict == Verdict(
        Outcome.REFUSED,
        "Scan the condition first: cleaning, quarantine, repair or ready.",
    )


def test_what_is_scrapped_stays_scrapped_stops_the_hand_and_waits(dock):
    dock.say("OXI-1", Condition.SCRAPPED)

    verdict = dock.scan("%C:CARE:READY", "OXI-1")

    assert verdict == Verdict(
        Outcome.REFUSED,
        "OXI-1 is scrapped; put it aside. If it is fit after all: fsc condition set"
        " ready OXI-1 --why TEXT",
        holds=True,
    )
    assert dock.held("OXI-1").condition == "scrapped"
    assert dock.waiting() == [("OXI-1", "refused_scan")]


def test_what_is_missing_and_cared_for_was_found(dock):
    dock.say("OXI-1", Flag.MISSING)

    verdict = dock.scan("%C:CARE:CLEANING", "OXI-1")

    assert verdict == Verdict(
        Outcome.OK,
        "OXI-1 is flagged as missing, and is at HORSENS. Recorded; somebody will look"
        " into it.",
    )
    assert dock.waiting() == [("OXI-1", "missing_found")]


def test_what_is_recalled_is_told_with_its_condition(dock):
    dock.say("OXI-1", Flag.RECALLED)

    verdict = dock.scan("%C:CARE:CLEANING", "OXI-1")

    assert verdict.message == "OXI-1 is being cleaned: DEPOT @ H-A, recalled"


@pytest.mark.parametrize(
    ("moves_by", "along"), [(MovesBy.CASE, "cleaning"), (MovesBy.EACH, "ready")]
)
def test_the_parts_of_a_case_are_cared_for_with_it_as_they_move(dock, moves_by, along):
    with dock.sessions.begin() as session:
        record_kit(
            session,
            ["OXI-1"],
            kit="KIT-1",
            uid="kit",
            at=dock.clock,
            by=by(dock),
            moves_by=moves_by,
        )

    dock.scan("%C:CARE:CLEANING", "KIT-1")

    assert dock.held("KIT-1").condition == "cleaning"
    assert dock.held("OXI-1").condition == along


def test_a_condition_said_by_mistake_is_undone(dock):
    dock.scan("%C:CARE:REPAIR", "OXI-1")

    verdict = dock.scan("%C:UNDO")

    assert verdict == Verdict(Outcome.OK, "Undone. OXI-1: DEPOT @ H-A")
    assert dock.held("OXI-1").condition == "ready"


def test_a_held_scan_is_recorded_at_the_desk_as_the_condition_it_meant(dock):
    dock.scan("%C:CARE:REPAIR", "NEW-1")
    with dock.sessions.begin() as session:
        device = find_device(session, "OXI-1")
        session.add(DeviceCode(code="NEW-1", device_id=device.id))
    with dock.sessions.begin() as session:
        record_held(session, dock.made[-1].scan_id, uid="desk", by=by(dock))

    assert dock.held("OXI-1").condition == "repair"
    assert dock.waiting() == []
