"""Simulated readers say what real ones were heard to say.

The vectors are published captures; for Chafon the packages uhfreader18 and
wabson.chafon-rfid make and read the frames.
"""

import pytest
from chafon_rfid.uhfreader288m import G2InventoryResponse
from uhfreader18 import Command, build_response_frame

from scanner.playing.voice_rfid import READER_VOICES, Seen
from scanner.settings import PortSettings

EPC = "E2004074850A0103163070E1"
ASK_A0 = bytes.fromhex("A004FF89FFD5")
ASK_CHAFON = bytes.fromhex("04FF011BB4")
START_R200 = bytes.fromhex("BB0027000322FFFF4A7E")
STOP_R200 = bytes.fromhex("BB00280000287E")


def test_a_card_is_told_as_an_rdm6300_tells_it():
    voice = READER_VOICES["rdm6300"]()

    assert voice.is_asked()
    assert voice.round([Seen("62E3086CED")]) == b"\x0262E3086CED08\x03"


def test_a_tag_is_told_as_an_m100_tells_it():
    voice = READER_VOICES["r200"]()
    voice.hear(START_R200)

    told = voice.round([Seen("E28068900000500E88C6A4A7", rssi_dbm=-57)])

    # An R200 was heard to say so, between other marks: AA and DD.
    assert told[1:-1] == bytes.fromhex("02220011C73000E28068900000500E88C6A4A7119B29")
    assert voice.round([]) == bytes.fromhex("BB01FF000115167E")


def test_an_m100_tells_of_tags_from_when_it_is_told_to_until_it_is_told_not_to():
    voice = READER_VOICES["r200"]()
    assert not voice.is_asked()

    voice.hear(START_R200[:4])
    assert not voice.is_asked()
    voice.hear(START_R200[4:])
    assert voice.is_asked()
    voice.hear(STOP_R200 + bytes.fromhex("AA0027000322FFFF4ADD"))
    assert not voice.is_asked()


def test_a_tag_is_told_as_an_a0_reader_tells_it():
    voice = READER_VOICES["a0"]()
    assert voice.hear(ASK_A0) == b""

    told = voice.round([Seen(EPC, rssi_dbm=-75)])

    assert told.startswith(bytes.fromhex("A0130189743000E2004074850A0103163070E13629"))
    assert not voice.is_asked()


def test_an_a0_reader_tells_of_the_antennas_that_take_turns():
    voice = READER_VOICES["a0-2"]()
    voice.hear(bytes.fromhex("A00DFF8A00010101FF01FF010001C6"))

    told = voice.round([Seen(EPC, antenna) for antenna in (1, 2, 3)])

    assert told.count(bytes.fromhex(EPC)) == 2


@pytest.mark.parametrize("count", [1, 2, 8, 9, 20])
def test_tags_are_told_as_a_chafon_reader_tells_them(count):
    voice = READER_VOICES["chafon"]()
    voice.hear(ASK_CHAFON)
    epcs = [f"E2{number:022X}" for number in range(count)]
    told = voice.round([Seen(epc) for epc in epcs])

    expected = b""
    while epcs:
        piece, epcs = epcs[:8], epcs[8:]
        data = bytes([len(piece)]) + b"".join(b"\x0c" + bytes.fromhex(e) for e in piece)
        status = 3 if epcs else 1
        expected += build_response_frame(0, Command.INVENTORY, status, data)

    assert told == expected


def test_a_chafon_reader_that_sees_nothing_says_so():
    voice = READER_VOICES["chafon"]()
    voice.hear(ASK_CHAFON)

    assert voice.round([]) == build_response_frame(0, Command.INVENTORY, 0xFB, b"")


def test_a_chafon_reader_with_antennas_tells_of_the_one_that_was_asked():
    voice = READER_VOICES["chafon-288-2"]()
    voice.hear(bytes.fromhex("0DFF01040001000000008103EBEE"))

    told = voice.round([Seen(EPC, antenna=1), Seen(EPC, antenna=2, rssi_dbm=-60)])

    (tag,) = G2InventoryResponse(told).get_tag()
    assert bytes(tag.epc) == bytes.fromhex(EPC)
    assert tag.antenna_num == 2


def test_every_family_that_reads_tags_on_a_line_can_be_played():
    for protocol in READER_VOICES:
        port = PortSettings(name="P", url="loop://", read_point="R", protocol=protocol)
        assert port.family.is_rfid
