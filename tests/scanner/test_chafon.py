import pytest
from chafon_rfid.base import ReaderCommand
from chafon_rfid.uhfreader18 import G2InventoryResponse
from chafon_rfid.uhfreader288m import G2InventoryCommand
from chafon_rfid.uhfreader288m import G2InventoryResponse as G2InventoryResponse288
from hypothesis import given
from hypothesis import strategies as st
from uhfreader18 import (
    Command,
    build_command_frame,
    build_heartbeat,
    build_response_frame,
)

from scanner.protocols.chafon import ChafonDecoder
from scanner.protocols.feedback import PROFILES
from scanner.protocols.read import Noise, Read, Reply
from scanner.scan import Outcome

# Vectors of the tests of wabson.chafon-rfid.
ONE_TAG = bytes.fromhex("13000103010c0000000000000000000003133f39")
TWO_TAGS = bytes.fromhex(
    "20000103020c0000000000000000000003130c0000000000000000000003149ac9"
)
ONE_TAG_288 = bytes.fromhex("1500010301010c0000000000000000000003136bb1a5")
ANTENNA_3_288 = bytes.fromhex("1500010304010c49440000000000000a0003346425c0")
SHORT_288 = bytes.fromhex("0d000103010104003230386da3d2")
NO_TAGS_288 = bytes.fromhex("0700010101001e4b")
ASK = bytes.fromhex("04FF011BB4")


def fed(decoder: ChafonDecoder, *chunks: bytes) -> list[Read | Reply | Noise]:
    return [item for chunk in chunks for item in decoder.feed(chunk)]


def texts(items: list[Read | Reply | Noise]) -> list[str]:
    return [item.text for item in items if isinstance(item, Read)]


def answer(status: int, data: bytes = b"") -> bytes:
    """Return an answer to an inventory, made by the package uhfreader18."""
    return build_response_frame(0, Command.INVENTORY, status, data)


def test_published_answers_are_read():
    assert fed(ChafonDecoder(), ONE_TAG) == [
        Read(
            raw=bytes.fromhex("0c000000000000000000000313"),
            text="000000000000000000000313",
            symbology="",
        )
    ]
    assert texts(fed(ChafonDecoder(), TWO_TAGS)) == [
        "000000000000000000000313",
        "000000000000000000000314",
    ]


@pytest.mark.parametrize(
    ("frame", "epc", "antenna"),
    [
        (ONE_TAG_288, "000000000000000000000313", 1),
        (ANTENNA_3_288, "49440000000000000A000334", 3),
        (SHORT_288, "00323038", 1),
    ],
)
def test_published_answers_of_four_antennas_are_read(frame, epc, antenna):
    [read] = fed(ChafonDecoder(antennas_count=4), frame)

    assert (read.text, read.antenna) == (epc, antenna)


@pytest.mark.parametrize(
    ("frame", "epc"),
    [
        # Captures their owners published, one of them with the package uhfreader18.
        ("1100EE00 E28436110000100009494 4AA 9ACC", "E284361100001000094944AA"),
        ("1100EE00 E20000170014026616706B48 8337", "E20000170014026616706B48"),
        ("1100EE00 2000708C2B380B2D00000000 E056", "2000708C2B380B2D00000000"),
    ],
)
def test_a_tag_told_of_unasked_is_read(frame, epc):
    pushed = bytes.fromhex(frame.replace(" ", ""))

    assert fed(ChafonDecoder(), pushed) == [Read(raw=pushed, text=epc, symbology="")]


def test_the_heartbeat_of_a_network_module_is_no_noise():
    decoder = ChafonDecoder()

    items = fed(decoder, build_heartbeat(), TWO_TAGS, build_heartbeat())

    assert texts(items) == ["000000000000000000000313", "000000000000000000000314"]
    assert len(items) == 2


def test_an_answer_as_long_as_a_heartbeat_begins_is_read():
    epcs = [bytes([number]) * 12 for number in range(6)]
    told = b"".join(b"\x0c" + epc for epc in epcs) + b"\x01\xab"
    frame = answer(3, bytes([7]) + told)

    assert frame[0] == build_heartbeat()[0]
    assert len(texts(fed(ChafonDecoder(), frame))) == 7


tags = st.lists(st.binary(min_size=1, max_size=30), max_size=6)


@given(tags)
def test_what_is_read_is_what_another_library_reads(epcs):
    data = bytes([len(epcs)]) + b"".join(bytes([len(epc)]) + epc for epc in epcs)
    frame = answer(0x03, data)

    theirs = [tag.epc.hex().upper() for tag in G2InventoryResponse(frame).get_tag()]

    assert texts(fed(ChafonDecoder(), frame)) == theirs


@given(tags, st.sampled_from([1, 2, 4, 8]), st.integers(0, 255))
def test_what_is_read_of_four_antennas_is_what_another_library_reads(
    epcs, antenna, rssi
):
    told = b"".join(bytes([len(epc)]) + epc + bytes([rssi]) for epc in epcs)
    frame = answer(0x03, bytes([antenna, len(epcs)]) + told)
    theirs = [
        (tag.epc.hex().upper(), tag.antenna_num)
        for tag in G2InventoryResponse288(frame).get_tag()
    ]

    ours = fed(ChafonDecoder(antennas_count=4), frame)

    assert [(read.text, read.antenna) for read in ours] == theirs


def test_requests_are_those_that_other_libraries_make():
    scan_time, ask = ChafonDecoder().opened()
    _, ask_288 = ChafonDecoder(antennas_count=1).opened()

    assert scan_time.data == build_command_frame(0xFF, Command.SET_SCAN_TIME, b"\x03")
    assert ask.data == ASK == ReaderCommand(0x01).serialize()
    assert ask_288.data == G2InventoryCommand(q_value=4, scan_time=3).serialize()


@pytest.mark.parametrize("end", [answer(1), answer(2), answer(4), answer(0xFB)])
def test_the_end_of_a_turn_is_answered_with_the_next_request(end):
    decoder = ChafonDecoder()
    list(decoder.opened())

    assert fed(decoder, end) == [Reply(ASK)]


def test_no_request_goes_out_while_more_tags_are_to_come():
    decoder = ChafonDecoder()
    list(decoder.opened())

    items = fed(decoder, TWO_TAGS, ONE_TAG, answer(1, b"\x01\x02\xab\xcd"))

    assert texts(items)[-1] == "ABCD"
    assert [item for item in items if isinstance(item, Reply)] == [Reply(ASK)]


def test_antennas_are_asked_in_turn():
    decoder = ChafonDecoder(antennas_count=2)
    asked = list(decoder.opened())[1:]
    for _ in range(2):
        asked += fed(decoder, NO_TAGS_288)

    assert [reply.data[-4] for reply in asked] == [0x80, 0x81, 0x80]


def test_a_reader_slower_than_the_pauses_is_not_flooded():
    decoder = ChafonDecoder()
    list(decoder.opened())
    for _ in range(50):
        list(decoder.silence())

    assert fed(decoder, answer(0xFB)) == []
    assert fed(decoder, answer(0xFB)) == [Reply(ASK)]


def test_a_lost_answer_is_asked_for_again_after_a_pause():
    decoder = ChafonDecoder()
    list(decoder.opened())

    assert list(decoder.silence()) == [Reply(ASK)]


def test_nothing_is_asked_of_a_port_that_was_not_opened():
    assert list(ChafonDecoder().silence()) == []


def test_a_missing_antenna_is_told_once_and_asked_about_only_after_a_pause():
    decoder = ChafonDecoder(antennas_count=1)
    list(decoder.opened())
    missing = answer(0xF8)

    assert fed(decoder, missing) == [Noise.FAULT]
    assert [type(item) for item in decoder.silence()] == [Reply]
    assert fed(decoder, missing) == []
    assert texts(fed(decoder, ONE_TAG_288)) == ["000000000000000000000313"]
    assert fed(decoder, missing) == [Noise.FAULT]


@pytest.mark.parametrize("data", ["02 02ABCD", "01 05ABCD", "01 02ABCDEF", "01"])
def test_an_answer_that_is_longer_or_shorter_than_its_tags_is_noise(data):
    assert fed(ChafonDecoder(), answer(3, bytes.fromhex(data))) == [Noise.DAMAGED]


def test_a_frame_whose_check_fails_is_noise_and_the_next_is_read():
    decoder = ChafonDecoder()

    items = fed(decoder, ONE_TAG[:-1] + b"\x00", TWO_TAGS) + list(decoder.silence())

    assert Noise.DAMAGED in items
    assert texts(items)[-2:] == [
        "000000000000000000000313",
        "000000000000000000000314",
    ]


def test_answers_to_other_commands_are_no_news():
    frame = build_response_frame(0, Command.ACOUSTO_OPTIC_CONTROL, 0)

    assert fed(ChafonDecoder(), frame) == []


def test_ok_is_one_short_buzz_as_another_library_would_ask_for_it():
    assert PROFILES["chafon"].sounds[Outcome.OK] == build_command_frame(
        0xFF, Command.ACOUSTO_OPTIC_CONTROL, bytes([2, 2, 1])
    )
