"""COUNT: what is seen is never lost, and can be taken back."""

import pytest

from fsc_logistics.core.devices.codes import link_code
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
