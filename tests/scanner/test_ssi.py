import pytest
from fuzzing import check_any_bytes, check_resync, cuts, fed, fuzzed, streams
from hypothesis import given
from hypothesis import strategies as st

from scanner.protocols import FAMILIES
from scanner.protocols.feedback import PROFILES
from scanner.protocols.read import Noise, Read, Reply
from scanner.protocols.ssi import SsiDecoder
from scanner.protocols.ssi_packet import (
    acknowledgement,
    packed,
    please_resend,
    set_up,
    size_of,
    unpacked,
)
from scanner.settings import PortSettings

CODE_128 = b"\x03"
AGAIN, MORE = 1, 2
ACK, NAK = Reply(acknowledgement()), Reply(please_resend())


def scanned(data: bytes, *, status: int = 0, code_type: bytes = CODE_128) -> bytes:
    """Return the packet of a scanner for what it read."""
    return packed(0xF3, code_type + data, source=0, status=status)


def bent(packet: bytes) -> bytes:
    """Return a packet that a bad cable has changed."""
    return packet[:-3] + bytes([packet[-3] ^ 0x10]) + packet[-2:]


def read(text: str, *, symbology: str = "]C0", raw: bytes = b"") -> Read:
    return Read(raw=raw or CODE_128 + text.encode(), text=text, symbology=symbology)


OXI_1 = read("OXI-000001")


def test_a_code_is_read_and_not_confirmed_before_it_is_saved():
    assert fed(SsiDecoder(), scanned(b"OXI-000001")) == [OXI_1]


def test_a_scanner_is_set_up_when_its_port_opens():
    assert list(SsiDecoder().opened()) == [Reply(set_up())]


@pytest.mark.parametrize(
    ("code_type", "data", "symbology"),
    [
        (0x0B, b"5701234567899", "]E0"),
        (0x0A, b"57012345", "]E4"),
        (0x0F, b"8004FSC7", "]C1"),
        (0xC1, b"010950600013435221\x1dSN1", "]d2"),
        (0xC2, b"0109506000134352", "]Q3"),
        (0x30, b"0109506000134352", "]e0"),
        (0x1B, b"0109506000134352", ""),  # Data Matrix, and some say so of GS1 ones.
        (0x01, b"OXI-000001", ""),  # Code 39, however it was checked.
        (0x99, b"OXI-000001", ""),
    ],
)
def test_the_code_type_tells_the_symbology_where_it_is_certain(
    code_type, data, symbology
):
    (item,) = fed(SsiDecoder(), scanned(data, code_type=bytes([code_type])))

    assert (item.text, item.symbology) == (data.decode(), symbology)


def test_an_identifier_in_the_data_says_more_than_the_code_type():
    (item,) = fed(SsiDecoder(), scanned(b"]d201095060001343", code_type=b"\x1b"))

    assert (item.text, item.symbology) == ("01095060001343", "]d2")


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b"\n", b"\t"])
def test_an_end_that_is_set_at_the_scanner_is_no_part_of_the_code(end):
    (item,) = fed(SsiDecoder(), scanned(b"OXI-000001" + end))

    assert item.text == "OXI-000001"


def test_a_code_sent_again_has_the_same_bytes():
    first, again = scanned(b"OXI-000001"), scanned(b"OXI-000001", status=AGAIN)

    assert first != again
    assert fed(SsiDecoder(), first, again) == [OXI_1, OXI_1]


def test_a_code_of_several_packets_is_one():
    # Source: clocklimited/motorola-ssi-scanner, test/scanner.test.js: "http", twice.
    items = fed(
        SsiDecoder(),
        scanned(b"http", status=MORE, code_type=b"\x1c"),
        scanned(b"http", code_type=b"\x1c"),
    )

    assert items == [ACK, read("httphttp", symbology="", raw=b"\x1chttphttp")]


def test_a_packet_in_the_middle_sent_again_counts_once():
    items = fed(
        SsiDecoder(),
        scanned(b"OXI-", status=MORE),
        scanned(b"OXI-", status=MORE | AGAIN),
        scanned(b"000001"),
    )

    assert items == [ACK, ACK, OXI_1]


def test_the_last_packet_sent_again_is_the_whole_code_again():
    items = fed(
        SsiDecoder(),
        scanned(b"OXI-", status=MORE),
        scanned(b"000001"),
        scanned(b"000001", status=AGAIN),
    )

    assert items == [ACK, OXI_1, OXI_1]


def test_a_packet_equal_to_the_one_before_counts_if_that_one_never_came_whole():
    items = fed(
        SsiDecoder(),
        scanned(b"00", status=MORE),
        bent(scanned(b"00", status=MORE)),
        scanned(b"00", status=MORE | AGAIN),
        scanned(b"7"),
    )

    assert items == [ACK, NAK, ACK, read("00007")]


def test_a_code_goes_on_after_a_pause_only_with_a_packet_sent_again():
    decoder = SsiDecoder()
    fed(decoder, scanned(b"OXI-", status=MORE))

    paused = list(decoder.silence())
    items = fed(decoder, scanned(b"000001", status=AGAIN))

    assert paused == []
    assert items == [OXI_1]


def test_half_a_code_is_never_glued_to_the_next():
    decoder = SsiDecoder()
    fed(decoder, scanned(b"]d20109506000", status=MORE))
    list(decoder.silence())

    assert fed(decoder, scanned(b"OXI-000001")) == [OXI_1]


def test_a_damaged_packet_is_asked_for_again():
    items = fed(
        SsiDecoder(),
        bent(scanned(b"OXI-000001")),
        scanned(b"OXI-000001", status=AGAIN),
    )

    assert items == [NAK, OXI_1]


def test_what_is_damaged_three_times_is_told():
    decoder = SsiDecoder()

    items = fed(decoder, bent(scanned(b"OXI-000001")))
    items += list(decoder.silence())
    for _ in range(2):
        items += fed(decoder, bent(scanned(b"OXI-000001", status=AGAIN)))
        items += list(decoder.silence())

    assert items == [NAK, NAK, Noise.DAMAGED]


def test_a_packet_that_stopped_halfway_is_asked_for_again():
    decoder = SsiDecoder()

    items = fed(decoder, scanned(b"OXI-000001")[:-4])

    assert items == []
    assert list(decoder.silence()) == [NAK]
    assert fed(decoder, scanned(b"OXI-000001", status=AGAIN)) == [OXI_1]


def test_a_packet_whose_length_was_damaged_does_not_swallow_the_next():
    decoder = SsiDecoder()
    longer = b"\xff" + scanned(b"OXI-000001")[1:]

    items = fed(decoder, longer, scanned(b"OXI-000001", status=AGAIN))
    items += list(decoder.silence())

    assert items == [NAK, OXI_1]


def test_bare_text_is_told_and_the_scanner_set_up_anew():
    decoder = SsiDecoder()

    items = fed(decoder, b"OXI-000001\r")
    items += list(decoder.silence())

    assert items == [Noise.UNPACKETED, Reply(set_up())]


def test_a_stray_byte_before_a_whole_code_is_nothing():
    decoder = SsiDecoder()

    assert fed(decoder, b"\x00", scanned(b"OXI-000001")) == [OXI_1]
    assert list(decoder.silence()) == []


def test_bytes_that_are_neither_text_nor_a_packet_are_told():
    decoder = SsiDecoder()

    assert fed(decoder, b"\x00\xfe\x01") == []
    assert list(decoder.silence()) == [Noise.DAMAGED]


@pytest.mark.parametrize("opcode", [0xF6, 0xA4, 0xD4, 0xC6])
def test_what_else_a_scanner_tells_is_confirmed_and_means_nothing(opcode):
    assert fed(SsiDecoder(), packed(opcode, b"\x09", source=0)) == [ACK]


@pytest.mark.parametrize("opcode", [0xD0, 0xD1])
def test_a_confirmation_is_not_confirmed(opcode):
    assert fed(SsiDecoder(), packed(opcode, b"\x06", source=0)) == []


@pytest.mark.parametrize("ours", [acknowledgement(), please_resend(), set_up()])
def test_our_own_bytes_that_come_back_are_not_answered(ours):
    assert fed(SsiDecoder(), ours) == []


def test_that_nothing_was_seen_is_no_code():
    # Source: clocklimited/motorola-ssi-scanner, test/checksum.test.js.
    assert fed(SsiDecoder(), bytes.fromhex("07f30000014e52fe65")) == [ACK]


def test_a_code_of_bytes_is_noise_and_the_next_is_read():
    items = fed(SsiDecoder(), scanned(b"\x00\x01\x02"), scanned(b"OXI-000001"))

    assert items == [Noise.NO_TEXT, OXI_1]


def test_a_code_without_end_is_noise_and_the_next_is_read():
    decoder = SsiDecoder()
    part = scanned(b"x" * 250, status=MORE)

    items = fed(decoder, *[part] * 20, scanned(b"x"), scanned(b"x", status=AGAIN))
    items += fed(decoder, scanned(b"OXI-000001"))

    assert items == [ACK] * 20 + [Noise.TOO_LONG, Noise.TOO_LONG, OXI_1]


FRAMES = (
    scanned(b"OXI-000001"),
    scanned(b"OXI-000001", status=AGAIN),
    scanned(b"OXI-", status=MORE),
    scanned(b"OXI-", status=MORE | AGAIN),
    packed(0xF6, b"\x09", source=0),
    acknowledgement(),
    b"OXI-000001\r\n",
)


def is_swallowed(stream: bytes) -> bool:
    """Tell whether noise began a packet of its own that ends inside the last frame.

    Or one that says that the frame only goes on with it.
    """
    noise_count = len(stream) - len(FRAMES[0])
    for start in range(noise_count):
        size = size_of(stream, start)
        packet = unpacked(stream[start : start + size]) if size else None
        if packet is None or start + size > len(stream):
            continue
        if start + size > noise_count or packet.status & MORE:
            return True
    return False


@fuzzed
@given(streams(*FRAMES), cuts)
def test_any_bytes_mean_the_same_however_they_are_cut(stream, cuts):
    check_any_bytes(SsiDecoder, stream, cuts)


@fuzzed
@given(st.one_of(st.binary(max_size=300), streams(*FRAMES)))
def test_a_code_is_read_after_any_noise(noise):
    check_resync(SsiDecoder, noise, FRAMES[0], OXI_1, is_swallowed=is_swallowed)


def test_a_port_cannot_be_set_to_a_feedback_that_confirms_nothing():
    with pytest.raises(ValueError, match=r"^protocol ssi") as refused:
        PortSettings(
            name="P", url="loop://", read_point="D", protocol="ssi", feedback="bel"
        )

    assert str(refused.value) == (
        "protocol ssi is not answered by feedback bel: the scanner would send each code"
        " again and give up. Leave feedback out."
    )


def test_the_feedback_of_a_family_that_is_confirmed_confirms():
    confirmed = [it for it in FAMILIES.values() if it.is_confirmed]

    assert confirmed
    assert all(PROFILES[family.feedback].saved for family in confirmed)
