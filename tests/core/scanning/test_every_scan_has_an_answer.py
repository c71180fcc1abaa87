"""Whatever is scanned, whatever is set: one answer, of a kind that fits."""

from datetime import timedelta
from random import Random

import pytest

from fsc_logistics.domain.cards import COMMANDS, Mode
from fsc_logistics.domain.care import Condition, Flag
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


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_scanned_after_whatever_the_ledger_is_sound(dock, seed):
    chance = Random(seed)  # noqa: S311
    dock.say("OXI-2", Condition.SCRAPPED)
    dock.say("OXI-3", Flag.RECALLED)
    texts = [*SCANS, *["OXI-1", "OXI-2", "OXI-3", "KIT-1", "%C:UNDO", "%C:OK"] * 5]

    for _ in range(150):
        gap = timedelta(milliseconds=chance.choice([40, 900, 5_000, 700_000]))
        dock.scan(chance.choice(texts), gap=gap)

    assert dock.scan("%C:OK").outcome is Outcome.SET


@pytest.mark.parametrize("state", [state for state in STATES if state != "looking"])
def test_no_device_is_recorded_in_any_mode_while_somebody_is_told_to_stop(dock, state):
    dock.scan(*STATES[state])
    before = dock.uids()
    dock.context = hold(dock.context)

    dock.scan("OXI-1")

    assert dock.uids() == before
