"""Kits at the command line: built, lent, back in part, found, written off, swapped."""

import json

import pytest

LENT = "2026-02-02T08:00"
BACK = "2026-02-09T08:00"
MISSING = "KIT-3: OXI-000002 is missing, last known: CIT-1 @ HOME-CIT-1\n"


@pytest.fixture
def desk(fsc, centre):
    """Run commands on a centre with two scales, a case and a place for what is lost."""

    def run(*arguments):
        return fsc("--database", centre, *arguments)

    run("party", "add", "NOBODY", "--kind", "nobody", "--name", "Nobody")
    run("location", "add", "LOST", "--kind", "lost", "--keeper", "NOBODY")
    for model, category in (("352", "scale"), ("BOX", "case")):
        said = ("--maker", "Us", "--name", model, "--category", category)
        run("model", "add", model, *said)
    for tag, model in (("SCA-1", "352"), ("SCA-2", "352"), ("KIT-3", "BOX")):
        there = ("--owner", "DEPOT", "--at-location", "HORSENS")
        run("device", "add", tag, "--model", model, *there, "--at", "2026-01-01T08:00")
    ready = ("OXI-000001", "OXI-000002", "OXI-000003", "--at", "2026-01-01T09:00")
    assert run("condition", "set", "ready", *ready).code == 0
    return run


@pytest.fixture
def home(desk):
    """With a kind of kit of two oximeters and a scale."""
    told = desk("kit", "template", "add", "HOME", "3230=2", "352", "--name", "At home")
    assert told.out == "HOME is registered.\n"
    return desk


@pytest.fixture
def lent(home):
    """A whole kit that a citizen has."""
    build(home, "OXI-000001", "OXI-000002", "SCA-1", "--template", "HOME")
    home("move", "KIT-3", "--to", "HOME-CIT-1", "--at", LENT)
    return home


def build(desk, *said):
    return desk("kit", "build", "KIT-3", *said, "--at", "2026-02-01T08:00")


def in_json(told):
    assert told.code == 0, told.err
    return json.loads(told.out)


def about(told, *devices):
    """Check that an act says what it is about; return its uids."""
    uids, _, tags = told.out.splitlines()[0].partition("  ")
    assert tags.split() == [*devices]
    return uids.split()


def test_a_template_is_listed_shown_and_changed(home):
    listed = home("kit", "template", "list")
    changed = home("kit", "template", "change", "home", "352=0", "--moves-by", "any")
    shown = home("kit", "template", "show", "HOME")

    assert listed.out == (
        "template  name     moves by  holds\n"
        "HOME      At home  case      3230=2 352=1\n"
    )
    assert changed.out == "HOME is changed.\n"
    assert shown.out == "HOME: At home, moves by any. Holds 2 of 3230.\n"
    assert in_json(home("kit", "template", "show", "HOME", "--json")) == {
        "template": "HOME",
        "name": "At home",
        "moves_by": "any",
        "holds": {"3230": 2},
    }
    assert home("kit", "template", "list", "--csv").out == (
        "template,name,moves_by,holds\nHOME,At home,any,3230=2\n"
    )


@pytest.mark.parametrize(
    ("holds", "told"),
    [
        (["352", "352=2"], "A model is named twice. Say how many: MODEL=QUANTITY."),
        (
            ["352=two"],
            "Invalid value for 'MODEL[=QUANTITY]...': That is not a model and a"
            " quantity. Try OXI-3230=2.",
        ),
    ],
)
def test_what_a_template_holds_is_typed_model_by_model(desk, holds, told):
    ended = desk("kit", "template", "add", "HOME", *holds, "--name", "At home")

    assert ended.code == 2
    assert ended.err.splitlines()[-1] == f"Error: {told}"


def test_a_kit_that_is_built_says_what_it_lacks(home):
    tried = build(home, "OXI-000001", "--template", "HOME", "--dry-run")
    told = build(home, "OXI-000001", "--template", "HOME")
    more = in_json(build(home, "SCA-1", "--json"))

    assert tried.out == (
        "would be about OXI-000001\nKIT-3: it lacks 1 of 3230, 1 of 352\n"
    )
    about(told, "OXI-000001")
    assert told.out.endswith("KIT-3: it lacks 1 of 3230, 1 of 352\n")
    assert (more["devices"], more["lacking"]) == (["SCA-1"], {"3230": 1})
    assert (more["added"], more["dry_run"]) == (True, False)


def test_a_kit_with_too_many_is_refused(home):
    build(home, "SCA-1", "--template", "HOME")

    told = build(home, "SCA-2")

    assert (told.code, told.out) == (4, "")
    assert told.err == (
        "Error: KIT-3 would hold 2 of 352, and template HOME has room for 1. See:"
        " fsc kit template show HOME\n"
    )


def test_a_kit_is_changed(home):
    build(home, "OXI-000001")

    given = home("kit", "change", "KIT-3", "--template", "HOME")
    taken = home("kit", "change", "KIT-3", "--no-template", "--moves-by", "each")
    both = home("kit", "change", "KIT-3", "--template", "HOME", "--no-template")
    none = home("kit", "change", "KIT-3")

    assert given.out == (
        "KIT-3  DEPOT @ HORSENS  template HOME  moves by case\n"
        "KIT-3: it lacks 1 of 3230, 1 of 352\n"
    )
    assert taken.out == "KIT-3  DEPOT @ HORSENS  moves by each\n"
    assert both.err.splitlines()[-1] == (
        "Error: --template and --no-template exclude each other."
    )
    assert none.err.splitlines()[-1] == (
        "Error: Say what changes: --template, --no-template, --moves-by."
    )


def test_what_is_taken_apart_says_what_is_left_to_be_wished_for(lent):
    one = lent("kit", "take-apart", "KIT-3", "SCA-1")
    rest = in_json(lent("kit", "take-apart", "KIT-3", "--json"))
    empty = lent("kit", "show", "KIT-3")

    about(one, "SCA-1")
    assert one.out.endswith("KIT-3: it lacks 1 of 352\n")
    assert rest["lacking"] == {"3230": 2, "352": 1}
    assert empty.err == "Nothing.\n"
    assert lent("kit", "list").err == "Nothing.\n"


def test_a_kit_that_comes_back_in_part_says_so_until_the_part_is_found(lent):
    said = ("--to", "HORSENS", "--missing", "OXI-000002", "--at", BACK)
    tried = lent("kit", "return", "KIT-3", *said, "--dry-run")
    back = lent("kit", "return", "KIT-3", *said)
    shown = lent("kit", "show", "KIT-3")
    moved = lent("move", "KIT-3", "--to", "VAN-BO", "--at", "2026-02-10T08:00")
    listed = lent("kit", "list", "--incomplete")
    found = lent("kit", "found", "KIT-3", "OXI-000002")

    devices = ("KIT-3", "OXI-000001", "OXI-000002", "SCA-1")
    assert tried.out == f"would be about {' '.join(devices)}\n{MISSING}"
    first, second = about(back, *devices)
    assert second == f"{first}.2"
    assert back.out.endswith(MISSING)
    assert shown.out.startswith("KIT-3  DEPOT @ HORSENS  template HOME  moves by case")
    assert shown.out.endswith(MISSING)
    about(moved, "KIT-3", "OXI-000001", "SCA-1")
    assert moved.out.endswith(MISSING)
    assert listed.out == (
        "kit    template  part count  missing     lacking  surplus  custodian  location"
        "\n"
        "KIT-3  HOME      3           OXI-000002                    BO         VAN-BO\n"
    )
    assert len(about(found, "OXI-000002")) == 2
    assert "missing" not in found.out
    assert lent("kit", "list", "--incomplete").err == "Nothing.\n"


def test_what_is_missing_is_told_in_json(lent):
    said = ("--to", "HORSENS", "--missing", "OXI-000002", "--at", BACK)
    back = in_json(lent("kit", "return", "KIT-3", *said, "--json"))
    shown = in_json(lent("kit", "show", "KIT-3", "--json"))
    moved = in_json(lent("move", "KIT-3", "--to", "VAN-BO", "--json"))
    (listed,) = in_json(lent("kit", "list", "--json"))

    missing = [
        {
            "device": "OXI-000002",
            "model": "3230",
            "custodian": "CIT-1",
            "location": "HOME-CIT-1",
            "flagged": True,
        }
    ]
    assert back["missing"] == shown["missing"] == missing
    assert back["events"] == [back["uid"], f"{back['uid']}.2"]
    assert (back["kit"], back["lacking"], back["dry_run"]) == ("KIT-3", {}, False)
    assert [kit["missing"] for kit in moved["incomplete"]] == [missing]
    assert [part["device"] for part in shown["parts"]] == [
        "OXI-000001",
        "OXI-000002",
        "SCA-1",
    ]
    assert listed == {
        "kit": "KIT-3",
        "template": "HOME",
        "moves_by": "case",
        "part_count": 3,
        "missing": ["OXI-000002"],
        "lacking": {},
        "surplus": {},
        "custodian": "BO",
        "location": "VAN-BO",
    }


def test_a_part_that_is_written_off_is_lacking_and_lost(lent):
    said = ("--to", "HORSENS", "--missing", "OXI-000002", "--at", BACK)
    lent("kit", "return", "KIT-3", *said)

    told = lent("kit", "write-off", "KIT-3", "OXI-000002", "--why", "left in a train")

    assert len(about(told, "OXI-000002")) == 2
    assert told.out.endswith("KIT-3: it lacks 1 of 3230\n")
    held = in_json(lent("who", "OXI-000002", "--json"))
    assert (held["location"], held["flags"]) == ("LOST", ["missing"])
    assert lent("kit", "list", "--csv").out == (
        "kit,template,moves_by,part_count,missing,lacking,surplus,custodian,location\n"
        "KIT-3,HOME,case,2,,3230=1,,DEPOT,HORSENS\n"
    )


def test_a_part_is_swapped_and_the_kit_of_a_past_day_is_still_known(lent):
    told = lent("kit", "swap", "KIT-3", "OXI-000001", "OXI-000003", "--at", BACK)

    assert len(about(told, "OXI-000001", "OXI-000003")) == 3
    assert "lacks" not in told.out
    assert inside(lent) == ["OXI-000002", "OXI-000003", "SCA-1"]
    assert inside(lent, "--at", LENT) == ["OXI-000001", "OXI-000002", "SCA-1"]
    assert in_json(lent("who", "OXI-000003", "--json"))["location"] == "HOME-CIT-1"
    assert in_json(lent("who", "OXI-000001", "--json"))["condition"] == "returned"
    assert in_json(lent("ledger", "verify", "--json"))["mismatches"] == []


def inside(desk, *said):
    shown = in_json(desk("kit", "show", "KIT-3", *said, "--json"))
    return [part["device"] for part in shown["parts"]]


def test_a_swap_for_another_model_is_refused(lent):
    told = lent("kit", "swap", "KIT-3", "OXI-000001", "SCA-2")

    assert (told.code, told.out) == (4, "")
    assert told.err == (
        "Error: SCA-2 is a 352 and OXI-000001 a 3230: a part is swapped for one of"
        " the same model.\n"
    )


def test_a_return_that_adds_nothing_says_so(lent):
    said = ("kit", "return", "KIT-3", "--to", "HORSENS")
    first = lent(*said, "--at", BACK)

    again = lent(*said, "--at", "2026-02-10T08:00")

    assert again.out == f"{first.out.split()[0]}  already so\n"


def test_a_move_that_takes_two_events_names_both(lent):
    lent("condition", "set", "quarantine", "SCA-1", "--why", "torn", "--at", BACK)

    told = lent("move", "KIT-3", "--to", "HORSENS").out.splitlines()

    uid, _, tags = told[0].partition("  ")
    assert tags == "KIT-3 OXI-000001 OXI-000002 SCA-1"
    assert told[1:] == [f"{uid}.2  says which of them are returned"]
