"""A portal says by itself where something went."""

import pytest

from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exceptions.resolving import record_held
from fsc_logistics.core.tables import DeviceCode
from fsc_logistics.domain.custody import Signature
from scanner.scan import Direction, Outcome, Verdict


@pytest.fixture
def gate(docks):
    """A portal between the warehouse and Anna's van, whatever is set there."""
    gate = docks("GATE", "GATE-1")
    gate.portals = {"GATE": ("HORSENS", "VAN-ANNA")}
    gate.bulk = {"GATE"}
    return gate


def test_what_goes_out_is_outside_and_what_comes_in_is_inside(gate):
    out = gate.scan("OXI-1", direction=Direction.OUT)
    there = gate.where("OXI-1")
    back = gate.scan("OXI-1", direction=Direction.IN)

    assert out == Verdict(Outcome.OK, "OXI-1: ANNA @ VAN-ANNA")
    assert there == "ANNA@VAN-ANNA"
    assert back == Verdict(Outcome.OK, "OXI-1: DEPOT @ HORSENS")
    assert gate.held("OXI-1").biz_step == "receiving"


def test_what_is_there_already_adds_nothing(gate):
    gate.scan("OXI-1", direction=Direction.IN)

    assert gate.scan("OXI-1", direction=Direction.IN).outcome is Outcome.ALREADY


def test_what_went_nobody_knows_where_waits_and_holds_nobody(gate):
    before = gate.uids()

    verdict = gate.scan("OXI-1", direction=Direction.UNKNOWN)

    assert verdict == Verdict(
        Outcome.REFUSED,
        "OXI-1 went through GATE-1, and nobody can say which way. See where it is,"
        " and say so: fsc move OXI-1 --to PLACE",
    )
    assert gate.uids() == before
    assert gate.waiting() == [("OXI-1", "refused_scan")]


def test_a_strange_tag_is_unknown_whichever_way_it_went(gate):
    verdict = gate.scan("E2801160600002", direction=Direction.UNKNOWN)

    assert verdict.outcome is Outcome.UNKNOWN


def test_a_portal_that_leads_nowhere_says_so(gate):
    gate.portals = {}

    assert gate.scan("OXI-1", direction=Direction.IN) == Verdict(
        Outcome.REFUSED,
        "GATE is a portal, and its [[port]] does not say what is inside and outside"
        " of it. Set both to a place.",
    )


@pytest.mark.parametrize("direction", [Direction.IN, Direction.OUT])
def test_a_portal_that_leads_to_a_mistyped_place_is_to_blame_and_not_the_tag(
    gate, direction
):
    gate.portals = {"GATE": ("NOPE", "NOPE")}

    assert gate.scan("OXI-1", direction=direction) == Verdict(
        Outcome.REFUSED,
        "OXI-1 went through GATE, which leads to NOPE: no such place is registered. Set"
        " inside and outside of that [[port]] right.",
    )
    assert gate.waiting() == [("OXI-1", "refused_scan")]


def test_a_portal_does_what_it_does_whatever_is_set_there(gate):
    gate.scan("%C:MODE:OUT", "%P:CIT-1")

    gate.scan("OXI-1", direction=Direction.IN)

    assert gate.where("OXI-1") == "DEPOT@HORSENS"


@pytest.mark.parametrize(
    ("direction", "where"),
    [(Direction.IN, "DEPOT@HORSENS"), (Direction.OUT, "ANNA@VAN-ANNA")],
)
def test_a_tag_linked_later_is_recorded_where_it_went(gate, direction, where):
    gate.scan("E2801160600002", direction=direction)
    with gate.sessions.begin() as session:
        device = find_device(session, "OXI-1")
        session.add(DeviceCode(code="E2801160600002", device_id=device.id))
    with gate.sessions.begin() as session:
        by = Signature(station="OFFICE", actor="EVA", record_time=gate.clock)
        record_held(session, gate.made[-1].scan_id, uid="desk", by=by)

    assert gate.where("OXI-1") == where
