from scanner.protocols.frames import JOINED_BYTES_MAX, Frames
from scanner.protocols.read import Noise


def lengths(came):
    """A frame is its length, then bytes, the last of which is its length again."""
    return (came[0],) if 2 <= came[0] <= 9 else ()


def frames():
    return Frames(lengths, lambda frame: frame[0] == frame[-1])


def test_what_looked_like_a_frame_hides_none_that_begins_in_it():
    found = list(frames().feed(b"\x05\x03\x00\x03\x02"))

    assert found == [Noise.DAMAGED, b"\x03\x00\x03"]


def test_a_run_of_garbage_is_told_once():
    found = list(frames().feed(b"xxxx\x02\x02yyyy\x02\x02"))

    assert found == [Noise.DAMAGED, b"\x02\x02", Noise.DAMAGED, b"\x02\x02"]


def test_a_frame_behind_one_that_never_ends_is_found_when_the_line_pauses():
    stream = frames()

    assert list(stream.feed(b"\x09\x02\x02")) == []
    assert list(stream.silence()) == [Noise.DAMAGED, b"\x02\x02"]


def test_the_rest_of_a_frame_that_began_before_it_was_opened_is_no_noise():
    stream = frames()
    stream.join()

    assert list(stream.feed(b"xxxx\x02\x02x")) == [b"\x02\x02", Noise.DAMAGED]


def test_a_stream_that_was_joined_and_is_all_garbage_is_told_of():
    stream = frames()
    stream.join()

    assert list(stream.feed(b"x" * 3 * JOINED_BYTES_MAX)) == [Noise.DAMAGED]
