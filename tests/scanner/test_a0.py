import pytest

from scanner.protocols.a0 import A0Decoder, framed
from scanner.protocols.read import Noise, Read, Reply

# Captured from readers on the air, as their owners published them.
ON_THE_AIR = [
    ("A0130189043000 E20030166613012115507 4EF 45 BF", "E200301666130121155074EF", -60),
    ("A01301898C3000 300833B2DDD9014000000001 37 BB", "300833B2DDD9014000000001", -74),
    ("A0130189743000 E2004074850A0103163070E1 36 29", "E2004074850A0103163070E1", -75),
    ("A0130189D43000 E2004074850A0103163070E1 35 CA", "E2004074850A0103163070E1", -76),
]
TAG = bytes.fromhex("A0130189743000E2004074850A0103163070E13629")
# Serial Interface Protocol V3.7: antenna or total first, seven bytes in all.
END = framed(0x89, bytes(7), address=1)
BEEPER_QUIET = bytes.fromhex("A004FF7A00E3")
ROUND = bytes.fromhex("A004FF89FFD5")


def fed(decoder: A0Decoder, *chunks: bytes) -> list[Read | Reply | Noise]:
    return [item for chunk in chunks for item in decoder.feed(chunk)]


def tag_seen(command: int, frequency_antenna: int, rssi: int) -> bytes:
    tag = bytes([frequency_antenna]) + bytes.fromhex("3000") + bytes(12) + bytes([rssi])
    return framed(command, tag, address=1)


@pytest.mark.parametrize(("capture", "epc", "rssi_dbm"), ON_THE_AIR)
def test_published_captures_are_read(capture, epc, rssi_dbm):
    frame = bytes.fromhex(capture.replace(" ", ""))

    assert fed(A0Decoder(), frame) == [
        Read(raw=frame, text=epc, symbology="", antenna=1, rssi_dbm=rssi_dbm)
    ]


@pytest.mark.parametrize(
    ("frequency_antenna", "rssi", "antenna", "rssi_dbm"),
    [
        (0x74, 0x62, 1, -31),
        (0x77, 0x62, 4, -31),
        (0x74, 0xE2, 5, -31),
        (3, 0x9F, 8, -98),
    ],
)
def test_antenna_and_signal_share_their_bytes(
    frequency_antenna, rssi, antenna, rssi_dbm
):
    [read] = fed(A0Decoder(), tag_seen(0x8A, frequency_antenna, rssi))

    assert (read.antenna, read.rssi_dbm) == (antenna, rssi_dbm)


def test_a_tag_that_tells_its_phase_too_is_read():
    frame = framed(0x89, TAG[4:-1] + b"\x01\x02", address=1)

    assert [item.text for item in fed(A0Decoder(), frame)] == [
        "E2004074850A0103163070E1"
    ]


def test_a_tag_without_an_epc_has_no_name_and_is_passed_over():
    assert fed(A0Decoder(), framed(0x89, bytes.fromhex("74000036"), address=1)) == []


def test_a_length_that_leaves_out_the_check_is_understood_too():
    short = TAG[:1] + bytes([TAG[1] - 1]) + TAG[2:-1]
    short += bytes([-sum(short) & 0xFF])

    assert [item.text for item in fed(A0Decoder(), short, TAG)] == [
        "E2004074850A0103163070E1"
    ] * 2


def test_a_frame_whose_check_fails_is_noise_and_the_next_is_read():
    bent = TAG[:9] + b"\x00" + TAG[10:]

    items = fed(A0Decoder(), bent, TAG)

    assert items[0] == Noise.DAMAGED
    assert items[-1].text == "E2004074850A0103163070E1"


def test_it_is_told_not_to_beep_and_to_read():
    assert list(A0Decoder().opened()) == [Reply(BEEPER_QUIET), Reply(ROUND)]


def test_antennas_take_turns_where_there_are_several():
    *_, two = A0Decoder(antennas_count=2).opened()
    *_, four = A0Decoder(antennas_count=4).opened()

    assert two.data[:14] == bytes.fromhex("A00DFF8A 0001 0101 FF01 FF01 0001")
    assert four.data[:14] == bytes.fromhex("A00DFF8A 0001 0101 0201 0301 0001")
    assert sum(two.data) & 0xFF == 0


@pytest.mark.parametrize(
    "end",
    [
        END,
        framed(0x8A, bytes.fromhex("000012 00000100"), address=1),
        framed(0x89, bytes.fromhex("0001 0020 00000012"), address=1),
    ],
)
def test_the_end_of_a_round_is_answered_with_the_next(end):
    assert fed(A0Decoder(), end) == [Reply(ROUND)]


def test_a_round_that_never_ended_is_asked_for_again_after_a_pause():
    decoder = A0Decoder()
    list(decoder.opened())
    fed(decoder, TAG)

    assert list(decoder.silence()) == [Reply(ROUND)]


def test_nothing_is_asked_of_a_port_that_was_not_opened():
    assert list(A0Decoder().silence()) == []


@pytest.mark.parametrize("data", [b"\x22", b"\x01\x22"])
def test_a_missing_antenna_is_told_once_and_asked_about_only_after_a_pause(data):
    decoder = A0Decoder()
    list(decoder.opened())
    missing = framed(0x8A, data, address=1)

    assert fed(decoder, missing) == [Noise.FAULT]
    assert list(decoder.silence()) == [Reply(ROUND)]
    assert fed(decoder, missing) == []
    assert [type(item) for item in fed(decoder, TAG, missing)] == [Read, Noise]


def test_answers_to_other_commands_are_no_news():
    assert fed(A0Decoder(), framed(0x7A, b"\x10", address=1)) == []


def test_commands_are_framed_as_the_published_ones():
    assert framed(0x89, b"\x01", address=1).hex() == "a004018901d1"
    assert framed(0x90, b"\x38", address=1).hex() == "a00401903893"
