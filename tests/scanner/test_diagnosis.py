"""What the doctor makes of bytes, without a port."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.fitting.diagnosis import Diagnosis, Sample, diagnose
from scanner.fitting.findings import FindingKind
from scanner.fitting.self_test import EXPECTED, Difference

from .fuzzing import fuzzed
from .wires import at_speed, with_parity

GS = b"\x1d"
BARE = EXPECTED.removeprefix(b"]d2")


def seen(*bursts: bytes, **settings: object) -> Diagnosis:
    return diagnose(Sample(bursts=bursts, **settings))


def wrong(diagnosis: Diagnosis) -> list[FindingKind]:
    return [one.kind for one in diagnosis.found if one.is_wrong]


def told(diagnosis: Diagnosis, kind: FindingKind) -> tuple[str, str]:
    (one,) = [one for one in diagnosis.found if one.kind is kind]
    return one.finding, one.advice


def test_a_scanner_that_is_set_up_well_has_nothing_wrong():
    diagnosis = seen(EXPECTED + b"\r", b"]C0OXI-000007\r\n")

    assert not diagnosis.is_wrong
    assert (diagnosis.protocol, diagnosis.codes_count) == ("line", 2)
    assert [one.finding for one in diagnosis.found] == [
        '2 codes came whole, as protocol "line" has it.',
        "The self-test symbol came back byte for byte.",
    ]


def test_silence_is_told_with_what_may_cause_it():
    assert told(seen(), FindingKind.NOTHING) == (
        "Nothing came.",
        "Scan while it listens. Then look at the cable, and whether the scanner is set"
        " to serial (USB COM, CDC, RS-232). An RFID reader says nothing until it is"
        " asked: name what it speaks, as in --protocol r200.",
    )


def test_a_reader_that_was_asked_and_said_nothing_is_told_of():
    assert told(seen(port_protocol="r200"), FindingKind.NOTHING) == (
        'Nothing came, though it was asked as protocol "r200" has it.',
        "Hold a tag before it. Then look at its power, the cable, whether another"
        " program has it, and whether it speaks another protocol.",
    )


def test_a_reader_that_answers_without_a_tag_is_no_garbage():
    # electron.id, protocol of EL-UHF-RMT01.
    no_tag = bytes.fromhex("BB01FF000115167E")

    diagnosis = seen(no_tag * 3, port_protocol="r200")

    assert wrong(diagnosis) == [FindingKind.NO_TAG]
    assert told(diagnosis, FindingKind.NO_TAG) == (
        "The reader answers, and no tag was read.",
        "Hold a tag before it while it listens. If one was there, compare antenna,"
        ' power and speed, and whether it is of protocol "r200".',
    )
    assert not diagnosis.is_garbage


def test_tags_are_counted_apart_from_their_reads():
    # electron.id, protocol of EL-UHF-RMT01.
    tag = bytes.fromhex("BB02220011C83400E20010710000529B0940B402163DD37E")

    once, often = (seen(tag * times, port_protocol="r200") for times in (1, 3))

    assert told(once, FindingKind.CODES)[0] == "One tag was read, once."
    assert told(often, FindingKind.CODES)[0] == "One tag was read, 3 times in all."


def test_silence_beside_a_scanner_that_types_is_keyboard_mode():
    diagnosis = seen(keyboard="Honeywell Xenon 1900")

    assert wrong(diagnosis) == [FindingKind.KEYBOARD]
    assert told(diagnosis, FindingKind.KEYBOARD)[0] == (
        "Nothing came, but Honeywell Xenon 1900 is plugged in and types as a keyboard."
    )


@pytest.mark.parametrize(
    ("parity", "framing", "means"),
    [("E", "7E1", "even"), ("O", "7O1", "odd"), ("M", "7M1", "mark")],
)
def test_seven_bits_and_parity_are_told_and_read_all_the_same(parity, framing, means):
    diagnosis = seen(with_parity(EXPECTED + b"\r", parity))

    assert wrong(diagnosis) == [FindingKind.PARITY]
    assert told(diagnosis, FindingKind.PARITY) == (
        f"The scanner sends 7 bits and {means} parity ({framing}).",
        f'Set the scanner to 8N1, or the port to framing = "{framing}".',
    )
    assert diagnosis.compared.difference is Difference.NONE


def test_a_port_that_is_set_to_the_scanners_parity_is_right():
    diagnosis = seen(with_parity(EXPECTED + b"\r", "E"), port_framing="7E1")

    assert not diagnosis.is_wrong


def test_a_port_that_is_set_to_a_parity_the_scanner_does_not_send_is_wrong():
    diagnosis = seen(EXPECTED + b"\r", port_framing="7E1")

    assert told(diagnosis, FindingKind.PARITY) == (
        "The scanner sends 8N1, and the port is set to 7E1.",
        'Set the port to framing = "8N1".',
    )


@pytest.mark.parametrize("other", [1200, 2400, 4800, 19200, 38400, 57600, 115200])
@pytest.mark.parametrize(
    "data",
    [EXPECTED + b"\r", b"OXI-000007\r\n", b"5901234123457\r", b"%C:MODE:IN", b"A-2"],
)
def test_another_speed_is_garbage(data, other):
    slower = seen(at_speed(data, sent=other, read=9600), baud=9600)
    faster = seen(at_speed(data, sent=9600, read=other), baud=other)

    assert slower.is_garbage
    assert faster.is_garbage
    assert wrong(faster) == [FindingKind.SPEED]
    assert told(slower, FindingKind.SPEED)[0] == (
        "What came at 9600 baud is no text and no frame of any family."
    )


def test_the_same_speed_is_no_garbage():
    assert at_speed(EXPECTED + b"\r", sent=9600, read=9600) == EXPECTED + b"\r"


def test_an_echo_is_told_beside_the_rest():
    diagnosis = seen(EXPECTED + b"\r", has_echo=True)

    assert wrong(diagnosis) == [FindingKind.ECHO]
    assert told(diagnosis, FindingKind.ECHO)[0] == (
        "What is sent to the port comes back from it."
    )


def test_codes_without_an_end_are_told_and_still_compared():
    diagnosis = seen(EXPECTED)

    assert wrong(diagnosis) == [FindingKind.NO_END]
    assert told(diagnosis, FindingKind.NO_END) == (
        "The codes have no end.",
        "Have the scanner add CR (0D) behind each code: its suffix, terminator or"
        " postamble.",
    )
    assert diagnosis.compared.difference is Difference.NONE


@pytest.mark.parametrize(
    ("data", "finding"),
    [
        (
            EXPECTED.replace(GS, b""),
            "The self-test symbol came back without GS: byte 25 should be 1D.",
        ),
        (
            BARE.replace(GS, b""),
            "The self-test symbol came back without GS: byte 22 should be 1D.",
        ),
        (
            EXPECTED.replace(GS, b"|"),
            "The self-test symbol came back with 7C for GS: byte 25 should be 1D.",
        ),
        (
            EXPECTED.replace(GS, b"{GS}"),
            "The self-test symbol came back with 7B 47 53 7D for GS: byte 25 should be"
            " 1D.",
        ),
        (
            EXPECTED.replace(GS, b"\t"),
            "The self-test symbol came back in two pieces: GS (1D) was made an end.",
        ),
        (
            b"##" + EXPECTED,
            "The self-test symbol came back with more than it holds: 23 23 at byte 1.",
        ),
        (
            b"OXI-000007" + EXPECTED,
            "The self-test symbol came back with more than it holds: 10 bytes at byte"
            " 1.",
        ),
        (
            EXPECTED + b"!",
            "The self-test symbol came back with more than it holds: 21 at byte 31.",
        ),
        (
            EXPECTED.replace(b"10ABC", b"10abc"),
            "The self-test symbol came back changed: byte 22 is 61.",
        ),
        (
            EXPECTED[:-1],
            "The self-test symbol came back changed: byte 30 is missing.",
        ),
    ],
)
def test_what_the_self_test_symbol_lacks_is_told_to_the_byte(data, finding):
    diagnosis = seen(data + b"\r")

    assert told(diagnosis, FindingKind.SELF_TEST)[0] == finding
    assert wrong(diagnosis) == [FindingKind.SELF_TEST]


def test_a_missing_or_foreign_identifier_is_told_and_not_wrong():
    bare = seen(BARE + b"\r")
    foreign = seen(b"]d1" + BARE + b"\r")

    assert told(bare, FindingKind.SELF_TEST)[0] == (
        "The self-test symbol came back whole, without its AIM identifier ]d2."
    )
    assert told(foreign, FindingKind.SELF_TEST)[0] == (
        "The self-test symbol came back whole, as 5D 64 31 and not as ]d2 (5D 64 32)."
    )
    assert not bare.is_wrong
    assert not foreign.is_wrong


def test_the_last_reading_of_the_symbol_counts():
    diagnosis = seen(EXPECTED.replace(GS, b"") + b"\r", EXPECTED + b"\r")

    assert not diagnosis.is_wrong


def test_a_code_that_is_not_the_symbol_asks_for_the_symbol():
    diagnosis = seen(b"OXI-000007\r")

    assert not diagnosis.is_wrong
    assert told(diagnosis, FindingKind.SELF_TEST) == (
        "The self-test symbol was not scanned.",
        "Print it and scan it while the doctor listens: fsc scanner doctor --sheet"
        " line",
    )


def test_flow_control_and_envelopes_are_told_and_taken_off():
    stopped = seen(b"\x13" + EXPECTED + b"\r\x11")
    wrapped = seen(b"\x02" + EXPECTED + b"\x03\r")

    assert wrong(stopped) == [FindingKind.FLOW_CONTROL]
    assert wrong(wrapped) == [FindingKind.ENVELOPE]
    assert stopped.compared.difference is Difference.NONE
    assert wrapped.compared.difference is Difference.NONE


def test_an_ssi_scanner_that_sends_bare_text_is_told_which_parameter():
    diagnosis = seen(EXPECTED + b"\r", port_protocol="ssi")

    assert wrong(diagnosis) == [FindingKind.UNPACKETED]
    assert told(diagnosis, FindingKind.UNPACKETED)[1] == (
        'Set parameter 238 (EEh, "Decode Data Packet Format") to packeted and 159 (9Fh,'
        ' "Software Handshaking") to ACK/NAK; or set the port to protocol = "line" and'
        ' feedback = "bel".'
    )


def test_text_where_an_rfid_reader_was_expected_is_told():
    diagnosis = seen(b"OXI-000007\r", port_protocol="r200")

    assert wrong(diagnosis) == [FindingKind.PROTOCOL]
    assert told(diagnosis, FindingKind.PROTOCOL) == (
        'What came is of protocol "line", and not "r200".',
        'Set the port to protocol = "line".',
    )


def test_ends_without_a_code_are_told():
    assert wrong(seen(b"\r\n")) == [FindingKind.NOTHING]
    assert (
        told(seen(b"\r\n"), FindingKind.NOTHING)[0]
        == "Ends of codes came, and no code."
    )


@fuzzed
@given(st.lists(st.binary(max_size=200), max_size=5))
def test_no_bytes_confuse_it_and_something_is_always_said(bursts):
    diagnosis = seen(*bursts)

    assert diagnosis.found
    assert diagnosis.is_garbage == (
        FindingKind.SPEED in [one.kind for one in diagnosis.found]
    )
