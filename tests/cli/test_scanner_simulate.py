"""Scanners of other families, played at the running service."""

import json
import os

import pytest

pytestmark = pytest.mark.skipif(
    os.name == "nt", reason="Windows has no pseudo-terminals"
)


def test_a_played_zebra_hears_the_running_service(centre, folder, started, fsc):
    (folder / "fsc.toml").write_text(
        f'database = "{centre}"\nstation = "DOCK"\n[[port]]\nprotocol = "ssi"\n'
        f'url = "{folder}/tty"\nread_point = "HORSENS"\n'
    )
    (folder / "shift.txt").write_text("%C:MODE:OUT\n%P:ANNA\nOXI-000001\n")
    started("scanner", "run")

    told = fsc(
        *("scanner", "simulate", "shift.txt", "--link", "tty"),
        *("--protocol", "ssi", "--timeout", "30", "--json"),
    )

    assert json.loads(told.out) == [
        {"scan": "%C:MODE:OUT", "heard": "set", "sends_count": 1},
        {"scan": "%P:ANNA", "heard": "set", "sends_count": 1},
        {"scan": "OXI-000001", "heard": "ok", "sends_count": 1},
    ]
    assert "ANNA @ VAN-ANNA" in fsc("who", "OXI-000001").out


@pytest.mark.parametrize(
    ("option", "error"),
    [
        (
            ("--protocol", "chafon"),
            "Error: 'chafon' is not a protocol to play. Choose from: line, ssi.\n",
        ),
        (
            ("--feedback", "trumpet"),
            "Error: 'trumpet' is not a feedback. Choose from: ",
        ),
    ],
)
def test_what_cannot_be_played_is_refused(fsc, folder, option, error):
    told = fsc("scanner", "simulate", "-", *option)

    assert (told.code, told.out) == (1, "")
    assert told.err.startswith(error)
