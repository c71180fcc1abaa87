import pytest

from scanner.protocols.r200 import R200Decoder, framed
from scanner.protocols.read import Noise, Read, Reply

# electron.id, protocol of EL-UHF-RMT01.
PUBLISHED = bytes.fromhex("BB02220011C8 3400 E20010710000529B0940B402 163D D37E")
# Captured from modules on the air, as their owners published them.
M100_ON_THE_AIR = bytes.fromhex("BB02220011D6 3400 E2801170400002 1D35AE4008 D444 C47E")
R200_ON_THE_AIR = bytes.fromhex("AA02220011C7 3000 E28068900000500E88C6A4A7 119B 29DD")

NO_TAG = bytes.fromhex("BB01FF000115167E")
START = bytes.fromhex("BB0027000322FFFF4A7E")
STOP = bytes.fromhex("BB00280000287E")
START_R200 = bytes.fromhex("AA0027000322FFFF4ADD")
STOP_R200 = bytes.fromhex("AA0028000028DD")


def fed(decoder: R200Decoder, *chunks: bytes) -> list[Read | Reply | Noise]:
    return [item for chunk in chunks for item in decoder.feed(chunk)]


@pytest.mark.parametrize(
    ("frame", "epc", "rssi_dbm"),
    [
        (PUBLISHED, "E20010710000529B0940B402", -56),
        (M100_ON_THE_AIR, "E28011704000021D35AE4008", -42),
        (R200_ON_THE_AIR, "E28068900000500E88C6A4A7", -57),
    ],
)
def test_published_notices_are_read(frame, epc, rssi_dbm):
    assert fed(R200Decoder(), frame) == [
        Read(raw=frame, text=epc, symbology="", rssi_dbm=rssi_dbm)
    ]


def test_the_marks_of_a_frame_may_occur_inside():
    epc = bytes.fromhex("BB7EBB7EAADDBB7E")
    notice = tag(epc, pc="2000")

    [read] = fed(R200Decoder(), notice)

    assert read.text == "BB7EBB7EAADDBB7E"


def test_a_long_epc_is_read_whole():
    epc = bytes(range(62))

    [read] = fed(R200Decoder(), tag(epc, pc="F800"))

    assert read.text == epc.hex().upper()


def test_a_tag_without_an_epc_has_no_name_and_is_passed_over():
    assert fed(R200Decoder(), tag(b"", pc="0000")) == []


def test_no_tag_is_no_news():
    assert fed(R200Decoder(), NO_TAG, NO_TAG) == []


def test_a_frame_whose_check_fails_is_noise():
    bent = PUBLISHED[:10] + b"\x00" + PUBLISHED[11:]

    assert fed(R200Decoder(), bent, PUBLISHED)[0] == Noise.DAMAGED
    assert fed(R200Decoder(), bent, PUBLISHED)[-1].text == "E20010710000529B0940B402"


def test_an_epc_whose_check_on_the_air_fails_is_noise_though_the_frame_is_whole():
    bent = bytearray(PUBLISHED)
    bent[10] ^= 1
    bent[-2] = sum(bent[1:-2]) & 0xFF

    assert fed(R200Decoder(), bytes(bent)) == [Noise.DAMAGED]


def test_a_length_that_contradicts_the_tags_own_is_noise():
    assert fed(R200Decoder(), tag(bytes(12), pc="2000")) == [Noise.DAMAGED]


def test_it_is_told_to_stop_and_to_read_in_both_dialects():
    assert list(R200Decoder().opened()) == [
        Reply(STOP + START),
        Reply(STOP_R200 + START_R200),
    ]


def test_a_module_that_went_silent_is_told_to_read_in_the_dialect_it_spoke():
    decoder = R200Decoder()
    list(decoder.opened())

    unheard = list(decoder.silence())
    fed(decoder, NO_TAG)
    heard = list(decoder.silence())

    assert unheard == [Reply(START), Reply(START_R200)]
    assert heard == [Reply(START)]


def test_nothing_is_asked_of_a_port_that_was_not_opened():
    assert list(R200Decoder().silence()) == []


def test_an_error_of_the_module_is_told_once_until_it_reads_again():
    decoder = R200Decoder()
    error = framed(0xBB, 1, 0xFF, b"\x20")

    assert fed(decoder, error, error, PUBLISHED, error) == [
        Noise.FAULT,
        *fed(R200Decoder(), PUBLISHED),
        Noise.FAULT,
    ]


def tag(epc: bytes, pc: str) -> bytes:
    """Return a notice of a tag with its check, worked out bit by bit."""
    words = bytes.fromhex(pc) + epc
    crc = 0xFFFF
    for byte in words:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return framed(0xBB, 2, 0x22, b"\xc8" + words + (crc ^ 0xFFFF).to_bytes(2))
