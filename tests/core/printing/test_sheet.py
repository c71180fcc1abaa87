import re
import tomllib
from dataclasses import replace
from datetime import date, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from fsc_logistics.core.printing import (
    LoadLine,
    RunSheet,
    SheetContact,
    SheetDevice,
    SheetStop,
    SheetTask,
    receipts_of,
    run_sheet_pdf,
)
from fsc_logistics.domain.errors import BadInput
from fsc_logistics.domain.orders import FailedBecause

NASTY = (
    '#panic("x") $a^2$ *bold* _it_ \\ "q" @ref <l> `raw` // no /* no */ [x] = - + ~ ---'
)
OXIMETER = SheetDevice(model="Nonin 3230", tag="OXI-000007", serial="501234567")
SCALE = SheetDevice(model="A&D UC-352BLE", tag="SCL-000031", serial="S5160600123")
OLD_OXIMETER = SheetDevice(model="Nonin 3230", tag="OXI-000003", serial="501230003")
ANY_SCALE = SheetDevice(model="A&D UC-352BLE")


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-24T{clock}").replace(
        tzinfo=ZoneInfo("Europe/Copenhagen")
    )


FIRST = SheetStop(
    order="ORD-000101",
    number=1,
    arrival=at("08:05"),
    service_start=at("09:00"),
    departure=at("09:50"),
    agreed_from=at("09:00"),
    agreed_to=at("10:00"),
    travel_s=1080,
    distance_m=14_249,
    name="Einer Test Lauridsen",
    address="Testgrusgraven 3, 3.th",
    postcode="8700",
    town="Horsens",
    phone="+4570203048",
    contacts=(
        SheetContact(
            name="Lonni Test Lauridsen",
            relation="datter",
            phone="70203049",
        ),
    ),
    access="Dørkode 1234. Venlig hund.",
    tasks=(
        SheetTask(service="INSTALL", service_s=1500),
        SheetTask(service="TRAINING", service_s=900),
    ),
    bring=(OXIMETER, SCALE),
)
SECOND = SheetStop(
    order="ORD-000102",
    number=2,
    arrival=at("13:10"),
    service_start=at("13:10"),
    departure=at("13:40"),
    travel_s=5400,
    distance_m=62_000,
    name="Magnus Test Lauridsen",
    address="Testgrusgraven 3, 10.th",
    postcode="7500",
    town="Holstebro",
    tasks=(SheetTask(service="PICKUP", service_s=900),),
    take_back=(OLD_OXIMETER, ANY_SCALE),
    protected=True,
)
SHEET = RunSheet(
    run="2026-11-24/ANNA",
    day=date(2026, 11, 24),
    technician="Anna Testesen",
    vehicle="VAN-3",
    centre="Fælles Servicecenter for Telesundhed",
    centre_phone="70203048",
    start=at("07:30"),
    start_place="Depot Horsens",
    end=at("15:10"),
    end_place="Depot Herning",
    distance_m=122_400,
    travel_s=7800,
    service_s=14_700,
    waiting_s=1200,
    lunch_from=at("11:30"),
    lunch_to=at("12:00"),
    load=(
        LoadLine(shelf="A-02", shelf_name="Målere", device=OXIMETER, stop_number=1),
        LoadLine(shelf="C-01", device=SCALE, stop_number=1),
    ),
    stops=(FIRST, SECOND),
)


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("language", ["da", "en"])
def test_every_code_on_a_run_sheet_reads_back(codes, dpi, language):
    pdf = run_sheet_pdf(SHEET, language)

    read = codes(pdf, dpi)

    assert read == {
        "%L:A-02": 1,
        "%L:C-01": 1,
        "%O:ORD-000101": 1,
        "%O:ORD-000102": 1,
        "OXI-000007": 2,
        "SCL-000031": 2,
        "OXI-000003": 1,
    }


def test_codes_also_read_back_from_a_draft(codes):
    issued = codes(run_sheet_pdf(SHEET))

    draft = codes(run_sheet_pdf(replace(SHEET, draft=True)))

    assert draft == issued


def test_the_first_page_is_the_day_without_the_citizens(page_texts):
    first, *_ = page_texts(run_sheet_pdf(SHEET))

    for words in (
        "tirsdag 24. november 2026",
        "Start kl. 7.30",
        "Depot Horsens",
        "15.10",
        "Depot Herning",
        "122,4 km",
        "2 t 10 min",
        "4 t 5 min",
        "20 min",
        "Tlf. 70 20 30 48",
        "1 8.05 9.00–10.00 8700 Horsens Opsætning, Oplæring ORD-000101",
        "A-02 Målere",
    ):
        assert words in first
    assert "Lauridsen" not in first


def test_lunch_stands_where_it_is_taken(page_texts):
    third = replace(SECOND, number=3, arrival=at("14:05"), departure=at("14:30"))

    first, *_ = page_texts(run_sheet_pdf(replace(SHEET, stops=(FIRST, SECOND, third))))

    rows = ("1 8.05", "11.30 Frokost 11.30–12.00", "2 13.10", "3 14.05")
    order = [first.index(row) for row in rows]
    assert order == sorted(order)


def test_a_stop_says_whom_when_and_what(page_texts):
    _, stop, _ = page_texts(run_sheet_pdf(SHEET))

    for words in (
        "8.05",
        "Aftalt kl. 9.00–10.00",
        "Kør 18 min · 14,2 km",
        "Einer Test Lauridsen",
        "Testgrusgraven 3, 3.th",
        "8700 Horsens",
        "Tlf. 70 20 30 48",
        "Lonni Test Lauridsen, datter 70 20 30 49",
        "Dørkode 1234. Venlig hund.",
        "Opsætning 25 min",
        "Borgeren har selv prøvet",
        "Udstyr, der bliver her",
        "Nonin 3230 Serienr. 501234567 OXI-000007",
        "Modtaget, borger",
        "Ikke hjemme",
    ):
        assert words in stop
    assert "Afleveret, borger" not in stop


def test_english_paper_is_english(page_texts):
    first, stop, _ = page_texts(run_sheet_pdf(SHEET, "en"))

    assert "Tuesday 24 November 2026" in first
    assert "122.4 km" in first
    assert "Agreed 09:00–10:00" in stop
    assert "Set up 25 min" in stop


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "da",
            "Ikke gennemført: Ikke hjemme Ville ikke Ingen adgang Forkert adresse"
            " Syg, indlagt Udstyret Ikke tid Andet",
        ),
        (
            "en",
            "Not done: Nobody home Refused No access Wrong address Ill Equipment"
            " No time Other",
        ),
    ],
)
def test_a_stop_can_fail_for_every_reason_a_run_is_closed_with(
    page_texts, language, words
):
    _, stop, _ = page_texts(run_sheet_pdf(SHEET, language))

    file = files("fsc_logistics.templates") / language / "words.toml"
    failed = tomllib.loads(file.read_text(encoding="utf-8"))["failed"]
    assert list(failed) == list(FailedBecause)
    assert words in stop


def test_each_stop_has_its_own_page_so_that_no_citizen_reads_of_another(page_texts):
    pages = page_texts(run_sheet_pdf(SHEET))

    names = [[stop.name for stop in SHEET.stops if stop.name in page] for page in pages]

    assert names == [[], [FIRST.name], [SECOND.name]]


def test_a_citizen_to_be_called_first_is_marked_as_one(page_texts):
    called = replace(FIRST, call_first=True)

    _, stop, _ = page_texts(run_sheet_pdf(SHEET))
    _, first = page_texts(run_sheet_pdf(replace(SHEET, stops=(called,))))

    assert "RING FØRST" not in stop
    assert "RING FØRST Tlf. 70 20 30 48" in first


def test_only_a_protected_address_is_marked_as_one(page_texts):
    _, open_address, protected = page_texts(run_sheet_pdf(SHEET))

    assert "BESKYTTET NAVN OG ADRESSE" not in open_address
    assert "BESKYTTET NAVN OG ADRESSE" in protected


def test_every_page_names_its_run_its_number_and_the_duty_to_shred(page_texts):
    pages = page_texts(run_sheet_pdf(SHEET))

    for number, page in enumerate(pages, 1):
        assert "2026-11-24/ANNA" in page
        assert f"Side {number} / {len(pages)}" in page
        assert "Fortrolige personoplysninger" in page
        assert "makuleres" in page


def test_only_a_draft_says_so_and_on_every_page(page_texts):
    issued = page_texts(run_sheet_pdf(SHEET))
    draft = page_texts(run_sheet_pdf(replace(SHEET, draft=True)))

    assert ["UDKAST" in page for page in issued] == [False] * 3
    assert ["UDKAST" in page for page in draft] == [True] * 3


def test_a_run_without_stops_and_load_says_so_on_one_page(page_texts):
    empty = replace(SHEET, stops=(), load=(), lunch_from=None, lunch_to=None)

    pages = page_texts(run_sheet_pdf(empty))

    assert len(pages) == 1
    assert "Der er ingen besøg på denne tur." in pages[0]
    assert "Der skal ikke tages noget med fra lageret." in pages[0]


def test_a_stop_with_many_devices_breaks_between_them(page_texts, codes):
    devices = tuple(replace(OXIMETER, tag=f"OXI-{n:06}") for n in range(12))
    sheet = replace(SHEET, load=(), stops=(replace(FIRST, bring=devices),))

    pdf = run_sheet_pdf(sheet)

    _, *stop_pages = page_texts(pdf)
    assert len(stop_pages) == 2
    assert all("Ankomst kl. 8.05 Start kl. 9.00" in page for page in stop_pages)
    assert "Modtaget, borger" in stop_pages[1]
    assert "OXI-000011" in stop_pages[1]
    assert codes(pdf) == {"%O:ORD-000101": 1} | {d.tag: 1 for d in devices}


def test_a_device_not_chosen_yet_has_a_line_to_write_its_tag_on(page_texts):
    sheet = replace(SHEET, stops=(replace(FIRST, bring=(ANY_SCALE,)),))

    _, stop = page_texts(run_sheet_pdf(sheet))

    assert "Skriv mærke:" in stop


def test_an_agreed_window_may_be_open_at_one_end(page_texts):
    stop = replace(FIRST, agreed_to=None)

    first, page = page_texts(run_sheet_pdf(replace(SHEET, stops=(stop,))))

    assert "1 8.05 9.00– 8700 Horsens" in first
    assert "Aftalt kl. 9.00– Kør" in page


def test_a_missing_phone_number_is_not_an_empty_line(page_texts):
    _, _, stop = page_texts(run_sheet_pdf(SHEET))

    assert "Tlf." not in stop
    assert "intet telefonnummer" in stop


def test_a_shelf_stands_once_however_the_load_is_ordered(codes):
    line = SHEET.load[0]
    other = replace(line, device=OLD_OXIMETER)
    sheet = replace(SHEET, stops=(), load=(line, SHEET.load[1], other))

    read = codes(run_sheet_pdf(sheet))

    assert read["%L:A-02"] == 1


def test_what_two_services_ask_for_is_ticked_once(page_texts):
    tasks = tuple(
        SheetTask(service=service, service_s=600) for service in ("REPLACE", "PICKUP")
    )
    sheet = replace(SHEET, stops=(replace(SECOND, tasks=tasks),))

    _, stop = page_texts(run_sheet_pdf(sheet))

    assert stop.count("Lagt i pose til brugt udstyr") == 1


def test_a_task_says_what_it_is_about(page_texts):
    task = SheetTask(service="CALIBRATION", service_s=1200, about="Nonin #3230 [A]")

    _, stop = page_texts(
        run_sheet_pdf(replace(SHEET, stops=(replace(SECOND, tasks=(task,)),)))
    )

    assert "Kalibrering Nonin #3230 [A]" in stop


def test_a_service_of_another_name_is_printed_as_it_is(page_texts):
    task = SheetTask(service="Hente nøgle", service_s=300)

    first, stop = page_texts(
        run_sheet_pdf(replace(SHEET, stops=(replace(SECOND, tasks=(task,)),)))
    )

    assert "Hente nøgle" in first
    assert "Hente nøgle 5 min" in stop


def nasty_sheet(text: str) -> RunSheet:
    """Return a sheet where every free text is `text`."""
    device = replace(OXIMETER, model=text, serial=text)
    stop = replace(
        FIRST,
        name=text,
        address=text,
        town=text,
        contacts=(SheetContact(name=text, relation=text, phone=text),),
        access=text,
        tasks=(SheetTask(service=text, service_s=60),),
        bring=(device,),
    )
    return replace(
        SHEET,
        technician=text,
        vehicle=text,
        start_place=text,
        load=(LoadLine(shelf="A-1", shelf_name=text, device=device, stop_number=1),),
        stops=(stop,),
    )


def test_what_people_write_is_never_a_command(page_texts):
    pages = page_texts(run_sheet_pdf(nasty_sheet(NASTY)))

    plain = re.sub(r"\s", "", NASTY)
    assert re.sub(r"\s", "", pages[1]).count(plain) == 10


@pytest.mark.parametrize(
    "text",
    [
        "æøå ÆØÅ é ü Łódź",
        "😀 مرحبا 中文 ไทย",
        "to\nlinjer\r\nog\ttabulator",
        "\x00\x07\ud800\u202e\u200d",
    ],
)
def test_any_script_can_be_printed(codes, text):
    pdf = run_sheet_pdf(nasty_sheet(text))

    assert codes(pdf)["OXI-000007"] == 2


@pytest.mark.parametrize(
    "text",
    ["Einer Test", "Testgrusgraven " * 4, "M" * 60, "Wi" * 30],
    ids=["short", "words", "wide", "long"],
)
def test_no_text_runs_into_a_code_another_text_or_the_edge(codes, collisions, text):
    pdf = run_sheet_pdf(nasty_sheet(text))

    assert collisions(pdf) == []
    assert codes(pdf)["OXI-000007"] == 2


def test_long_access_notes_and_long_tags_find_room(page_texts, codes, collisions):
    access = ("Dørkode 1234 ved porten, gå gennem gården og op ad trappen. " * 7)[:400]
    long_tag = replace(OXIMETER, tag="OXIMETER-WITH-A-VERY-LONG-TAG-01")
    stop = replace(FIRST, access=access, bring=(long_tag,))

    pdf = run_sheet_pdf(replace(SHEET, stops=(stop,)))

    assert collisions(pdf) == []
    assert access.strip() in page_texts(pdf)[1]
    assert codes(pdf)["OXIMETER-WITH-A-VERY-LONG-TAG-01"] == 1


def test_the_same_sheet_is_the_same_file():
    assert run_sheet_pdf(SHEET) == run_sheet_pdf(SHEET)


def test_there_is_a_receipt_where_devices_change_hands_and_nowhere_else():
    talk = replace(FIRST, number=3, order="ORD-000103", bring=())

    receipts = receipts_of(replace(SHEET, stops=(FIRST, SECOND, talk)))

    assert [receipt.order for receipt in receipts] == ["ORD-000101", "ORD-000102"]
    assert receipts[0].delivered == (OXIMETER, SCALE)
    assert receipts[1].collected == (OLD_OXIMETER, ANY_SCALE)


def test_a_language_without_words_is_refused():
    with pytest.raises(BadInput) as caught:
        run_sheet_pdf(SHEET, "../da")

    assert str(caught.value) == ("There is no paper in '../da'. Choose one of: da, en.")
