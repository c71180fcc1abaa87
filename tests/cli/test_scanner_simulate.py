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


def test_a_played_crate_of_tags_is_booked_as_it_was_set_at_the_scanner_beside(
    centre, folder, started, fsc
):
    (folder / "fsc.toml").write_text(
        f'database = "{centre}"\nstation = "DOCK"\n'
        f'[[port]]\nurl = "{folder}/tty"\nread_point = "HORSENS"\nname = "DESK"\n'
        f'[[port]]\nurl = "{folder}/tags"\nread_point = "HORSENS"\nname = "TUNNEL"\n'
        'protocol = "a0"\nfollows = "DESK"\n'
    )
    tags = {f"OXI-00000{number}": f"E2801170000{number:013X}" for number in (1, 2)}
    for device, epc in tags.items():
        assert fsc("device", "link", device, epc).code == 0
    (folder / "cards.txt").write_text("%C:MODE:OUT\n%P:ANNA\n")
    (folder / "crate.txt").write_text("\n".join(tags.values()))
    started("scanner", "run")
    fsc("scanner", "simulate", "cards.txt", "--link", "tty", "--feedback", "bel")

    told = fsc(
        *("scanner", "simulate", "crate.txt", "--link", "tags", "--timeout", "30"),
        *("--protocol", "a0", "--hold", "2", "--json"),
    )

    assert [row["scan"] for row in json.loads(told.out)] == list(tags.values())
    for device in tags:
        assert "ANNA @ VAN-ANNA" in fsc("who", device).out
        assert len(json.loads(fsc("history", device, "--json").out)) == 2


def test_what_is_carried_through_a_gate_is_where_it_leads(centre, folder, started, fsc):
    (folder / "fsc.toml").write_text(
        f'database = "{centre}"\nstation = "DOCK"\n[[port]]\nread_point = "GATE"\n'
        f'url = "{folder}/tags"\nprotocol = "a0-2"\nrssi_min_dbm = -90\n'
        'portal_antennas = [1, 2]\ninside = "HORSENS"\noutside = "VAN-ANNA"\n'
    )
    epc = "E28011700000020D5F2E4A01"
    fsc("device", "link", "OXI-000001", epc)
    (folder / "tag.txt").write_text(epc)
    started("scanner", "run")
    play = (
        *("scanner", "simulate", "tag.txt", "--link", "tags", "--protocol", "a0-2"),
        *("--timeout", "30", "--hold", "5", "--through"),
    )

    fsc(*play, "out")
    assert "ANNA @ VAN-ANNA" in fsc("who", "OXI-000001").out
    fsc(*play, "in")
    assert " @ HORSENS " in fsc("who", "OXI-000001").out


@pytest.mark.parametrize(
    ("option", "error"),
    [
        (
            ("--protocol", "trumpet"),
            "Error: 'trumpet' is not a protocol to play. Choose from: a0, a0-2, a0-4,"
            " chafon, chafon-288, chafon-288-2, chafon-288-4, line, r200, rdm6300,"
            " ssi.\n",
        ),
        (
            ("--protocol", "r200", "--ack"),
            "Error: --ack says nothing to protocol r200. Leave it out.\n",
        ),
        (
            ("--protocol", "r200", "--pace", "1"),
            "Error: --pace says nothing to protocol r200. Leave it out.\n",
        ),
        (
            ("--through", "in"),
            "Error: --through says nothing to protocol line. Leave it out.\n",
        ),
        (
            ("--protocol", "r200", "--through", "in"),
            "Error: A gate has two antennas, and protocol r200 reads with one. Take"
            " --protocol a0-2, or leave --through out.\n",
        ),
        (
            ("--link", "none/gun"),
            "Error: There is no folder none. Make it, or give --link a name in"
            " another.\n",
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
