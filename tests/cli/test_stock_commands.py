"""Consumables at the command line."""

import json

import pytest

CODE = "(01)09501101531000(10)L2"


@pytest.fixture
def shelf(fsc, centre):
    """Run commands on a centre with ten of lot L1 and five of L2 at HORSENS."""

    def run(*arguments):
        return fsc("--database", centre, *arguments)

    run("party", "add", "MAKER", "--kind", "supplier", "--name", "Maker")
    run("party", "add", "NOBODY", "--kind", "nobody", "--name", "Nobody")
    run("location", "add", "MAKER-DK", "--kind", "supplier", "--keeper", "MAKER")
    run("location", "add", "RETIRED", "--kind", "retired", "--keeper", "NOBODY")
    article = ("--name", "Cuff, medium", "--unit", "piece", "--gtin", "9501101531000")
    assert run("article", "add", "CUFF-M", *article).out == "CUFF-M is registered.\n"
    ways = ("--from", "MAKER-DK", "--to", "HORSENS", "--at", "2026-05-01T08:00Z")
    lot = ("--lot", "L1", "--expires", "2099-01-31")
    assert run("stock", "receive", "CUFF-M", 10, *lot, *ways).code == 0
    assert run("stock", "receive", CODE, 5, "--expires", "2098-11-30", *ways).code == 0
    return run


def move(shelf, *arguments):
    ways = ("--from", "HORSENS", "--to", "VAN-BO", "--at", "2026-05-02T08:00Z")
    return shelf("stock", "move", *arguments, *ways)


def listed(shelf, *arguments):
    rows = json.loads(shelf("stock", "list", "--json", *arguments).out)
    return {(row["lot"], row["location"]): row["quantity"] for row in rows}


def test_what_came_is_listed_by_lot_and_place(shelf):
    told = shelf("stock", "list")

    assert told.out == (
        "article  lot  expires     location  quantity  unit\n"
        "CUFF-M   L2   2098-11-30  HORSENS   5         piece\n"
        "CUFF-M   L1   2099-01-31  HORSENS   10        piece\n"
    )
    assert shelf("stock", "list", "VAN-BO").err == "Nothing.\n"
    assert shelf("stock", "list", "--at", "2026-04-30T08:00Z", "--json").out == "[]\n"
    assert shelf("stock", "list", "--article", CODE, "--csv").out == (
        "article,lot,expires,location,quantity,unit\n"
        "CUFF-M,L2,2098-11-30,HORSENS,5,piece\n"
    )


def test_a_move_prints_its_uid_and_the_lots_that_expire_first(shelf):
    told = move(shelf, "CUFF-M", 7, "--document", "run-7")

    first, *rows = told.out.splitlines()
    assert first.split()[1:] == ["recorded"]
    assert rows == [
        "article  lot  expires     origin   target  quantity  unit",
        "CUFF-M   L2   2098-11-30  HORSENS  VAN-BO  5         piece",
        "CUFF-M   L1   2099-01-31  HORSENS  VAN-BO  2         piece",
    ]
    entry = json.loads(
        shelf("stock", "history", "CUFF-M/L2", "--place", "VAN-BO", "--json").out
    )
    assert [(row["event"], row["document"]) for row in entry] == [
        (first.split()[0], "RUN-7")
    ]


def test_a_dry_run_tells_what_would_go_and_records_nothing(shelf):
    told = move(shelf, "CUFF-M/L1", 2, "--dry-run")
    as_json = json.loads(move(shelf, "CUFF-M", 2, "--dry-run", "--json").out)

    assert told.out.splitlines()[0] == "Would be recorded:"
    assert told.out.splitlines()[2].split()[1] == "L1"
    assert as_json["dry_run"] is True
    assert as_json["lots"][0]["lot"] == "L2"
    assert listed(shelf) == {("L1", "HORSENS"): 10, ("L2", "HORSENS"): 5}


def test_a_receipt_that_is_tried_registers_no_lot(shelf):
    ways = ("--from", "MAKER-DK", "--to", "HORSENS", "--dry-run")
    assert shelf("stock", "receive", "CUFF-M/L3", 1, *ways).code == 0

    told = shelf("stock", "history", "CUFF-M/L3")

    assert told.code == 3
    assert told.err == (
        "Error: CUFF-M has no lot L3. It is registered when it comes: fsc stock receive"
        " CUFF-M QUANTITY --lot LOT\n"
    )


def test_a_count_shows_what_was_expected(shelf):
    move(shelf, "CUFF-M/L1", 4)

    told = shelf(
        "stock",
        "count",
        "HORSENS",
        "CUFF-M/L1=5",
        f"{CODE}=6",
        "--at",
        "2026-05-03T08:00Z",
    )

    assert told.out.splitlines()[1:] == [
        "article  lot  location  expected  counted  difference  unit",
        "CUFF-M   L1   HORSENS   6         5        -1          piece",
        "CUFF-M   L2   HORSENS   5         6        1           piece",
    ]
    assert listed(shelf, "HORSENS") == {("L1", "HORSENS"): 5, ("L2", "HORSENS"): 6}


@pytest.mark.parametrize("count", ["CUFF-M/L1", "=3", "CUFF-M/L1=-1", "CUFF-M/L1=a"])
def test_what_is_no_count_is_wrong_usage(shelf, count):
    told = shelf("stock", "count", "HORSENS", "--", count)

    assert told.code == 2
    assert told.err.splitlines()[-1] == (
        "Error: Invalid value for 'ARTICLE/LOT=N...': That is not a count. Try"
        " CUFF-M/L1=12."
    )


def test_more_than_there_is_is_refused_with_what_to_do(shelf):
    told = move(shelf, "CUFF-M", 16)

    assert told.code == 4
    assert told.err == (
        "Error: HORSENS has 15 piece of CUFF-M to take on 2026-05-02 08:00 UTC, not 16."
        " See: fsc stock list HORSENS --within --article CUFF-M\n"
    )


def test_lots_are_suggested_and_what_is_missing_told(shelf):
    told = shelf("stock", "suggest", "CUFF-M", 16, "--at-place", "horsens")
    document = json.loads(
        shelf("stock", "suggest", "CUFF-M", 6, "--at-place", "HORSENS", "--json").out
    )

    assert [line.split()[1:5:3] for line in told.out.splitlines()[1:]] == [
        ["L2", "5"],
        ["L1", "10"],
    ]
    assert told.err == "Only 15 piece of CUFF-M can be taken at HORSENS, not 16.\n"
    assert (document["wanted"], document["found"]) == (6, 6)
    assert [(lot["lot"], lot["quantity"]) for lot in document["lots"]] == [
        ("L2", 5),
        ("L1", 1),
    ]


def test_what_has_expired_is_listed_and_put_right(shelf):
    changed = shelf("article", "change-lot", "CUFF-M/L1", "--expires", "2026-05-01")

    told = shelf("stock", "expiring", "--days", "0")
    refused = move(shelf, "CUFF-M/L1", 1)
    meant = move(shelf, "CUFF-M/L1", 1, "--expired")

    assert changed.out == "CUFF-M/L1 expires on 2026-05-01.\n"
    assert told.out == (
        "article  lot  expires     location  quantity  unit\n"
        "CUFF-M   L1   2026-05-01  HORSENS   10        piece\n"
    )
    assert refused.code == 4
    assert meant.code == 0


def test_an_undone_move_is_shown_as_such(shelf):
    uid = move(shelf, "CUFF-M/L1", 4).out.split()[0]

    assert shelf("undo", uid).code == 0

    assert listed(shelf) == {("L1", "HORSENS"): 10, ("L2", "HORSENS"): 5}
    told = shelf("stock", "history", "CUFF-M/L1", "--place", "VAN-BO")
    assert told.out.splitlines()[1].split()[3:] == ["HORSENS", "did_not_occur", uid]
    assert shelf("ledger", "verify").code == 0


def test_articles_are_listed_and_changed(shelf):
    changed = shelf("article", "change", "cuff-m", "--name", "Cuff")

    assert changed.out == "CUFF-M is changed.\n"
    assert json.loads(shelf("article", "list", "--json").out) == [
        {
            "article": "CUFF-M",
            "name": "Cuff",
            "unit": "piece",
            "gtin": "09501101531000",
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("CUFF-M", "--name", "Cuff", "--unit", "piece"),
            "CUFF-M is already an article. Choose another code.",
        ),
        (
            ("CUFF-L", "--name", "Cuff", "--unit", "piece", "--gtin", "9501101531000"),
            "GTIN 09501101531000 is that of article CUFF-M already.",
        ),
        (("CUFF-L", "--name", "Cuff", "--unit", " "), "An article needs: unit."),
    ],
)
def test_an_article_that_cannot_be_is_refused(shelf, arguments, message):
    told = shelf("article", "add", *arguments)

    assert told.code != 0
    assert told.err == f"Error: {message}\n"


def test_the_gtin_of_a_device_model_is_no_articles(shelf):
    said = ("--maker", "Nonin", "--name", "Onyx", "--category", "oximeter")
    shelf("model", "add", "ONYX", *said, "--gtin", "4006381333931")

    told = shelf(
        "article",
        "add",
        "CUFF-L",
        "--name",
        "Cuff",
        "--unit",
        "piece",
        "--gtin",
        "4006381333931",
    )

    assert told.err == "Error: GTIN 04006381333931 is that of model ONYX already.\n"


def test_what_came_expired_is_received_only_if_that_is_said(shelf):
    lot = ("--lot", "OLD", "--expires", "2026-04-30", "--at", "2026-05-01T08:00Z")
    ways = ("--from", "MAKER-DK", "--to", "HORSENS")

    refused = shelf("stock", "receive", "CUFF-M", 1, *lot, *ways)
    meant = shelf("stock", "receive", "CUFF-M", 1, *lot, *ways, "--expired")
    short = move(shelf, "CUFF-M", 16)

    assert refused.code == 4
    assert refused.err == (
        "Error: CUFF-M/OLD expired on 2026-04-30 and is not received. Send it back, or"
        " say --expired if it is meant.\n"
    )
    assert meant.code == 0
    assert short.err == (
        "Error: HORSENS has 15 piece of CUFF-M to take on 2026-05-02 08:00 UTC, not 16."
        " 1 more has expired (--expired). See: fsc stock list HORSENS --within"
        " --article CUFF-M\n"
    )
