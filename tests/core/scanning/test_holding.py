"""A device in a wrong state stops the hand until somebody says OK."""

from datetime import timedelta

import pytest

from fsc_logistics.core.exceptions.resolving import record_held, resolve
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.station import read_station
from scanner.scan import Outcome, Verdict

IDLE = timedelta(minutes=10)
OK_FIRST = Verdict(
    Outcome.REFUSED,
    "Scan OK first: a device before this one was in the wrong state.",
    holds=True,
)


@pytest.fixture
def stopped(dock):
    """A hand that has just given a recalled device to a citizen."""
    dock.say("OXI-1", Flag.RECALLED)
    verdict = dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1")
    assert verdict == Verdict(
        Outcome.REFUSED,
        "OXI-1 is recalled, and was handed to CIT-1. Recorded all the same; take it"
        " back: scan OK, then UNDO or IN.",
        holds=True,
    )
    return dock


def test_what_is_scanned_before_ok_is_not_recorded_and_waits(stopped):
    before = stopped.uids()

    assert stopped.scan("OXI-2") == OK_FIRST
    assert stopped.scan("OXI-3") == OK_FIRST
    assert stopped.uids() == before
    assert stopped.waiting() == [
        ("OXI-1", "recalled_handed_out"),
        ("OXI-2", "refused_scan"),
        ("OXI-3", "refused_scan"),
    ]


def test_ok_lets_go_and_the_work_goes_on_where_it_was(stopped):
    stopped.scan("OXI-2")

    let_go = stopped.scan("%C:OK")

    assert let_go == Verdict(Outcome.SET, "Understood.")
    assert stopped.scan("OXI-3") == Verdict(Outcome.OK, "OXI-3: CIT-1 @ HOME-CIT-1")


@pytest.mark.parametrize("card", ["%C:MODE:IN", "%C:CARE:READY", "%L:H-A", "%C:UNDO"])
def test_no_other_card_lets_go(stopped, card):
    stopped.scan(card)

    assert read_station(stopped.context).held
    assert stopped.scan("OXI-2").holds


def test_what_must_not_be_there_stops_the_hand_until_somebody_dealt_with_it(stopped):
    stopped.scan("%C:OK")
    again = stopped.scan("OXI-1")
    stopped.scan("%C:OK")
    with stopped.sessions.begin() as session:
        by = Signature(station="OFFICE", actor="EVA", record_time=stopped.clock)
        resolve(session, "A-1", "The recall is over.", uid="desk", by=by)

    assert (again.outcome, again.holds) == (Outcome.REFUSED, True)
    assert stopped.scan("OXI-1") == Verdict(
        Outcome.ALREADY, "OXI-1: CIT-1 @ HOME-CIT-1"
    )


def test_what_stopped_the_hand_may_be_undone_though_it_was_scanned_again(stopped):
    undone = stopped.scan("%C:OK", "OXI-1", "%C:OK", "%C:UNDO")

    assert undone == Verdict(Outcome.OK, "Undone. OXI-1: DEPOT @ H-A")
    assert stopped.where("OXI-1") == "DEPOT@H-A"


def test_an_answer_that_was_lost_stops_the_hand_when_it_is_asked_for_again(dock):
    dock.say("OXI-1", Condition.SCRAPPED)
    scans = [dock.make(text) for text in ("%C:CARE:READY", "OXI-1", "OXI-2")]
    first = dock.apply(*scans)

    again = dock.apply(*scans)

    assert [one.holds for one in first] == [False, True, False]
    assert again == first


def test_looking_is_never_held(stopped):
    looked = stopped.scan("%C:END", "OXI-2")

    assert looked == Verdict(Outcome.LOOKED, "OXI-2: DEPOT @ H-A")


def test_whoever_comes_back_after_a_break_is_free(stopped):
    stopped.clock += IDLE

    assert stopped.scan("%C:MODE:IN", "OXI-2").outcome is Outcome.OK


def test_what_was_scanned_while_held_is_recorded_at_the_desk_as_it_was_meant(stopped):
    stopped.scan("OXI-2")
    name = stopped.made[-1].scan_id

    with stopped.sessions.begin() as session:
        by = Signature(station="OFFICE", actor="EVA", record_time=stopped.clock)
        record_held(session, name, uid="desk", by=by)

    assert stopped.where("OXI-2") == "CIT-1@HOME-CIT-1"


def test_what_is_scanned_again_after_ok_waits_no_longer(stopped):
    stopped.scan("OXI-2", "OXI-3", "%C:OK")

    again = stopped.scan("OXI-2")

    assert again == Verdict(Outcome.OK, "OXI-2: CIT-1 @ HOME-CIT-1")
    assert stopped.waiting() == [
        ("OXI-1", "recalled_handed_out"),
        ("OXI-3", "refused_scan"),
    ]


@pytest.mark.parametrize(
    ("mode", "target"),
    [
        ("%C:MODE:OUT", "%P:CIT-1"),
        ("%C:MODE:MOVE", "%L:H-B"),
        ("%C:MODE:CARE", "%C:CARE:CLEANING"),
    ],
)
def test_what_is_scanned_again_once_it_is_set_where_it_goes_waits_no_longer(
    dock, mode, target
):
    dock.scan(mode, "OXI-2", "OXI-3")
    before = dock.waiting()

    dock.scan(target, "OXI-2")

    assert before == [("OXI-2", "refused_scan"), ("OXI-3", "refused_scan")]
    assert dock.waiting() == [("OXI-3", "refused_scan")]


@pytest.mark.parametrize("cards", [["%C:MODE:IN"], ["%P:BO"]], ids=["mode", "target"])
def test_another_act_with_it_leaves_what_waits(stopped, cards):
    stopped.scan("OXI-2", "%C:OK", *cards)

    recorded = stopped.scan("OXI-2")

    assert recorded.outcome in (Outcome.OK, Outcome.ALREADY)
    assert ("OXI-2", "refused_scan") in stopped.waiting()


def test_what_was_refused_for_itself_waits_though_it_is_scanned_again(dock):
    dock.say("OXI-1", Condition.SCRAPPED)
    dock.scan("%C:CARE:READY", "OXI-1", "OXI-2", "%C:OK")

    dock.scan("%C:MODE:IN", "OXI-1", "%C:OK")

    assert ("OXI-1", "refused_scan") in dock.waiting()


def test_the_first_device_of_a_kit_is_no_kit_while_somebody_is_told_to_stop(dock):
    dock.say("OXI-1", Condition.SCRAPPED)
    dock.scan("%C:CARE:READY", "OXI-1", "%C:MODE:BUILD")

    assert dock.scan("KIT-1") == OK_FIRST
    assert dock.scan("%C:OK", "KIT-1") == Verdict(Outcome.SET, "BUILD: KIT-1")


def test_what_was_journaled_before_the_answer_is_not_held(dock):
    dock.say("OXI-1", Flag.RECALLED)
    made = [dock.make(text) for text in ("%C:MODE:OUT", "%P:CIT-1", "OXI-1", "OXI-2")]

    verdicts = dock.apply(*made)

    assert [one.holds for one in verdicts] == [False, False, True, False]
    assert dock.where("OXI-2") == "CIT-1@HOME-CIT-1"


@pytest.mark.parametrize(
    "texts",
    [
        ["%C:MODE:IN", "%P:ANNA"],
        ["%C:MODE:IN", "%C:NONE"],
        ["%C:MODE:IN", "5701234567890"],
        ["%C:MODE:OUT", "OXI-1"],
        ["%C:MODE:OUT", "%P:NOBODY", "OXI-1"],
        ["%C:UNDO"],
    ],
    ids=["a card", "no card", "an unknown code", "no target", "no place", "no undo"],
)
def test_a_slip_is_heard_and_holds_nobody(dock, texts):
    verdict = dock.scan(*texts)

    assert verdict.outcome in (Outcome.REFUSED, Outcome.UNKNOWN)
    assert not verdict.holds


def test_what_is_scrapped_and_comes_in_holds(dock):
    dock.say("OXI-1", Condition.SCRAPPED)

    assert dock.scan("%C:MODE:IN", "OXI-1").holds
