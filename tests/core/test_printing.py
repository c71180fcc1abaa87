import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
import zxingcpp
from PIL.Image import Image

from fsc_logistics.core.printing import (
    LAYOUTS,
    Card,
    Label,
    LoadLine,
    RunSheet,
    SheetContact,
    SheetDevice,
    SheetStop,
    SheetTask,
    cards_pdf,
    command_cards,
    labels_pdf,
    receipts_of,
    receipts_pdf,
    run_sheet_pdf,
)
from fsc_logistics.domain.errors import BadInput

NASTY = (
    '#panic("x") $a^2$ *bold* _it_ \\ "q" @ref <l> `raw` // no /* no */ [x] = - + ~ ---'
)
OXIMETER = SheetDevice(model="Nonin 3230", tag="OXI-000007", serial="501234567")
SCALE = SheetDevice(model="A&D UC-352BLE", tag="SCL-000031", serial="S5160600123")
OLD_OXIMETER = SheetDevice(model="Nonin 3230", tag="OXI-000003", serial="501230003")
BATTERIES = SheetDevice(model="Batterier AAA", count=4)


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
            call_first=True,
        ),
    ),
    access="Dørkode 1234. Venlig hund.",
    note="Spørg efter opladeren.",
    tasks=(
        SheetTask(service="INSTALL", service_s=1500, note="Vægten forbindes."),
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
    take_back=(OLD_OXIMETER, BATTERIES),
    protected=True,
)
SHEET = RunSheet(
    run="2026-11-24/ANNA",
    day=date(2026, 11, 24),
    technician="Anna Testesen",
    vehicle="VAN-3",
    centre="Fælles Servicecenter for Telesundhed",
    centre_phone="70203048",
    centre_hours="hverdage kl. 8–16",
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
LABEL = Label(
    tag="OXI-000007",
    model="Nonin 3230 pulsoximeter",
    owner="Fælles Servicecenter for Telesundhed",
    phone="+4570203048",
)


def page_texts(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [
            re.sub(r"\s+", " ", page.get_textpage().get_text_range())
            for page in document
        ]


def page_images(pdf: bytes, dpi: int) -> list[Image]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [
            page.render(scale=dpi / 72, grayscale=True).to_pil() for page in document
        ]


def codes(pdf: bytes, dpi: int = 203) -> Counter[str]:
    """Count what a scanner reads on all pages."""
    return Counter(
        code.text
        for image in page_images(pdf, dpi)
        for code in zxingcpp.read_barcodes(image)
    )


Box = tuple[float, float, float, float]


def letter_boxes(page: pypdfium2.PdfPage) -> Iterator[Box]:
    """Yield (left, bottom, right, top) of the ink of each letter, in points."""
    text = page.get_textpage()
    for index in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(index)
        if not text.get_text_range(index, 1).isspace():
            yield left, bottom, right, top


def symbol_boxes(page: pypdfium2.PdfPage, dpi: int = 203) -> Iterator[Box]:
    """Yield the box of each symbol, in points, with the white that belongs to it."""
    image = page.render(scale=dpi / 72, grayscale=True).to_pil()
    for code in zxingcpp.read_barcodes(image):
        corners = code.position
        points = (
            corners.top_left,
            corners.top_right,
            corners.bottom_left,
            corners.bottom_right,
        )
        across = [point.x * 72 / dpi for point in points]
        up = [page.get_height() - point.y * 72 / dpi for point in points]
        white = 10 * 0.25 / 25.4 * 72 if "128" in str(code.format) else 0
        yield min(across) - white, min(up), max(across) + white, max(up)


def shared(one: Box, other: Box) -> float:
    """Return how much of the smaller box lies in the other, from 0 to 1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0
    area = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / area


def collisions(pdf: bytes) -> list[str]:
    """Say where letters lie on symbols, on other letters or outside the page."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document, 1):
            letters = list(letter_boxes(page))
            symbols = list(symbol_boxes(page))
            width, height = page.get_size()
            for index, box in enumerate(letters):
                if min(box[:2]) < 0 or box[2] > width or box[3] > height:
                    found.append(f"page {number}: outside at {box}")
                if any(shared(box, symbol) > 0 for symbol in symbols):
                    found.append(f"page {number}: on a symbol at {box}")
                if any(shared(box, other) > 0.3 for other in letters[index + 1 :]):
                    found.append(f"page {number}: on another letter at {box}")
    return found


# ------------------------------------------------------------------ run sheet


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("language", ["da", "en"])
def test_every_code_on_a_run_sheet_reads_back(dpi, language):
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


def test_codes_also_read_back_from_a_draft():
    issued = codes(run_sheet_pdf(SHEET))

    draft = codes(run_sheet_pdf(replace(SHEET, draft=True)))

    assert draft == issued


def test_the_first_page_is_the_day_without_the_citizens():
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


def test_lunch_stands_where_it_is_taken():
    first, *_ = page_texts(run_sheet_pdf(SHEET))

    order = [
        first.rindex(words) for words in ("1 8.05", "Frokost 11.30–12.00", "2 13.10")
    ]

    assert order == sorted(order)


def test_a_stop_says_whom_when_and_what():
    _, stop, _ = page_texts(run_sheet_pdf(SHEET))

    for words in (
        "8.05",
        "Aftalt kl. 9.00–10.00",
        "Kør 18 min · 14,2 km",
        "Einer Test Lauridsen",
        "Testgrusgraven 3, 3.th",
        "8700 Horsens",
        "Tlf. 70 20 30 48",
        "RING FØRST Lonni Test Lauridsen, datter 70 20 30 49",
        "Dørkode 1234. Venlig hund.",
        "Spørg efter opladeren.",
        "Opsætning 25 min",
        "Vægten forbindes.",
        "Borgeren har selv prøvet",
        "Udstyr, der bliver her",
        "Nonin 3230 Serienr. 501234567 OXI-000007",
        "Modtaget, borger",
        "Ikke hjemme",
    ):
        assert words in stop
    assert "Afleveret, borger" not in stop


def test_english_paper_is_english():
    first, stop, _ = page_texts(run_sheet_pdf(SHEET, "en"))

    assert "Tuesday 24 November 2026" in first
    assert "122.4 km" in first
    assert "Agreed 09:00–10:00" in stop
    assert "Set up 25 min" in stop


def test_each_stop_has_its_own_page_so_that_no_citizen_reads_of_another():
    pages = page_texts(run_sheet_pdf(SHEET))

    names = [[stop.name for stop in SHEET.stops if stop.name in page] for page in pages]

    assert names == [[], [FIRST.name], [SECOND.name]]


def test_only_a_protected_address_is_marked_as_one():
    _, open_address, protected = page_texts(run_sheet_pdf(SHEET))

    assert "BESKYTTET NAVN OG ADRESSE" not in open_address
    assert "BESKYTTET NAVN OG ADRESSE" in protected


def test_every_page_names_its_run_its_number_and_the_duty_to_shred():
    pages = page_texts(run_sheet_pdf(SHEET))

    for number, page in enumerate(pages, 1):
        assert "2026-11-24/ANNA" in page
        assert f"Side {number} / {len(pages)}" in page
        assert "Fortrolige personoplysninger" in page
        assert "makuleres" in page


def test_only_a_draft_says_so_and_on_every_page():
    issued = page_texts(run_sheet_pdf(SHEET))
    draft = page_texts(run_sheet_pdf(replace(SHEET, draft=True)))

    assert ["UDKAST" in page for page in issued] == [False] * 3
    assert ["UDKAST" in page for page in draft] == [True] * 3


def test_a_run_without_stops_and_load_says_so_on_one_page():
    empty = replace(SHEET, stops=(), load=(), lunch_from=None, lunch_to=None)

    pages = page_texts(run_sheet_pdf(empty))

    assert len(pages) == 1
    assert "Der er ingen besøg på denne tur." in pages[0]
    assert "Der skal ikke tages noget med fra lageret." in pages[0]


def test_a_stop_with_many_devices_breaks_between_them():
    devices = tuple(replace(OXIMETER, tag=f"OXI-{n:06}") for n in range(12))
    sheet = replace(SHEET, load=(), stops=(replace(FIRST, bring=devices),))

    pdf = run_sheet_pdf(sheet)

    _, *stop_pages = page_texts(pdf)
    assert len(stop_pages) == 2
    assert all("Ankomst kl. 8.05 Start kl. 9.00" in page for page in stop_pages)
    assert "Modtaget, borger" in stop_pages[1]
    assert "OXI-000011" in stop_pages[1]
    assert codes(pdf) == {"%O:ORD-000101": 1} | {d.tag: 1 for d in devices}


def test_a_device_not_chosen_yet_has_a_line_to_write_its_tag_on():
    any_scale = SheetDevice(model="A&D UC-352BLE")
    sheet = replace(SHEET, stops=(replace(FIRST, bring=(any_scale,)),))

    _, stop = page_texts(run_sheet_pdf(sheet))

    assert "Skriv mærke:" in stop


def test_a_missing_phone_number_is_not_an_empty_line():
    _, _, stop = page_texts(run_sheet_pdf(SHEET))

    assert "Tlf." not in stop
    assert "intet telefonnummer" in stop


def test_a_shelf_stands_once_however_the_load_is_ordered():
    line = SHEET.load[0]
    other = replace(line, device=OLD_OXIMETER)
    sheet = replace(SHEET, stops=(), load=(line, SHEET.load[1], other))

    read = codes(run_sheet_pdf(sheet))

    assert read["%L:A-02"] == 1


def test_what_two_services_ask_for_is_ticked_once():
    tasks = tuple(
        SheetTask(service=service, service_s=600) for service in ("REPLACE", "PICKUP")
    )
    sheet = replace(SHEET, stops=(replace(SECOND, tasks=tasks, checklist=("Egen",)),))

    _, stop = page_texts(run_sheet_pdf(sheet))

    assert stop.count("Lagt i pose til brugt udstyr") == 1
    assert "Egen" in stop


def test_a_service_of_another_name_is_printed_as_it_is():
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
        note=text,
        tasks=(SheetTask(service=text, service_s=60, note=text),),
        checklist=(text,),
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


def test_what_people_write_is_never_a_command():
    pages = page_texts(run_sheet_pdf(nasty_sheet(NASTY)))

    plain = re.sub(r"\s", "", NASTY)
    assert re.sub(r"\s", "", pages[1]).count(plain) == 13


@pytest.mark.parametrize(
    "text",
    [
        "æøå ÆØÅ é ü Łódź",
        "😀 مرحبا 中文 ไทย",
        "to\nlinjer\r\nog\ttabulator",
        "\x00\x07\ud800\u202e\u200d",
    ],
)
def test_any_script_can_be_printed(text):
    pdf = run_sheet_pdf(nasty_sheet(text))

    assert codes(pdf)["OXI-000007"] == 2


@pytest.mark.parametrize(
    "text",
    ["Einer Test", "Testgrusgraven " * 4, "M" * 60, "Wi" * 30],
    ids=["short", "words", "wide", "long"],
)
def test_no_text_runs_into_a_code_another_text_or_the_edge(text):
    pdf = run_sheet_pdf(nasty_sheet(text))

    assert collisions(pdf) == []
    assert codes(pdf)["OXI-000007"] == 2


def test_long_access_notes_and_long_tags_find_room():
    access = ("Dørkode 1234 ved porten, gå gennem gården og op ad trappen. " * 7)[:400]
    long_tag = replace(OXIMETER, tag="OXIMETER-WITH-A-VERY-LONG-TAG-01")
    stop = replace(FIRST, access=access, bring=(long_tag,))

    pdf = run_sheet_pdf(replace(SHEET, stops=(stop,)))

    assert collisions(pdf) == []
    assert access.strip() in page_texts(pdf)[1]
    assert codes(pdf)["OXIMETER-WITH-A-VERY-LONG-TAG-01"] == 1


def test_the_same_sheet_is_the_same_file():
    assert run_sheet_pdf(SHEET) == run_sheet_pdf(SHEET)


# ------------------------------------------------------------------- receipts


def test_there_is_a_receipt_where_devices_change_hands_and_nowhere_else():
    talk = replace(FIRST, number=3, order="ORD-000103", bring=())

    receipts = receipts_of(replace(SHEET, stops=(FIRST, SECOND, talk)))

    assert [receipt.order for receipt in receipts] == ["ORD-000101", "ORD-000102"]
    assert receipts[0].delivered == (OXIMETER, SCALE)
    assert receipts[1].collected == (OLD_OXIMETER, BATTERIES)


def test_a_receipt_tells_one_citizen_what_was_given_and_whom_to_call():
    given, taken = page_texts(receipts_pdf(receipts_of(SHEET)))

    for words in (
        "Einer Test Lauridsen",
        "tirsdag 24. november 2026",
        "Du har fået",
        "Nonin 3230 OXI-000007 501234567 1",
        "70 20 30 48",
        "hverdage kl. 8–16",
        "Underskrift, borger",
    ):
        assert words in given
    assert "Vi har taget med tilbage" not in given
    assert "Magnus" not in given
    assert "Batterier AAA 4" in taken


def test_a_receipt_for_twelve_devices_stays_on_one_page():
    stop = replace(FIRST, bring=(OXIMETER,) * 6, take_back=(OLD_OXIMETER,) * 6)

    pages = page_texts(receipts_pdf(receipts_of(replace(SHEET, stops=(stop,)))))

    assert len(pages) == 1


def test_long_words_on_a_receipt_stay_in_their_columns():
    wide = replace(OXIMETER, model="W" * 40, tag="OXI-" + "0" * 20, serial="S" * 40)

    pdf = receipts_pdf(
        receipts_of(replace(SHEET, stops=(replace(FIRST, bring=(wide,)),)))
    )

    assert collisions(pdf) == []


# --------------------------------------------------------------------- labels


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_both_codes_of_every_label_are_its_tag(layout, dpi):
    labels = [replace(LABEL, tag=f"OXI-{number:06}") for number in range(25)]

    read = codes(labels_pdf(labels, layout=layout), dpi)

    assert read == {label.tag: 2 for label in labels}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "label",
    [
        LABEL,
        replace(LABEL, model="Blodtryksmåler med stor manchet " * 4, owner="W" * 60),
        replace(LABEL, model="M" * 60, owner="Region Midtjylland " * 5, phone="1" * 40),
        replace(LABEL, model=NASTY, tag="OXIMETER-WITH-A-LONG-TAG-01"),
    ],
    ids=["usual", "words", "wide", "nasty"],
)
def test_no_text_on_a_label_runs_into_its_codes_or_over_its_edge(label, layout):
    pdf = labels_pdf([label], layout=layout)

    place = LAYOUTS[layout]
    assert collisions(pdf) == []
    with pypdfium2.PdfDocument(pdf) as document:
        right = max(box[2] for box in letter_boxes(document[0])) / 72 * 25.4
    assert right <= place.left_mm + place.width_mm - place.white_mm


def test_a_label_names_the_device_its_owner_and_the_number_to_call():
    (text,) = page_texts(labels_pdf([LABEL]))

    for words in (
        "OXI-000007",
        "Nonin 3230 pulsoximeter",
        "Fælles Servicecenter for Telesundhed",
        "Hjælp? Ring 70 20 30 48",
    ):
        assert words in text


def test_what_does_not_fit_on_a_label_ends_in_an_ellipsis_but_the_tag_is_whole():
    label = replace(LABEL, model="Måler " * 30, tag="OXIMETER-WITH-A-VERY-LONG-TAG-01")

    (text,) = page_texts(labels_pdf([label]))

    assert "Måler…" in text
    assert label.tag in text


@pytest.mark.parametrize("layout", ["a4-70x42", "a4-63x38"])
def test_labels_begin_at_the_first_place_left_on_a_used_sheet(layout):
    pdf = labels_pdf([LABEL], layout=layout, start=6)

    place = LAYOUTS[layout]
    with pypdfium2.PdfDocument(pdf) as document:
        boxes = list(symbol_boxes(document[0]))
    left_mm = place.left_mm + 2 * (place.width_mm + place.gap_mm)
    top_mm = place.top_mm + place.height_mm
    for left, bottom, right, top in boxes:
        assert (
            left_mm <= left / 72 * 25.4 < right / 72 * 25.4 <= left_mm + place.width_mm
        )
        assert top_mm <= 297 - top / 72 * 25.4
        assert 297 - bottom / 72 * 25.4 <= top_mm + place.height_mm


@pytest.mark.parametrize("length", range(1, 41))
def test_a_tag_of_any_length_reads_back(length):
    tag = "OXI-000007-ABCDEFGH/jklm.0123456789-WXYZ"[:length]

    read = codes(labels_pdf([replace(LABEL, tag=tag)]))

    assert set(read) == {tag}


# ---------------------------------------------------------------------- cards


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_cards_carry_every_command_of_the_scanner(language):
    read = codes(cards_pdf(command_cards(language), language))

    assert set(read) == {
        "%C:MODE:IN",
        "%C:MODE:OUT",
        "%C:MODE:MOVE",
        "%C:MODE:COUNT",
        "%C:MODE:LOOK",
        "%C:UNDO",
        "%C:OK",
        "%C:END",
    }


def test_a_command_card_says_what_it_does_in_the_language_of_the_paper():
    (danish,) = page_texts(cards_pdf([Card(code="%C:UNDO")], "da"))
    (english,) = page_texts(cards_pdf([Card(code="%C:UNDO")], "en"))

    assert "FORTRYD" in danish
    assert "Tag den sidste scanning på denne station tilbage." in danish
    assert "UNDO" in english


def test_places_and_people_bring_their_own_words():
    cards = [
        Card(code="%L:A-02-1", title="A-02-1", text="Pulsoximetre"),
        Card(code="%P:ANNA", title="Anna Testesen"),
    ]

    pdf = cards_pdf(cards)

    (text,) = page_texts(pdf)
    assert "Sted A-02-1 Pulsoximetre" in text
    assert "Person Anna Testesen" in text
    assert set(codes(pdf)) == {"%L:A-02-1", "%P:ANNA"}


def test_nine_cards_need_a_second_sheet_and_long_words_stay_on_their_card():
    card = Card(code="%L:A-02-1", title="W" * 60, text="ord " * 80)

    pdf = cards_pdf([card] * 9)

    assert len(page_texts(pdf)) == 2
    assert codes(pdf) == {"%L:A-02-1": 9}
    assert collisions(pdf) == []


# ------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: run_sheet_pdf(SHEET, "de"),
            "There is no paper in 'de'. Choose one of: da, en.",
        ),
        (
            lambda: labels_pdf([LABEL], "../da"),
            "There is no paper in '../da'. Choose one of: da, en.",
        ),
        (
            lambda: labels_pdf([]),
            "There are no labels to print. Name at least one device.",
        ),
        (
            lambda: labels_pdf([LABEL], layout="a5"),
            "There are no 'a5' labels. Choose one of: a4-70x42, a4-63x38, roll-50x30.",
        ),
        (
            lambda: labels_pdf([LABEL], start=22),
            "A sheet of 'a4-70x42' has no place 22. Its places are numbered 1 to 21.",
        ),
        (
            lambda: labels_pdf([replace(LABEL, tag="ILT-Ø7")]),
            "'ILT-Ø7' cannot be printed as a bar code. "
            "Use letters A–Z, digits and punctuation.",
        ),
        (
            lambda: labels_pdf([replace(LABEL, tag="")]),
            "A label needs a tag. Give the device one before printing it.",
        ),
        (
            lambda: cards_pdf([]),
            "There are no cards to print. Name at least one code.",
        ),
        (
            lambda: cards_pdf([Card(code="%C:DANCE")]),
            "%C:DANCE is not a command the scanner knows. Give its card a title.",
        ),
        (
            lambda: receipts_pdf(()),
            "There are no receipts to print: no device changes hands.",
        ),
    ],
)
def test_a_mistake_is_explained(make, message):
    with pytest.raises(BadInput) as caught:
        make()

    assert str(caught.value) == message
