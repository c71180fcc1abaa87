from itertools import chain

import pytest
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st

from scanner.keys import DOWN, UNREADABLE, UP, Keys
from scanner.protocols.line import LineDecoder

# As Linux numbers them (input-event-codes.h), by what is printed on a US keyboard.
NUMBERS = dict(zip("1234567890-=", range(2, 14), strict=True))
NUMBERS |= dict(zip("qwertyuiop[]", range(16, 28), strict=True))
NUMBERS |= dict(zip("asdfghjkl;'`", range(30, 42), strict=True))
NUMBERS |= dict(zip("\\zxcvbnm,./ ", [*range(43, 54), 57], strict=True))
ABOVE = dict(zip('!@#$%^&*()_+{}:"~|<>?', "1234567890-=[];'`\\,./", strict=True))
NUMBERS |= {"\r": 28, "\t": 15}
KEYPAD = dict(zip("7894561230", [71, 72, 73, 75, 76, 77, 79, 80, 81, 82], strict=True))
SHIFT, CONTROL, ALT, CAPS_LOCK, F8 = 42, 29, 56, 58, 66


def press(key: int) -> list[tuple[int, int]]:
    return [(key, DOWN), (key, UP)]


def holding(modifier: int, *presses: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(modifier, DOWN), *chain.from_iterable(presses), (modifier, UP)]


def typed_as(text: str) -> list[tuple[int, int]]:
    """Return how a scanner set to a US keyboard types `text`."""
    presses: list[tuple[int, int]] = []
    for character in text:
        if character in ABOVE:
            presses += holding(SHIFT, press(NUMBERS[ABOVE[character]]))
        elif character.isupper():
            presses += holding(SHIFT, press(NUMBERS[character.lower()]))
        elif character == "\x1d":
            presses += holding(CONTROL, press(NUMBERS["]"]))
        else:
            presses += press(NUMBERS[character])
    return presses


def read(presses: list[tuple[int, int]]) -> bytes:
    keys = Keys()
    return b"".join(keys.pressed(key, change) for key, change in presses)


printable = st.text(st.characters(codec="ascii", exclude_categories=["C"]))


@given(printable)
def test_whatever_is_typed_is_read(text):
    assert read(typed_as(text)) == text.encode()


def test_a_gs1_code_comes_through_whole():
    code = "]d20109501101530003" + "10ABC\x1d21SN1\r"

    assert read(typed_as(code)) == code.encode()


@pytest.mark.parametrize(
    ("key", "control"),
    [("]", b"\x1d"), ("m", b"\r"), ("[", b"\x1b"), ("6", b"\x1e"), ("-", b"\x1f")],
)
def test_control_makes_control_characters(key, control):
    assert read(holding(CONTROL, press(NUMBERS[key]))) == control


@pytest.mark.parametrize(
    ("number", "character"),
    [
        ("029", b"\x1d"),
        ("29", b"\x1d"),
        ("065", b"A"),
        ("0216", "Ø".encode()),
        ("0230", "æ".encode()),
        ("145", "æ".encode()),
    ],
)
def test_alt_and_a_number_make_any_character(number, character):
    presses = [press(KEYPAD[digit]) for digit in number]

    assert read(holding(ALT, *presses)) == character


@pytest.mark.parametrize("number", ["0129", "256", "00065", "99999999"])
def test_a_number_that_is_no_character_spoils_the_code(number):
    presses = [press(KEYPAD[digit]) for digit in number]

    assert read(holding(ALT, *presses)) == UNREADABLE


def test_alt_alone_is_nothing():
    assert read(holding(ALT) + typed_as("A1\r")) == b"A1\r"


def test_digits_on_the_keypad_are_digits():
    assert read([pair for digit in "0123456789" for pair in press(KEYPAD[digit])]) == (
        b"0123456789"
    )


def test_caps_lock_turns_letters_and_nothing_else():
    assert read(press(CAPS_LOCK) + typed_as("aB1!") + press(CAPS_LOCK)) == b"Ab1!"


def test_a_key_that_repeats_itself_is_pressed_once():
    a = NUMBERS["a"]

    assert read([(a, DOWN), (a, 2), (a, 2), (a, UP)]) == b"a"


@pytest.mark.parametrize(
    "presses", [press(F8), press(9999), holding(ALT, press(NUMBERS["a"]))]
)
def test_a_key_that_stands_for_nothing_spoils_the_code_and_does_not_shorten_it(presses):
    assert read(presses) == UNREADABLE


@fuzzed
@given(st.lists(st.tuples(st.integers(0, 800), st.integers(0, 2))))
def test_any_presses_are_bytes_and_the_next_code_is_read(presses):
    keys, decoder = Keys(), LineDecoder()
    for key, change in presses:
        list(decoder.feed(keys.pressed(key, change)))
    list(decoder.silence())
    for key in range(800):
        keys.pressed(key, UP)
    if keys.pressed(NUMBERS["a"], DOWN) == b"A":
        keys.pressed(CAPS_LOCK, DOWN)
    list(decoder.silence())

    items = [
        item
        for key, change in typed_as("OXI-0007\r")
        for item in decoder.feed(keys.pressed(key, change))
    ]

    assert [item.text for item in items] == ["OXI-0007"]
