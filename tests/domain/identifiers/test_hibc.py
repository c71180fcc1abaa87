import pytest

from fsc_logistics.domain.identifiers.hibc import (
    Hibc,
    hibc_check_character,
    read_hibc,
)

PUBLISHED = [
    # ANSI/HIBC 2.6, appendix B: the check character worked out by hand.
    ("+A123BJC5D6E71G", ("A123", "BJC5D6E7", "1", None, None)),
    ("*+A123BJC5D6E71G*", ("A123", "BJC5D6E7", "1", None, None)),
    # Section 2.2 and appendix E: secondary data in a symbol of their own.
    ("+$$52001510X3GD", (None, None, None, "10X3", None)),
    ("+2001510X3GG", (None, None, None, "10X3", None)),
    ("+$$+52001510X3GB", (None, None, None, None, "10X3")),
    # The check character is a plus, and of what follows it a blank.
    ("+A123BJCMD6E79+", ("A123", "BJCMD6E7", "9", None, None)),
    ("+$$52001510X3+ ", (None, None, None, "10X3", None)),
    # Section 2.2.1.1: both in one symbol.
    ("+A99912345/$$52001510X33", ("A999", "1234", "5", "10X3", None)),
    # Section 2.3: supplementary data; what others took for their parsers' examples.
    ("+J123AQ3451/25330BC34567/S4012X", ("J123", "AQ345", "1", "BC34567", "4012")),
    ("+J123AQ3451/$$1125BC34567/S4012L", ("J123", "AQ345", "1", "BC34567", "4012")),
    (
        "+A99912345/$$812710X3/16D20111212/14D20200906/S77DEFG453",
        ("A999", "1234", "5", "10X3", "77DEFG45"),
    ),
    (
        "+A99912345/$$902345710X3/16D20111212/14D20200906/S77DEFG45F",
        ("A999", "1234", "5", "10X3", "77DEFG45"),
    ),
    (
        "+A99912345/$$812710X3/$$+320090677DEFG45/16D20111212.",
        ("A999", "1234", "5", "10X3", "77DEFG45"),
    ),
    (
        "+A123ABCDEFGHI1234567891/$$420020216LOT123456789012345"
        "/SXYZ456789012345678/16D20130202$",
        (
            "A123",
            "ABCDEFGHI123456789",
            "1",
            "LOT123456789012345",
            "XYZ456789012345678",
        ),
    ),
    (
        "+A99912349/$10X3/16D20111231/14D20200131/Q500Z",
        ("A999", "1234", "9", "10X3", None),
    ),
    (
        "+E203PB414109/$$8243280112R00089525J",
        ("E203", "PB41410", "9", "R00089525", None),
    ),
    ("+EHWD3551419/$$900100F", ("EHWD", "355141", "9", None, None)),
]


@pytest.mark.parametrize(("text", "said"), PUBLISHED)
def test_published_codes_are_read(text, said):
    labeler, product, unit, lot, serial = said

    assert read_hibc(text) == Hibc(
        labeler=labeler, product=product, unit=unit, lot=lot, serial=serial
    )


def test_a_check_character_that_was_cut_off_as_a_blank_is_known():
    assert read_hibc("+$$52001510X3+") == read_hibc("+$$52001510X3+ ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "++",
        "+A123BJC5D6E71J",  # another check character
        "+H124009993020351/",  # made up with any
        "+A123BJC5D6E71",
        "A123BJC5D6E71G",
        "+a123bjc5d6e71g",
        "+\N{ARABIC-INDIC DIGIT ONE}2345",
    ],
)
def test_what_is_no_hibc_code_is_nothing(text):
    assert read_hibc(text) is None


@pytest.mark.parametrize(
    "data",
    [
        "+A99912345/X77DE1G45",  # no such field
        "+A99912345/$$+A",  # no such date
        "+A99912345/$$52",  # a date cut off
        "+A99912345/$" + "1" * 19,  # too long a lot
        "+A9991234X",  # no unit
        "+12345",
    ],
)
def test_a_field_that_cannot_be_read_leaves_nothing(data):
    known = read_hibc(data + hibc_check_character(data))

    assert known in (None, Hibc())


def test_the_key_is_the_same_however_the_serial_is_said():
    in_its_own_field = "+A99912345/$$52001510X3/S77DE1G45"
    with_a_date = "+A99912345/$$+52001577DE1G45"

    keys = {
        read_hibc(data + hibc_check_character(data)).key
        for data in (in_its_own_field, with_a_date)
    }

    assert keys == {"+A99912345/S77DE1G45"}


def test_a_code_without_a_serial_names_no_piece():
    assert read_hibc("+A99912345/$$52001510X33").key is None
    assert read_hibc("+$$+52001510X3GB").key is None
