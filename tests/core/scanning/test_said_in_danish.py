"""What is refused to a hand is told to a screen by a key, and so in its language."""

from datetime import timedelta

import pytest

from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.sayings import Say, say
from scanner.scan import Outcome


def in_danish(verdict):
    return say(Say(verdict.facts["say"]), "da", **verdict.facts)


def build_of_oxi_1(dock):
    """Make OXI-1 a part of OXI-2."""
    with dock.sessions.begin() as session:
        record_kit(
            session,
            ["OXI-1"],
            kit=find_device(session, "OXI-2").tag,
            uid="BEFORE",
            at=dock.clock,
            by=Signature(station="DESK", actor="METTE", record_time=dock.clock),
        )


@pytest.mark.parametrize(
    ("scans", "told"),
    [
        (
            ("%C:CARE:READY", "OXI-2"),
            "OXI-2 er kasseret; læg det til side. Duer det alligevel: fsc condition set"
            " ready OXI-2 --why TEKST",
        ),
        (("%C:UNDO",), "Intet er registreret her i de sidste to minutter."),
        (
            ("%C:MODE:IN", "%L:H-A", "OXI-1", "OXI-1", "%C:UNDO", "OXI-9", "%C:UNDO"),
            "Den sidste scanning registrerede intet, så der er intet at fortryde.",
        ),
        (
            ("%C:MODE:BUILD", "%K:KIT-1", "KIT-1"),
            "KIT-1 kan ikke være en del af sig selv.",
        ),
    ],
)
def test_a_refusal_has_a_key_and_facts_for_every_language(dock, scans, told):
    dock.say("OXI-2", Condition.SCRAPPED)

    verdict = dock.scan(*scans)

    assert verdict.outcome is Outcome.REFUSED
    assert say(Say(verdict.facts["say"]), **verdict.facts) == verdict.message
    assert in_danish(verdict) == told


def test_a_part_of_another_kit_stops_the_hand_and_is_told_in_danish(dock):
    build_of_oxi_1(dock)

    verdict = dock.scan("%C:MODE:BUILD", "%K:KIT-1", "OXI-1")

    assert verdict.holds
    assert in_danish(verdict) == (
        "OXI-1 er en del af OXI-2. Tag det ud først: fsc kit take-apart OXI-2 OXI-1"
    )


def test_a_part_of_a_kit_that_shall_be_a_kit_itself_is_told_in_danish(dock):
    build_of_oxi_1(dock)

    verdict = dock.scan("%C:MODE:BUILD", "%K:OXI-1", "OXI-3")

    assert verdict.message == "OXI-1 is a part of another kit and cannot be one itself."
    assert in_danish(verdict) == (
        "OXI-1 er en del af et andet sæt og kan ikke selv være et."
    )


def test_care_for_what_nobody_had_yet_is_told_in_danish(dock):
    dock.clock -= timedelta(days=3650)

    verdict = dock.scan("%C:CARE:CLEANING", "OXI-1")

    assert in_danish(verdict) == (
        f"Ingen havde OXI-1 endnu {dock.clock:%Y-%m-%d %H:%M} UTC. Se: fsc history"
        " OXI-1"
    )


def test_the_serial_of_several_devices_is_told_in_danish(dock):
    dock.share_serial("77")

    verdict = dock.scan("77")

    assert verdict.outcome is Outcome.REFUSED
    assert in_danish(verdict) == (
        "Det er serienummeret på flere stykker udstyr: scan vores eget mærke."
    )
