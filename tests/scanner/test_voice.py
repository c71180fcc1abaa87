import pytest
from fuzzing import fed, reads

from scanner.playing.voice import VOICES
from scanner.protocols.feedback import PROFILES
from scanner.protocols.ssi import SsiDecoder
from scanner.protocols.ssi_packet import packed, please_resend, set_up
from scanner.scan import Outcome

PROFILE = PROFILES["ssi"]


@pytest.fixture
def zebra():
    return VOICES["ssi"](PROFILE, b"\r")


def test_what_a_zebra_says_is_what_is_read_of_it(zebra):
    (packet,) = zebra.packets(b"]d2011\x1d21SN1")
    (again,) = reads(fed(SsiDecoder(), zebra.again(packet)))
    (first,) = reads(fed(SsiDecoder(), packet))

    assert (first.text, first.symbology) == ("011\x1d21SN1", "]d2")
    assert again == first


def test_a_long_code_takes_several_packets(zebra):
    code = b"x" * 600
    packets = zebra.packets(code)

    (read,) = reads(fed(SsiDecoder(), *packets))

    assert len(packets) == 3
    assert read.text == code.decode()


@pytest.mark.parametrize(
    "outcome", [it for it in Outcome if it is not Outcome.NOT_SAVED]
)
def test_a_zebra_tells_every_outcome_apart(zebra, outcome):
    heard = PROFILE.saved + PROFILE.sounds[outcome]

    assert zebra.is_confirmed(heard) is True
    assert zebra.is_answered(heard)
    assert zebra.outcome(heard) is outcome


def test_what_sets_a_zebra_up_is_no_outcome(zebra):
    heard = set_up() + PROFILE.saved

    assert zebra.is_confirmed(heard) is True
    assert not zebra.is_answered(heard)
    assert zebra.outcome(heard) is None


def test_a_zebra_that_is_asked_again_sounds_its_error_in_the_end(zebra):
    assert zebra.is_confirmed(please_resend()) is False
    assert zebra.outcome(please_resend()) is Outcome.NOT_SAVED


def test_a_zebra_confirms_commands_and_no_confirmations(zebra):
    heard = PROFILE.saved + PROFILE.sounds[Outcome.OK]

    assert zebra.replies(heard) == 2 * packed(0xD0, source=0)


def test_bytes_that_are_no_packet_are_nothing_to_a_zebra(zebra):
    assert zebra.is_confirmed(b"\x07\xff\x04") is None
    assert zebra.replies(b"\x07\xff\x04") == b""


def test_a_line_scanner_says_the_text_and_its_end():
    voice = VOICES["line"](PROFILES["bel"], b"\r\n")

    assert voice.packets(b"OXI-000001") == [b"OXI-000001\r\n"]
    assert voice.again(b"OXI-000001\r\n") == b"OXI-000001\r\n"
    assert voice.is_confirmed(b"") is None
    assert voice.outcome(b"\x07") is Outcome.OK
