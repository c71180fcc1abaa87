"""ISO/IEC 15434 envelopes; the pieces of format 06 are those of the DoD's own guide."""

import pytest

from fsc_logistics.domain.identifiers import forms, read_named

GTIN = "09501101531000"


def envelope(*formats):
    return "".join(["[)>\x1e", *(f"{said}\x1e" for said in formats), "\x04"])


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("06\x1d25SUN194532636786950", "25SUN194532636786950"),
        ("06\x1d18S0CVA5786950", "18S0CVA5786950"),
        (
            "06\x1d17V0CVA5\x1d1P1234\x1dS786950\x1d30T20261122",
            "17V0CVA5/1P1234/S786950",
        ),
        (f"05\x1d01{GTIN}\x1d17270131\x1d21SN-7", f"(01){GTIN}(21)SN-7"),
        ("05\x1d80049501101ABC", "(8004)9501101ABC"),
    ],
)
def test_a_piece_is_named_by_what_stands_in_its_envelope(said, key):
    assert read_named(envelope(said)).key == key
    assert read_named("]d1" + envelope(said)).key == key
    # A scanner may be set to leave the end out.
    assert read_named(envelope(said).rstrip("\x1e\x04")).key == key


@pytest.mark.parametrize(
    "said",
    [
        "06\x1d1P1234\x1dQ5",
        "06\x1dS786950",
        "06\x1d25S",
        f"05\x1d01{GTIN}\x1d10LOT9",
        "05\x1d0109501101531001\x1d21SN-7",
        "12\x1d25SUN194532636786950",
    ],
    ids=["a kind", "a serial", "empty", "a lot", "a wrong digit", "another format"],
)
def test_what_names_no_piece_has_no_key(said):
    assert read_named(envelope(said)).key is None


def test_the_format_that_names_the_piece_counts():
    both = envelope("06\x1d1P1234", f"05\x1d01{GTIN}\x1d21SN-7")

    assert read_named(both).item.serial == "SN-7"


def test_what_was_linked_by_the_code_of_its_own_is_found_in_an_envelope_too():
    assert "25SUN194532636786950" in forms(envelope("06\x1d25SUN194532636786950"))
