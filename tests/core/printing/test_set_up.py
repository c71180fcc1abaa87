"""The set-up sheet, read back as a scanner and a person would."""

import tomllib

import pytest
import zxingcpp

from fsc_logistics.core.printing import SetUpSheet, Sound, set_up_families, set_up_pdf
from fsc_logistics.core.printing.language import TEMPLATES
from fsc_logistics.domain.errors import BadInput
from scanner.fitting.self_test import EXPECTED, HUMAN
from scanner.scan import Outcome

from .conftest import page_images

BLOCK = '[[port]]\nurl = "COM3"\nprotocol = "line"\n'


def sheet(family="honeywell", **changed):
    values = {
        "family": family,
        "protocol": "line",
        "block": BLOCK,
        "sounds": tuple(Sound(outcome=it.value, sound="bip " * 4) for it in Outcome),
        "self_test": HUMAN,
    }
    return SetUpSheet(**(values | changed))


def keys(value):
    """Return the shape of the words: what there is, whatever it says."""
    return {
        name: inner
        if isinstance(inner, list)
        else isinstance(inner, dict) and keys(inner)
        for name, inner in value.items()
    }


@pytest.mark.parametrize("family", set_up_families())
@pytest.mark.parametrize("language", ["da", "en"])
def test_a_sheet_is_one_page_and_nothing_on_it_is_cut_off(page_texts, family, language):
    pdf = set_up_pdf(sheet(family), language)

    (text,) = page_texts(pdf)
    assert "…" not in text
    assert 'url = "COM3"' in text


@pytest.mark.parametrize("language", ["da", "en"])
def test_nothing_lies_on_anything_on_the_fullest_sheet(collisions, language):
    assert collisions(set_up_pdf(sheet("datalogic"), language)) == []


def test_the_self_test_symbol_is_the_one_the_doctor_expects_byte_for_byte():
    (page,) = page_images(set_up_pdf(sheet()), dpi=203)

    (square,) = (
        code
        for code in zxingcpp.read_barcodes(page)
        if code.format == zxingcpp.BarcodeFormat.DataMatrix
    )

    assert square.symbology_identifier.encode() + square.bytes == EXPECTED


def test_the_self_test_symbol_is_nearly_16_mm_wide_and_its_modules_whole_dots(boxes):
    _, symbols = boxes(set_up_pdf(sheet()))

    square = min(symbols, key=lambda box: box[2] - box[0])

    assert square[2] - square[0] == pytest.approx(15.75, abs=0.3)


def test_the_plain_code_is_read_back(codes):
    assert codes(set_up_pdf(sheet()))["TEST-123"] == 1


def test_a_reader_of_tags_has_nothing_to_scan(codes, page_texts):
    pdf = set_up_pdf(sheet("r200", protocol="r200", self_test=""), "en")

    assert not codes(pdf)
    assert "fsc scanner doctor PORT --protocol r200" in page_texts(pdf)[0]


def test_each_outcome_stands_beside_its_sound_in_the_language_of_the_paper(page_texts):
    sounds = tuple(Sound(outcome=it.value, sound=f"<{it.value}>") for it in Outcome)

    (danish,) = page_texts(set_up_pdf(sheet(sounds=sounds), "da"))
    (english,) = page_texts(set_up_pdf(sheet(sounds=sounds), "en"))

    assert "IKKE GEMT, scan igen <not_saved>" in danish
    assert "NOT SAVED, scan again <not_saved>" in english
    assert all(f"<{it.value}>" in english for it in Outcome)


def test_a_scanner_without_a_voice_points_to_the_screen(page_texts):
    (text,) = page_texts(set_up_pdf(sheet(sounds=()), "en"))

    assert "It has no sound of its own: look at the screen" in text


def test_the_numbers_are_those_of_the_guides(page_texts):
    (zebra,) = page_texts(set_up_pdf(sheet("zebra"), "en"))
    (ssi,) = page_texts(set_up_pdf(sheet("ssi"), "en"))
    (honeywell,) = page_texts(set_up_pdf(sheet("honeywell"), "en"))

    assert "Parameter 45 (2Dh), value 01h." in zebra
    assert "Parameter 238 (EEh)." in ssi
    assert "Host ACK on (p. 109)" in honeywell


def test_both_languages_say_the_same_things():
    danish, english = (
        tomllib.loads((TEMPLATES / language / "set_up.toml").read_text("utf-8"))
        for language in ("da", "en")
    )

    assert keys(danish) == keys(english)


def test_a_family_that_has_no_sheet_is_answered_with_those_that_have():
    with pytest.raises(BadInput) as caught:
        set_up_pdf(sheet("abacus"))

    assert str(caught.value) == (
        "There is no set-up sheet for 'abacus'. Choose one of: line, honeywell, zebra,"
        " ssi, datalogic, metrologic, psc, cipherlab, rdm6300, r200, a0, chafon, llrp."
    )
