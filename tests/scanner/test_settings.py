"""What a port is where nothing is said, and what cannot be set."""

import pytest

from scanner.protocols.feedback import PROFILES
from scanner.settings import PortSettings, check_apart, check_follows


def port(name="P0", **settings):
    return PortSettings(
        **{"name": name, "url": "loop://", "read_point": "DOCK", **settings}
    )


def test_speed_and_feedback_are_those_of_the_protocol():
    line, chafon = port(), port(protocol="chafon")

    assert line.line_baud == 9600
    assert line.profile is PROFILES["none"]
    assert chafon.line_baud == 57600
    assert chafon.profile is PROFILES["chafon"]


def test_speed_and_feedback_can_be_others():
    set_otherwise = port(protocol="chafon", baud=9600, feedback="none")

    assert set_otherwise.line_baud == 9600
    assert set_otherwise.profile is PROFILES["none"]


@pytest.mark.parametrize(
    ("settings", "holds"),
    [
        ({}, True),
        ({"hold": False}, False),
        ({"protocol": "r200"}, False),
        ({"protocol": "r200", "hold": True}, True),
    ],
)
def test_a_wrong_scan_stops_a_person_and_no_reader_if_not_said_otherwise(
    settings, holds
):
    assert port(**settings).holds is holds


def test_one_read_makes_a_card_present_and_two_a_tag_if_not_said_otherwise():
    assert port(protocol="rdm6300").reads_needed == 1
    assert port(protocol="r200").reads_needed == 2
    assert port(protocol="r200", reads_min=5).reads_needed == 5


NOT_TWO = " are not two antennas. Name that inside first, then that outside: [1, 2]."
LINE = " is for RFID readers, and protocol line reads codes one by one. Take it out."


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"presence_s": 5.0}, "presence_s" + LINE),
        ({"reads_min": 2}, "reads_min" + LINE),
        ({"rssi_min_dbm": -60.0}, "rssi_min_dbm" + LINE),
        ({"portal_antennas": (1, 2)}, "portal_antennas" + LINE),
        ({"portal_apart_s": 1.0}, "portal_apart_s" + LINE),
        (
            {"protocol": "chafon", "rssi_min_dbm": -60.0},
            "protocol chafon does not tell how strong a tag answered. Take"
            " rssi_min_dbm out, and turn the reader's power down instead.",
        ),
        (
            {"protocol": "a0-4", "portal_antennas": (1,)},
            f"portal_antennas = [1]{NOT_TWO}",
        ),
        (
            {"protocol": "a0-4", "portal_antennas": (2, 2)},
            f"portal_antennas = [2, 2]{NOT_TWO}",
        ),
        (
            {"protocol": "a0-4", "portal_antennas": (1, 2, 3)},
            f"portal_antennas = [1, 2, 3]{NOT_TWO}",
        ),
        (
            {"protocol": "a0-2", "portal_antennas": (2, 3)},
            "portal_antennas = [2, 3] cannot be, as protocol a0-2 reads with antenna"
            " 1 to 2.",
        ),
        (
            {"protocol": "r200", "portal_antennas": (1, 2)},
            "portal_antennas = [1, 2] cannot be, as protocol r200 reads with antenna"
            " 1 alone.",
        ),
        (
            {"protocol": "a0-2", "portal_antennas": (0, 1)},
            "portal_antennas = [0, 1] cannot be, as protocol a0-2 reads with antenna"
            " 1 to 2.",
        ),
        (
            {"protocol": "r200", "portal_apart_s": 1.0},
            "portal_apart_s is for a portal, and there is none. Name its"
            " portal_antennas, or take portal_apart_s out.",
        ),
        ({"url": ""}, 'url = "" says nothing. Name one.'),
        ({"read_point": " "}, 'read_point = "" says nothing. Name one.'),
        (
            {"feedback": "ssi"},
            "protocol line does not understand feedback ssi. Leave it out, or choose"
            " from: bel, cipherlab, datalogic, datalogic-ack, honeywell, metrologic,"
            " none, psc.",
        ),
        (
            {"protocol": "r200", "feedback": "honeywell"},
            "protocol r200 does not understand feedback honeywell. Leave it out, or"
            " choose from: none.",
        ),
        (
            {"protocol": "llrp", "url": "/dev/ttyS0"},
            "protocol llrp is spoken over a network, and /dev/ttyS0 is a device. Write"
            ' url = "socket://HOST:PORT".',
        ),
        *(
            (
                {"url": url},
                f"'{url}' names no host and port. Write it as"
                f" {url[: url.index(':')]}://192.168.1.50:4001.",
            )
            for url in ("socket://", "socket://gate", "rfc2217://:4001", "socket://a:b")
        ),
        ({"follows": "P0"}, "P0 cannot follow itself. Take follows out."),
        (
            {"follows": "DESK"},
            "P0 cannot follow DESK: follows is for RFID readers, and protocol line"
            " reads cards itself. Take it out.",
        ),
    ],
)
def test_what_would_do_nothing_or_cannot_be_is_refused(settings, message):
    with pytest.raises(ValueError, match=r"\.$") as refused:
        port(**settings)

    assert str(refused.value) == message


def test_a_port_may_follow_one_that_follows_none():
    check_follows([port("GATE", protocol="r200", follows="DESK"), port("DESK")])


def reader(name, follows):
    return port(name, protocol="r200", follows=follows)


@pytest.mark.parametrize(
    ("ports", "message"),
    [
        (
            [reader("GATE", "DESK")],
            "GATE cannot follow DESK, which is no port. Name the port whose cards count"
            " for both.",
        ),
        (
            [reader("A", "B"), reader("B", "DESK"), port("DESK")],
            "A cannot follow B, which follows DESK itself. Let both follow that one.",
        ),
    ],
)
def test_a_port_that_follows_nobody_who_is_set_is_refused(ports, message):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is asserted
        check_follows(ports)

    assert str(refused.value) == message


def test_two_ports_are_not_one_scanner():
    check_apart([port("A", url="/dev/ttyS0"), port("B", url="/dev/ttyS1")])

    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is asserted
        check_apart([port("A", url="/dev/ttyS0"), port("B", url="/dev/ttyS0")])

    assert str(refused.value) == (
        "A and B have the same url, /dev/ttyS0. Take one of them out."
    )
