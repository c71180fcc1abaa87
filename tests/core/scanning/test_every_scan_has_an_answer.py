"""Whatever is scanned, whatever is set: one answer, of a kind that fits."""

import pytest

from fsc_logistics.domain.cards import COMMANDS, Mode
from fsc_logistics.domain.station import hold
from scanner.scan import Outcome

STATES = {
    "looking": (),
    "in": ("%C:MODE:IN",),
    "in at a place": ("%C:MODE:IN", "%L:H-B", "%C:REASON:SWAP"),
    "out": ("%C:MODE:OUT",),
    "out to somebody": ("%C:MODE:OUT", "%P:CIT-1"),
    "out to a place": ("%C:MODE:OUT", "%L:VAN-ANNA"),
    "out to a kit": ("%C:MODE:OUT", "%K:KIT-1"),
    "out to no order": ("%C:MODE:OUT", "%O:ORD-9"),
    "move": ("%C:MODE:MOVE",),
    "move to a place": ("%C:MODE:MOVE", "%L:H-B"),
    "count": ("%C:MODE:COUNT",),
    "count a place": ("%C:MODE:COUNT", "%L:H-B"),
    "care": ("%C:MODE:CARE",),
    "clean": ("%C:CARE:CLEANING",),
    "build": ("%C:MODE:BUILD",),
    "build a kit": ("%C:MODE:BUILD", "%K:KIT-1"),
    "build no kit": ("%C:MODE:BUILD", "%K:KIT-9"),
}
SCANS = [
    *COMMANDS,
    "%C:NONE",
    "%C:WHO:ANNA",
    "%L:H-B",
    "%P:CIT-1",
    "%O:ORD-9",
    "%O:2026-11-24/ANNA/3",
    "%K:KIT-1",
    "OXI-1",
    "KIT-1",
    "5701234567890",
]
ALWAYS_SET = {"%C:OK", "%C:END", *(f"%C:MODE:{mode}" for mode in Mode)}
CARD_OUTCOMES = {
    Outcome.SET,
    Outcome.LOOKED,
    Outcome.OK,  # UNDO
    Outcome.REFUSED,
    Outcome.UNKNOWN,
}


@pytest.mark.parametrize("state", STATES)
def test_every_scan_is_answered_whatever_is_set(dock, state):
    for text in SCANS:
        dock.context = ""

        verdict = dock.scan(*STATES[state], text)

        assert verdict.message
        if text in ALWAYS_SET:
            assert verdict.outcome is Outcome.SET
        if text.startswith("%"):
            assert verdict.outcome in CARD_OUTCOMES
            assert not verdict.holds


@pytest.mark.parametrize("state", [state for state in STATES if state != "looking"])
def test_no_device_is_recorded_in_any_mode_while_somebody_is_told_to_stop(dock, state):
    dock.scan(*STATES[state])
    before = dock.uids()
    dock.context = hold(dock.context)

    dock.scan("OXI-1")

    assert dock.uids() == before
