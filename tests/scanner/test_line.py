from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.protocols.line import FRAME_BYTES_MAX, LineDecoder
from scanner.protocols.read import Noise, Read

STREAM = (
    b"]C18004FSC7\r\n\r\n"
    + b"x" * (FRAME_BYTES_MAX + 1)
    + b"\r8004FSC8\n\x00\xff\x01noise\t]d2011\x1d21SN1\rplain\r\n"
)


def decoded(*chunks: bytes) -> list[Read | Noise]:
    decoder = LineDecoder()
    return [item for chunk in chunks for item in decoder.feed(chunk)]


def texts(stream: bytes) -> list[str]:
    return [item.text for item in decoded(stream) if isinstance(item, Read)]


def with_even_parity(text: bytes) -> bytes:
    return bytes(byte | (byte.bit_count() % 2) << 7 for byte in text)


@pytest.mark.parametrize("size", [1, 2, 3, 7, len(STREAM)])
def test_reads_do_not_depend_on_how_the_bytes_arrive(size):
    chunks = [STREAM[start : start + size] for start in range(0, len(STREAM), size)]

    items = decoded(*chunks)

    assert items == [
        Read(raw=b"]C18004FSC7", text="8004FSC7", symbology="]C1"),
        Noise.TOO_LONG,
        Read(raw=b"8004FSC8", text="8004FSC8", symbology=""),
        Noise.BINARY,
        Read(raw=b"]d2011\x1d21SN1", text="011\x1d21SN1", symbology="]d2"),
        Read(raw=b"plain", text="plain", symbology=""),
    ]


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=8))
def test_any_bytes_cut_anywhere_mean_the_same(stream, cuts):
    edges = [0, *sorted(cuts), len(stream)]
    chunks = [stream[start:end] for start, end in pairwise(edges)]
    whole, pieces = LineDecoder(frame_bytes_max=20), LineDecoder(frame_bytes_max=20)

    of_whole = [*whole.feed(stream), *whole.silence()]
    of_pieces = [item for chunk in chunks for item in pieces.feed(chunk)]
    of_pieces += pieces.silence()

    assert of_pieces == of_whole


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1)
    ),
    st.sampled_from([b"\r", b"\n", b"\r\n", b"\t"]),
)
def test_every_text_that_is_sent_is_read(payloads, end):
    stream = b"".join(b"]C0" + text.encode() + end for text in payloads)

    items = decoded(stream)

    assert [(item.symbology, item.text) for item in items] == [
        ("]C0", text) for text in payloads
    ]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\t", b"\r\r\n\n"])
def test_each_kind_of_end_is_one_end(end):
    assert texts(b"A" + end + b"B" + end) == ["A", "B"]


def test_a_code_that_is_only_an_identifier_is_a_code():
    assert decoded(b"]C1\r") == [Read(raw=b"]C1", text="]C1", symbology="")]


def test_a_bracket_that_starts_no_identifier_is_part_of_the_code():
    assert texts(b"]1234\r") == ["]1234"]


def test_text_that_is_not_utf8_is_latin1():
    assert texts("SØREN\r".encode("latin-1")) == ["SØREN"]
    assert texts("SØREN\r".encode()) == ["SØREN"]


def test_the_separators_of_iso_15434_are_kept():
    assert texts(b"[)>\x1e06\x1d25S1\x1e\x04\r") == ["[)>\x1e06\x1d25S1\x1e\x04"]


@pytest.mark.parametrize("byte", [0x00, 0x02, 0x07, 0x1B, 0x1C, 0x7F, 0x80, 0x9F])
def test_a_frame_with_a_byte_that_is_no_text_is_noise_and_the_next_is_read(byte):
    items = decoded(b"AB" + bytes([byte]) + b"C\rNEXT\r")

    assert items == [Noise.BINARY, Read(raw=b"NEXT", text="NEXT", symbology="")]


def test_the_longest_frame_is_read_and_one_byte_more_is_not():
    longest = b"x" * FRAME_BYTES_MAX

    assert texts(longest + b"\r" + longest + b"x\rNEXT\r") == [
        longest.decode(),
        "NEXT",
    ]


def test_ten_megabytes_without_an_end_are_one_noise_in_bounded_memory():
    decoder = LineDecoder()

    items = [item for _ in range(10_000) for item in decoder.feed(b"x" * 1000)]
    held = len(decoder._partial)
    items += decoder.feed(b"y\rNEXT\r")

    assert held <= FRAME_BYTES_MAX
    assert items == [Noise.TOO_LONG, Read(raw=b"NEXT", text="NEXT", symbology="")]


def test_half_a_frame_is_never_glued_to_the_next():
    decoder = LineDecoder()

    first = [*decoder.feed(b"OXI-00"), *decoder.silence()]
    second = [*decoder.feed(b"OXI-0008\r"), *decoder.silence()]

    assert first == [Noise.BROKEN_OFF]
    assert second == [Read(raw=b"OXI-0008", text="OXI-0008", symbology="")]


def test_a_pause_ends_a_run_that_was_too_long():
    decoder = LineDecoder(frame_bytes_max=4)

    items = [*decoder.feed(b"12345"), *decoder.silence(), *decoder.feed(b"NEXT\r")]

    assert items == [Noise.TOO_LONG, Read(raw=b"NEXT", text="NEXT", symbology="")]


def test_a_pause_between_frames_is_nothing():
    assert list(LineDecoder().silence()) == []


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\t"])
def test_seven_bits_with_even_parity_are_recognized(end):
    items = decoded(with_even_parity(b"]C18004FSC000123" + end))

    assert items == [Noise.PARITY]


def test_seven_bits_are_recognized_when_their_cr_is_not_seen():
    decoder = LineDecoder()

    items = list(decoder.feed(with_even_parity(b"OXI-000123\rOXI-000124\r")))
    items += decoder.silence()

    assert items == [Noise.PARITY]


@pytest.mark.parametrize("name", ["SØREN", "ÅÆØ-1", "Ærø 12", "Ål"])
def test_danish_letters_are_not_taken_for_parity(name):
    assert texts(name.encode() + b"\r") == [name]
    assert texts(name.encode("latin-1") + b"\r") == [name]
