"""IN with a reason, and scans that reach the house late."""

from datetime import timedelta

import pytest

from fsc_logistics.domain.care import Condition, ReturnReason
from scanner.scan import Outcome, Verdict

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("reason", ReturnReason)
def test_why_it_came_back_stands_in_the_ledger(dock, reason):
    dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1", "%C:MODE:IN")

    set_by = dock.scan(f"%C:REASON:{reason.upper()}")
    verdict = dock.scan("OXI-1")

    assert set_by == Verdict(Outcome.SET, f"IN, because: {reason.replace('_', ' ')}.")
    assert verdict == Verdict(Outcome.OK, "OXI-1: DEPOT @ HORSENS")
    assert dock.event(dock.made[-1].scan_id).reason == reason.value
    assert dock.held("OXI-1").condition == "returned"


def test_a_reason_counts_for_all_that_comes_in_until_the_next(dock):
    dock.scan("%C:MODE:IN", "%C:REASON:SWAP", "OXI-1", "OXI-2")
    dock.scan("%C:REASON:DEFECT", "OXI-3")

    said = [dock.event(one.scan_id).reason for one in dock.made if one.text[0] == "O"]
    assert said == ["swap", "swap", "defect"]


def test_what_a_screen_is_told_of_a_device(dock):
    verdict = dock.scan("%C:WHO:ANNA", "%C:MODE:IN", "%C:REASON:SWAP", "OXI-1")

    assert verdict.facts == {
        "say": "held_by",
        "device": "OXI-1",
        "model": "3230",
        "before": "DEPOT @ H-A",
        "after": "DEPOT @ HORSENS",
        "kit_words": "",
        "mode": "IN",
        "reason": "swap",
        "operator": "ANNA",
        "since": "2026-11-24T12:00:02+00:00",
    }


def test_what_a_screen_is_told_of_a_card(dock):
    verdict = dock.scan("%C:MODE:MOVE", "%L:H-B")

    assert verdict.facts == {
        "say": "chosen",
        "mode": "MOVE",
        "target": "H-B",
        "place": "H-B",
        "since": "2026-11-24T12:00:02+00:00",
    }


# After an outage: the operator heard STORED, and went on


def test_a_device_refused_late_waits_with_what_was_set_when_it_was_scanned(dock):
    dock.say("OXI-1", Condition.SCRAPPED)
    late = [dock.make(text) for text in ("%C:CARE:READY", "OXI-1", "%C:END")]

    verdicts = dock.apply(*late, now=dock.clock + 8 * HOUR)

    assert [one.outcome.value for one in verdicts] == ["set", "refused", "set"]
    assert dock.waiting() == [("OXI-1", "refused_scan")]


def test_what_contradicts_the_ledger_late_waits_as_that(dock):
    dock.say("OXI-1", Condition.SCRAPPED)
    late = [dock.make(text) for text in ("%C:MODE:IN", "OXI-1")]

    dock.apply(*late, now=dock.clock + 8 * HOUR)

    assert dock.waiting() == [("OXI-1", "scrapped_alive")]


def test_an_unknown_code_told_late_waits(dock):
    late = [dock.make(text) for text in ("%C:MODE:IN", "NEW-1")]

    dock.apply(*late, now=dock.clock + 8 * HOUR)

    assert dock.waiting() == [("NEW-1", "unknown_code")]
