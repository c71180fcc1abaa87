"""Vectors published by others; see each test for whose."""

import pytest

from scanner.protocols.ssi_packet import (
    Packet,
    acknowledgement,
    beep,
    checksum,
    light,
    packed,
    please_resend,
    set_up,
    size_of,
    unpacked,
)

# Source: clocklimited/motorola-ssi-scanner, test/checksum.test.js.
NO_READ = bytes.fromhex("07f30000014e52fe65")
HOST_MESSAGE = bytes.fromhex("0500040000fff7")
# The same file, "long packet": the first of several that carry a QR code, sent again.
LONG = bytes([255, 243, 0, 3, 28]) + (
    b'{"cid": "577bc83531d7b85e685a1426","auth":"eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.'
    b"eyJqdGkiOiI1NzRkYWE3MzE2M2M2ODBmMDAzZGZkM2QiLCJpYXQiOjE0NjQ3MDc2OTk5NzQsImV4cCI6"
    b"MTQ5NjI0MzY5OX0.yEQ9HpRXAqkFIkfQwxXqG0Zy8OOJ5Q3rcF8wCrdnrro"
    b'","data":{"products":[{"option"'
)
LONG_CHECKSUM = bytes([174, 210])


def test_the_acknowledgement_is_that_of_the_guide():
    # Source: Zebra DS2208 Product Reference Guide, "SSI interface".
    assert acknowledgement() == bytes.fromhex("04 d0 04 00 ff 28")


def test_asking_again_is_as_in_the_guide():
    # Source: Zebra SSI Programmer's Guide 72E-40451, CMD_NAK with cause RESEND.
    assert please_resend() == bytes.fromhex("05 d1 04 00 01 ff 25")


def test_a_beep_and_the_light_are_as_in_the_guide():
    # Source: the same, BEEP, LED_ON and LED_OFF.
    assert beep(0x17)[:5] == bytes.fromhex("05 e6 04 00 17")
    assert light(on=True)[:5] == bytes.fromhex("05 e7 04 00 01")
    assert light(on=False)[:5] == bytes.fromhex("05 e8 04 00 01")


def test_a_scanner_is_set_up_as_others_do_it():
    # Source: clocklimited/motorola-ssi-scanner, scanner.js, which sends these one by
    # one: no beep (FF), packets (EE = 1), handshake (9F = 1); and for us 38 = 0.
    assert set_up()[:-2] == bytes.fromhex("0b c6 04 00 ff ee 01 9f 01 38 00")


@pytest.mark.parametrize(
    ("content", "expected"),
    [("07f30000014e52", "fe65"), ("00", "0000"), ("ffffffffff", "fb05")],
)
def test_checksums_agree_with_another_program(content, expected):
    # Source: clocklimited/motorola-ssi-scanner, test/checksum.test.js.
    assert checksum(bytes.fromhex(content)).hex() == expected


def test_packets_of_another_program_are_read():
    # Source: clocklimited/motorola-ssi-scanner, test/checksum.test.js.
    assert len(LONG) == 255
    assert unpacked(NO_READ) == Packet(0xF3, 0, 0, b"\x01NR")
    assert unpacked(HOST_MESSAGE) == Packet(0x00, 4, 0, b"\x00")
    assert unpacked(LONG + LONG_CHECKSUM) == Packet(0xF3, 0, 3, LONG[4:])


def test_a_packet_with_a_wrong_checksum_is_none():
    # Source: clocklimited/motorola-ssi-scanner, test/checksum.test.js.
    assert unpacked(bytes.fromhex("0500040000ffe7")) is None


def test_what_is_packed_is_unpacked():
    packet = packed(0xF3, b"\x03OXI-000123", source=0, status=1)

    assert size_of(packet, 0) == len(packet)
    assert unpacked(packet) == Packet(0xF3, 0, 1, b"\x03OXI-000123")


def test_no_text_looks_like_the_beginning_of_a_packet():
    text = bytes(range(0x20, 0x7F)) + b"\r\n\t\x1d"

    assert [size_of(text + b"\x00\x00\x00", at) for at in range(len(text))] == [0] * 99
