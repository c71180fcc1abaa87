import pytest

from scanner.protocols.rdm6300 import Rdm6300Decoder
from scanner.protocols.read import Noise, Read

# A vector many RDM6300 projects show: 0x62 ^ 0xE3 ^ 0x08 ^ 0x6C ^ 0xED = 0x08.
RDM6300 = b"\x0262E3086CED08\x03"
ID_12LA = b"\x0262E3086CED08\r\n\x03"


def fed(*chunks: bytes) -> list[Read | Noise]:
    decoder = Rdm6300Decoder()
    items = [item for chunk in chunks for item in decoder.feed(chunk)]
    return [*items, *decoder.silence()]


@pytest.mark.parametrize("frame", [RDM6300, ID_12LA])
def test_a_card_is_read_from_either_make(frame):
    assert fed(frame) == [Read(raw=frame, text="62E3086CED", symbology="")]


def test_a_card_that_stays_is_read_each_time_it_is_told():
    assert [item.text for item in fed(RDM6300 * 3)] == ["62E3086CED"] * 3


def test_its_lower_four_bytes_are_the_number_printed_on_the_card():
    [read] = fed(RDM6300)

    assert int(read.text[2:], 16) == 3808980205


def test_small_letters_are_the_same_card():
    [read] = fed(RDM6300.lower())

    assert read.text == "62E3086CED"


def test_a_digit_that_changed_on_the_way_is_noise():
    assert fed(RDM6300.replace(b"6C", b"6D")) == [Noise.DAMAGED]


def test_a_frame_cut_by_a_pause_is_noise_and_the_next_is_read():
    decoder = Rdm6300Decoder()

    half = [*decoder.feed(RDM6300[:9]), *decoder.silence()]
    whole = [*decoder.feed(ID_12LA), *decoder.silence()]

    assert half == [Noise.DAMAGED]
    assert [item.text for item in whole] == ["62E3086CED"]


def test_a_frame_begins_anew_inside_a_broken_one():
    assert [item for item in fed(RDM6300[:9] + ID_12LA) if item != Noise.DAMAGED] == [
        Read(raw=ID_12LA, text="62E3086CED", symbology="")
    ]


def test_a_card_needs_no_answer():
    assert list(Rdm6300Decoder().opened()) == []
