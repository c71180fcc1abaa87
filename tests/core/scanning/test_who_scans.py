"""A badge: whoever showed it signs what is scanned behind it."""

from datetime import timedelta

import pytest

from scanner.scan import Outcome, Verdict

IDLE = timedelta(minutes=10)


def signed_by(dock):
    return dock.event(dock.made[-1].scan_id).actor


def test_what_is_scanned_is_signed_by_whoever_showed_a_badge(dock):
    shown = dock.scan("%C:WHO:ANNA")
    dock.scan("%C:MODE:OUT", "%P:BO", "OXI-1")

    assert shown == Verdict(Outcome.SET, "ANNA scans here now.")
    assert signed_by(dock) == "ANNA"


def test_without_a_badge_the_port_signs(dock):
    dock.scan("%C:MODE:OUT", "%P:BO", "OXI-1")

    assert signed_by(dock) == "GUN-1"


def test_a_badge_counts_until_another_is_shown(dock):
    dock.scan("%C:WHO:ANNA", "%C:END", "%C:MODE:OUT", "%P:CIT-1", "OXI-1")
    first = signed_by(dock)
    dock.scan("%C:WHO:BO", "%C:MODE:OUT", "%P:CIT-1", "OXI-2")

    assert (first, signed_by(dock)) == ("ANNA", "BO")


def test_a_condition_and_an_undo_are_signed_too(dock):
    dock.scan("%C:WHO:ANNA", "%C:CARE:REPAIR", "OXI-1")
    said = signed_by(dock)
    dock.scan("%C:UNDO")

    assert (said, signed_by(dock)) == ("ANNA", "ANNA")


def test_a_badge_falls_away_with_the_idle_time(dock):
    dock.scan("%C:WHO:ANNA")
    dock.clock += IDLE
    dock.scan("%C:MODE:IN", "OXI-1")

    assert signed_by(dock) == "GUN-1"


@pytest.mark.parametrize(
    ("badge", "told", "waits"),
    [
        (
            "EVE",
            Verdict(
                Outcome.UNKNOWN,
                "EVE is nobody this centre knows: GUN-1 signs until a badge is shown.",
            ),
            [("%C:WHO:EVE", "unknown_code")],
        ),
        (
            "CIT-1",
            Verdict(
                Outcome.REFUSED,
                "CIT-1 does not work here: GUN-1 signs until a badge is shown.",
            ),
            [],
        ),
    ],
)
def test_a_badge_of_nobody_who_works_here_signs_nothing(dock, badge, told, waits):
    shown = dock.scan(f"%C:WHO:{badge}")
    waiting = dock.waiting()
    dock.scan("%C:MODE:IN", "OXI-1")

    assert (shown, waiting) == (told, waits)
    assert signed_by(dock) == "GUN-1"


@pytest.mark.parametrize("badge", ["EVE", "CIT-1"])
def test_a_screen_is_told_who_really_signs(dock, badge):
    anna = dock.scan("%C:WHO:ANNA").facts
    shown = dock.scan(f"%C:WHO:{badge}").facts
    later = dock.scan("%C:MODE:IN", "OXI-1").facts

    assert anna["operator"] == "ANNA"
    assert (shown["badge"], shown["port"]) == (badge, "GUN-1")
    assert "operator" not in {*shown, *later}
    assert signed_by(dock) == "GUN-1"


def test_a_personal_number_on_a_badge_is_kept_nowhere(dock):
    verdict = dock.scan("%C:WHO:0201609995")

    assert verdict.forget
    assert "9995" not in verdict.message + dock.context
    assert dock.waiting() == [("%C:WHO:020160-****", "unknown_code")]
