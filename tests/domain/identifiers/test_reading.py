import random

import pytest
from epcpy.epc_schemes.giai import GIAI, GIAIFilterValue
from epcpy.epc_schemes.sgtin import SGTIN, SGTINFilterValue

from fsc_logistics.domain.identifiers import (
    SerialisedItem,
    forms,
    read_item,
    read_named,
    read_trade_item_lot,
)
from fsc_logistics.domain.identifiers.epc import card_number

GTIN = "09501101531000"
ITEM = f"(01){GTIN}(21)SN-7"


@pytest.mark.parametrize(
    ("text", "symbology"),
    [
        (ITEM, ""),
        (f"01{GTIN}21SN-7", ""),
        (f"01{GTIN}21SN-7", "]C1"),
        (f"]d201{GTIN}21SN-7", ""),
        (f"\x1d01{GTIN}21SN-7\x1d", ""),
        (f"01{GTIN}17270131" + "21SN-7\x1d10LOT9", "]d2"),
        (f"01{GTIN}21SN-7\x1d\x1d10LOT9", "]Q3"),
        (f"https://id.gs1.org/01/{GTIN}/21/SN-7", ""),
        (f"]Q1https://fsc.example/dk/01/{GTIN}/21/SN-7?17=270131&x=y", ""),
        (f"HTTPS://ID.GS1.ORG/01/{GTIN}/21/SN-7", "]Q1"),
    ],
)
def test_one_piece_has_one_key_however_it_is_printed(text, symbology):
    named = read_named(text, symbology)

    assert (named.key, named.item) == (ITEM, SerialisedItem(GTIN, "SN-7"))


# EPC Tag Data Standard, section E.3 "summary examples", and what their barcodes hold.
@pytest.mark.parametrize(
    ("epc", "key"),
    [
        ("3074257BF7194E4000001A85", "(01)80614141123458(21)6789"),
        ("3174257BF4499602D2000000", "(00)106141412345678908"),
        ("3374257BF40C0E4000001A85", "(8003)006141411234526789"),
        ("3474257BF40000000000162E", "(8004)06141415678"),
        ("3274257BF46072000000162E", "(414)0614141123452(254)5678"),
    ],
)
def test_a_tag_and_a_barcode_of_the_same_key_are_one(epc, key):
    printed = key.replace("(254)", "\x1d254").replace("(", "").replace(")", "")
    if key.startswith("(01)"):
        printed = key.replace("(01)", "01").replace("(21)", "21")

    assert read_named(epc).key == key
    assert read_named(epc.lower()).key == key
    assert read_named(key).key == key
    assert read_named(printed, "]C1").key == key


def test_a_long_tag_keeps_what_looks_like_an_identifier_in_its_serial():
    tag = SGTIN("urn:epc:id:sgtin:0614141.812345.32a%2Fb(21)c")
    epc = tag.hex(
        binary_coding_scheme=SGTIN.BinaryCodingScheme.SGTIN_198,
        filter_value=SGTINFilterValue.POS_ITEM,
    )

    assert read_item(epc) == SerialisedItem("80614141123458", "32a/b(21)c")
    assert forms(epc)[-1] == "01806141411234582132a/b(21)c"


@pytest.mark.parametrize("asset", ["1", "5678", "99999999999"])
@pytest.mark.parametrize("prefix", ["950110", "9501101", "950110153100"])
def test_an_asset_written_by_another_encoder_comes_back_as_its_barcode(prefix, asset):
    asset = asset[: 18 - len(prefix)]
    tag = GIAI(f"urn:epc:id:giai:{prefix}.{asset}")
    epc = tag.hex(
        binary_coding_scheme=GIAI.BinaryCodingScheme.GIAI_96,
        filter_value=GIAIFilterValue.ALL_OTHERS,
    )

    barcode = read_named(f"8004{prefix}{asset}", "]C1")

    assert read_named(epc).key == barcode.key == f"(8004){prefix}{asset}"


@pytest.mark.parametrize(
    "epc",
    [
        "E2801160600002054D5E1234",  # as the maker of the chip has numbered it
        "F71234567890ABCDEF123456",  # of a standard newer than the library
        "0123456789ABCDEF0123456789ABCDEF",
        "3534257BF40C0E4000001A85",  # GID: no key of GS1
    ],
)
def test_a_tag_that_holds_no_gs1_key_is_its_own(epc):
    assert read_named(epc).key == epc
    assert read_named(epc.lower()).key == epc


def test_a_card_goes_by_all_its_five_bytes():
    assert read_named("62e3086ced").key == "62E3086CED"
    assert read_named("3808980205").key is None
    assert forms("62e3086ced") == ("62e3086ced", "62E3086CED")


def test_the_decimal_number_of_a_card_is_that_of_its_last_four_bytes():
    assert card_number("62E3086CED") == card_number("61E3086CED") == "3808980205"
    assert card_number("01000000AB") == "0000000171"
    assert card_number("3808980205") is None


@pytest.mark.parametrize(
    "text",
    [
        f"(01){GTIN[:-1]}1(21)SN-7",  # a wrong check digit
        f"01{GTIN[:-1]}121SN-7",
        f"https://id.gs1.org/01/{GTIN[:-1]}1/21/SN-7",
        "00106141412345678907",
        "8003006141411234626789",
        "8003006141411234 5",
        f"(01){GTIN}(21)A(B)C",  # would be cut off at the bracket
        f"(01){GTIN}",  # a kind of item
        "80030061414112345 2",
        "(8003)00614141123452",  # a kind of asset
        "9501101531000",
        "https://fsc.example/devices/OXI-1",
        "http://[",
        "http:///01/",
        "+A99912345/$$52001510X33",
        "]C1",
        "",
        "800412345678",
        "(01)" + "1" * 1000,
    ],
)
def test_what_names_no_piece_has_no_key(text):
    assert read_named(text).key is None


@pytest.mark.parametrize("symbology", ["]C1", "]d2", "]Q3"])
def test_a_wrong_check_digit_is_wrong_in_a_symbol_of_gs1_too(symbology):
    assert read_named(f"01{GTIN[:-1]}121SN-7", symbology).key is None
    assert read_trade_item_lot(f"{symbology}01{GTIN[:-1]}110L1") is None


@pytest.mark.parametrize("symbology", ["", "]C0", "]A0", "]d1", "]I0"])
def test_random_asset_numbers_are_not_taken_for_gs1(symbology):
    drawn = random.Random(128)  # noqa: S311 - asset numbers, the same every time
    numbers = [
        "".join(drawn.choices("0123456789", k=drawn.randint(6, 14)))
        for _ in range(20_000)
    ]

    taken = [number for number in numbers if read_named(number, symbology).key]

    assert taken == []


def test_a_code_is_looked_for_as_it_is_before_its_key():
    assert forms(" ]C180049501101ABC ") == (
        "]C180049501101ABC",
        "80049501101ABC",
        "(8004)9501101ABC",
    )
    assert forms("OXI-000007") == ("OXI-000007",)
