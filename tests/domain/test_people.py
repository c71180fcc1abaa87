from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsc_logistics.domain.codes import read_code, read_line
from fsc_logistics.domain.errors import BadIdentifier, BadInput
from fsc_logistics.domain.people import (
    Cpr,
    looks_like_cpr,
    mask_cpr,
    mask_text,
    read_phone,
    shown_phone,
)

EINER = "0201609995"  # fictive: MedCom test person
CENTURIES = [
    (range(1858, 1900), "5678"),
    (range(1900, 1937), "0123"),
    (range(1937, 2000), "0123" + "49"),
    (range(2000, 2037), "49" + "5678"),
    (range(2037, 2058), "5678"),
]
"""Years of birth, and the seventh digits that are given out for them (CPR-kontoret)."""


@given(st.dates(date(1858, 1, 1), date(2057, 12, 31)), st.data())
def test_any_day_of_birth_begins_a_number(born, data):
    sevenths = next(digits for years, digits in CENTURIES if born.year in years)
    seventh = data.draw(st.sampled_from(sevenths))

    digits = f"{born:%d%m%y}{seventh}000"

    assert Cpr.read(digits).digits == digits


@given(st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_ten_digits_are_a_number_just_when_their_date_is_one(digits):
    seventh, year = int(digits[6]), int(digits[4:6])
    if seventh < 4:
        century = 1900
    elif seventh in (4, 9):
        century = 1900 if year > 36 else 2000
    else:
        century = 1800 if year > 57 else 2000
    days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    full = century + year
    if full % 4 == 0 and (full % 100 != 0 or full % 400 == 0):
        days[1] = 29
    day, month = int(digits[:2]), int(digits[2:4])
    real = 1 <= month <= 12 and 1 <= day <= days[month - 1]

    assert looks_like_cpr(digits) == real


@pytest.mark.parametrize("text", [EINER, "020160-9995", " 020160 9995 "])
def test_a_number_is_read_with_or_without_its_hyphen(text):
    assert Cpr.read(text).digits == EINER


def test_a_number_never_shows_itself():
    cpr = Cpr.read(EINER)

    shown = f"{cpr} {cpr!r} {[cpr]}"

    assert shown == "020160-**** Cpr(020160-****) [Cpr(020160-****)]"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "2902619995",
            "The CPR number given is not one: its first six digits are not a date.",
        ),
        (
            "020160999",
            "The CPR number given is not one: it is ten digits, DDMMYY-SSSS.",
        ),
        (
            "٠٢٠١٦٠٩٩٩٥",
            "The CPR number given is not one: it is ten digits, DDMMYY-SSSS.",
        ),
    ],
)
def test_what_is_no_number_is_refused_without_repeating_it(text, told):
    with pytest.raises(BadIdentifier) as error:
        Cpr.read(text)

    assert str(error.value) == told


@pytest.mark.parametrize(
    ("scanned", "kept"),
    [
        (EINER, "020160-****"),
        ("]A0020160-9995", "020160-****"),
        ("OXI-000007", "OXI-000007"),
        ("9902609995", "9902609995"),
        ("05012345678900", "05012345678900"),
        ("SN0201609995", "SN0201609995"),
    ],
)
def test_only_a_scan_that_is_all_a_number_is_masked(scanned, kept):
    assert mask_cpr(scanned) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("her number is 020160 9995.", "her number is 020160-****."),
        ("(0201609995)", "(020160-****)"),
        ("told by 020160 - 9995", "told by 020160-****"),
        ("CIT-020160.9995/020160_9995", "CIT-020160-****/020160-****"),
        ("020160-9995 and 290264-9995", "020160-**** and 290264-****"),
        ("call 70 20 30 48 about 290261 9995", "call 70 20 30 48 about 290261 9995"),
        ("GTIN 05012345678900, serial 10201609995", None),
    ],
)
def test_every_number_in_a_text_is_masked_and_nothing_else(text, kept):
    assert mask_text(text) == (kept or text)


@pytest.mark.parametrize(
    "text",
    [
        EINER,
        "CIT-0201609995",
        "cit020160-9995",
        "020160.9995",
        "020160_9995",
        "X.020160 9995",
    ],
)
def test_a_code_must_not_hold_a_cpr_number_in_any_dress(text):
    with pytest.raises(BadIdentifier) as error:
        read_code(text)

    assert str(error.value) == (
        "A code must not hold a CPR number: it stands in the ledger and on paper."
        " Choose another."
    )


@pytest.mark.parametrize("text", [EINER, "Einer, 020160  -\n9995", "020160 9995"])
def test_a_name_must_not_hold_a_cpr_number(text):
    with pytest.raises(BadInput) as error:
        read_line(text, "name")

    assert str(error.value) == (
        "The name must not hold a CPR number: it stands in lists and on paper. Leave"
        " the number out."
    )


@pytest.mark.parametrize("text", ["Filter 9902609995", "No. 12345678901", "70 20 30"])
def test_a_name_may_hold_digits_that_are_nobodys(text):
    assert read_line(text, "name") == text


@pytest.mark.parametrize("text", ["CIT-9902609995", "OXI-020160999", "X02016099951"])
def test_a_code_may_hold_digits_that_are_nobodys(text):
    assert read_code(text) == text


@pytest.mark.parametrize("text", ["", "-A", "A B", "ÆBLE", "A/B", "X" * 41])
def test_a_code_has_only_signs_that_a_label_can_carry(text):
    with pytest.raises(BadIdentifier) as error:
        read_code(text)

    assert str(error.value) == (
        "That cannot be a code: use up to 40 of A-Z, 0-9, '-', '.' and '_', a letter or"
        " digit first."
    )


@pytest.mark.parametrize("text", ["70203048", "+45 70 20 30 48", "0045 70203048"])
def test_a_danish_telephone_number_is_written_in_pairs(text):
    assert shown_phone(read_phone(text)) == "70 20 30 48"


def test_a_foreign_telephone_number_keeps_its_country():
    assert shown_phone(read_phone("+46 8 790 60 00")) == "+46 8 790 60 00"


@pytest.mark.parametrize("text", ["12345678", "112", "call me", ""])
def test_what_cannot_be_called_is_refused_without_repeating_it(text):
    with pytest.raises(BadInput) as error:
        read_phone(text)

    assert str(error.value) == (
        "The telephone number given is not one: eight digits, or + and the country in"
        " front."
    )
