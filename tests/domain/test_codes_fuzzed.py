"""Whatever a scanner sends is read as a code, or is none; nothing else happens."""

from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st

from fsc_logistics.domain.cards import read_card
from fsc_logistics.domain.errors import BadIdentifier
from fsc_logistics.domain.identifiers import (
    forms,
    read_gtin,
    read_named,
    read_trade_item_lot,
)
from fsc_logistics.domain.identifiers.gs1 import LENGTH_MAX
from fsc_logistics.domain.identifiers.hibc import hibc_check_character, read_hibc

GTIN = "09501101531000"
ITEM = f"(01){GTIN}(21)SN-7"

_SEEDS = [
    ITEM,
    f"]d201{GTIN}21SN-7\x1d10LOT9",
    f"https://id.gs1.org/01/{GTIN}/21/SN-7?17=270131",
    "+A99912345/$$52001510X3/16D20111212/S77DE1G45-",
    "3474257BF40000000000162E",
    "8003006141411234526789",
    "62E3086CED",
    f"[)>\x1e05\x1d01{GTIN}\x1d21SN-7\x1e06\x1d25SUN194532636786950\x1e\x04",
]
_ANY = st.one_of(
    st.text(max_size=600),
    st.binary(max_size=600).map(lambda data: data.decode("utf-8", "surrogateescape")),
    st.text(alphabet="0123456789ABCDEFabcdef()+$/]\x1d ", max_size=60),
    # A known code with something put in, taken out or cut off.
    st.builds(
        lambda seed, at, out, put: seed[:at] + put + seed[at + out :],
        st.sampled_from(_SEEDS),
        st.integers(0, 60),
        st.integers(0, 5),
        st.text(alphabet="0189AFx()/$+%?&=:]\x1d\n\udcff", max_size=5),
    ),
)


@fuzzed
@given(_ANY, st.sampled_from(["", "]C1", "]d2", "]E0", "]C0", "]zz"]))
def test_whatever_is_scanned_is_read_or_is_nothing(text, symbology):
    named = read_named(text, symbology)

    assert (named.item is not None) <= (named.key is not None)
    assert len(forms(text, symbology)) <= 4
    assert len(named.key or "") <= 420
    # A key names itself: what is linked by it is found by it.
    assert named.key is None or named.key in forms(named.key)
    read_trade_item_lot(text)
    read_card(text)


@fuzzed
@given(_ANY)
def test_whatever_is_typed_for_a_gtin_is_one_or_is_refused(text):
    try:
        gtin = read_gtin(text)
    except BadIdentifier:
        return
    assert read_gtin(gtin) == gtin


@fuzzed
@given(
    st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%", max_size=60),
    st.sampled_from(["", "A99912345/", "A99912345/$$+", "$$", "$$+8"]),
)
def test_whatever_stands_in_a_hibc_code_it_is_read_or_is_nothing(data, begun):
    text = f"+{begun}{data}"

    said = read_hibc(text + hibc_check_character(text))

    assert said is None or said.serial is None or said.serial in text
    assert read_hibc(text + "\N{CYRILLIC CAPITAL LETTER A}") is None


@fuzzed
@given(st.sampled_from(_SEEDS), st.text(min_size=LENGTH_MAX, max_size=2 * LENGTH_MAX))
def test_what_is_longer_than_any_code_is_not_looked_into(seed, more):
    assert read_named(f"{seed}X{more}X").key is None
