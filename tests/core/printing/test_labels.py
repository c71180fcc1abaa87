from dataclasses import replace

import pytest

from fsc_logistics.core.printing import LAYOUTS, Label, labels_pdf
from fsc_logistics.domain.errors import BadInput

LABEL = Label(
    tag="OXI-000007",
    model="Nonin 3230 pulsoximeter",
    owner="Fælles Servicecenter for Telesundhed",
    phone="+4570203048",
)


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_both_codes_of_every_label_are_its_tag(codes, layout, dpi):
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
        replace(
            LABEL,
            model='#panic("x") $a^2$ *b* \\ @ref `raw` // [x]',
            tag="OXIMETER-WITH-A-LONG-TAG-01",
        ),
    ],
    ids=["usual", "words", "wide", "nasty"],
)
def test_no_text_on_a_label_runs_into_its_codes_or_over_its_edge(
    boxes, collisions, label, layout
):
    pdf = labels_pdf([label], layout=layout)

    place = LAYOUTS[layout]
    letters, _ = boxes(pdf)
    assert collisions(pdf) == []
    assert max(right for _, _, right, _ in letters) <= (
        place.left_mm + place.width_mm - place.white_mm
    )


def test_a_label_names_the_device_its_owner_and_the_number_to_call(page_texts):
    (text,) = page_texts(labels_pdf([LABEL]))

    for words in (
        "OXI-000007",
        "Nonin 3230 pulsoximeter",
        "Fælles Servicecenter for Telesundhed",
        "Hjælp? Ring 70 20 30 48",
    ):
        assert words in text


def test_what_does_not_fit_on_a_label_ends_in_an_ellipsis_but_the_tag_is_whole(
    page_texts,
):
    label = replace(LABEL, model="Måler " * 30, tag="OXIMETER-WITH-A-VERY-LONG-TAG-01")

    (text,) = page_texts(labels_pdf([label]))

    assert "Måler…" in text
    assert label.tag in text


@pytest.mark.parametrize("layout", ["a4-70x42", "a4-63x38"])
def test_labels_begin_at_the_first_place_left_on_a_used_sheet(boxes, layout):
    pdf = labels_pdf([LABEL], layout=layout, start=6)

    place = LAYOUTS[layout]
    left_mm = place.left_mm + 2 * (place.width_mm + place.gap_mm)
    top_mm = place.top_mm + place.height_mm
    letters, symbols = boxes(pdf)
    assert len(symbols) == 2
    for left, top, right, bottom in letters + symbols:
        assert left_mm <= left <= right <= left_mm + place.width_mm
        assert top_mm <= top <= bottom <= top_mm + place.height_mm


@pytest.mark.parametrize("length", range(1, 41))
def test_a_tag_of_any_length_reads_back(codes, length):
    tag = "OXI-000007-ABCDEFGH/jklm.0123456789-WXYZ"[:length]

    read = codes(labels_pdf([replace(LABEL, tag=tag)]))

    assert set(read) == {tag}


@pytest.mark.parametrize(
    ("make", "message"),
    [
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
            "'' cannot be printed as a bar code. "
            "Use letters A–Z, digits and punctuation.",
        ),
    ],
)
def test_a_mistake_is_explained(make, message):
    with pytest.raises(BadInput) as caught:
        make()

    assert str(caught.value) == message
