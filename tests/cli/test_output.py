"""A list of nothing still says in CSV what its columns are."""

import pytest

LISTS = {
    "citizen list": "citizen",
    "citizen log": "at",
    "device list": "device",
    "history OXI-000001": "event",
    "holdings VAN-ANNA": "device",
    "location list --kind supplier": "location",
    "model list --category none": "model",
    "order list": "order",
    "party list --kind hospital": "party",
    "run list": "run",
    "scanner exceptions": "scan",
    "technician list": "technician",
}


@pytest.mark.parametrize("command", LISTS)
def test_every_list_has_a_header_in_csv(fsc, centre, command):
    told = fsc("--database", centre, *command.split(), "--csv")

    header, *_ = told.out.splitlines()
    assert LISTS[command] in header.split(",")


def test_an_empty_list_is_its_header_alone_and_the_header_is_the_same(fsc, centre):
    empty = fsc("--database", centre, "holdings", "VAN-ANNA", "--csv")
    full = fsc("--database", centre, "holdings", "HORSENS", "--csv")

    assert empty.out.splitlines() == full.out.splitlines()[:1]
    assert len(full.out.splitlines()) > 1
