"""What was believed before, at the command line."""

import json

THEN = ("--known-at", "2026-01-02T00:00Z")
"""When the centre had its devices, and nothing else had been told."""
EARLIER = ("--at", "2026-01-01T12:00Z")


def test_no_command_knows_then_what_was_told_since(fsc, centre):
    def run(*arguments):
        return fsc("--database", centre, *arguments)

    run("party", "add", "MAKER", "--kind", "supplier", "--name", "Maker")
    run("location", "add", "MAKER-DK", "--kind", "supplier", "--keeper", "MAKER")
    run("article", "add", "CUFF-M", "--name", "Cuff", "--unit", "piece")
    ways = ("--lot", "L1", "--from", "MAKER-DK", "--to", "HORSENS", *EARLIER)
    for told in (
        ("stock", "receive", "CUFF-M", 10, *ways),
        ("kit", "build", "OXI-000001", "OXI-000002", *EARLIER),
        ("condition", "set", "cleaning", "OXI-000003", *EARLIER),
        ("flag", "raise", "recalled", "OXI-000003", "--why", "notice 7", *EARLIER),
        ("move", "OXI-000004", "--to", "VAN-BO", *EARLIER),
    ):
        assert run(*told).code == 0

    for asked in (
        ("stock", "list"),
        ("stock", "history", "CUFF-M/L1"),
        ("kit", "list"),
        ("condition", "list", "--condition", "cleaning"),
        ("flag", "list"),
    ):
        now, then = (run(*asked, *known).err for known in ((), THEN))
        assert (now, then) == ("", "Nothing.\n")
    for asked, field, now, then in (
        (("kit", "show", "OXI-000001"), "parts", 1, 0),
        (("condition", "history", "OXI-000003"), None, 2, 1),
        (("history", "OXI-000004"), None, 2, 1),
    ):
        found = [json.loads(run(*asked, "--json", *k).out) for k in ((), THEN)]
        assert [len(x[field] if field else x) for x in found] == [now, then]
    shown = [
        json.loads(run("device", "show", "OXI-000004", "--json", *known).out)
        for known in ((), THEN)
    ]
    assert [one["location"] for one in shown] == ["VAN-BO", "HORSENS"]


def test_a_device_that_nobody_had_yet_is_not_shown(fsc, centre):
    before = ("--at", "2025-01-01T00:00Z", *THEN)
    told = fsc("--database", centre, "device", "show", "OXI-000001", *before)

    assert (told.code, told.err) == (
        3,
        "Error: Nobody had OXI-000001 yet at 2025-01-01 00:00 UTC, as known at"
        " 2026-01-02 00:00 UTC. See: fsc history OXI-000001\n",
    )
