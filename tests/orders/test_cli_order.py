import json

import pytest
from sqlalchemy import func, select

from fsc_logistics.cli.main import main
from fsc_logistics.core.tables import Order

HEADER = "citizen,service,model,devices,earliest,agreed_from,agreed_to,consent\n"


def import_(centre, tmp_path, text, *options):
    file = tmp_path / "orders.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return centre.fsc("order", "import", str(file), *options)


def orders(centre):
    with centre.sessions.read() as session:
        return session.scalar(select(func.count(Order.id)))


def test_an_order_is_placed_listed_and_shown(centre):
    placed = centre.fsc(
        "order", "place", "cit-1", "install", "--model", "SCALE",
        "--agreed", "2026-11-24T09:00/10:00", "--minutes", "25", "--skill", "lift",
        "--priority", "70", "--requester", "KOM-0615", "--contact-name", "Nanna Test",
        "--contact-phone", "70203048", "--contact-relation", "daughter", "--consent",
    )  # fmt: skip
    listed = centre.fsc("order", "list", "--json")
    shown = centre.fsc("order", "show", "ord-000001")

    assert placed.stdout == "order       state\nORD-000001  placed\n"
    assert placed.stderr == ""
    assert json.loads(listed.stdout) == [
        {
            "order": "ORD-000001",
            "service": "INSTALL",
            "citizen": "CIT-1",
            "earliest": "2026-11-24",
            "latest": "2026-11-24",
            "agreed_from": "2026-11-24T08:00:00+00:00",
            "agreed_to": "2026-11-24T09:00:00+00:00",
            "state": "placed",
        }
    ]
    assert shown.stdout == (
        "order:     ORD-000001, placed\n"
        "service:   INSTALL for CIT-1\n"
        "days:      2026-11-24 to 2026-11-24\n"
        "agreed:    2026-11-24 09:00 to 2026-11-24 10:00\n"
        "takes:     25 minutes\n"
        "model:     SCALE\n"
        "skills:    LIFT\n"
        "priority:  70\n"
        "requester: KOM-0615\n"
        "consent:   yes\n"
        "contact:   on the sheet\n"
        "placed:    2026-11-23 08:00 by DESK\n"
    )


def test_lists_can_be_csv(sqlite_centre):
    sqlite_centre.order("CIT-1", "TRAINING")

    listed = sqlite_centre.fsc("order", "list", "--state", "placed", "--csv")

    assert listed.stdout == (
        "order,service,citizen,earliest,latest,agreed_from,agreed_to,state\n"
        "ORD-000001,TRAINING,CIT-1,2026-11-24,2026-12-01,,,placed\n"
    )


def test_without_consent_the_one_who_orders_is_told(sqlite_centre):
    placed = sqlite_centre.fsc("order", "place", "CIT-1", "TRAINING")

    assert placed.stdout == "order       state\nORD-000001  no_consent\n"
    assert placed.stderr == (
        "ORD-000001: It is not planned before the citizen agrees that address and"
        " contact go to the technician: fsc order change ORD-000001 --consent\n"
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["CIT-1", "DANCE"], "DANCE is not a service. Use one of DELIVER, INSTALL,"),
        (["PICKUP", "Nancy Berggren"], "That is not a service. Use one of DELIVER,"),
        (["CIT-1", "TRAINING", "--earliest", "2026-02-30"], "is not a day."),
        (
            ["CIT-1", "TRAINING", "--agreed", "tomorrow"],
            "'tomorrow' is not an agreed time. Try 2026-11-24T09:00/10:00.",
        ),
        (
            ["CIT-1", "TRAINING", "--agreed-from", "2026-11-24T09:00"],
            "Give --agreed FROM/TO, or both --agreed-from and --agreed-to.",
        ),
        (
            ["CIT-1", "TRAINING", "--contact-phone", "70203048"],
            "A contact needs a name: --contact-name",
        ),
        (
            ["CIT-1", "TRAINING", "--agreed", "2027-03-28T02:30/04:00"],
            "did not exist that night",
        ),
    ],
)
def test_what_cannot_be_typed_is_wrong_usage(sqlite_centre, arguments, text):
    done = sqlite_centre.fsc("order", "place", *arguments)

    assert done.exit_code == 2
    assert text in " ".join(done.stderr.replace("│", " ").split())
    assert orders(sqlite_centre) == 0


def test_the_exit_code_says_what_kind_of_error_it_was(sqlite_centre, capsys):
    def code(*arguments):
        with pytest.raises(SystemExit) as caught:
            main(["--database", sqlite_centre.url, "order", *arguments])
        return caught.value.code, capsys.readouterr().err

    assert code("show", "ORD-7") == (
        3,
        "Error: ORD-7 is no order of this centre. See: fsc order list\n",
    )
    place = ("place", "CIT-1", "TRAINING")
    assert code(*place)[0] == code(*place, "--again")[0] == 0
    assert code(*place) == (
        4,
        "Error: CIT-1 has ORD-000001 open for the same. To order it all the same:"
        " --again\n",
    )
    assert code("place", "CIT-1", "PICKUP") == (
        4,
        "Error: CIT-1 has no device that could be fetched.\n",
    )


def test_orders_are_imported_from_a_file_with_semicolons_and_a_mark(centre, tmp_path):
    centre.stock("OXI", "OXI-1", "OXI-2")
    text = HEADER.replace(",", ";") + (
        "CIT-1;DELIVER;;OXI-1 OXI-2;2026-11-25;;;ja\n"
        "CIT-2;TRAINING;OXI;;;2026-11-24T09:00;2026-11-24T10:00;no\n"
    )

    done = import_(centre, tmp_path, b"\xef\xbb\xbf" + text.encode())

    assert done.stdout == (
        "order       state\nORD-000001  placed\nORD-000002  no_consent\n"
    )
    listed = json.loads(centre.fsc("order", "list", "--json").stdout)
    assert [row["earliest"] for row in listed] == ["2026-11-24", "2026-11-25"]


def test_a_dry_run_checks_every_line_and_places_nothing(centre, tmp_path):
    done = import_(
        centre, tmp_path, HEADER + "CIT-1,DELIVER,OXI,,,,,yes\n", "--dry-run"
    )

    assert done.stdout == (
        "line  citizen  service  earliest    latest      state\n"
        "2     CIT-1    DELIVER  2026-11-24  2026-12-01  placed\n"
    )
    assert done.stderr == (
        "Every line is right: 1 in all.\nNone was imported, as this was a dry run.\n"
    )
    assert orders(centre) == 0


def test_a_dry_run_prints_what_would_be_placed_and_no_code_of_it(
    sqlite_centre, tmp_path
):
    text = HEADER + "CIT-1,TRAINING,,,,2026-11-24T17:00,2026-11-24T18:00,no\n"

    done = import_(sqlite_centre, tmp_path, text, "--dry-run", "--json")

    assert json.loads(done.stdout) == [
        {
            "line": 2,
            "order": None,
            "citizen": "CIT-1",
            "service": "TRAINING",
            "earliest": "2026-11-24",
            "latest": "2026-11-24",
            "state": "no_consent",
            "notes": [
                "The agreed time is outside opening hours; it is planned if somebody's"
                " shift allows it."
            ],
        }
    ]


def test_what_stands_in_the_wrong_column_is_not_repeated(sqlite_centre, tmp_path):
    text = (
        "citizen,service,model,earliest,agreed_from,minutes,priority,requester,consent\n"
        + "CIT-1"
        + ",Nancy Berggren" * 8
        + "\nNancy Berggren,TRAINING,,,,,,,\nCIT-1,TRAINING,Nancy Berggren,,,,,,\n"
        + "CIT-1,TRAINING,,9999-12-31,,,,,\n"
        + f"CIT-1,TRAINING,,,0001-01-01T00:00,{'9' * 5000},,,\n"
    )

    done = import_(sqlite_centre, tmp_path, text)

    assert done.stderr.splitlines() == [
        "Line 2, service: It is not a service. Use one of DELIVER, INSTALL, TRAINING,"
        " RE-TRAINING, CALIBRATION, MAINTENANCE, REPAIR, REPLACE, PICKUP.",
        "Line 2, earliest: It is not a day. Try 2026-11-24.",
        "Line 2, agreed_from: It is not a time. Try 2026-11-24T09:00.",
        "Line 2, minutes: It is not a whole number up to 480.",
        "Line 2, priority: It is not a whole number up to 100.",
        "Line 2, consent: It is neither yes nor no.",
        "Line 3: That is nobody this centre knows. See: fsc citizen list",
        "Line 4: That is no device model here. See: fsc model list",
        "Line 5: The earliest day, 9999-12-31, is more than 10 years ahead.",
        "Line 6, agreed_from: It is not a time. Try 2026-11-24T09:00.",
        "Line 6, minutes: It is not a whole number up to 480.",
    ]


@pytest.mark.parametrize(
    "said",
    [("--earliest", "9999-12-31"), ("--agreed", "0001-01-01T00:00/01:00")],
)
def test_days_at_the_end_of_time_are_refused(sqlite_centre, said):
    done = sqlite_centre.fsc("order", "place", "CIT-1", "TRAINING", *said)

    assert done.exit_code == 2
    assert "is too long ago or too far ahead." in done.stderr
    assert orders(sqlite_centre) == 0


def test_an_agreement_is_taken_away(sqlite_centre):
    centre = sqlite_centre
    centre.fsc(
        "order", "place", "CIT-1", "TRAINING", "--agreed", "2026-11-24T09:00/10:00"
    )

    centre.fsc("order", "change", "ORD-000001", "--no-agreed")

    shown = json.loads(centre.fsc("order", "show", "ORD-000001", "--json").stdout)
    assert (shown["agreed_from"], shown["agreed_to"]) == (None, None)


def test_a_file_is_not_imported_twice_unless_that_is_said(centre, tmp_path):
    text = HEADER + "CIT-1,DELIVER,OXI,,,,,yes\nCIT-2,TRAINING,,,,,,yes\n"
    import_(centre, tmp_path, text)
    twice = "CIT-3,TRAINING,,,,,,yes\n" * 2

    second = import_(centre, tmp_path, text + twice)
    third = import_(centre, tmp_path, text + twice, "--again")

    how = "To order it all the same: --again"
    assert second.stderr.splitlines() == [
        f"Line 2: CIT-1 has ORD-000001 open for the same. {how}",
        f"Line 3: CIT-2 has ORD-000002 open for the same. {how}",
        f"Line 5: CIT-3 has the order of line 4 open for the same. {how}",
    ]
    assert third.exit_code == 0
    assert orders(centre) == 6


def test_every_wrong_line_is_named_and_nothing_is_imported(centre, tmp_path):
    centre.stock("OXI", "OXI-1")
    text = HEADER + (
        "CIT-1,DELIVER,,OXI-1,,,,yes\n"
        "CIT-2,DELIVER,,OXI-1,,,,yes\n"
        "CIT-2,DANCE,,,,,,yes\n"
        "CIT-9,TRAINING,,,,,,yes\n"
        "CIT-1,TRAINING,,,24.11.2026,,,yes\n"
        "CIT-1,TRAINING,,,,2026-11-24T09:00,,yes\n"
        "CIT-1,TRAINING,,,,,,maybe\n"
    )

    done = import_(centre, tmp_path, text)

    assert done.stderr.splitlines() == [
        "Line 3: OXI-1 is promised to the order of line 2 already.",
        "Line 4, service: It is not a service. Use one of DELIVER, INSTALL,"
        " TRAINING, RE-TRAINING, CALIBRATION, MAINTENANCE, REPAIR, REPLACE, PICKUP.",
        "Line 5: CIT-9 is nobody this centre knows. See: fsc citizen list",
        "Line 6, earliest: It is not a day. Try 2026-11-24.",
        "Line 7: agreed_from and agreed_to go together.",
        "Line 8, consent: It is neither yes nor no.",
    ]
    assert str(done.exception) == (
        "6 lines are wrong, so nothing was imported. Put the file right and import it"
        f" again. Every fault stands in {tmp_path / 'orders.csv'}.errors.csv."
    )
    assert orders(centre) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"citizen,service\nCIT-1,TR\xc6NING\n", "Line 2 is not UTF-8."),
        ("citizen;model\nCIT-1;OXI\n", "The first line lacks column service."),
        ("", "The file is empty."),
        ("citizen,service,when\n", "The first line has the unknown column when."),
        ("citizen,service\nCIT-1,TRAINING,OXI\n", "1 line is wrong, so nothing was"),
        ("citizen,service\nCIT-1,\n", "1 line is wrong, so nothing was imported."),
    ],
)
def test_a_file_that_is_none_of_orders_is_refused(sqlite_centre, tmp_path, text, said):
    done = import_(sqlite_centre, tmp_path, text)

    assert str(done.exception).startswith(said)
    assert orders(sqlite_centre) == 0


def test_open_orders_exported_are_placed_again_from_the_file(centre, tmp_path):
    centre.stock("OXI", "OXI-1", "OXI-2")
    text = (
        "citizen,service,model,devices,agreed_from,agreed_to,latest,minutes,skills,"
        "priority,requester,contact_name,contact_phone,consent\n"
        "CIT-1,DELIVER,,OXI-1 OXI-2,,,2026-12-03,25,lift ble,70,KOM-0615,"
        "Nanna Test,70203048,yes\n"
        "CIT-2,TRAINING,OXI,,2026-11-24T09:00,2026-11-24T10:00,,,,,,,,no\n"
        "CIT-3,TRAINING,,,,,,,,,,,,yes\n"
    )
    import_(centre, tmp_path, text)
    centre.fsc("order", "cancel", "ORD-000003")

    exported = centre.fsc("order", "export", "-")
    for order in ("ORD-000001", "ORD-000002"):
        centre.fsc("order", "cancel", order)
    placed = import_(centre, tmp_path, exported.stdout)
    again = centre.fsc("order", "export", "-")

    assert exported.stdout == (
        "citizen,service,model,devices,earliest,latest,agreed_from,agreed_to,minutes,"
        "skills,priority,requester,contact_name,contact_phone,contact_relation,consent"
        "\n"
        "CIT-1,DELIVER,,OXI-1 OXI-2,2026-11-24,2026-12-03,,,25,BLE LIFT,70,KOM-0615,"
        ",,,yes\n"
        "CIT-2,TRAINING,OXI,,2026-11-24,2026-11-24,2026-11-24T09:00:00+01:00,"
        "2026-11-24T10:00:00+01:00,30,,50,,,,,no\n"
    )
    assert placed.exit_code == 0
    assert again.stdout == exported.stdout
    assert orders(centre) == 5


def test_orders_of_many_chunks_are_placed_all_or_none(
    sqlite_centre, tmp_path, monkeypatch
):
    monkeypatch.setattr("fsc_logistics.core.exchange.importing.CHUNK_LINES", 2)
    days = [f"2026-12-0{day}" for day in (1, 2, 3, 4, 7)]
    text = HEADER.replace("agreed_from,agreed_to", "latest,minutes") + "".join(
        f"CIT-1,TRAINING,,,{day},{day},20,yes\n" for day in days
    )

    wrong = import_(sqlite_centre, tmp_path, f"{text}CIT-9,TRAINING,,,,,,yes\n")
    before = orders(sqlite_centre)
    tried = import_(sqlite_centre, tmp_path, text, "--dry-run", "--json")
    after = orders(sqlite_centre)
    done = import_(sqlite_centre, tmp_path, text, "--json")

    assert wrong.stderr.startswith("Line 7: CIT-9 is nobody this centre knows.")
    assert (before, after) == (0, 0)
    assert [row["line"] for row in json.loads(tried.stdout)] == [2, 3, 4, 5, 6]
    assert [row["order"] for row in json.loads(done.stdout)] == [
        f"ORD-00000{number}" for number in range(1, 6)
    ]
